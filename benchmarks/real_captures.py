"""How well the locator finds the part in real captures of an MVIP tree: crop against published mask, size, time.

The published masks are read only to judge the result. Usage: ``python -m benchmarks.real_captures [TREE] [--json]``.
"""

from __future__ import annotations

import argparse
import json
import statistics
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

from recognition.roi import RoiLocator, largest_component, square_around
from recognition.roi.squares import clipped, overlap
from station.captures.mvip import CapturePath, find_captures, load_frameset, load_masks
from station.frames import ROLES

TREE = Path(__file__).resolve().parents[2] / "shared" / "data" / "mvip_sample"


@dataclass(frozen=True)
class CaptureScore:
    """What came out for one capture; ``iou`` by role, edges in millimetres, longest first."""

    capture: str
    status: str
    iou: dict[str, float]
    median_iou: float
    worst_iou: float
    size_mm: list[float]
    stated_mm: list[float] | None
    views_without_depth: list[str]
    first_ms: float
    again_ms: float


def score(capture: CapturePath, root: Path) -> CaptureScore:
    """Locate the part of one capture with a fresh locator and compare its crops with the published masks."""
    frameset, calibration = load_frameset(capture.path)
    locator = RoiLocator()
    begin = perf_counter()
    locator.locate(frameset, calibration)
    first = perf_counter() - begin
    begin = perf_counter()
    found = locator.locate(frameset, calibration)
    again = perf_counter() - begin
    iou: dict[str, float] = {}
    for role, mask in load_masks(capture.path).items():
        height, width = mask.shape
        truth = clipped(square_around(largest_component(mask)), width, height)
        iou[role] = overlap(truth, clipped(found.roi[role], width, height)) if role in found.roi else 0.0
    values = list(iou.values()) or [0.0]
    return CaptureScore(
        capture=str(capture.path.relative_to(root.resolve())) if capture.path != root.resolve() else capture.path.name,
        status=found.state.value,
        iou=iou,
        median_iou=statistics.median(values),
        worst_iou=min(values),
        size_mm=[1e3 * edge for edge in found.size_m or ()],
        stated_mm=_stated_size(capture),
        views_without_depth=list(found.views_without_depth),
        first_ms=1e3 * first,
        again_ms=1e3 * again,
    )


def _stated_size(capture: CapturePath) -> list[float] | None:
    folder = capture.class_folder
    if folder is None or not (folder / "meta.json").is_file():
        return None
    stated = json.loads((folder / "meta.json").read_text(encoding="utf-8")).get("size")
    return sorted((float(edge) for edge in stated), reverse=True) if stated else None


def _print_table(scores: list[CaptureScore]) -> None:
    print(f"{'capture':<48} {' '.join(role[-2:].rjust(4) for role in ROLES)}  median worst  size mm (stated)   ms")
    for one in scores:
        per_view = " ".join(f"{one.iou[role]:.2f}" if role in one.iou else "   -" for role in ROLES)
        size = "×".join(f"{edge:.0f}" for edge in one.size_mm) or one.status
        stated = "×".join(f"{edge:.0f}" for edge in one.stated_mm) if one.stated_mm else "-"
        print(
            f"{one.capture[-48:]:<48} {per_view}  {one.median_iou:.3f}  {one.worst_iou:.2f}   {size} ({stated})", end=""
        )
        print(f"  {one.first_ms:.0f}/{one.again_ms:.0f}  without depth: {', '.join(one.views_without_depth) or 'none'}")


def main() -> None:
    """Score every capture of a tree and print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tree", nargs="?", type=Path, default=TREE)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    root = arguments.tree.resolve()
    scores = [score(capture, root) for capture in find_captures(root)]
    if arguments.json:
        print(json.dumps([asdict(one) for one in scores], indent=1))
    else:
        _print_table(scores)


if __name__ == "__main__":
    main()
