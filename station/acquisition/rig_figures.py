"""What is known of every camera at one instant, drawn together from rig, pictures and devices."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from station.acquisition.matcher import Matched, RoleCounts
from station.acquisition.matching_troubles import MatchingTroubles
from station.acquisition.picture_health import Look
from station.cameras.supervisor import CameraStatus
from station.cameras.telemetry import CameraTelemetry
from station.frames import CameraInfo, Frame

_STALE_NS = 3_000_000_000
"""An older frameset says nothing of the cameras now."""

_NO_TROUBLES = MatchingTroubles()
_TOLD_STALE_NS = 15_000_000_000
"""Devices are asked every five seconds; what one told three rounds ago says nothing of it now."""


@dataclass(frozen=True, slots=True)
class CameraFigures:
    """One camera; ``None`` is what is not known.

    ``age_s`` is the age of its newest picture, ``skew_ms`` how much later than the median of all it was taken in the
    newest frameset. ``look`` are the figures of its picture, ``told`` those that the device tells; ``mute`` says that
    it has told none for so long that its last ones are left out. ``repeated`` and ``unmatched`` count its pictures that
    the matcher could not use, as in :class:`~station.acquisition.matcher.RoleCounts`.
    """

    status: CameraStatus
    age_s: float | None
    skew_ms: float | None
    usb: str
    look: Look | None
    told: CameraTelemetry | None
    mute: bool = False
    repeated: int = 0
    unmatched: int = 0

    @property
    def celsius(self) -> float | None:
        """Temperature of its warmest part."""
        told = (self.told.asic_c, self.told.projector_c) if self.told else ()
        return max((value for value in told if value is not None), default=None)


@dataclass(frozen=True, slots=True)
class RigFigures:
    """All cameras by role, and of the newest frameset its skew and the roles it lacks; no skew without one.

    ``matching`` is what went wrong lately on the way to the framesets.
    """

    cameras: Mapping[str, CameraFigures]
    skew_ms: float | None
    missing: tuple[str, ...]
    matching: MatchingTroubles = _NO_TROUBLES


class FiguredRig(Protocol):
    """What is needed of the rig; ``station.acquisition.rig.Rig`` is one."""

    @property
    def infos(self) -> Mapping[str, CameraInfo]:
        """What every camera said of itself when it was last opened."""
        ...

    @property
    def roles(self) -> tuple[str, ...]:
        """The rig's roles."""
        ...

    @property
    def newest(self) -> Matched | None:
        """The newest frameset, ``None`` before the first."""
        ...

    @property
    def matching(self) -> MatchingTroubles:
        """What went wrong lately between the cameras' threads and the framesets."""
        ...

    def counts(self, role: str) -> RoleCounts:
        """Return what became of one camera's frames in the matcher."""
        ...

    def preview(self, role: str) -> Frame | None:
        """Return the newest frame of a camera, or ``None`` before the first."""
        ...

    def states(self) -> Mapping[str, CameraStatus]:
        """Return what is known of every camera now, by role."""
        ...


def rig_figures(
    rig: FiguredRig, looks: Mapping[str, Look], told: Mapping[str, CameraTelemetry], now_ns: int
) -> RigFigures:
    """Return the figures at ``now_ns`` (monotonic); ``looks`` and ``told`` lack cameras that are away."""
    newest = rig.newest
    if newest is not None and now_ns - newest.frameset.monotonic_ns > _STALE_NS:
        newest = None
    captured: Mapping[str, int] = newest.captured_ns if newest else {}
    middle_ns = statistics.median(captured.values()) if captured else 0
    infos, states = rig.infos, rig.states()
    cameras: dict[str, CameraFigures] = {}
    for role in rig.roles:
        frame, one = rig.preview(role), told.get(role)
        counts = rig.counts(role)
        mute = one is not None and now_ns - one.read_ns > _TOLD_STALE_NS
        cameras[role] = CameraFigures(
            status=states[role],
            age_s=None if frame is None else max(0.0, (now_ns - frame.arrival_ns) * 1e-9),
            skew_ms=(captured[role] - middle_ns) * 1e-6 if role in captured else None,
            usb=infos[role].usb if role in infos else "",
            look=looks.get(role),
            told=None if mute else one,
            mute=mute,
            repeated=counts.repeated,
            unmatched=counts.unmatched,
        )
    return RigFigures(
        MappingProxyType(cameras),
        newest.frameset.skew_ms if newest else None,
        newest.frameset.missing if newest else (),
        rig.matching,
    )
