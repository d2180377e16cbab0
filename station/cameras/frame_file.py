"""Reads a recording of the SDK frame by frame, whole and in order.

The SDK's own player paces itself, and read faster it has lost frames and hung. Its ``.db3`` files are ROS 2 bags
(SQLite with CDR messages), so the pictures are read from them directly; see "rosbag2_storage_sqlite3" and the message
definitions ``sensor_msgs/CompressedImage`` and ``std_msgs/String`` of ROS 2.
"""

from __future__ import annotations

import heapq
import sqlite3
import struct
from collections.abc import Generator, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import cv2
import numpy as np
from numpy.typing import NDArray

from station.cameras.librealsense import camera_info, load_sdk
from station.errors import CameraError
from station.frames import CameraInfo, ColorImage, DepthImage

_CDR_LITTLE = b"\x00\x01"
_STREAMS = 2
"""Colour and depth."""
_DEPTH, _COLOR = "Depth_0", "Color_0"
_WAITING = 32
"""So many pictures may wait for their other half."""

_Row = tuple[int, str, int, float, bytes]
"""A picture in the bag: its row, its stream, its number, its capture time in ms and its PNG."""


def frames_in(path: Path) -> int:
    """Return how many whole frames, colour and depth, a ``.db3`` recording holds; raises CameraError."""
    counted = (
        "SELECT count(*) FROM messages m JOIN topics t ON t.id = m.topic_id WHERE t.name LIKE '%/image/metadata'"
        " GROUP BY t.name"
    )
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as bag:
            found = [int(count) for (count,) in bag.execute(counted)]
    except sqlite3.Error as error:
        raise CameraError(
            f"The recording cannot be read: {error}.", where=str(path), todo="It is damaged or was cut short."
        ) from error
    return min(found) if len(found) == _STREAMS else 0


class FrameFile:
    """A ``.db3`` recording of one colour and one depth stream whose frames have the same numbers, as the station's."""

    def __init__(self, role: str, path: Path) -> None:
        self._path = path
        rs = load_sdk()
        try:
            device = rs.context().load_device(str(path))
            profiles = {p.stream_type(): p for sensor in device.query_sensors() for p in sensor.get_stream_profiles()}
            self.info: CameraInfo = camera_info(role, device, profiles[rs.stream.depth], profiles[rs.stream.color], rs)
        except (RuntimeError, KeyError) as error:
            raise self._unreadable(str(error)) from error

    def pictures(self) -> Generator[tuple[int, float, ColorImage, DepthImage]]:
        """Yield frame number, capture time in ms, colour (H, W, 3) and depth (h, w) of every whole frame, in order.

        Raises CameraError when the file is damaged. A frame without its other half, as at the end of a recording that
        was cut short, is left out.
        """
        uri = f"file:{quote(str(self._path))}?mode=ro"
        try:
            # Whoever leaves the reading half done leaves its end to the collector, which works in any thread.
            with closing(sqlite3.connect(uri, uri=True, check_same_thread=False)) as bag:
                yield from self._paired(heapq.merge(self._stream(bag, _DEPTH), self._stream(bag, _COLOR)))
        except (sqlite3.Error, ValueError, KeyError, struct.error) as error:
            raise self._unreadable(str(error)) from error

    def _paired(self, rows: Iterable[_Row]) -> Generator[tuple[int, float, ColorImage, DepthImage]]:
        """Join what has the same number and time; the number alone says nothing, for one opened anew repeats it."""
        waiting: dict[tuple[int, float], _Row] = {}
        for row in rows:
            _, name, number, time_ms, data = row
            key = number, time_ms
            other = waiting.get(key)
            if other is None or other[1] == name:
                waiting[key] = row
                if len(waiting) > _WAITING:
                    del waiting[next(iter(waiting))]
                continue
            # What came before stays without its other half: the two streams were written in turn.
            while next(iter(waiting)) != key:
                del waiting[next(iter(waiting))]
            del waiting[key]
            color, depth = (data, other[4]) if name == _COLOR else (other[4], data)
            yield number, time_ms, _color(color), _depth(depth)

    def _stream(self, bag: sqlite3.Connection, name: str) -> Generator[_Row]:
        """Yield one stream's pictures in order; a picture and what is said of it share the bag's own time."""
        rows = (
            "SELECT m.id, m.timestamp, m.data FROM messages m JOIN topics t ON t.id = m.topic_id"
            " WHERE t.name LIKE ? ORDER BY m.id"
        )
        # Not walked through side by side: the bag's own time steps back a little where the recorder has waited.
        said: dict[int, tuple[int, float]] = {}
        for _, written, words in bag.execute(rows, (f"%/{name}/image/metadata",)):
            values = dict(pair.split("=", 1) for pair in _text(words).split(";") if "=" in pair)
            said[written] = int(values["Frame number"]), float(values["timestamp"])
        for row, written, picture in bag.execute(rows, (f"%/{name}/image/data/compressed%",)):
            if written in said:
                yield row, name, *said[written], _image(picture)

    def _unreadable(self, why: str) -> CameraError:
        return CameraError(
            f"The recording cannot be read: {why}.", where=str(self._path), todo="It is damaged or was cut short."
        )


def _string(message: bytes, at: int) -> tuple[bytes, int]:
    """Return a CDR string or byte sequence at ``at`` and where what follows it begins."""
    start = at + -(at - 4) % 4  # alignment counts from the end of the four bytes of encapsulation
    (length,) = struct.unpack_from("<I", message, start)
    end = start + 4 + length
    if end > len(message):
        raise ValueError("a message is shorter than it says")
    return message[start + 4 : end], end


def _text(message: bytes) -> str:
    if message[:2] != _CDR_LITTLE:
        raise ValueError("a message is not little-endian CDR")
    return _string(message, 4)[0].rstrip(b"\0").decode("utf-8")


def _image(message: bytes) -> bytes:
    """Return the data of a CompressedImage: header (stamp, frame), format, data."""
    if message[:2] != _CDR_LITTLE:
        raise ValueError("a message is not little-endian CDR")
    _, at = _string(message, 12)
    _, at = _string(message, at)
    return _string(message, at)[0]


def _decoded(data: bytes, skipped: int) -> NDArray[Any]:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8)[skipped:], cv2.IMREAD_UNCHANGED)
    if picture is None:
        raise ValueError("a picture in it is damaged")
    return np.asarray(picture)


def _color(data: bytes) -> ColorImage:
    picture: ColorImage = np.ascontiguousarray(_decoded(data, 0)[..., ::-1], dtype=np.uint8)
    picture.flags.writeable = False
    return picture


def _depth(data: bytes) -> DepthImage:
    # Twelve bytes of parameters stand before the PNG: the convention of ROS's compressed_depth_image_transport.
    picture: DepthImage = np.ascontiguousarray(_decoded(data, 12), dtype=np.uint16)
    picture.flags.writeable = False
    return picture
