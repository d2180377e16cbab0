"""A calibration that goes by a script: a fake at the seam of the session, behind the door to the station."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np

from calibration.acceptance import require_no_doubts
from calibration.collecting.result import SolvedRig, ViewPicture
from calibration.collecting.snapshot import CollectSnapshot, Coverage, Picture, Sight, Stage, Want
from calibration.comparison import CameraMotion, Comparison
from calibration.findings import Finding, FindingKind
from calibration.held_out import HeldOut
from calibration.solution import CameraResult, RigSolution
from calibration.store import StoredCalibration
from station.errors import CalibrationError
from station.frames import ROLES
from station.geometry import CameraCalibration, CameraModel, Pose, RigCalibration

AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
MODEL = CameraModel(1280, 720, 920.0, 920.0, 640.0, 360.0)
BOARD = "chess-10x7-25"
OUTLINE = np.array([[180.0, 130.0], [430.0, 110.0], [450.0, 300.0], [190.0, 320.0]])


def calibration(shift_m: float = 0.0, source: str = "312 views of chess-10x7-25, world: the plate") -> RigCalibration:
    cameras = {
        role: CameraCalibration(role, f"SIM{place}", MODEL, Pose(np.eye(3), np.array([shift_m, 0.1 * place, 0.75])))
        for place, role in enumerate(ROLES)
    }
    return RigCalibration(cameras, source, AT.isoformat())


def solved(*, without: tuple[str, ...] = (), weak: tuple[str, ...] = ()) -> SolvedRig:
    """Return a rig as solved: ``without`` roles are not in it, ``weak`` ones are unsure."""
    whole = calibration(0.001)
    rig = RigCalibration({r: c for r, c in whole.cameras.items() if r not in without}, whole.source, whole.created_at)
    results = {
        role: CameraResult(
            MODEL,
            camera.pose,
            1.62 if role in weak else 0.18 + 0.02 * place,
            0.012,
            np.eye(6) * 1e-8,
            31 - place,
            0.11,
            0.29,
        )
        for place, (role, camera) in enumerate(rig.cameras.items())
    }
    worst = (("board_017", "cam_03"), ("board_004", "cam_08"), ("board_021", "cam_03"), ("board_002", "cam_10"))
    errors = dict(zip(worst, (1.42, 0.51, 0.47, 0.44), strict=True))
    findings = [
        Finding(FindingKind.TURNED, "", ("cam_03", "cam_04"), (("board_009", "cam_03"), ("board_009", "cam_04"))),
        Finding(FindingKind.GROSS_CORNERS, "", ("cam_08",), (("board_004", "cam_08"),)),
        *(Finding(FindingKind.BLIND, "", (role,)) for role in without),
        *(Finding(FindingKind.WEAK, "", (role,)) for role in weak),
    ]
    solution = RigSolution(results, {}, "plate", 0.21, 0.15, 15012, errors, None, tuple(findings), 1.4)
    held = HeldOut(0.21, 0.44, 0.24, {role: 0.19 + 0.01 * i for i, role in enumerate(results)}, 26, 15012, 0.11)
    motions = {role: CameraMotion(0.31 + 0.1 * place, 0.021) for place, role in enumerate(results)}
    return SolvedRig(rig, solution, held, Comparison("9f21c07a55b3", motions, without, ()), worst)


def at_plate() -> CollectSnapshot:
    sights = {role: Sight(OUTLINE * (1.0 + 0.02 * place), (640, 480)) for place, role in enumerate(ROLES[:9])}
    return CollectSnapshot(
        1,
        Stage.PLATE,
        BOARD,
        "English",
        "plate_hidden",
        {"a": "10", "reason": "no picture came"},
        ("cam_10",),
        sights,
        0.0,
    )


def at_board(count: int = 12) -> CollectSnapshot:
    """Return the board's step with ``count`` pictures taken."""
    sights = {
        "cam_03": Sight(OUTLINE, (640, 480)),
        "cam_04": Sight(OUTLINE * 0.8, (640, 480)),
        "cam_05": Sight(OUTLINE + 190.0, (640, 480), "cut off: the board reaches the picture's border"),
        "cam_06": Sight(OUTLINE * 0.3, (640, 480), "tiny: a square is only 6 px wide, 8 are needed"),
    }
    seen = {
        f"board_{n:03d}": tuple(sorted({ROLES[(n + k) % 10] for k in range(2 + n % 3)})) for n in range(1, count + 1)
    }
    pictures = tuple(
        Picture(name, roles, AT + timedelta(seconds=9 * place), dropped=place == 3)
        for place, (name, roles) in enumerate(seen.items())
    )
    pairs: dict[tuple[str, str], int] = {}
    coverage: dict[str, Coverage] = {}
    for place, role in enumerate(ROLES):
        views = sum(role in roles for roles in seen.values())
        wants = (() if views > 3 else (Want.VIEWS, Want.TILT)) if views else (Want.PARTNER, Want.VIEWS)
        cells = tuple(cell < views * 3 for cell in range(12))
        coverage[role] = Coverage(views, cells, (4.0, 31.0), (0.6, 0.8), wants)
        for other in ROLES[place + 1 :]:
            shared = sum(role in roles and other in roles for roles in seen.values())
            if shared:
                pairs[role, other] = shared
    weak = (("cam_01", "cam_10"), ("cam_07", "cam_08")) if count < 20 else ()
    values = {"a": "7", "b": "8"}
    return CollectSnapshot(
        7,
        Stage.BOARD,
        BOARD,
        "English",
        "between_tilted",
        values,
        ("cam_07", "cam_08"),
        sights,
        0.65,
        pictures,
        ROLES,
        coverage,
        pairs,
        weak,
        ready=count >= 6,
        complete=count >= 20,
    )


