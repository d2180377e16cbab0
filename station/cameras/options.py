"""What is set on a camera: before it streams, while it streams, and what it says of itself then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from station.cameras.frame_colour import EXPOSURE_STEP_US, FrameColour, automatic_colour
from station.errors import CameraError
from station.settings import CameraEntry, RigSection, Sync

_SYNC_MODES: dict[Sync, float] = {"default": 0.0, "master": 1.0, "slave": 2.0, "full-slave": 3.0, "genlock": 4.0}


@dataclass(frozen=True, slots=True)
class LockedColour:
    """Colour settings that do not change by themselves: microseconds, the camera's gain steps, kelvin."""

    exposure_us: float
    gain: float
    white_balance_k: float


@dataclass(frozen=True, slots=True)
class ColourRange:
    """What a camera allows: (least, most) of exposure (µs), gain and white balance (K), and its usual gain."""

    exposure_us: tuple[float, float]
    gain: tuple[float, float]
    white_balance_k: tuple[float, float]
    usual_gain: float


class CameraOptions:
    """The options of one device of the SDK.

    ``where`` names the camera in messages. An option that the model lacks is passed over; a value outside its range is
    an error that names the key in ``station.toml``. Whoever writes holds ``DEVICE_ACCESS``: cameras answer "busy" when
    several are set at once.
    """

    def __init__(self, rs: Any, device: Any, where: str) -> None:
        self._option = rs.option
        self._where = where
        self._depth = device.first_depth_sensor()
        self._color = device.first_color_sensor()

    def set_sync(self, sync: Sync) -> None:
        """Set the camera's part in hardware synchronisation; only before it streams."""
        self._set(self._depth, self._option.inter_cam_sync_mode, _SYNC_MODES[sync], "sync", section="[[cameras]]")

    def set_streaming(self, rig: RigSection, entry: CameraEntry) -> None:
        """Set laser and colour of a camera that streams, after its preset, which has an opinion on both."""
        option = self._option
        laser = rig.laser if entry.laser is None else entry.laser
        self._set(self._depth, option.emitter_enabled, 1.0 if laser else 0.0, "laser")
        if laser and rig.laser_power_mw is not None:
            self._set(self._depth, option.laser_power, rig.laser_power_mw, "laser_power_mw")
        # Otherwise automatic exposure lowers the frame rate in dim light; a locked one must not find it on later.
        self._set(self._color, option.auto_exposure_priority, 0.0, "exposure_us")
        if rig.exposure_us is None:
            self._set(self._color, option.enable_auto_exposure, 1.0, "exposure_us")
        else:
            self._lock_exposure(rig.exposure_us, rig.gain)
        if rig.white_balance_k is None:
            self._set(self._color, option.enable_auto_white_balance, 1.0, "white_balance_k")
        else:
            self._lock_white_balance(rig.white_balance_k)

    def lock_colour(self, colour: LockedColour) -> None:
        """Lock exposure, gain and white balance while the camera streams."""
        self._lock_exposure(colour.exposure_us, colour.gain)
        self._lock_white_balance(colour.white_balance_k)

    @property
    def colour_range(self) -> ColourRange:
        """What the colour sensor allows; raises CameraError when one of the three cannot be set."""
        option, color = self._option, self._color
        missing = [
            name
            for name, one in (
                ("exposure", option.exposure),
                ("gain", option.gain),
                ("white balance", option.white_balance),
            )
            if not color.supports(one)
        ]
        if missing:
            raise CameraError(f"Its {' and '.join(missing)} cannot be set.", where=self._where)
        exposure, gain, white = (
            color.get_option_range(o) for o in (option.exposure, option.gain, option.white_balance)
        )
        return ColourRange(
            (exposure.min * EXPOSURE_STEP_US, exposure.max * EXPOSURE_STEP_US),
            (gain.min, gain.max),
            (white.min, white.max),
            gain.default,
        )

    def temperatures(self) -> tuple[float | None, float | None]:
        """Ask the device for the temperature of its processor and of its projector, °C; needs a moment of its USB."""
        option = self._option
        return self._said(self._depth, option.asic_temperature), self._said(self._depth, option.projector_temperature)

    def colour_now(self, stamped: FrameColour) -> FrameColour:
        """Ask for exposure, gain and white balance: the locked ones, else what the newest picture says of them.

        ``stamped`` is what that picture says; without it nobody knows the automatic ones.
        """
        option, color = self._option, self._color
        steps = self._said(color, option.exposure)
        locked = FrameColour(
            None if steps is None else steps * EXPOSURE_STEP_US,
            self._said(color, option.gain),
            self._said(color, option.white_balance),
        )
        automatic = automatic_colour(stamped, locked)
        exposed = automatic if self._said(color, option.enable_auto_exposure) else locked
        balanced = automatic if self._said(color, option.enable_auto_white_balance) else locked
        return FrameColour(exposed.exposure_us, exposed.gain, balanced.white_balance_k)

    def _lock_exposure(self, exposure_us: float, gain: float | None) -> None:
        option = self._option
        self._set(self._color, option.enable_auto_exposure, 0.0, "exposure_us")
        self._set(self._color, option.exposure, exposure_us / EXPOSURE_STEP_US, "exposure_us", unit=EXPOSURE_STEP_US)
        if gain is None and self._color.supports(option.gain):
            # The device remembers what it was last told, and ten cameras would remember ten things.
            gain = self._color.get_option_range(option.gain).default
        if gain is not None:
            self._set(self._color, option.gain, gain, "gain")

    def _lock_white_balance(self, kelvin: float) -> None:
        option = self._option
        self._set(self._color, option.enable_auto_white_balance, 0.0, "white_balance_k")
        self._set(self._color, option.white_balance, kelvin, "white_balance_k")

    def _set(
        self, sensor: Any, option: Any, value: float, key: str, *, unit: float = 1.0, section: str = "[rig]"
    ) -> None:
        if not sensor.supports(option):
            return
        allowed = sensor.get_option_range(option)
        if not allowed.min <= value <= allowed.max:
            raise CameraError(
                f"{key} = {value * unit:g} is outside what this camera allows, "
                f"{allowed.min * unit:g} to {allowed.max * unit:g}.",
                where=self._where,
                todo=f"Change {key} under {section} in station.toml.",
            )
        sensor.set_option(option, value)

    @staticmethod
    def _said(sensor: Any, option: Any) -> float | None:
        return float(sensor.get_option(option)) if sensor.supports(option) else None
