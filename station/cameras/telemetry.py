"""What cameras say of themselves while they stream: heat, link, uptime; asked in a thread of its own."""

from __future__ import annotations

import enum
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from station.repeated_look import RepeatedLook

_log = logging.getLogger(__name__)

_WARM_C = 40.0
_HOT_C = 55.0
_CALM_C = 3.0
"""A camera must cool so far below a limit before it is told of again."""


class Heat(enum.StrEnum):
    """How warm a camera is."""

    NORMAL = "normal"
    WARM = "warm"
    """Nothing is wrong yet; the rig's air should not get warmer."""
    HOT = "hot"


@dataclass(frozen=True, slots=True)
class CameraTelemetry:
    """A camera's figures at the instant ``read_ns`` (host's monotonic clock).

    ``asic_c`` and ``projector_c`` are temperatures, ``uptime_s`` the time since it was opened, ``filter_ms`` what the
    depth filters cost a frame (0 without any). ``exposure_us``, ``gain`` and ``white_balance_k`` are the locked ones,
    or the automatic ones where its pictures tell them. ``None`` is what a model cannot say. ``misses`` is how many
    pictures found all prepared memory in use.
    """

    role: str
    serial: str
    name: str
    firmware: str
    usb: str
    port: str
    uptime_s: float
    asic_c: float | None
    projector_c: float | None
    exposure_us: float | None
    gain: float | None
    white_balance_k: float | None
    filter_ms: float
    read_ns: int
    misses: int = 0

    @property
    def heat(self) -> Heat:
        """How warm its warmest part is: warm from 40 °C, hot from 55 °C."""
        return self._heat_at(0.0)

    @property
    def cooled(self) -> Heat:
        """The same three degrees below those limits: what it must have cooled to before it counts as cooled."""
        return self._heat_at(_CALM_C)

    def _heat_at(self, below_c: float) -> Heat:
        warmest = max((value for value in (self.asic_c, self.projector_c) if value is not None), default=0.0) + below_c
        return Heat.HOT if warmest >= _HOT_C else Heat.WARM if warmest >= _WARM_C else Heat.NORMAL


class TelemetrySource(Protocol):
    """A camera that can be asked."""

    role: str

    def read_telemetry(self) -> CameraTelemetry | None:
        """Ask the device, which may take long; ``None`` while it is closed. Raises RuntimeError as the driver does."""
        ...


class TelemetryWatch(RepeatedLook):
    """Asks every camera in turn, every ``period_s``; readers of :attr:`latest` never wait for a device.

    A device that hangs while it is asked holds up this thread alone; the age of the figures shows it.
    """

    def __init__(self, cameras: Sequence[TelemetrySource], *, period_s: float = 5.0) -> None:
        hanging = "A camera still hangs while it is asked for its temperature."
        super().__init__("telemetry", period_s, at_once=True, hanging=hanging)
        self._cameras = tuple(cameras)
        self._latest: Mapping[str, CameraTelemetry] = MappingProxyType({})
        self._heat: dict[str, Heat] = {}

    @property
    def latest(self) -> Mapping[str, CameraTelemetry]:
        """The newest figures by role; a camera that is closed is not in it."""
        return self._latest

    def _look(self) -> None:
        for camera in self._cameras:
            if self._stopping.is_set():
                return
            self._ask(camera)

    def _ask(self, camera: TelemetrySource) -> None:
        try:
            told = camera.read_telemetry()
        except RuntimeError as error:
            # Its reader finds out by itself whether the camera is gone.
            _log.debug("The camera does not tell its figures: %s", error, extra={"role": camera.role})
            told = None
        rest = {role: figures for role, figures in self._latest.items() if role != camera.role}
        self._latest = MappingProxyType(rest if told is None else {**rest, camera.role: told})
        if told is not None:
            self._tell_heat(told)

    def _tell_heat(self, told: CameraTelemetry) -> None:
        before = self._heat.get(told.role, Heat.NORMAL)
        order = list(Heat)
        now = told.heat if order.index(told.heat) > order.index(before) else min(before, told.cooled, key=order.index)
        self._heat[told.role] = now
        if now is before:
            return
        parts = (("processor", told.asic_c), ("projector", told.projector_c))
        _log.log(
            logging.INFO if now is Heat.NORMAL else logging.WARNING,
            "The camera is %s: %s.",
            now.value,
            ", ".join(f"{name} {value:.0f} °C" for name, value in parts if value is not None),
            extra={"role": told.role},
        )
