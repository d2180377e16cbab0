"""Captures of an MVIP tree shown to the station as if ten cameras saw them now."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from station.cameras.source import Deliver
from station.captures.mvip import load_frameset
from station.errors import CameraError
from station.frames import ROLES, CameraInfo, FrameSet, TimeDomain
from station.geometry import Pose, RigCalibration

_JOIN_S = 5.0


@dataclass(frozen=True, slots=True)
class _Reel:
    """A capture that is shown from the frame ``begins`` on."""

    begins: int
    frameset: FrameSet
    calibration: RigCalibration


class CaptureReplay:
    """Shows one capture at a time to ten cameras, again and again at ``fps``, until the next one is shown.

    All cameras change to a new capture at the same frame, so no frameset ever holds views of two. Frame numbers and
    times go on; only XX_rgb, XX_depth and XX_meta of the capture are read, see ``station.captures.mvip``.
    """

    def __init__(self, captures: Sequence[Path], fps: float = 15.0) -> None:
        if not captures:
            raise CameraError("There is no capture to replay.", where="replay")
        self.captures = tuple(captures)
        self.fps = fps
        self._begun_ns = time.monotonic_ns()
        self._begun_utc_ms = time.time() * 1000.0
        self._lock = threading.Lock()
        self._previous: _Reel | None = None
        self._current = _Reel(0, *load_frameset(self.captures[0]))
        self.sources = tuple(CaptureCamera(role, self) for role in ROLES)

    @property
    def calibration(self) -> RigCalibration:
        """The calibration of the capture on show."""
        return self._current.calibration

    @property
    def frameset(self) -> FrameSet:
        """The capture on show, as it was read."""
        return self._current.frameset

    def show(self, index: int) -> int:
        """Show the capture ``index``; return the moment (monotonic, ns) after which every frame is of it.

        Raises DatasetError when it cannot be read; the former capture stays on show.
        """
        frameset, calibration = load_frameset(self.captures[index])
        with self._lock:
            begins = self.number_now() + 2
            self._previous = self._current
            self._current = _Reel(begins, frameset, calibration)
        return self.due_ns(begins) - round(0.5e9 / self.fps)

    def number_now(self) -> int:
        """Return the number of the frame that is due now."""
        return int((time.monotonic_ns() - self._begun_ns) * 1e-9 * self.fps)

    def due_ns(self, number: int) -> int:
        """Return when a frame is due, monotonic nanoseconds."""
        return self._begun_ns + round(number * 1e9 / self.fps)

    def reel(self, number: int) -> _Reel:
        """Return what the frame ``number`` shows."""
        with self._lock:
            if number < self._current.begins and self._previous is not None:
                return self._previous
            return self._current

    def utc_ms(self, number: int) -> float:
        """Return when a frame is due, UTC milliseconds."""
        return self._begun_utc_ms + number * 1000.0 / self.fps


class CaptureCamera:
    """One role of a :class:`CaptureReplay`."""

    def __init__(self, role: str, replay: CaptureReplay) -> None:
        self.role = role
        self.serial = f"replay-{role}"
        self.fault: CameraError | None = None
        self._replay = replay
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def info(self) -> CameraInfo:
        """The capture's camera, depth in the colour geometry; raises CameraError when the capture lacks this view."""
        camera = self._replay.calibration.cameras.get(self.role)
        if camera is None:
            raise CameraError("The capture on show has no readable view of this camera.", where=self.role)
        return CameraInfo(
            role=self.role,
            serial=camera.serial,
            name="Replayed capture",
            firmware="",
            usb="",
            color=camera.model,
            depth=camera.model,
            depth_to_color=Pose.identity(),
            fps=self._replay.fps,
        )

    def start(self, deliver: Deliver) -> None:
        """Begin to deliver; raises CameraError when the capture on show lacks this view."""
        if self._thread is not None:
            raise CameraError("The camera is open already.", where=self.role)
        _ = self.info
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, args=(deliver,), name=f"{self.role}-read")
        self._thread.start()

    def stop(self) -> None:
        """Stop and join the thread."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(_JOIN_S)
            self._thread = None

    def _run(self, deliver: Deliver) -> None:
        number = self._replay.number_now() + 1
        while not self._stopping.wait(max(0.0, (self._replay.due_ns(number) - time.monotonic_ns()) * 1e-9)):
            frame = self._replay.reel(number).frameset.frames.get(self.role)
            if frame is not None:
                deliver(
                    replace(
                        frame,
                        number=number,
                        device_time_ms=self._replay.utc_ms(number),
                        time_domain=TimeDomain.SYSTEM,
                        arrival_ns=time.monotonic_ns(),
                    )
                )
            number += 1
