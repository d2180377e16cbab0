"""Recordings of RealSense cameras, played through the SDK as if the camera were there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from station.cameras.librealsense import FrameConverter, camera_info, load_sdk
from station.cameras.reader import FrameReader
from station.cameras.source import Deliver
from station.errors import CameraError
from station.frames import ROLES, CameraInfo

_SUFFIXES = (".db3", ".bag")


def is_recording(path: Path) -> bool:
    """Return whether ``path`` is a recording or a folder of them."""
    files = path.iterdir() if path.is_dir() else (path,)
    return any(file.suffix in _SUFFIXES for file in files)


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


class RecordingCamera:
    """One role played from a ``.db3`` or ``.bag`` file, once.

    Frames come at the pace of the recording, and a late reader loses some, as with a camera: played faster, the SDK has
    been seen to pair depth and colour that lie seconds apart. At its end ``fault`` is an
    :class:`~station.cameras.source.EndOfReplay`. ``serial`` is the file's name; ``info`` holds the recorded camera's.
    """

    def __init__(self, role: str, path: Path, *, stale_after_s: float = 3.0) -> None:
        self.role = role
        self.serial = path.name
        self._path = path
        self._stale_after_s = stale_after_s
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

    def start(self, deliver: Deliver) -> None:
        """Open the file and play it; raises CameraError when it cannot be read or lacks colour or depth."""
        if self._reader is not None:
            raise CameraError("The recording is open already.", where=str(self._path))
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
            stale_after_s=self._stale_after_s,
            ended=ended,
        )
        self._reader.start(deliver)

    def stop(self) -> None:
        """Stop playing and join the thread."""
        if self._reader is not None:
            self._reader.stop()
            self._reader = None

    def _unreadable(self, error: Any) -> CameraError:
        return CameraError(
            f"The recording cannot be played: {error}.",
            where=str(self._path),
            todo="It must be a .db3 or .bag recording with one colour and one depth stream.",
        )
