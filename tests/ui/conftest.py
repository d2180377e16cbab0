"""A station without cameras, scale or model: fakes behind the presenters' protocols, and snapshots of every state."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from station.cameras.supervisor import CameraState, CameraStatus
from station.errors import StationError
from station.frames import ROLES, Frame, FrameSet, TimeDomain, WeightReading
from station.results import (
    Clue,
    PartLocation,
    PlateState,
    RankedClass,
    Recognition,
    SizeFit,
    ViewEvidence,
    WeightFit,
)
from station.simulation.faults import FaultName, place_of
from station.simulation.situations import Situation
from station.workflow.status import Answer, CapturedPart, Outcome, PartState, PartStatus, Rest, Verdict
from tests.ui.health_stage import FakeHealth
from tests.ui.scripted_calibration import FakeDoor, calibration
from ui.handles import StationHandles
from ui.offscreen import OffscreenWindow
from ui.presenters.operator import OperatorPresenter
from ui.presenters.status import StationFacts

os.environ["QT_QPA_PLATFORM"] = "offscreen"

NOW = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Entry:
    class_id: str
    number: str
    name: str
    tags: tuple[str, ...]


ENTRIES = (
    Entry("bolt_m8x40", "HB-0840-ST", "Hexagon bolt M8 × 40, steel", ("hexagonal", "steel", "fastener")),
    Entry("bolt_m8x45", "HB-0845-ST", "Hexagon bolt M8 × 45, steel", ("hexagonal", "steel", "fastener")),
    Entry("bolt_m8x40_brass", "HB-0840-MS", "Hexagon bolt M8 × 40, brass", ("hexagonal", "brass", "fastener")),
    Entry("stud_m8x50", "ST-0850-ST", "Stud M8 × 50", ("cylindrical", "steel", "fastener")),
    Entry("pin_8x40", "DP-0840-ST", "Dowel pin 8 × 40", ("cylindrical", "steel")),
    Entry("flange_dn25", "FL-0025-AL", "Pipe flange DN 25 with raised face", ("round", "aluminium", "cast")),
    Entry("bearing_6204", "BR-6204", "Deep groove ball bearing 6204", ("round", "steel", "bearing")),
)


def drawing(seed: int, width: int = 200, height: int = 150, ground: int = 238) -> np.ndarray:
    """A picture of some part: a shaded bar with a head, turned by the seed."""
    y, x = np.mgrid[0:height, 0:width].astype(float)
    angle = 0.35 + seed * 0.55
    u = (x - width / 2) * np.cos(angle) + (y - height / 2) * np.sin(angle)
    v = -(x - width / 2) * np.sin(angle) + (y - height / 2) * np.cos(angle)
    size = height / 150
    bar = (np.abs(u) < 60 * size) & (np.abs(v) < 12 * size)
    head = (np.abs(u + 55 * size) < 14 * size) & (np.abs(v) < 26 * size)
    picture = np.full((height, width, 3), ground, np.float64)
    shade = 150 + 60 * np.cos(v / (9 * size))
    tint = np.array([[1.0, 1.0, 1.02], [1.0, 1.0, 1.0], [1.05, 0.9, 0.55]][seed % 3])
    picture[bar | head] = (shade[..., None] * tint)[bar | head]
    return np.clip(picture, 0, 255).astype(np.uint8)


class FakeCatalog:
    """Seven parts, six of them with a picture in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.refusal: StationError | None = None
        for index, entry in enumerate(ENTRIES):
            if entry.class_id != "pin_8x40":
                cv2.imwrite(str(folder / f"{entry.class_id}.png"), drawing(index)[..., ::-1])

    def get(self, class_id: str) -> Entry | None:
        if self.refusal is not None:
            raise self.refusal
        return next((e for e in ENTRIES if e.class_id == class_id), None)

    def search(self, text: str, limit: int = 20) -> Sequence[Entry]:
        if self.refusal is not None:
            raise self.refusal
        words = text.lower().split()
        hits = [e for e in ENTRIES if all(w in f"{e.number} {e.name} {e.tags}".lower() for w in words)]
        return hits[:limit]

    def reference(self, class_id: str) -> Path | None:
        path = self.folder / f"{class_id}.png"
        return path if path.is_file() else None


