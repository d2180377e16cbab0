"""Recordings of RealSense cameras, played through the SDK as if the camera were there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from station.cameras.librealsense import FrameConverter, camera_info, load_sdk
from station.cameras.reader import FrameReader
from station.cameras.source import Deliver, EndOfReplay
from station.captures.mvip import holds_captures
from station.errors import CameraError
from station.frames import ROLES, CameraInfo

_SUFFIXES = (".db3", ".bag")
_STALE_AFTER_S = 3.0


def is_recording(path: Path) -> bool:
    """Return whether ``path`` is a recording or a folder of them.

    A folder below which captures lie is a tree of captures, whatever recording has strayed into it.
    """
    if not path.is_dir():
        return path.suffix in _SUFFIXES
    return any(file.suffix in _SUFFIXES for file in path.iterdir()) and not holds_captures(path)


def open_recordings(path: Path) -> tuple[RecordingCamera, ...]:
    """Return a camera for a recording, or one for each recording of a folder, in the rig's order.

    A file named by a role (``cam_03.db3``) plays that role; other files take the free roles in name order. Raises
    CameraError when there is no recording, or more than the rig has places.
    """
    files = sorted(f for f in path.iterdir() if f.suffix in _SUFFIXES) if path.is_dir() else [path]
    if not files or not files[0].is_file():
        raise CameraError("There is no recording.", where=str(path), todo="Give a .db3 or .bag file, or a folder.")
    if len(files) > len(ROLES):
        raise CameraError(f"{len(files)} recordings were found; the rig has {len(ROLES)} places.", where=str(path))
    roles = {file.stem: file for file in files if file.stem in ROLES}
    free = (role for role in ROLES if role not in roles)
    for file in files:
        if file.stem not in ROLES:
            roles[next(free)] = file
    return tuple(RecordingCamera(role, roles[role]) for role in sorted(roles))


def recorded_fps(cameras: Sequence[RecordingCamera]) -> float:
    """Return the highest frame rate of the recordings, and so see that one of them at least can be read.

    Raises CameraError with the reason of each when none can.
    """
    rates: list[float] = []
    troubles: list[str] = []
    for camera in cameras:
        try:
            rates.append(camera.recorded_fps())
        except CameraError as error:
            troubles.append(str(error))
    if not rates:
        raise CameraError(" ".join(troubles))
    return max(rates)


class RecordingCamera:
    """One role played from a ``.db3`` or ``.bag`` file, once.

    Frames come at the pace of the recording, and a late reader loses some, as with a camera: played faster, the SDK has
    been seen to pair depth and colour that lie seconds apart. At its end ``fault`` is an
    :class:`~station.cameras.source.EndOfReplay`; one that broke off is not played again. ``serial`` is the file's
    name; ``info`` holds the recorded camera's.
    """

    def __init__(self, role: str, path: Path) -> None:
        self.role = role
        self.serial = path.name
        self._path = path
        self._broke: CameraError | None = None
        self._reader: FrameReader | None = None
        self._info: CameraInfo | None = None

    @property
    def info(self) -> CameraInfo:
        """What the recorded camera said of itself; raises CameraError before ``start``."""
        if self._info is None:
            raise CameraError("The recording is not open.", where=str(self._path))
        return self._info

    @property
    def fault(self) -> CameraError | None:
        """Why the reader has closed the recording, if it has."""
        return self._reader.fault if self._reader else None

    def recorded_fps(self) -> float:
        """Return the frame rate that was recorded, without playing; raises CameraError when it cannot be read."""
        rs = load_sdk()
        try:
            sensors = rs.context().load_device(str(self._path)).query_sensors()
            rates = [float(profile.fps()) for sensor in sensors for profile in sensor.get_stream_profiles()]
        except RuntimeError as error:
            raise self._unreadable(error) from error
        if not rates or min(rates) <= 0:
            raise self._unreadable("it holds no pictures")
        return min(rates)

    def start(self, deliver: Deliver) -> None:
        """Open the file and play it; raises CameraError when it cannot be read or lacks colour or depth."""
        if self._reader is not None:
            raise CameraError("The recording is open already.", where=str(self._path))
        if self._broke is not None:
            raise self._broke
        rs = load_sdk()
        config, pipeline = rs.config(), rs.pipeline()
        try:
            config.enable_device_from_file(str(self._path), False)
            profile = pipeline.start(config)
        except RuntimeError as error:
            raise self._unreadable(error) from error
        try:
            playback = profile.get_device().as_playback()
            depth, color = profile.get_stream(rs.stream.depth), profile.get_stream(rs.stream.color)
            self._info = camera_info(self.role, profile.get_device(), depth, color, rs)
        except CameraError:
            pipeline.stop()
            raise
        except RuntimeError as error:
            pipeline.stop()
            raise self._unreadable(error) from error

        def ended() -> bool:
            return bool(playback.current_status() == rs.playback_status.stopped)

        self._reader = FrameReader(
            f"{self.role} ({self._path.name})",
            self.role,
            pipeline.try_wait_for_frames,
            FrameConverter(self._info, rs),
            pipeline.stop,
            stale_after_s=_STALE_AFTER_S,
            ended=ended,
        )
        self._reader.start(deliver)

    def stop(self) -> None:
        """Stop playing and join the thread."""
        if self._reader is not None:
            self._reader.stop()
            fault = self._reader.fault
            if fault is not None and not isinstance(fault, EndOfReplay):
                self._broke = CameraError(fault.what, where=str(self._path), todo="It is damaged or was cut short.")
            self._reader = None

    def _unreadable(self, error: Any) -> CameraError:
        return CameraError(
            f"The recording cannot be played: {error}.",
            where=str(self._path),
            todo="It must be a .db3 or .bag recording with one colour and one depth stream.",
        )
