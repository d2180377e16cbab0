"""A small synthetic bench for the workflow's tests: three cameras over a plate, a scale that says what it is told.

Only the locator and the recogniser are stand-ins for the real ones; they know the scene, as the real ones see it.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from station.cameras.supervisor import CameraState, CameraStatus
from station.errors import ModelError, StationError
from station.frames import Frame, FrameSet, TimeDomain, WeightReading
from station.geometry import CameraCalibration, CameraModel, Pose, RigCalibration
from station.results import PartLocation, PlateState, RankedClass, Recognition, ViewEvidence
from station.scale.source import ScaleChange, nobody

ROLES = ("cam_07", "cam_08", "cam_09")
SIZE = (320, 240)


def calibration() -> RigCalibration:
    """Three cameras 0.8 m above the plate, 8 cm apart, looking straight down."""
    model = CameraModel(SIZE[0], SIZE[1], 380.0, 380.0, 159.5, 119.5)
    cameras: dict[str, CameraCalibration] = {}
    down = np.diag([1.0, -1.0, -1.0])
    for n, role in enumerate(ROLES):
        center = np.array([0.16 + 0.08 * n, 0.192, 0.8])
        cameras[role] = CameraCalibration(role, f"SN{n:04d}", model, Pose(down, -down @ center))
    return RigCalibration(cameras, "test", "2026-01-01T00:00:00Z")


@dataclass(frozen=True)
class Thing:
    """What lies on the plate: a grey square of ``edge`` metres at (x, y)."""

    name: str = "screw"
    x: float = 0.24
    y: float = 0.19
    edge: float = 0.05
    grey: int = 60


class BenchRig:
    """Cameras that show the scene of now, with noise; a role in ``broken`` gives nothing."""

    roles = ROLES

    def __init__(self) -> None:
        self.calibration = calibration()
        self.thing: Thing | None = None
        self.light = 1.0
        self.broken: set[str] = set()
        self._numbers = itertools.count(1)
        self._rng = np.random.default_rng(1)
        self._lock = threading.Lock()

    def preview(self, role: str) -> Frame | None:
        return None if role in self.broken else self._frame(role)

    def next_frameset(self, newer_than_ns: int = 0, timeout_s: float = 5.0) -> FrameSet | None:
        frames = {role: self._frame(role) for role in ROLES if role not in self.broken}
        if not frames:
            return None
        missing = tuple(role for role in ROLES if role in self.broken)
        return FrameSet(frames, missing, 0.5, datetime.now(UTC), time.monotonic_ns())

    def states(self) -> Mapping[str, CameraStatus]:
        return {
            role: CameraStatus(
                role,
                f"SN{n:04d}",
                CameraState.FAILED if role in self.broken else CameraState.STREAMING,
                f"{role}: the device was unplugged." if role in self.broken else "",
                15.0,
                1,
                0,
                0,
            )
            for n, role in enumerate(ROLES)
        }

    def _frame(self, role: str) -> Frame:
        with self._lock:
            noise = self._rng.integers(-3, 4, (SIZE[1], SIZE[0]), dtype=np.int16)
            number = next(self._numbers)
        image = np.full((SIZE[1], SIZE[0]), 140, np.int16) + noise
        thing = self.thing
        if thing is not None:
            camera = self.calibration.cameras[role]
            half = thing.edge / 2
            corners = np.array([[thing.x - half, thing.y + half, 0.0], [thing.x + half, thing.y - half, 0.0]])
            (x0, y0), (x1, y1) = np.rint(camera.model.project(camera.pose.apply(corners))).astype(int)
            image[max(y0, 0) : y1, max(x0, 0) : x1] = thing.grey + sum(thing.name.encode()) % 40
        color = np.repeat(np.clip(image * self.light, 0, 255).astype(np.uint8)[..., None], 3, axis=2)
        color.flags.writeable = False
        depth = np.zeros((SIZE[1], SIZE[0]), np.uint16)
        now_ns = time.monotonic_ns()
        return Frame(role, color, depth, 0.001, number, now_ns / 1e6, TimeDomain.HARDWARE, now_ns)


class ToldScale:
    """A scale that says what the test tells it, at once."""

    step_kg = 0.0001

    def __init__(self) -> None:
        self._deliver: Callable[[WeightReading], None] = lambda _reading: None
        self.report: Callable[[StationError | None], None] = lambda _error: None
        self.change: Callable[[ScaleChange], None] = nobody
        self.zeroed = 0
        self.tared = 0
        self.refuses: StationError | None = None

    def start(
        self,
        deliver: Callable[[WeightReading], None],
        report: Callable[[StationError | None], None],
        changed: Callable[[ScaleChange], None] = nobody,
    ) -> None:
        self._deliver, self.report, self.change = deliver, report, changed

    def say(self, kg: float, stable: bool = True) -> None:
        self._deliver(WeightReading(kg, stable, time.monotonic_ns(), f"S {'S' if stable else 'D'} {kg}"))

    def zero(self) -> None:
        self.zeroed += 1
        self.change(ScaleChange.ZEROED)

    def tare(self) -> None:
        if self.refuses is not None:
            raise self.refuses
        self.tared += 1
        self.change(ScaleChange.TARED)

    def stop(self) -> None:
        return


class SceneLocator:
    """Finds what the test has put on the plate; ``state`` and ``fails`` make it say something else."""

    def __init__(self, rig: BenchRig) -> None:
        self._rig = rig
        self.state: PlateState | None = None
        self.fails: Exception | None = None
        self.tray: Thing | None = None
        self.learned = 0
        self.learned_with: list[str] = []
        self.forgotten = 0
        self.learning_fails: StationError | None = None

    def locate(self, frameset: FrameSet, calibration: RigCalibration) -> PartLocation:
        if self.fails is not None:
            raise self.fails
        there = self._rig.thing is not None and self._rig.thing != self.tray
        state = self.state or (PlateState.OK if there else PlateState.EMPTY)
        roi = dict.fromkeys(frameset.frames, (10, 10, 50, 50)) if state in (PlateState.OK, PlateState.OUTSIDE) else {}
        return PartLocation(state, roi, {}, (0.05, 0.05, 0.01) if roi else None, (), (), duration_ms=1.0)

    def forget_empty(self) -> None:
        self.forgotten += 1
        self.tray = None

    def learn_tray(self, frameset: FrameSet, calibration: RigCalibration) -> None:
        self.forget_empty()
        self.tray = self._rig.thing
        self.learn_empty(frameset, calibration)

    def learn_empty(self, frameset: FrameSet, calibration: RigCalibration) -> None:
        self.learned += 1
        self.learned_with.append(calibration.id)
        if self.learning_fails is not None:
            raise self.learning_fails


class SceneRecognizer:
    """Names what the test has put on the plate; keeps the weights that it was given."""

    model_id = "told-0001"

    def __init__(self, rig: BenchRig) -> None:
        self._rig = rig
        self.fails: Exception | None = None
        self.unknown = False
        self.score = 0.1
        self.weights: list[float | None] = []
        self.hold = threading.Event()
        self.hold.set()
        self.entered = threading.Event()

    def recognize(self, frameset: FrameSet, location: PartLocation, weight_kg: float | None) -> Recognition:
        self.weights.append(weight_kg)
        name = self._rig.thing.name if self._rig.thing else "nothing"
        self.entered.set()
        assert self.hold.wait(20.0)
        if self.fails is not None:
            raise self.fails
        others = [f"other_{n}" for n in range(6)]
        ranked = tuple(RankedClass(c, 0.9 if n == 0 else 0.01) for n, c in enumerate([name, *others]))
        return Recognition(
            ranked,
            (name,),
            self.unknown,
            self.score,
            np.zeros(4, np.float32),
            {role: ViewEvidence(name, 0.9) for role in frameset.frames},
            tuple(frameset.frames),
            self.model_id,
            {"preprocess": 1.0, "forward": 2.0},
        )


def moved(thing: Thing, dx: float) -> Thing:
    """The same thing, pushed along x."""
    return replace(thing, x=thing.x + dx)


def damaged_model() -> ModelError:
    """What the engine says of a damaged model folder."""
    return ModelError("The weights do not match their hash.", where="models/demo", todo="Install the model again.")