@cache
def camera_picture(index: int, *, dead: bool) -> tuple[np.ndarray, np.ndarray]:
    return drawing(index, 640, 480, ground=96 + 8 * index), np.full((480, 640), 0 if dead else 600, np.uint16)


@dataclass
class FakeCameras:
    roles: tuple[str, ...] = ROLES
    state: dict[str, CameraState] = field(default_factory=dict)
    blind: set[str] = field(default_factory=set)
    number: int = 1

    def preview(self, role: str) -> Frame | None:
        if self.state.get(role) is CameraState.STARTING:
            return None
        color, depth = camera_picture(self.roles.index(role), dead=role in self.blind)
        return Frame(role, color, depth, 0.001, self.number, 0.0, TimeDomain.SYSTEM, self.number)

    def states(self) -> dict[str, CameraStatus]:
        return {
            role: CameraStatus(role, "SIM1", self.state.get(role, CameraState.STREAMING), "", 15.0, 100, 0, 0)
            for role in self.roles
        }


class FakeWorkflow:
    """Holds one snapshot and writes down what it is told."""

    def __init__(self, status: PartStatus) -> None:
        self.status = status
        self.told: list[tuple[str, object]] = []
        self.refusal: StationError | None = None

    def answer(self, capture_id: str, verdict: str | Verdict, operator: str = "") -> None:
        if self.refusal is not None:
            raise self.refusal
        self.told.append(("answer", verdict))
        is_class = not isinstance(verdict, Verdict)
        kind = "confirm" if is_class else str(verdict)
        answer = Answer(capture_id, kind, str(verdict) if is_class else None, 1, operator, NOW)
        self.show(state=PartState.ANSWERED, answer=answer, can_undo=True)

    def undo(self, operator: str = "") -> str:
        if not self.status.can_undo:
            raise StationError("There is no answer to take back.")
        self.told.append(("undo", None))
        self.show(state=PartState.RECOGNISED, answer=None, can_undo=False)
        return "c1"

    def look_again(self) -> None:
        self.told.append(("look_again", None))

    def zero_scale(self) -> None:
        self._ask_scale("zero")

    def tare(self) -> None:
        self._ask_scale("tare")

    def _ask_scale(self, wish: str) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.told.append((wish, None))

    def show(self, **changes: object) -> None:
        self.status = replace(self.status, sequence=self.status.sequence + 1, **changes)


def weight(kg: float, stable: bool = True) -> WeightReading:
    return WeightReading(kg, stable, 1, "S S")


def location(state: PlateState = PlateState.OK) -> PartLocation:
    square = {role: (200 - 4 * i, 120, 440 - 4 * i, 360) for i, role in enumerate(ROLES)}
    if state is PlateState.SEVERAL_PARTS:
        each = tuple({role: (x0 + d, y0, x1 + d, y1) for role, (x0, y0, x1, y1) in square.items()} for d in (-150, 150))
        return PartLocation(state, square, {}, None, (), ("cam_05",), each=each)
    return PartLocation(state, square, {}, (0.0402, 0.0131, 0.0129), (), ("cam_05",))


WEIGHTS_KG = (0.0183, 0.0204, 0.0186, 0.0151, 0.0157, 0.212, 0.106)
SIZES_M = (
    (0.0400, 0.0130, 0.0130), (0.0450, 0.0130, 0.0130), (0.0402, 0.0129, 0.0129), (0.0500, 0.0080, 0.0080),
    (0.0400, 0.0080, 0.0080), (0.1150, 0.1150, 0.0380), (0.0470, 0.0470, 0.0140),
)  # fmt: skip
SHARES = {
    "sure": (0.9987, 0.0009, 0.0003, 0.00007, 0.00001, 0.0, 0.0),
    "rivals": (0.62, 0.34, 0.02, 0.01, 0.0002, 0.0001, 0.0),
    "many": (0.28, 0.24, 0.17, 0.13, 0.09, 0.06, 0.03),
    "unknown": (0.31, 0.22, 0.12, 0.07, 0.03, 0.02, 0.01),
}


