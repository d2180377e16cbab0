"""Lets faults happen on the simulated rig: at once, or as a file says; and ends them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from typing import Protocol

from station.errors import StationError
from station.simulation.faults import Fault, FaultName, place_of
from station.simulation.live_messages import Intruder

_log = logging.getLogger(__name__)

_JOIN_S = 10.0
_TIPS: dict[Intruder, tuple[float, float, float]] = {"arm": (0.20, 0.19, 0.06), "cable": (0.16, 0.12, 0.012)}
"""Where a hand hovers and where a cable lies, metres."""


class FaultyRig(Protocol):
    """The cameras' side; ``station.simulation.live.SimulatedRig`` is one."""

    def set_fault(self, role: str, fault: FaultName, on: bool) -> None:
        """Begin or end a fault of a camera."""
        ...

    def reach_in(self, kind: Intruder, tip: tuple[float, float, float]) -> None:
        """Let an arm or a cable reach over the plate."""
        ...

    def withdraw(self, kind: Intruder) -> None:
        """Take it away."""
        ...


class FaultyScale(Protocol):
    """The scale's side; ``station.simulation.scale.VirtualScale`` is one."""

    def set_silent(self, silent: bool) -> None:
        """Let it fall silent, or speak again."""
        ...

    def set_noisy(self, noisy: bool) -> None:
        """Let its weight jump about, or rest again."""
        ...

    def set_garbled(self, garbled: bool) -> None:
        """Let it send nonsense, or lines again."""
        ...

    def set_drifting(self, drifting: bool) -> None:
        """Let its zero run away, or stay."""
        ...


class FaultBoard:
    """Which faults hold now; every call returns at once, but for those of the plate: they return when they are seen."""

    def __init__(self, rig: FaultyRig, scale: FaultyScale) -> None:
        self._rig = rig
        self._scale = scale
        self._setting = threading.Lock()
        self._held: frozenset[tuple[FaultName, str]] = frozenset()

    @property
    def held(self) -> frozenset[tuple[FaultName, str]]:
        """The faults that hold now, each with its camera's role, ``"scale"`` or ``"plate"``."""
        return self._held

    def set(self, fault: FaultName, role: str | None, on: bool) -> None:
        """Begin or end a fault; raises SimulationError for a camera that is not there."""
        if fault.of_plate:
            # What the render process has to draw takes its time; the others must not wait for it.
            self._reach("arm" if fault is FaultName.HAND else "cable", on)
        with self._setting:
            match fault:
                case FaultName.HAND | FaultName.CABLE:
                    pass
                case FaultName.SCALE_SILENT:
                    self._scale.set_silent(on)
                case FaultName.SCALE_NOISY:
                    self._scale.set_noisy(on)
                case FaultName.SCALE_GARBAGE:
                    self._scale.set_garbled(on)
                case FaultName.SCALE_DRIFT:
                    self._scale.set_drifting(on)
                case _:
                    self._rig.set_fault(role or "", fault, on)
            key = (fault, place_of(fault, role))
            self._held = self._held | {key} if on else self._held - {key}
        _log.warning("Fault on purpose: %s of %s %s.", fault, key[1], "begins" if on else "ends")

    def _reach(self, kind: Intruder, on: bool) -> None:
        if on:
            self._rig.reach_in(kind, _TIPS[kind])
        else:
            self._rig.withdraw(kind)


class FaultRun:
    """Plays a list of faults in a thread named ``faults``, which :meth:`stop` ends together with what still holds."""

    def __init__(self, board: FaultBoard, faults: Sequence[Fault]) -> None:
        self._board = board
        # What ends comes before what begins at the same second.
        self._steps = sorted(
            [(one.at_s, 1, one) for one in faults] + [(one.until_s, 0, one) for one in faults],
            key=lambda step: step[:2],
        )
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="faults")

    def start(self) -> None:
        """Begin: second 0 of the run is now."""
        self._thread.start()

    def wait_done(self, timeout_s: float) -> bool:
        """Wait until the last fault has ended; return whether it did in time."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def stop(self) -> None:
        """End the run and every fault that it began; harmless when it is over."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(_JOIN_S)

    def _run(self) -> None:
        began = time.monotonic()
        open_faults: list[Fault] = []
        for at_s, begins, fault in self._steps:
            if self._stopping.wait(max(0.0, began + at_s - time.monotonic())):
                break
            self._set(fault, bool(begins))
            if begins:
                open_faults.append(fault)
            else:
                open_faults.remove(fault)
        for fault in open_faults:
            self._set(fault, False)

    def _set(self, fault: Fault, on: bool) -> None:
        try:
            self._board.set(fault.fault, fault.role, on)
        except StationError as error:
            _log.error("A fault on purpose could not be set: %s", error)
