"""A RealSense camera, found by its serial number."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from pathlib import Path
from typing import Any

from station.cameras.depth_filters import DepthFilters
from station.cameras.device_access import DEVICE_ACCESS
from station.cameras.discovery import ConnectedCamera, describe, list_cameras
from station.cameras.librealsense import FrameConverter, camera_info, device_word, load_sdk
from station.cameras.options import CameraOptions
from station.cameras.presets import enable_advanced, load_preset, read_preset
from station.cameras.reader import FrameReader
from station.cameras.source import CameraAbsentError, Deliver
from station.cameras.telemetry import CameraTelemetry
from station.errors import CameraError
from station.frames import CameraInfo, Frame
from station.settings import CameraEntry, RigSection, frame_size

_log = logging.getLogger(__name__)

_RESET_AFTER = 3
"""So many openings that came to nothing in a row make the next one reset the device first."""
_RESTART_S = 6.0
_SETTLE_S = 0.5


class RealSenseCamera:
    """One D400 camera of the rig, streaming colour (RGB) and depth through the SDK's pipeline.

    ``entry`` says which device it is, ``settings`` are those of the whole rig: size, rate, exposure, white balance,
    laser. ``preset`` is the file of its depth preset. The stream is opened once and stays open; after
    ``stale_after_s`` without a frame the camera closes itself and says so in ``fault``. It is opened, set and closed
    through the SDK one camera at a time; frames are waited for side by side.
    """

    def __init__(self, entry: CameraEntry, settings: RigSection, preset: Path | None = None) -> None:
        self.role: str = entry.role
        self.serial = entry.serial
        self._entry = entry
        self._settings = settings
        self._preset = preset
        self._reader: FrameReader | None = None
        self._info: CameraInfo | None = None
        self._found: ConnectedCamera | None = None
        self._options: CameraOptions | None = None
        self._filters: DepthFilters | None = None
        self._converter: FrameConverter | None = None
        self._opened_ns = 0
        self._in_vain = 0

    @property
    def where(self) -> str:
        """Role and serial as they stand in messages; once it was found, its port and its link, too."""
        place = "" if self._found is None else _place(self._found)
        return f"{self.role} (serial {self.serial}{place})"

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

    @property
    def options(self) -> CameraOptions:
        """Its options while it streams; raises CameraError before ``start``."""
        if self._options is None:
            raise CameraError("The camera is not open.", where=self.where)
        return self._options

    def start(self, deliver: Deliver) -> None:
        """Open the camera, set it and begin to deliver; raises CameraError."""
        if self._reader is not None:
            raise CameraError("The camera is open already.", where=self.where)
        rs = load_sdk()
        preset = None if self._preset is None else read_preset(self._preset)
        with DEVICE_ACCESS.held_by(self.role):
            if self._in_vain >= _RESET_AFTER:
                self._reset(rs)
            self._in_vain += 1
            try:
                pipeline, info, options = self._open(rs, preset)
            except CameraAbsentError:
                # It is without power: nothing will be left that a reset could cure.
                self._in_vain = 0
                raise
        self._info, self._options = info, options
        self._filters = DepthFilters(rs, self._settings.depth)
        self._converter = FrameConverter(info, rs, self._filters)
        self._opened_ns = time.monotonic_ns()
        self._reader = FrameReader(
            self.where,
            self.role,
            pipeline.try_wait_for_frames,
            self._converter,
            pipeline.stop,
            stale_after_s=self._settings.stale_after_s,
        )

        def counted(frame: Frame) -> None:
            self._in_vain = 0
            deliver(frame)

        self._reader.start(counted)

    def stop(self) -> None:
        """Close the camera and join its thread."""
        # The pictures' memory goes with the converter.
        self._options = self._converter = None
        if self._reader is not None:
            self._reader.stop()
            self._reader = None

    @property
    def uptime_s(self) -> float:
        """Seconds since it was opened, 0 while it is closed."""
        open_now = self._reader is not None and self._reader.fault is None
        return (time.monotonic_ns() - self._opened_ns) * 1e-9 if open_now else 0.0

    def renew(self) -> None:
        """Close, to be opened again by whoever watches it; for idle time, after a long run."""
        reader = self._reader
        if reader is not None:
            reader.end_with(
                self._error(f"It is opened anew after {self.uptime_s / 3600:.0f} h.", "That takes seconds.")
            )

    def read_telemetry(self) -> CameraTelemetry | None:
        """Ask the device for its figures, ``None`` while it is closed; may take long, and never holds up its frames.

        Raises RuntimeError when the device does not answer.
        """
        options, found, filters, converter = self._options, self._found, self._filters, self._converter
        if options is None or found is None or filters is None or converter is None or self.fault is not None:
            return None
        asic_c, projector_c = options.temperatures()
        colour = options.colour_now(converter.colour)
        return CameraTelemetry(
            role=self.role,
            serial=self.serial,
            name=found.name,
            firmware=found.firmware,
            usb=found.usb,
            port=found.port,
            uptime_s=self.uptime_s,
            asic_c=asic_c,
            projector_c=projector_c,
            exposure_us=colour.exposure_us,
            gain=colour.gain,
            white_balance_k=colour.white_balance_k,
            filter_ms=filters.cost_ms,
            read_ns=time.monotonic_ns(),
            misses=converter.misses,
        )

    def _error(self, what: str, todo: str = "It is tried again.") -> CameraError:
        return CameraError(what, where=self.where, todo=todo, retryable=True)

    def _open(self, rs: Any, preset: str | None) -> tuple[Any, CameraInfo, CameraOptions]:
        """Find the device, set what must be set before it streams, start it, and set the rest."""
        pipeline, config = rs.pipeline(), self._config(rs)
        try:
            device = self._resolve(rs, config, pipeline)
            if preset is not None and self._preset is not None:
                if enable_advanced(rs, device):
                    del device
                    self._wait_until_back(rs)
                    pipeline, config = rs.pipeline(), self._config(rs)
                    device = self._resolve(rs, config, pipeline)
                load_preset(rs, device, preset, self.where, self._preset)
            CameraOptions(rs, device, self.where).set_sync(self._entry.sync)
            profile = pipeline.start(config)
        except RuntimeError as error:
            raise self._explained(rs, error) from error
        try:
            device = profile.get_device()
            options = CameraOptions(rs, device, self.where)
            options.set_streaming(self._settings, self._entry)
            info = camera_info(
                self.role, device, profile.get_stream(rs.stream.depth), profile.get_stream(rs.stream.color), rs
            )
        except (CameraError, RuntimeError) as error:
            with contextlib.suppress(RuntimeError):
                pipeline.stop()
            if isinstance(error, CameraError):
                raise
            raise self._error(f"The camera cannot be set up: {error}.") from error
        return pipeline, info, options

    def _config(self, rs: Any) -> Any:
        settings, config = self._settings, rs.config()
        config.enable_device(self.serial)
        depth, color = frame_size(settings.depth_size or settings.size), frame_size(settings.size)
        config.enable_stream(rs.stream.depth, *depth, rs.format.z16, settings.fps)
        config.enable_stream(rs.stream.color, *color, rs.format.rgb8, settings.fps)
        return config

    def _resolve(self, rs: Any, config: Any, pipeline: Any) -> Any:
        """Return the device; one that is absent is known at once, where ``pipeline.start`` would wait five seconds."""
        device = config.resolve(rs.pipeline_wrapper(pipeline)).get_device()
        self._found = describe(device, rs)
        if self._found.slow:
            _log.warning("The camera is on USB %s: use a USB 3 port and cable.", self._found.usb, extra=self._tag)
        return device

    @property
    def _tag(self) -> dict[str, str]:
        return {"role": self.role}

    def _explained(self, rs: Any, error: RuntimeError) -> CameraError:
        """Say what is behind a refusal to start: no such camera, a slow port, or the driver's own words."""
        try:
            listed = list_cameras(rs)
        except RuntimeError:
            return self._error(f"The camera does not start, and the cameras cannot be listed: {error}.")
        connected = {camera.serial: camera for camera in listed if camera.serial}
        camera = connected.get(self.serial)
        if camera is None:
            self._found = None
            found = f"The camera is not connected; connected are: {', '.join(connected) or 'none'}"
            todo = "Check its cable and hub, or its serial in station.toml."
            if len(connected) < len(listed):
                return self._error(f"{found}, and one does not answer.", todo)
            return CameraAbsentError(f"{found}.", where=self.where, todo=todo, retryable=True)
        profile = f"{self._settings.size} at {self._settings.fps} fps"
        if camera.slow:
            return self._error(
                f"The camera hangs on USB {camera.usb}, which is too slow for {profile}.",
                "Use a USB 3 port and cable.",
            )
        return self._error(
            f"The camera does not start with {profile}: {error}.",
            "Check that no other program uses it and that its USB controller is not overloaded.",
        )

    def _reset(self, rs: Any) -> None:
        """Let the device start anew, and wait until it is back."""
        self._in_vain = 0
        try:
            for device in rs.context().query_devices():
                if device_word(device, rs.camera_info.serial_number) == self.serial:
                    _log.warning("The camera is reset: it gave no frame %d times.", _RESET_AFTER, extra=self._tag)
                    device.hardware_reset()
                    break
            else:
                return
            self._wait_until_back(rs)
        except RuntimeError as error:
            raise self._error(f"The camera could not be reset: {error}.") from error

    def _wait_until_back(self, rs: Any) -> None:
        """Wait until a device that restarts has left the bus and come back; the SDK has no dependable event for it."""
        pause = threading.Event()
        begun = time.monotonic()
        while time.monotonic() - begun < _RESTART_S:
            pause.wait(_SETTLE_S)
            found = [device_word(d, rs.camera_info.serial_number) for d in rs.context().query_devices()]
            if self.serial in found and time.monotonic() - begun > _RESTART_S / 2:
                return


def _place(found: ConnectedCamera) -> str:
    port = f", port {found.port}" if found.port else ""
    return f"{port}, USB {found.usb}" if found.usb else port
