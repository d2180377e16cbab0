"""The thread that writes one camera's frames into its recording, and counts those that did not get there."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from station.cameras.frame_file import frames_in
from station.cameras.recorder import CameraRecorder
from station.errors import StationError
from station.frames import CameraInfo, Frame

_log = logging.getLogger(__name__)

_WAITING = 24
"""Frames of a camera that wait to be written; a further one is left out, counted and said."""
_LOOK_S = 0.2
"""An idle writer looks so often whether it is to end."""


class CameraWriter:
    """Writes what :meth:`take` is given, in a thread of its own, until :meth:`end`.

    The file is made with the first frame, by what the camera says of itself then (``describe``), so that one that was
    away at the start is recorded from its return on, and one that never came leaves no file. ``add_line`` gets what
    ``frames.jsonl`` says of each frame and may raise OSError; ``tell`` is told what went wrong, in this thread. After a
    trouble the frames that still come are counted and thrown away, so that whoever gives them never waits for a disk.
    """

    def __init__(
        self,
        role: str,
        path: Path,
        describe: Callable[[], CameraInfo],
        add_line: Callable[[Mapping[str, Any]], None],
        tell: Callable[[str], None],
    ) -> None:
        self._role = role
        self._path = path
        self._describe = describe
        self._recorder: CameraRecorder | None = None
        self._add_line = add_line
        self._tell = tell
        self._waiting: queue.Queue[tuple[Frame, int]] = queue.Queue(_WAITING)
        self._openings = 0
        self._ending = threading.Event()
        self._counting = threading.Lock()
        self._written = 0
        self._left_out = 0
        self.info: CameraInfo | None = None
        """What the camera said of itself at its first frame, ``None`` while none has come."""
        self._thread = threading.Thread(target=self._run, name=f"{role}-record")

    @property
    def written(self) -> int:
        """Frames on disk; known for certain at the end."""
        return self._written

    @property
    def left_out(self) -> int:
        """Frames that the machine or its disk was too slow for, or that came after a trouble."""
        return self._left_out

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def take(self, frame: Frame, anew: bool) -> None:
        """Take the next frame, ``anew`` if its camera was just opened; for its thread, which never waits here."""
        # Counted, not passed on: the frames that follow say so, too, should this one be left out.
        self._openings += anew
        try:
            self._waiting.put_nowait((frame, self._openings))
        except queue.Full:
            self._leave_out(1)

    def end(self) -> None:
        """Have the thread write what waits and close the file, without waiting for that."""
        self._ending.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for that; return whether it came to an end."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while (taken := self._next()) is not None:
                self._write(*taken)
        except Exception as error:
            self._say(error)
            self._leave_out(1)
            while self._next() is not None:
                self._leave_out(1)
        try:
            if self._recorder is not None:
                self._recorder.close()
                self._believe(frames_in(self._path))
        except Exception as error:
            self._say(error)

    def _next(self) -> tuple[Frame, int] | None:
        """Return the next frame, ``None`` when there is none any more."""
        while True:
            try:
                return self._waiting.get(timeout=_LOOK_S)
            except queue.Empty:
                if self._ending.is_set():
                    return None

    def _write(self, frame: Frame, opening: int) -> None:
        if self._recorder is None:
            self.info = self._describe()
            self._recorder = CameraRecorder(self.info, self._path, frame.depth_scale)
        self._recorder.write(frame)
        self._add_line(
            {
                "role": self._role,
                "opening": opening,
                "number": frame.number,
                "ns": frame.arrival_ns,
                "device_ms": frame.device_time_ms,
                "domain": frame.time_domain.value,
                "scale": frame.depth_scale,
            }
        )
        with self._counting:
            self._written += 1

    def _believe(self, found: int) -> None:
        """Count what the file really holds: the SDK loses frames without a word where the disk refuses them."""
        with self._counting:
            self._left_out += max(0, self._written - found)
            self._written = min(self._written, found)

    def _leave_out(self, count: int) -> None:
        with self._counting:
            self._left_out += count

    def _say(self, error: Exception) -> None:
        if isinstance(error, StationError):
            self._tell(str(error))
        elif isinstance(error, OSError):
            self._tell(f"The recording broke off: {error.strerror or error}.")
        else:
            # A thread that died without a word would leave its camera recorded in appearance only.
            _log.error("The recording met a fault", exc_info=error, extra={"role": self._role})
            self._tell(f"{self._role}: The recording met a fault: {error!r}.")