def recognition(*, unknown: bool = False, rivals: int = 1, fits: bool = True) -> Recognition:
    """An answer with all its evidence; without ``fits`` the part weighs a fifth more than the first class."""
    kind = "unknown" if unknown else "sure" if rivals == 1 else "rivals" if rivals < 5 else "many"
    weight_kg, size_m = (0.0184 if fits else 0.0220), (0.0402, 0.0131, 0.0129)
    ranked = tuple(
        RankedClass(
            entry.class_id,
            share,
            (abs(weight_kg / kg - 1.0) < 0.02) if i < 6 else None,
            (abs(size_m[0] - size[0]) < 0.003 and abs(size_m[1] - size[1]) < 0.003) if i < 4 else None,
            WeightFit(kg, abs(weight_kg / kg - 1.0) / 0.005),
            SizeFit(size, abs(size_m[0] - size[0]) / 0.002),
        )
        for i, (entry, share, kg, size) in enumerate(zip(ENTRIES, SHARES[kind], WEIGHTS_KG, SIZES_M, strict=True))
    )
    votes = {role: ViewEvidence(ENTRIES[i == 3 or (i == 6) * 2].class_id, 0.8 - i / 20) for i, role in enumerate(ROLES)}
    return Recognition(
        ranked,
        tuple(line.class_id for line in ranked[:rivals]),
        unknown,
        0.4,
        np.zeros(4, np.float32),
        votes,
        ROLES,
        "demo-2026-01",
        set_coverage=0.995,
        unknown_threshold=11.0,
        nearest=ENTRIES[0].class_id,
        weight_kg=weight_kg,
        size_m=size_m,
    )


def captured(outcome: Outcome = Outcome.OK, found: Recognition | None = None, error: str = "") -> CapturedPart:
    frames = FrameSet({}, (), 3.0, NOW, 1)
    where = location(PlateState.OK if outcome is Outcome.ERROR else PlateState(outcome.value))
    return CapturedPart("c1", NOW, frames, "a1b2c3d4e5f6", outcome, "", 0.0184, 0.0184, where, found, {}, error)


def _recognised(*, unknown: bool = False, rivals: int = 1, fits: bool = True) -> PartStatus:
    found = recognition(unknown=unknown, rivals=rivals, fits=fits)
    return PartStatus(
        7, PartState.RECOGNISED, Outcome.OK, "", weight(0.0184), 0.0184, captured(found=found), answerable=True
    )


def _without_its_weight() -> PartStatus:
    """A part that is known but for what it weighs."""
    status = _recognised(unknown=True, rivals=2, fits=False)
    assert status.part is not None
    assert status.part.recognition is not None
    found = replace(status.part.recognition, strange=(Clue.WEIGHT,))
    return replace(status, load_kg=0.0220, part=replace(status.part, recognition=found, weight_kg=0.0220))


def snapshots() -> dict[str, PartStatus]:
    """One snapshot for every state the page can be in."""
    none = PartStatus(1, PartState.EMPTY, Outcome.EMPTY, "", weight(0.0), 0.0)
    sure = _recognised()
    fault = "The model stopped: not enough memory. Close other programs and press F5."
    resting = replace(none, state=PartState.SETTLING)
    shown = {
        "empty": none,
        "calibrating": replace(resting, rest=Rest.CALIBRATING),
        "settling": replace(none, state=PartState.SETTLING, weight=weight(0.0172, stable=False), load_kg=0.0172),
        "captured": PartStatus(6, PartState.CAPTURED, Outcome.OK, "", weight(0.0184), 0.0184, captured()),
        "recognised": sure,
        "rivals": _recognised(rivals=2),
        "many_rivals": _recognised(rivals=7),
        "misfit": _recognised(fits=False),
        "unknown": _recognised(unknown=True, rivals=4),
        "unknown_weight": _without_its_weight(),
        "answered": replace(
            sure,
            state=PartState.ANSWERED,
            answer=Answer("c1", "confirm", "bolt_m8x40", 1, "", NOW),
            can_undo=True,
        ),
        "several_parts": PartStatus(
            6, PartState.CAPTURED, Outcome.SEVERAL_PARTS, "", weight(0.21), 0.21, captured(Outcome.SEVERAL_PARTS)
        ),
        "outside": replace(sure, outcome=Outcome.OUTSIDE, part=captured(Outcome.OUTSIDE, recognition())),
        "reached_into": replace(none, state=PartState.SETTLING, outcome=Outcome.REACHED_INTO),
        "scale_gone": replace(
            sure, weight=None, load_kg=None, troubles=("Scale: the line is closed. Plug it in again.",)
        ),
        "scale_drifts": replace(sure, troubles=("The scale drifts.",), scale_trouble="The scale drifts."),
        "error": PartStatus(
            6,
            PartState.CAPTURED,
            Outcome.ERROR,
            "",
            weight(0.0184),
            0.0184,
            captured(Outcome.ERROR, error=fault),
            answerable=True,
        ),
        "journal_full": replace(
            sure,
            troubles=("Journal: the disk is full, 3 answers wait in memory. Free some space.", "Camera 4 is gone."),
            answers_waiting=3,
        ),
    }
    calibrated = {name: replace(status, calibration_id="a1b2c3d4e5f6") for name, status in shown.items()}
    return {**calibrated, "uncalibrated": replace(resting, rest=Rest.UNCALIBRATED)}


