"""Runs every benchmark in its short form, one after another; the figures land as JSON in ``bench-output/``."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tools.talking_process import run_talking

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "bench-output"
TREE = OUTPUT / "tree"
REAL_CAPTURES = ROOT.parent / "shared/data/mvip_sample"

SHORT = {
    "acquisition": ["--seconds", "20"],
    "soak": ["--seconds", "90"],
    "interface": ["--seconds", "10"],
    "roi": ["--parts", "8"],
    "capture": ["--saves", "5", "--parts", "2"],
    "recognition": ["--short"],
    "training": ["--short"],
    "calibration": ["--seeds", "2", "--scipy-seeds", "0", "--honesty-seeds", "3"],
    "drift": ["--seeds", "1", "--captures", "6", "--knocks", "2", "--sizes", "640x480", "--real", str(REAL_CAPTURES)],
    "rendered_calibration": ["--rigs", "1", "--placements", "8"],
    "simulated_recognition": ["--count", "20", "--held-out-count", "12"],
    "background_only": ["--data", str(TREE), "--count", "200"],
    "capture_gates": ["--parts", "8", "--real", str(REAL_CAPTURES)],
    "catalog": ["--captures", "20000", "--searches", "300", "--folders", "500"],
    "upkeep": ["--parts", "2000", "--files", "1000"],
    "real_captures": [str(REAL_CAPTURES)],
    "real_boards": [str(REAL_CAPTURES.parent)],
}
"""Arguments of the short form by benchmark; a full one is the same program without them."""
LONG = frozenset({"real_embeddings", "twins"})
"""What has no short form: these want a whole tree to learn from, or models that were trained on one."""


def main() -> int:
    """Run the benchmarks; return 0 when all of them ended well."""
    OUTPUT.mkdir(exist_ok=True)
    simulate = [sys.executable, "-m", "station", "simulate", "--out", str(TREE), "--captures", "0/1/0"]
    failed: list[str] = []
    try:
        print("== captures to measure on", flush=True)
        if run_talking([*simulate, "--size", "640x480", "--seed", "4711"], "simulating captures", ROOT):
            failed.append("simulate")
        for name, arguments in SHORT.items():
            if name.startswith("real_") and not REAL_CAPTURES.is_dir():
                print(f"== {name}: left out, the real pictures are not here", flush=True)
                continue
            print(f"== {name}", flush=True)
            begun = time.monotonic()
            answer = OUTPUT / f"{name}.json"
            command = [sys.executable, "-m", f"benchmarks.{name}", *arguments, "--json"]
            if run_talking(command, name, ROOT, answer=answer):
                failed.append(name)
            print(answer.read_text(encoding="utf-8").strip())
            print(f"== {name}: {time.monotonic() - begun:.0f} s", flush=True)
    except KeyboardInterrupt:
        return 130
    if failed:
        print(f"Did not end well: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
