"""A RealSense camera, found by its serial number."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import Any

from station.cameras.librealsense import FrameConverter, camera_info, load_sdk
from station.cameras.reader import FrameReader
from station.cameras.source import Deliver
from station.errors import CameraError
from station.frames import CameraInfo
from station.settings import RigSection, frame_size

_OPENING = threading.Lock()
"""Devices answer "busy" when several are opened or set at once, so that is done one camera at a time."""
_RESET_AFTER = 2
"""So many openings that came to nothing in a row make the next one reset the device first."""
_RESET_S = 6.0
_SETTLE_S = 0.5


class RealSenseCamera:
    """One D400 camera of the rig, streaming colour (RGB) and depth through the SDK's pipeline.

    ``settings`` are those of the whole rig: size, rate, exposure, white balance, laser. The stream is opened once and
    stays open; after ``stale_after_s`` without a frame the camera closes itself and says so in ``fault``.
    """

    def __init__(self, role: str, serial: str, settings: RigSection) -> None:
        self.role = role
        self.serial = serial
        self._settings = settings
        self._reader: FrameReader | None = None
        self._info: CameraInfo | None = None
        self._delivered = False
        self._in_vain = 0

    @property
    def where(self) -> str:
        """Role and serial, as they stand in messages."""
        return f"{self.role} (serial {self.serial})"

    @property
    def info(self) -> CameraInfo:
        """What the opened camera says; raises CameraError before ``start``."""
        if self._info is None:
            raise CameraError("The camera is not open.", where=self.where)
        return self._info

    @property
    def fault(self) -> CameraError | None:
        """Why the reader has closed the camera, if it has."""
        return self._reader.fault if self._reader else None

    def start(self, deliver: Deliver) -> None:
        """Open the camera, set it and begin to deliver; raises CameraError."""
        if self._reader is not None:
            raise CameraError("The camera is open already.", where=self.where)
        rs = load_sdk()
        with _OPENING:
            if self._in_vain >= _RESET_AFTER:
                self._reset(rs)
            self._in_vain += 1
            pipeline, profile = self._open(rs)
            try:
                self._set_up(rs, profile.get_device())
                self._info = camera_info(
                    self.role,
                    profile.get_device(),
                    profile.get_stream(rs.stream.depth),
                    profile.get_stream(rs.stream.color),
                    rs,
                )
            except (CameraError, RuntimeError) as error:
                pipeline.stop()
                if isinstance(error, CameraError):
                    raise
                raise self._error(f"The camera cannot be set up: {error}.") from error
        convert = FrameConverter(self._info, rs)
        self._reader = FrameReader(
            self.where,
            self.role,
            pipeline.try_wait_for_frames,
            convert,
            pipeline.stop,
            stale_after_s=self._settings.stale_after_s,
        )
        self._delivered = False

        def counted(frame: Any) -> None:
            if not self._delivered:
                self._delivered = True
                self._in_vain = 0
            deliver(frame)

        self._reader.start(counted)

    def stop(self) -> None:
        """Close the camera and join its thread."""
        if self._reader is not None:
            self._reader.stop()
            self._reader = None

    def _error(self, what: str, todo: str = "It is tried again.") -> CameraError:
        return CameraError(what, where=self.where, todo=todo, retryable=True)

    def _open(self, rs: Any) -> tuple[Any, Any]:
        width, height = frame_size(self._settings.size)
        config, pipeline = rs.config(), rs.pipeline()
        config.enable_device(self.serial)
        config.enable_stream(rs.stream.depth, width, height, rs.format.z16, self._settings.fps)
        config.enable_stream(rs.stream.color, width, height, rs.format.rgb8, self._settings.fps)
        try:
            return pipeline, pipeline.start(config)
        except RuntimeError as error:
            raise self._explained(rs, error) from error

    def _explained(self, rs: Any, error: RuntimeError) -> CameraError:
        """Say what is behind a refusal to start: no such camera, a slow port, or the driver's own words."""
        connected: dict[str, str] = {}
        with contextlib.suppress(RuntimeError):
            for device in rs.context().query_devices():
                serial = str(device.get_info(rs.camera_info.serial_number))
                usb = rs.camera_info.usb_type_descriptor
                connected[serial] = str(device.get_info(usb)) if device.supports(usb) else ""
        if self.serial not in connected:
            found = ", ".join(sorted(connected)) or "none"
            return self._error(
                f"The camera is not connected; connected are: {found}.",
                "Check its cable and hub, or its serial in station.toml.",
            )
        if connected[self.serial].startswith("2"):
            return self._error(
                f"The camera hangs on USB {connected[self.serial]}, which is too slow for "
                f"{self._settings.size} at {self._settings.fps} fps.",
                "Use a USB 3 port and cable.",
            )
        return self._error(
            f"The camera does not start with {self._settings.size} at {self._settings.fps} fps: {error}.",
            "Check that no other program uses it and that its USB controller is not overloaded.",
        )

    def _set_up(self, rs: Any, device: Any) -> None:
        settings = self._settings
        depth, color = device.first_depth_sensor(), device.first_color_sensor()
        option = rs.option
        self._set(depth, option.emitter_enabled, 1.0 if settings.laser else 0.0, "laser")
        self._set(color, option.enable_auto_exposure, 1.0 if settings.exposure_us is None else 0.0, "exposure_us")
        if settings.exposure_us is None:
            # Otherwise automatic exposure lowers the frame rate in dim light.
            self._set(color, option.auto_exposure_priority, 0.0, "exposure_us")
        else:
            # The colour sensor counts in steps of 100 µs.
            self._set(color, option.exposure, settings.exposure_us / 100.0, "exposure_us", unit=100.0)
        automatic = settings.white_balance_k is None
        self._set(color, option.enable_auto_white_balance, 1.0 if automatic else 0.0, "white_balance_k")
        if settings.white_balance_k is not None:
            self._set(color, option.white_balance, settings.white_balance_k, "white_balance_k")

    def _set(self, sensor: Any, option: Any, value: float, key: str, unit: float = 1.0) -> None:
        """Set an option; one that the model lacks is passed over, a value outside its range is an error."""
        if not sensor.supports(option):
            return
        allowed = sensor.get_option_range(option)
        if not allowed.min <= value <= allowed.max:
            raise CameraError(
                f"{key} = {value * unit:g} is outside what this camera allows, "
                f"{allowed.min * unit:g} to {allowed.max * unit:g}.",
                where=self.where,
                todo=f"Change {key} under [rig] in station.toml.",
            )
        sensor.set_option(option, value)

    def _reset(self, rs: Any) -> None:
        """Let the device start anew, and wait until it is back."""
        self._in_vain = 0
        try:
            for device in rs.context().query_devices():
                if str(device.get_info(rs.camera_info.serial_number)) == self.serial:
                    device.hardware_reset()
                    break
            else:
                return
            pause = threading.Event()
            until = time.monotonic() + _RESET_S
            while time.monotonic() < until:
                # The device leaves the bus and comes back; the SDK offers no dependable event for it.
                pause.wait(_SETTLE_S)
                found = [str(d.get_info(rs.camera_info.serial_number)) for d in rs.context().query_devices()]
                if self.serial in found and time.monotonic() > until - _RESET_S / 2:
                    return
        except RuntimeError as error:
            raise self._error(f"The camera could not be reset: {error}.") from error
