"""How often a part is told from its mirrored twin by its relief alone, with the training captures of both to compare.

Twins are classes of a tree whose names end in ``_left`` and ``_right``. Masks are the true ones, up to two pixels too
large or too small with ``--worn``, as the ROI step's are. What pictures, weight and size say does not count here.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np

from recognition.confidence.relief import Signature, relief_of, signature
from recognition.confidence.turning import TurnGallery, Turns
from recognition.crops.sizes import worn
from recognition.evaluation.scores import rate
from station.captures.mvip import CapturePath, find_captures, load_frameset, load_masks

SIDES = ("left", "right")


def signature_of(capture: CapturePath, rng: np.random.Generator, *, spoil: bool) -> Signature:
    """Return the signature of a capture's relief."""
    frameset, calibration = load_frameset(capture.path)
    masks = load_masks(capture.path)
    if spoil:
        masks = {role: worn(mask, rng) for role, mask in masks.items()}
    return signature(relief_of(frameset.frames, calibration.cameras, masks))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="tree with train_data, valid_data and test_data")
    parser.add_argument("--worn", action="store_true", help="spoil the masks of the captures that are compared")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    rng = np.random.default_rng(1)
    by_class: dict[str, list[CapturePath]] = {}
    for capture in find_captures(arguments.data):
        by_class.setdefault(str(capture.class_id), []).append(capture)
    stems = sorted(name.removesuffix("_left") for name in by_class if name.endswith("_left"))
    hits: dict[str, list[bool]] = {}
    for stem in stems:
        if f"{stem}_right" not in by_class:
            continue
        kept: list[Signature] = []
        labels: list[int] = []
        asked: list[tuple[int, CapturePath]] = []
        for side, name in enumerate(f"{stem}_{side}" for side in SIDES):
            for capture in by_class[name]:
                if capture.split == "train":
                    kept.append(signature_of(capture, rng, spoil=False))
                    labels.append(side)
                else:
                    asked.append((side, capture))
        turns = Turns(TurnGallery(np.stack(kept), np.array(labels), np.zeros(2, np.int64)))
        penalties = [(side, turns.penalties(signature_of(c, rng, spoil=arguments.worn))) for side, c in asked]
        hits[stem] = [bool(found[0, side] > found[0, 1 - side]) for side, found in penalties]
    every = rate([hit for one in hits.values() for hit in one])
    result = {
        "right": every.share, "low": every.low, "high": every.high, "captures": every.count,
        "pairs": {stem: [sum(one), len(one)] for stem, one in hits.items()},
    }  # fmt: skip
    if arguments.json:
        print(json.dumps(result))
        return
    print(f"{every.share:.1%} of {every.count} ({every.low:.1%} to {every.high:.1%})")
    for stem, one in hits.items():
        print(f"  {stem:<28}{sum(one)} of {len(one)}")


if __name__ == "__main__":
    main()
