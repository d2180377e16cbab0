"""What a model answers when it sees only what surrounds the part: it must not do much better than chance.

Run as ``python -m benchmarks.background_only --data TREE [--model DIR] [--split valid] [--count N] [--json]``. The part
is painted out of every picture with the colour of the plate round it, its depth is taken away, and neither weight nor
size is given. The crops stay where the part was.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from recognition.crops.cutting import square_of_mask
from recognition.engine import Engine
from recognition.evaluation.answers import answered, summary
from recognition.evaluation.controls import painted_out
from station.captures.mvip import find_captures, load_frameset, load_masks
from station.errors import StationError
from station.results import PartLocation, PlateState

DEMO_MODEL = Path(__file__).parents[1] / "recognition" / "data" / "demo-model"


def main() -> int:
    """Print the figures; exit 1 when the model does better than three times chance."""
    parser = argparse.ArgumentParser(description="Recognition from the background alone, against chance.")
    parser.add_argument("--data", type=Path, required=True, help="MVIP tree with masks")
    parser.add_argument("--model", type=Path, default=DEMO_MODEL)
    parser.add_argument("--split", default="valid", choices=("train", "valid", "test"))
    parser.add_argument("--count", type=int, default=600, help="captures at most, spread over the tree")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    try:
        engine = Engine(arguments.model, "cpu")
        known = set(engine.class_ids)
        captures = [c for c in find_captures(arguments.data) if c.split == arguments.split and c.class_id in known]
    except StationError as error:
        print(error, file=sys.stderr)
        return 2
    step = max(1, len(captures) // arguments.count)
    rng = np.random.default_rng(0)
    answers = []
    for done, capture in enumerate(captures[::step], start=1):
        frameset, _ = load_frameset(capture.path)
        masks = {role: mask for role, mask in load_masks(capture.path).items() if role in frameset.frames}
        squares = {role: square for role, mask in masks.items() if (square := square_of_mask(mask)) is not None}
        frames = {role: painted_out(frameset.frames[role], masks[role], rng) for role in squares}
        location = PartLocation(PlateState.OK, squares, {r: masks[r] for r in squares}, None, (), ())
        recognition = engine.recognize(replace(frameset, frames=frames), location, None)
        answers.append(answered(recognition, str(capture.class_id)))
        if done % 50 == 0:
            print(f"{done} of {len(captures[::step])} captures", file=sys.stderr)
    found, chance = summary(answers), 1.0 / len(known)
    unknown = float(np.mean([a.unknown for a in answers])) if answers else float("nan")
    if arguments.json:
        times = {"chance": chance, "times_chance": found.top1.share / chance, "unknown": unknown}
        print(json.dumps({**asdict(found), **times}))
    else:
        print(
            f"background only, {found.top1.count} captures: top-1 {found.top1.share:.2%}, "
            f"{found.top1.share / chance:.1f} times chance "
            f"({chance:.2%}); {unknown:.1%} called unknown"
        )
    return 0 if found.top1.share <= 3.0 * chance else 1


if __name__ == "__main__":
    sys.exit(main())
