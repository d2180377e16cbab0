"""What the quality gates measure of looks that are as they should be, and how far a turn is told from no turn.

Renders parts on the simulated rig (the empty plate learned first, masks from the ROI step, as at work): each is looked
at, looked at again untouched, turned by 10° and by 30°, and pushed by 30 mm. With ``--real DIR`` real captures are
measured, too: as they are, and with every view blurred. Prints how many looks each gate lets pass.

Usage: ``python -m benchmarks.capture_gates [--parts N] [--seed S] [--size 640x480|1280x720] [--real DIR] [--json]``.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np

from recognition.pose_likeness import PictureLikeness
from recognition.roi import RoiLocator
from station.captures.mvip import find_captures, load_frameset
from station.captures.pose import Pose
from station.captures.quality import Expected, judge
from station.captures.quality_report import Gate, QualityReport
from station.frames import Frame, FrameSet, TimeDomain
from station.geometry import RigCalibration
from station.results import PartLocation, PlateState
from station.settings import CaptureSection
from station.simulation.library import PartLibrary
from station.simulation.rig import handed_over, rig_models
from station.simulation.scene import Placement, SceneRenderer, draw_placement
from station.simulation.sensor import draw_exposure, read_frame
from station.workflow.status import CapturedPart, Outcome

LIMITS = CaptureSection()
BLURS_PX = (2.0, 3.0, 4.0)


class Rig:
    """The simulated rig with its locator, which knows the empty plate."""

    def __init__(self, size: str, seed: int) -> None:
        truth = rig_models("1280x720" if size == "1280x720" else "640x480", seed)
        self.library = PartLibrary.load()
        self.calibration = handed_over(truth, seed)
        self.rng = np.random.default_rng([seed, 12])
        self._renderer = SceneRenderer(self.library, truth, room_seed=seed)
        self._exposures = {role: draw_exposure(self.rng) for role in truth.cameras}
        self.locator = RoiLocator()
        for _ in range(3):
            self.locator.learn_empty(self.take([]), self.calibration)

    def take(self, placements: list[Placement]) -> FrameSet:
        """Take one frameset, with its own noise."""
        stage = self._renderer.stage(placements)
        frames: dict[str, Frame] = {}
        for role, exposure in self._exposures.items():
            view = read_frame(self._renderer.view(role, stage, exposure), self.rng)
            frames[role] = Frame(role, view.color, view.depth, 0.001, 0, 0.0, TimeDomain.SYSTEM, 0)
        return FrameSet(frames, (), 0.0, datetime.now(UTC), 0)


def look(frameset: FrameSet, calibration: RigCalibration, locator: RoiLocator) -> CapturedPart:
    """Return a look at the part."""
    location = locator.locate(frameset, calibration)
    return CapturedPart("look", frameset.taken_at, frameset, calibration.id, Outcome.OK, "", None, None, location)


def located(part: CapturedPart) -> PartLocation | None:
    """Return where the part is, ``None`` where no one whole part was found."""
    return part.location if part.location and part.location.state is PlateState.OK else None


def pose_of(part: CapturedPart) -> Pose:
    """Return how the part lies."""
    masks = part.location.mask if part.location else {}
    return PictureLikeness().pose({role: part.frameset.frames[role].color for role in masks}, masks)


def judged(part: CapturedPart) -> QualityReport:
    """Hold a look against the gates that judge pictures."""
    return judge(part, LIMITS, Expected(tuple(part.frameset.frames), has_scale=False))


def spread(values: Iterable[float]) -> dict[str, float]:
    """Return the least, the 5 %, 50 % and 95 % quantile and the largest value."""
    found = np.array([value for value in values if not math.isnan(value)])
    low, middle, high = np.quantile(found, [0.05, 0.5, 0.95])
    named = {"min": found.min(), "p5": low, "p50": middle, "p95": high, "max": found.max()}
    return {name: round(float(value), 3) for name, value in named.items()}


def summary(reports: list[QualityReport]) -> dict[str, object]:
    """Return, by gate, what was measured and how many looks pass."""
    gates: dict[str, object] = {}
    for gate in Gate:
        found = [one for report in reports if (one := report.of(gate)) is not None]
        values = [one.value for one in found if one.value is not None]
        if values:
            passed = f"{sum(one.passed for one in found)} of {len(found)}"
            gates[gate.value] = {**spread(values), "limit": found[0].limit, "passed": passed}
    clean = sum(not report.refusing and not report.warning for report in reports)
    return {"looks": len(reports), "without a word": clean, "gates": gates}


def simulated(parts: int, size: str, seed: int) -> dict[str, object]:
    """Measure parts of the library, spread evenly over it."""
    rig = Rig(size, seed)
    classes = rig.library.classes
    likeness = PictureLikeness().likeness
    reports: list[QualityReport] = []
    times: list[float] = []
    alike: dict[str, list[float]] = {"untouched": [], "turned by 10°": [], "turned by 30°": [], "pushed by 30 mm": []}
    lost = 0
    for n in range(parts):
        lies = draw_placement(classes[n * len(classes) // parts], rig.rng)
        ways = {
            "untouched": lies,
            "turned by 10°": replace(lies, yaw=lies.yaw + math.radians(10)),
            "turned by 30°": replace(lies, yaw=lies.yaw + math.radians(30)),
            "pushed by 30 mm": replace(lies, x=lies.x + 0.03),
        }
        looks = {way: look(rig.take([placed]), rig.calibration, rig.locator) for way, placed in ways.items()}
        first = look(rig.take([lies]), rig.calibration, rig.locator)
        if located(first) is None or any(located(part) is None for part in looks.values()):
            lost += 1
            continue
        before = pose_of(first)
        for way, part in looks.items():
            begun = time.perf_counter()
            reports.append(judged(part))
            alike[way].append(likeness(before, pose_of(part)))
            times.append(1e3 * (time.perf_counter() - begun))
    limit = LIMITS.max_likeness
    duplicates = {way: f"{sum(v >= limit for v in values)} of {len(values)}" for way, values in alike.items()}
    return {
        "parts": parts,
        "not found as one whole part": lost,
        **summary(reports),
        "likeness": {way: spread(values) for way, values in alike.items()},
        "taken for duplicates": duplicates,
        "judging_ms": spread(times),
    }


def real(folder: Path) -> dict[str, object]:
    """Measure real captures, as they are and with every view blurred."""
    locator = RoiLocator()
    parts: list[CapturedPart] = []
    for capture in find_captures(folder):
        frameset, calibration = load_frameset(capture.path)
        parts.append(look(frameset, calibration, locator))
    blurred = {f"{sigma:g} px": [judged(_blurred(part, sigma)) for part in parts] for sigma in BLURS_PX}
    poses = [pose_of(part) for part in parts]
    pairs = [PictureLikeness().likeness(one, other) for n, one in enumerate(poses) for other in poses[:n]]
    return {
        **summary([judged(part) for part in parts]),
        "views without depth": sorted({role for part in parts for role in _roles(judged(part), Gate.DEPTH)}),
        "sharpness, blurred": {
            name: spread([one.value or 0.0 for report in reports if (one := report.of(Gate.SHARPNESS))])
            for name, reports in blurred.items()
        },
        "likeness of different rotations": spread(pairs),
    }


def _roles(report: QualityReport, gate: Gate) -> tuple[str, ...]:
    found = report.of(gate)
    return found.roles if found else ()


def _blurred(part: CapturedPart, sigma: float) -> CapturedPart:
    frames: Mapping[str, Frame] = {
        role: replace(frame, color=cv2.GaussianBlur(frame.color, (0, 0), sigma))
        for role, frame in part.frameset.frames.items()
    }
    return replace(part, frameset=replace(part.frameset, frames=frames))


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    options.add_argument("--parts", type=int, default=60)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--size", default="640x480", choices=("640x480", "1280x720"))
    options.add_argument("--real", type=Path)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    figures: dict[str, object] = {
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "size": given.size,
        "seed": given.seed,
        "simulated": simulated(given.parts, given.size, given.seed),
    }
    if given.real is not None and given.real.is_dir():
        figures["real"] = real(given.real)
    print(json.dumps(figures, ensure_ascii=False) if given.json else json.dumps(figures, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