class FakeControls:
    def __init__(self) -> None:
        self.done: list[str] = []
        self.trouble: str | None = None
        self.plugs = dict.fromkeys(ROLES, True)
        self.held: set[tuple[FaultName, str]] = set()

    def next_part(self) -> None:
        self.done.append("next")

    def next_unknown_part(self) -> None:
        self.done.append("unknown")

    def clear(self) -> None:
        self.done.append("clear")

    def arrange(self, situation: Situation) -> None:
        self.done.append(situation.value)

    def hold_board(self, board_id: str, roles: tuple[str, ...]) -> None:
        self.done.append(f"hold {board_id} {' '.join(roles)}")

    def take_board_away(self) -> None:
        self.done.append("away")

    def knock(self, role: str) -> None:
        self.done.append(f"knock {role}")

    def plugged(self) -> dict[str, bool]:
        return self.plugs

    def plug(self, role: str, plugged: bool) -> None:
        self.plugs[role] = plugged

    def faults(self) -> set[tuple[FaultName, str]]:
        return self.held

    def set_fault(self, fault: FaultName, role: str | None, on: bool) -> None:
        (self.held.add if on else self.held.discard)((fault, place_of(fault, role)))

    def take_trouble(self) -> str | None:
        trouble, self.trouble = self.trouble, None
        return trouble


@dataclass
class Stage:
    """All fakes of one test."""

    workflow: FakeWorkflow
    cameras: FakeCameras
    parts: FakeCatalog
    controls: FakeControls
    facts: StationFacts
    door: FakeDoor
    health: FakeHealth
    now_s: float = 100.0

    def clock(self) -> float:
        return self.now_s

    def show(self, name: str) -> None:
        """Let the workflow say ``name``, one of :func:`snapshots`."""
        self.workflow.status = snapshots()[name]

    def presenter(self) -> OperatorPresenter:
        """A presenter that has seen the snapshot."""
        presenter = OperatorPresenter(self.workflow, self.parts, self.cameras, self.clock)
        presenter.view()
        return presenter

    def handles(self, theme: str = "light", language: str = "en") -> StationHandles:
        return StationHandles(
            self.workflow,
            self.cameras,
            self.parts,
            self.facts,
            self.controls,
            calibrations=self.door,
            health=self.health,
            language=language,
            theme=theme,
        )


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    facts = StationFacts("Station 3", "demo-2026-01")
    door = FakeDoor()
    door.remember(calibration(source="41 views of charuco-10x7-25-18-DICT_5X5_250, world: the plate"), 94)
    door.remember(calibration(0.002), 12)
    workflow = FakeWorkflow(snapshots()["empty"])
    return Stage(workflow, FakeCameras(), FakeCatalog(tmp_path), FakeControls(), facts, door, FakeHealth())


@pytest.fixture
def window(stage: Stage, qapp: QApplication) -> Iterator[OffscreenWindow]:
    """The whole window on the stage; fails the test when a widget outlives it."""
    with OffscreenWindow(stage.handles()) as shown:
        yield shown
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [widget for widget in qapp.topLevelWidgets() if not widget.inherits("QTipLabel")]
    assert not left, f"widgets outlived their window: {left}"
