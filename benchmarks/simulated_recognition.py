"""Measure the shipped model on the simulated rig: known parts, held-out parts, size, unknown detection.

Runs ``station recognize --source sim`` (the whole station: devices, scale, matcher, ROI, model) with a seed that
training never saw and prints the figures; ``--from FILE FILE`` evaluates the lines of earlier runs instead.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from station.simulation.library import PartLibrary

Line = dict[str, Any]


def run_lines(count: int, seed: int, held_out: bool, out: Path | None) -> list[Line]:
    """Run the command line and return its JSON lines; progress goes to stderr."""
    command = [sys.executable, "-m", "station", "recognize", "--source", "sim"]
    command += ["--count", str(count), "--seed", str(seed)]
    if held_out:
        command.append("--held-out")
    lines: list[Line] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        file = out.open("w", encoding="utf-8") if out else None
        for text in process.stdout:
            lines.append(json.loads(text))
            if file:
                file.write(text)
                file.flush()
            print(f"\r{len(lines)}/{count}", end="", file=sys.stderr, flush=True)
        if file:
            file.close()
    print(file=sys.stderr)
    return lines


def read_lines(path: Path) -> list[Line]:
    """Read the JSON lines of an earlier run."""
    return [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines() if text.strip()]


def wilson(hits: int, total: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a rate (Wilson 1927)."""
    if total == 0:
        return 0.0, 1.0
    z, p = 1.96, hits / total
    centre = (p + z * z / (2 * total)) / (1 + z * z / total)
    half = z * np.sqrt(p * (1 - p) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return float(centre - half), float(centre + half)


def auroc(known: Sequence[float], unknown: Sequence[float]) -> float:
    """Probability that an unknown part scores higher than a known one, ties counted half."""
    if not known or not unknown:
        return float("nan")
    a, b = np.asarray(known)[:, None], np.asarray(unknown)[None]
    return float(np.mean((b > a) + 0.5 * (b == a)))


def rate(flags: Sequence[bool]) -> dict[str, Any]:
    """Return a rate with its count and interval."""
    hits, total = sum(flags), len(flags)
    low, high = wilson(hits, total)
    return {"rate": hits / total if total else None, "n": total, "low": low, "high": high}


def ranks(lines: Sequence[Line], k: int) -> list[bool]:
    """Say of each line whether the truth is among its first k classes; no answer is a miss."""
    return [line["truth"]["class"] in [r["class"] for r in (line["ranked"] or [])[:k]] for line in lines]


def size_errors_mm(lines: Sequence[Line]) -> np.ndarray:
    """Absolute error of every edge, (N, 3) millimetres; lines without a size are left out."""
    pairs = [(line["size_m"], line["truth"]["size_m"]) for line in lines if line["size_m"]]
    return np.abs(np.array([np.subtract(a, b) for a, b in pairs]).reshape(-1, 3)) * 1000.0


def known_figures(lines: Sequence[Line]) -> dict[str, Any]:
    """Figures of parts that the model knows."""
    errors = size_errors_mm(lines)
    return {
        "answered": rate([line["status"] == "ok" for line in lines]),
        "top1": rate(ranks(lines, 1)),
        "top5": rate(ranks(lines, 5)),
        "false_unknown": rate([bool(line["unknown"]) for line in lines if line["unknown"] is not None]),
        "prediction_set_covers": rate([line["truth"]["class"] in (line["prediction_set"] or []) for line in lines]),
        "size_measured": len(errors),
        "size_error_median_mm": np.median(errors, axis=0).round(2).tolist() if len(errors) else None,
        "size_error_p95_mm": np.percentile(errors, 95, axis=0).round(2).tolist() if len(errors) else None,
    }


def tenth(lines: Sequence[Line], key: str) -> list[Line]:
    """Return the tenth of the lines with the smallest value of a truth key."""
    count = max(1, len(lines) // 10)
    return sorted(lines, key=lambda line: float(line["truth"][key]))[:count]


def unknown_figures(lines: Sequence[Line], known: Sequence[Line]) -> dict[str, Any]:
    """Figures of parts that the model has never seen."""
    scores = [line["unknown_score"] for line in lines if line["unknown_score"] is not None]
    known_scores = [line["unknown_score"] for line in known if line["unknown_score"] is not None]
    per_class: dict[str, list[bool]] = {}
    for line in lines:
        per_class.setdefault(line["truth"]["class"], []).append(bool(line["unknown"]))
    return {
        "called_unknown": rate([bool(line["unknown"]) for line in lines]),
        "auroc": auroc(known_scores, scores),
        "per_class": {name: f"{sum(flags)}/{len(flags)}" for name, flags in sorted(per_class.items())},
    }


def figures(known: Sequence[Line], held_out: Sequence[Line]) -> dict[str, Any]:
    """All figures of both runs."""
    library = PartLibrary.load()
    trained = {c.class_id for c in library.classes} - set(library.held_out)
    near = {i for i in library.held_out if trained & set(library.get(i).neighbours)}
    for line in known:
        line["truth"]["longest_m"] = line["truth"]["size_m"][0]
    return {
        "known": known_figures(known),
        "known, smallest tenth": known_figures(tenth(known, "longest_m")),
        "known, darkest tenth": known_figures(tenth(known, "brightness")),
        "held out, near neighbours": unknown_figures([x for x in held_out if x["truth"]["class"] in near], known),
        "held out, the rest": unknown_figures([x for x in held_out if x["truth"]["class"] not in near], known),
        "wrong": [
            {"truth": x["truth"]["class"], "answer": (x["ranked"] or [{"class": None}])[0]["class"]}
            for x, hit in zip(known, ranks(known, 1), strict=True)
            if not hit
        ],
    }


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="known parts")
    parser.add_argument("--held-out-count", type=int, default=360, help="parts of the twelve held-out classes")
    parser.add_argument("--seed", type=int, default=20_001, help="a seed that training never used")
    parser.add_argument("--from", dest="given", nargs=2, type=Path, metavar=("KNOWN", "HELD_OUT"))
    parser.add_argument("--out", type=Path, help="folder that keeps the lines")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if arguments.given:
        known, held_out = (read_lines(path) for path in arguments.given)
    else:
        out: Path | None = arguments.out
        if out:
            out.mkdir(parents=True, exist_ok=True)
        known = run_lines(arguments.count, arguments.seed, False, out / "known.jsonl" if out else None)
        held_out = run_lines(
            arguments.held_out_count, arguments.seed + 1, True, out / "held_out.jsonl" if out else None
        )
    result = figures(known, held_out)
    if arguments.json:
        print(json.dumps(result))
        return
    for group, values in result.items():
        print(group)
        for name, value in values.items() if isinstance(values, dict) else enumerate(values):
            print(f"  {name}: {value}")


if __name__ == "__main__":
    main()
