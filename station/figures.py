"""The station's figures now and over the last ten minutes: cameras and machine, once a second, in bounded memory."""

from __future__ import annotations

import enum
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from station.acquisition.picture_health import Look
from station.acquisition.rig_figures import CameraFigures, FiguredRig, RigFigures, rig_figures
from station.cameras.telemetry import CameraTelemetry
from station.machine_load import MachineLoad
from station.repeated_look import RepeatedLook

SPAN_S = 600.0
"""So far back the figures are kept."""
_PERIOD_S = 1.0


class Quantity(enum.StrEnum):
    """What is followed over time: first of every camera, then of the machine."""

    FPS = "fps"
    AGE = "age"
    """Age of the newest picture, seconds."""
    SKEW = "skew"
    """Capture time against the median of the frameset, milliseconds."""
    LOST = "lost"
    """Lost pictures since the start."""
    TEMPERATURE = "temperature"
    """Of the warmest part, °C."""
    DEPTH = "depth"
    """Share of the picture with depth."""
    SHARPNESS = "sharpness"
    BRIGHTNESS = "brightness"
    """Mean of the picture as a share of white."""
    CPU = "cpu"
    GPU = "gpu"
    MEMORY = "memory"

    @property
    def of_machine(self) -> bool:
        """Whether it is followed for the machine, not for each camera."""
        return self in MACHINE_LINES


Line = tuple[Quantity, str]
"""A quantity and one of its lines: a role, or one of :data:`MACHINE_LINES`."""

MACHINE_LINES: Mapping[Quantity, tuple[str, ...]] = {
    Quantity.CPU: ("all", "own"),
    Quantity.GPU: ("busy", "memory"),
    Quantity.MEMORY: ("all", "own"),
}
"""The lines of the machine's quantities, each a share: of all programs and of this one, of the busiest card."""


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """One quantity over time: ``at_s`` (N,) monotonic seconds, the oldest first, ``values`` (N, L) for L ``lines``.

    What was not known is ``nan``.
    """

    lines: tuple[str, ...]
    at_s: NDArray[np.float64]
    values: NDArray[np.float64]


class FigureRing:
    """The newest ``rows`` rows of figures under fixed ``names``; one thread adds, any thread reads."""

    def __init__(self, names: Sequence[Line], rows: int) -> None:
        self._column = {name: index for index, name in enumerate(names)}
        self._rows = rows
        self._at_s = np.zeros(rows)
        self._values = np.full((rows, len(names)), np.nan)
        self._count = 0
        self._lock = threading.Lock()

    def add(self, at_s: float, row: Mapping[Line, float]) -> None:
        """Take a row; names that are not in it are unknown, the oldest row is forgotten when there are too many."""
        with self._lock:
            place = self._count % self._rows
            self._at_s[place] = at_s
            self._values[place] = np.nan
            for name, value in row.items():
                self._values[place, self._column[name]] = value
            self._count += 1

    def read(self, names: Sequence[Line]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return copies of the times (N,) and of the values (N, len(names)), the oldest first."""
        columns = np.array([self._column[name] for name in names], np.intp)
        with self._lock:
            held = min(self._count, self._rows)
            order = (np.arange(held) + self._count - held) % self._rows
            return self._at_s[order], self._values[np.ix_(order, columns)]


class StationFigures(RepeatedLook):
    """Owns the thread ``figures``; every reader gets what is there and waits for nothing.

    Args:
        rig: the running cameras.
        looks: the newest look at every camera's picture.
        told: what the devices tell.
        machine: the machine's load, ``None`` while it is not known.
        period_s: pause between two rows.
        rows: so many are kept: ten minutes of them.
    """

    def __init__(
        self,
        rig: FiguredRig,
        *,
        looks: Callable[[], Mapping[str, Look]],
        told: Callable[[], Mapping[str, CameraTelemetry]],
        machine: Callable[[], MachineLoad | None],
        period_s: float = _PERIOD_S,
        rows: int = round(SPAN_S / _PERIOD_S),
    ) -> None:
        super().__init__("figures", period_s)
        self._rig = rig
        self._looks = looks
        self._told = told
        self._machine = machine
        self._due_s = 0.0
        self._lines = {q: MACHINE_LINES.get(q, tuple(rig.roles)) for q in Quantity}
        self._ring = FigureRing([(q, line) for q, lines in self._lines.items() for line in lines], rows)
        self._latest: RigFigures | None = None

    @property
    def latest(self) -> RigFigures | None:
        """The cameras' newest figures, ``None`` before the first."""
        return self._latest

    @property
    def machine(self) -> MachineLoad | None:
        """The machine's newest figures, ``None`` while there are none of late."""
        return self._machine()

    def trace(self, quantity: Quantity) -> Trace:
        """Return a quantity over the last ten minutes."""
        lines = self._lines[quantity]
        at_s, values = self._ring.read([(quantity, line) for line in lines])
        return Trace(lines, at_s, values)

    def wait_rows(self, count: int, timeout_s: float) -> bool:
        """Wait until ``count`` rows were written since the start; return whether they were in time."""
        return self._wait_rounds(count, timeout_s)

    def _pause_s(self) -> float:
        # A round that came late is not made up for: the next one keeps its distance.
        now_s = time.monotonic()
        self._due_s = max(self._due_s + self._period_s, now_s)
        return self._due_s - now_s

    def _look(self) -> None:
        now_ns = time.monotonic_ns()
        now = rig_figures(self._rig, self._looks(), self._told(), now_ns)
        row = {(q, role): value for role, one in now.cameras.items() for q, value in _camera_row(one).items()}
        load = self._machine()
        if load is not None:
            row |= {(q, line): value for q, of in _machine_row(load).items() for line, value in of.items()}
        self._ring.add(now_ns * 1e-9, row)
        self._latest = now


def _camera_row(one: CameraFigures) -> dict[Quantity, float]:
    look = one.look
    known = {
        Quantity.FPS: one.status.fps,
        Quantity.AGE: one.age_s,
        Quantity.SKEW: one.skew_ms,
        Quantity.LOST: float(one.status.dropped),
        Quantity.TEMPERATURE: one.celsius,
        Quantity.DEPTH: look.depth_share if look else None,
        Quantity.SHARPNESS: look.sharpness if look else None,
        Quantity.BRIGHTNESS: look.brightness if look else None,
    }
    return {quantity: value for quantity, value in known.items() if value is not None}


def _machine_row(load: MachineLoad) -> dict[Quantity, dict[str, float]]:
    row = {
        Quantity.CPU: {"all": load.cpu, "own": load.own_cpu},
        Quantity.MEMORY: {
            "all": load.memory_used / load.memory_total,
            "own": load.own_memory / load.memory_total,
        },
    }
    busy = max((gpu.busy for gpu in load.gpus if gpu.busy is not None), default=None)
    memory = max((gpu.memory_share for gpu in load.gpus if gpu.memory_share is not None), default=None)
    known = {"busy": busy, "memory": memory}
    return {**row, Quantity.GPU: {line: value for line, value in known.items() if value is not None}}
