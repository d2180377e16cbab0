"""What ails the cameras, in sentences."""

from __future__ import annotations

import logging

from station.cameras.supervisor import CameraState
from station.workflow.sources import FramesetSource, HealthWatch

_log = logging.getLogger(__name__)

_QUIET = (CameraState.STREAMING, CameraState.STARTING, CameraState.STOPPED, CameraState.ENDED)
_EVERY_NS = 500_000_000


class DeviceWatch:
    """Asks the rig and its health watch twice a second."""

    def __init__(self, rig: FramesetSource, health: HealthWatch | None) -> None:
        self._rig = rig
        self._health = health
        self._asked_ns = 0
        self._hanging: frozenset[str] = frozenset()
        self.troubles: tuple[str, ...] = ()
        """One sentence for each camera that is broken or streams badly."""

    def ask(self, now_ns: int) -> bool:
        """Ask again, if it is time (monotonic nanoseconds); return whether it was."""
        if now_ns - self._asked_ns < _EVERY_NS:
            return False
        self._asked_ns = now_ns
        broken = [s for s in self._rig.states().values() if s.state not in _QUIET or s.hangs_s]
        hanging = {s.role: s for s in broken if s.hangs_s}
        for role in sorted(hanging.keys() - self._hanging):
            # The camera's own thread cannot say it.
            _log.warning("%s", hanging[role].reason, extra={"role": role})
        self._hanging = frozenset(hanging)
        ill = self._health.sentences() if self._health else ()
        self.troubles = (*(s.reason or f"{s.role} is {s.state.value}." for s in broken), *ill)
        return True
