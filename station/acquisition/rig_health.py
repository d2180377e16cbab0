"""Looks at every camera's newest picture twice a second, and says what ails it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from itertools import cycle
from types import MappingProxyType
from typing import Protocol

from station.acquisition.picture_health import Finding, Look, PictureJudge, look_at
from station.cameras.supervisor import CameraStatus
from station.frames import CameraInfo, Frame
from station.repeated_look import RepeatedLook

_log = logging.getLogger(__name__)

_PERIOD_S = 0.47
_RHYTHM = (0.6, 1.0, 0.77, 1.19)
"""Looks keep step with nothing that repeats in the pictures, as the flicker of a lamp: it would look frozen."""
_STALE_NS = 1_500_000_000
"""A camera without a newer frame does not stream; its supervisor says so."""


class WatchedRig(Protocol):
    """What is needed of the rig; ``station.acquisition.rig.Rig`` is one."""

    @property
    def roles(self) -> tuple[str, ...]:
        """The rig's roles."""
        ...

    @property
    def infos(self) -> Mapping[str, CameraInfo]:
        """What every camera said of itself when it was last opened."""
        ...

    def preview(self, role: str) -> Frame | None:
        """Return the newest frame of a camera, or ``None`` before the first."""
        ...

    def states(self) -> Mapping[str, CameraStatus]:
        """Return what is known of every camera now."""
        ...


class RigHealth(RepeatedLook):
    """Owns the thread ``rig-health``; readers never wait for it."""

    def __init__(self, rig: WatchedRig, *, period_s: float = _PERIOD_S) -> None:
        super().__init__("rig-health", period_s)
        self._rig = rig
        self._beats = cycle(_RHYTHM)
        self._judge = PictureJudge()
        self._findings: tuple[Finding, ...] = ()
        self._newest: Mapping[str, Look] = MappingProxyType({})
        self._changed = threading.Condition()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What ails the cameras now, by role."""
        return self._findings

    @property
    def looks(self) -> Mapping[str, Look]:
        """The newest look at every camera that streams, by role."""
        return self._newest

    def sentences(self) -> tuple[str, ...]:
        """Return a sentence for each finding."""
        return tuple(finding.sentence for finding in self._findings)

    def wait(self, accept: Callable[[tuple[Finding, ...]], bool], timeout_s: float) -> bool:
        """Wait until the findings please ``accept``; return whether they did in time."""
        with self._changed:
            return self._changed.wait_for(lambda: accept(self._findings), timeout_s)

    def _pause_s(self) -> float:
        return self._period_s * next(self._beats)

    def _look(self) -> None:
        looks = self._looks(time.monotonic_ns())
        found = self._judge.judge(looks)
        self._newest = MappingProxyType(looks)
        self._tell(found)

    def _looks(self, now_ns: int) -> dict[str, Look]:
        infos, states = self._rig.infos, self._rig.states()
        newest = ((role, self._rig.preview(role)) for role in self._rig.roles if role in infos)
        return {
            role: look_at(frame, infos[role], states[role].dropped)
            for role, frame in newest
            if frame is not None and now_ns - frame.arrival_ns < _STALE_NS
        }

    def _tell(self, found: tuple[Finding, ...]) -> None:
        before = {(one.role, one.symptom) for one in self._findings}
        after = {(one.role, one.symptom) for one in found}
        for one in found:
            if (one.role, one.symptom) not in before:
                _log.warning("%s", one.sentence, extra={"role": one.role})
        for role, symptom in sorted(before - after):
            _log.info("%s: This is over: %s.", role, symptom.value, extra={"role": role})
        with self._changed:
            self._findings = found
            self._changed.notify_all()
