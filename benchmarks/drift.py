"""How surely a knocked camera is named within three captures, and how often one that stands is: simulated, and real.

Simulated: rigs of the simulator with the calibration they hand over. An empty plate, then captures of a different part
each, are checked as they come; then single cameras are knocked by 2 mm in a random direction or by 0.3 degrees about a
random axis, drawn anew where they stand now, and the same captures go on. Every capture of the standing rig counts for
false alarms, and so do the nine other cameras after a knock. Real: each capture in turn is the reference from which
the cameras are calibrated, and the others are checked in order.
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic_ns, process_time
from typing import Any

import numpy as np

from calibration.plate_pose import detect_plate, plate_pose
from calibration.watch.rig_watch import RigWatch
from calibration.watch.verdicts import DepthState, Standing, WatchReport
from station.boards import FrameBoard
from station.captures.mvip import find_captures, load_frameset
from station.frames import ROLES, Frame, FrameSet, TimeDomain
from station.geometry import CameraCalibration, RigCalibration
from station.simulation.library import PartLibrary
from station.simulation.rig import SIZES, Size, handed_over, knocked, rig_models
from station.simulation.scene import Placement, SceneRenderer, draw_placement
from station.simulation.sensor import draw_exposure, read_frame

_KNOCK_M = 0.002
_KNOCK_DEG = 0.3
_CAPTURES = 3


class _Stage:
    """One simulated rig and its pictures."""

    def __init__(self, size: Size, seed: int, library: PartLibrary) -> None:
        self.truth = rig_models(size, seed)
        self.calibration = handed_over(self.truth, seed)
        self.rng = np.random.default_rng([seed, 1001])
        self._renderer = SceneRenderer(library, self.truth, room_seed=seed)
        self._library = library
        self._exposures = {r: draw_exposure(np.random.default_rng([seed, 606, i])) for i, r in enumerate(ROLES)}

    def placements(self) -> list[Placement]:
        """Return a random part somewhere on the plate."""
        classes = self._library.classes
        return [draw_placement(classes[int(self.rng.integers(len(classes)))], self.rng)]

    def frames(self, placements: Sequence[Placement], roles: Sequence[str] = ROLES) -> dict[str, Frame]:
        """Take one picture with each camera."""
        stage = self._renderer.stage(placements)
        frames: dict[str, Frame] = {}
        for role in roles:
            view = read_frame(self._renderer.view(role, stage, self._exposures[role]), self.rng)
            frames[role] = Frame(role, view.color, view.depth, 0.001, 0, 0.0, TimeDomain.SYSTEM, monotonic_ns())
        return frames

    def knock(self, role: str, kind: str) -> CameraCalibration:
        """Let a camera stand elsewhere; returns how it stood."""
        direction = self.rng.normal(size=3)
        direction /= np.linalg.norm(direction)
        none = np.zeros(3)
        shift, turn = (direction * _KNOCK_M, none) if kind == "2 mm" else (none, direction * _KNOCK_DEG)
        before = self._renderer.rig.cameras[role]
        self._renderer.move_camera(knocked(self.truth, role, shift, turn))
        return before

    def put_back(self, camera: CameraCalibration) -> None:
        """Let a camera stand where it stood."""
        self._renderer.move_camera(camera)


def _frameset(frames: Mapping[str, Frame]) -> FrameSet:
    return FrameSet(frames, (), 0.0, datetime.now(UTC), monotonic_ns())


class _Tally:
    """Counts checks of standing cameras, and what became of the knocks."""

    def __init__(self) -> None:
        self.standing = self.false_alarms = self.unchecked = self.plates = 0
        self.knocks: dict[str, list[int | None]] = {}
        self.moved_mm: list[float] = []
        self.cpu_s: list[float] = []
        self.missed: list[str] = []

    def count_standing(self, report: WatchReport, besides: str = "") -> None:
        """Count the cameras that stand."""
        self.plates += report.plate.moved
        for role, verdict in report.cameras.items():
            if role == besides:
                continue
            self.standing += verdict.checks > 0
            self.unchecked += verdict.checks == 0
            self.false_alarms += verdict.standing is Standing.KNOCKED
            if verdict.checks and verdict.learned:
                self.moved_mm.append(verdict.moved_mm)

    def result(self) -> dict[str, Any]:
        """Return the figures."""
        knocks = {
            kind: {
                "cases": len(found),
                "named_within_3": sum(one is not None for one in found),
                "named_at_2": sum(one == 2 for one in found),
            }
            for kind, found in self.knocks.items()
        }
        return {
            "standing_checks": self.standing,
            "false_alarms": self.false_alarms,
            "unchecked": self.unchecked,
            "plate_said_moved": self.plates,
            "standing_mm_p50_p99_max": [round(float(np.quantile(self.moved_mm, q)), 3) for q in (0.5, 0.99, 1.0)],
            "knocks": knocks,
            "missed": self.missed,
            "check_cpu_ms_p50": round(1e3 * float(np.median(self.cpu_s)), 1),
        }


def simulated(size: Size, seeds: Sequence[int], captures: int, knocks: int) -> dict[str, Any]:
    """Run the simulated rigs; ``knocks`` of each kind per rig after all captures, after one and before the first."""
    library, tally = PartLibrary.load(), _Tally()
    for seed in seeds:
        stage = _Stage(size, seed, library)
        rig = RigWatch(stage.calibration, FrameBoard())
        scenes: list[list[Placement]] = [[], *(stage.placements() for _ in range(captures - 1))]
        pictures: list[dict[str, Frame]] = []
        watches = {"before any": copy.deepcopy(rig)}
        for number, scene in enumerate(scenes):
            pictures.append(stage.frames(scene))
            begun = process_time()
            report = rig.check(_frameset(pictures[-1]), str(number))
            tally.cpu_s.append(process_time() - begun)
            tally.count_standing(report)
            if number == 0:
                watches["after one capture"] = copy.deepcopy(rig)
        watches[f"after {captures}"] = rig
        for case in range(6 * knocks):
            kind = "2 mm" if case % 2 == 0 else "0.3 deg"
            history = list(watches)[case // 2 % 3]
            role = ROLES[int(stage.rng.integers(len(ROLES)))]
            before = stage.knock(role, kind)
            watch = copy.deepcopy(watches[history])
            named: int | None = None
            for count in range(1, _CAPTURES + 1):
                chosen = 1 + (case * _CAPTURES + count) % (captures - 1)
                seen = {**pictures[chosen], **stage.frames(scenes[chosen], [role])}
                report = watch.check(_frameset(seen), f"knock-{count}")
                tally.count_standing(report, besides=role)
                if report.cameras[role].standing is Standing.KNOCKED and named is None:
                    named = count
            tally.knocks.setdefault(f"{kind}, {history}", []).append(named)
            if named is None:
                last = report.cameras[role]
                found = f"{last.moved_mm:.2f} mm {last.turned_deg:.3f} deg"
                tally.missed.append(f"seed {seed} {role} {kind}, {history}: {found}")
            stage.put_back(before)
    return tally.result()


def real(root: Path) -> dict[str, Any]:
    """Check the real captures against a calibration from each of them in turn; the depth of the last check."""
    board, tally = FrameBoard(), _Tally()
    captures = [load_frameset(found.path) for found in find_captures(root)]
    depth: dict[str, Any] = {}
    for reference, (frameset, published) in enumerate(captures):
        cameras = {
            role: CameraCalibration(role, one.serial, one.model, pose)
            for role, one in published.cameras.items()
            for pose in [plate_pose(detect_plate(frameset.frames[role].color, board, role), one.model).pose]
        }
        rig = RigWatch(RigCalibration(cameras, "one capture", "2026-01-01T00:00:00Z"), board)
        order = [frameset, *(other for number, (other, _) in enumerate(captures) if number != reference)]
        for number, one in enumerate(order):
            begun = process_time()
            report = rig.check(one, str(number))
            tally.cpu_s.append(process_time() - begun)
            tally.count_standing(report)
        depth = {
            role: {
                "state": verdict.state.value,
                "bias_mm": round(verdict.bias_mm, 1),
                "limit_mm": round(verdict.limit_mm, 1),
                "tilt_deg": round(verdict.tilt_deg, 2),
                "fill": round(verdict.fill, 3),
                "noise_mm": round(verdict.noise_mm, 1),
            }
            for role, verdict in report.depth.items()
        }
    figures = tally.result()
    named = [role for role, one in depth.items() if one["state"] == DepthState.DEAD.value]
    return {k: figures[k] for k in figures if k not in ("knocks", "missed")} | {"depth_dead": named, "depth": depth}


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="simulated rigs per size")
    parser.add_argument("--captures", type=int, default=20, help="captures of each standing rig")
    parser.add_argument("--knocks", type=int, default=8, help="knocks of each kind and history per rig")
    parser.add_argument("--sizes", nargs="*", choices=SIZES, default=list(SIZES))
    parser.add_argument("--real", type=Path, help="an MVIP tree of one rig that nobody touched")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    result: dict[str, Any] = {}
    for size in arguments.sizes:
        begun = time.monotonic()
        result[size] = simulated(size, range(arguments.seeds), arguments.captures, arguments.knocks)
        result[size]["wall_s"] = round(time.monotonic() - begun, 1)
    if arguments.real is not None and arguments.real.is_dir():
        result["real"] = real(arguments.real)
    print(json.dumps(result, indent=None if arguments.json else 1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