class ScriptedWork:
    """Holds one snapshot, and does to it at once what the session would do in its thread."""

    def __init__(self) -> None:
        self.snapshot = replace(at_plate(), sequence=1)
        self.told: list[str] = []
        self.outcome = solved()

    def show(self, snapshot: CollectSnapshot | None = None, **changes: object) -> None:
        base = snapshot or self.snapshot
        self.snapshot = replace(base, sequence=self.snapshot.sequence + 1, **changes)

    def take_now(self) -> None:
        self.told.append("take")
        if self.snapshot.stage is Stage.PLATE:
            self.show(at_board(0))
        else:
            self.show(at_board(len(self.snapshot.pictures) + 1))

    def drop(self, placement: str) -> None:
        self.told.append(f"drop {placement}")
        self._set(placement, True)

    def keep(self, placement: str) -> None:
        self.told.append(f"keep {placement}")
        self._set(placement, False)

    def retake_plate(self) -> None:
        self.told.append("plate")
        self.show(at_plate())

    def solve(self) -> None:
        self.told.append("solve")
        self.show(stage=Stage.SOLVING, advice_code="solving", progress=0.35, result=None)

    def finish(self) -> None:
        """The solve comes to its end."""
        self.show(stage=Stage.SOLVED, advice_code="solved", progress=1.0, result=self.outcome)

    def cancel(self) -> None:
        self.told.append("cancel")
        self.show(at_board())

    def back_to_pictures(self) -> None:
        self.told.append("more")
        self.show(at_board())

    def view_picture(self, placement: str, role: str) -> ViewPicture | None:
        if placement == "board_002":
            return None
        image = np.full((720, 1280, 3), 120, np.uint8)
        corners = np.array([[500.0 + 30 * x + 4 * y, 260.0 + 30 * y - 2 * x] for y in range(6) for x in range(9)])
        squares = np.kron(np.indices((7, 10)).sum(axis=0) % 2, np.ones((30, 30))) * 255
        image[230:440, 470:770] = squares.astype(np.uint8)[..., None]
        image = cv2.GaussianBlur(image, (3, 3), 0)
        expected = corners + np.random.default_rng(1).normal(0.0, 0.4, corners.shape)
        return ViewPicture(image, corners, None if placement == "board_021" else expected)

    def _set(self, placement: str, dropped: bool) -> None:
        pictures = [replace(p, dropped=dropped) if p.placement == placement else p for p in self.snapshot.pictures]
        self.show(pictures=tuple(pictures))


@dataclass
class FakeDoor:
    """The station's calibrations in memory; writes down what it is told, and from which threads."""

    work: ScriptedWork = field(default_factory=ScriptedWork)
    stored: list[StoredCalibration] = field(default_factory=list)
    in_use: str | None = None
    told: list[tuple[str, ...]] = field(default_factory=list)
    threads: set[str] = field(default_factory=set)
    refusal: CalibrationError | None = None
    hold_back: threading.Event | None = None

    def remember(self, one: RigCalibration, days_ago: int) -> str:
        """Store a calibration as of ``days_ago``."""
        at = (AT - timedelta(days=days_ago)).isoformat()
        self.stored.append(StoredCalibration(one.id, at, one.source, tuple(one.cameras), False))
        self.in_use = one.id
        return one.id

    def active(self) -> StoredCalibration | None:
        self._note()
        return next((replace(one, active=True) for one in self.stored if one.id == self.in_use), None)

    def listing(self) -> list[StoredCalibration]:
        return [replace(one, active=one.id == self.in_use) for one in self.stored]

    def begin(self, board_id: str, only: str | None = None) -> ScriptedWork:
        self._note("begin", board_id, only or "all")
        self.work = ScriptedWork()
        return self.work

    def end(self) -> None:
        self._note("end")

    def accept(self, *, even_so: bool = False) -> RigCalibration:
        self._note("accept even so" if even_so else "accept")
        assert self.work.snapshot.result is not None
        if not even_so:
            require_no_doubts(self.work.snapshot.result)
        accepted = self.work.snapshot.result.calibration
        self.remember(accepted, 0)
        return accepted

    def use(self, calibration_id: str) -> RigCalibration:
        self._note("use", calibration_id)
        self.in_use = calibration_id
        return replace(calibration(), source="older")

    def back(self) -> RigCalibration:
        self._note("back")
        return calibration()

    def write_board(self, board_id: str, path: Path, paper: str) -> int:
        self._note("write_board", board_id, str(path), paper)
        return 1

    def report(self, calibration_id: str | None, path: Path) -> None:
        self._note("report", calibration_id or "under way", str(path))

    def export(self, calibration_id: str | None, path: Path, form: str) -> None:
        self._note("export", calibration_id or "under way", str(path), form)

    def _note(self, *words: str) -> None:
        self.threads.add(threading.current_thread().name)
        if words:
            self.told.append(words)
        if self.hold_back is not None:
            assert self.hold_back.wait(20.0)
        if self.refusal is not None and words:
            raise self.refusal
