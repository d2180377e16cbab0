"""Records a running rig: one file of the SDK per camera, the scale's readings, the calibration, and when each came."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Protocol

import station
from station.cameras.frame_file import frames_in
from station.cameras.recorder import CameraRecorder
from station.errors import CameraError, StationError, StorageError
from station.frames import CameraInfo, Frame, WeightReading
from station.geometry import RigCalibration

MANIFEST = "recording.json"
FRAMES = "frames.jsonl"
WEIGHTS = "weights.jsonl"
CALIBRATION = "calibration.json"

_WAITING = 24
"""Frames of a camera that wait to be written; a further one is left out, counted and said."""
_JOIN_S = 150.0


class FrameDoor(Protocol):
    """The running rig as a recorder needs it."""

    @property
    def infos(self) -> Mapping[str, CameraInfo]:
        """What every open camera says of itself, by role."""
        ...

    def listen(self, listener: Callable[[Frame], None] | None) -> None:
        """Give every frame of every camera to ``listener`` too, in its camera's thread; ``None`` ends that."""
        ...


class RigRecorder:
    """Writes what the rig and the scale deliver into an empty folder, from :meth:`start` to :meth:`stop`.

    Each camera has a writer thread of its own with a short queue; no camera ever waits for the disk. The cameras'
    streams go on untouched before, during and after. ``frames.jsonl`` says when each frame arrived, so that a replay
    can give them out as they came.
    """

    def __init__(self, rig: FrameDoor, folder: Path, calibration: RigCalibration | None, *, step_kg: float) -> None:
        self._rig = rig
        self._folder = folder
        self._calibration = calibration
        self._step_kg = step_kg
        self._files: dict[str, Path] = {}
        self._queues: dict[str, queue.Queue[Frame | None]] = {}
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._frames: IO[str] | None = None
        self._weights: IO[str] | None = None
        self._started_at = ""
        self._troubles: list[str] = []
        self.written: dict[str, int] = {}
        """Frames on disk by role."""
        self.left_out: dict[str, int] = {}
        """Frames by role that the machine or its disk was too slow for; known for certain at the end."""

    def start(self) -> None:
        """Begin; raises StorageError when the folder cannot be used, CameraError when a file cannot be made."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if any(self._folder.iterdir()):
                raise StorageError(
                    "The folder is not empty.", where=str(self._folder), todo="Name a new folder for the recording."
                )
            self._frames = (self._folder / FRAMES).open("w", encoding="utf-8")
            self._weights = (self._folder / WEIGHTS).open("w", encoding="utf-8")
            if self._calibration is not None:
                self._calibration.save(self._folder / CALIBRATION)
        except OSError as error:
            raise StorageError(
                f"The recording cannot be written: {error.strerror or error}.", where=str(self._folder)
            ) from error
        self._started_at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        for role, info in sorted(self._rig.infos.items()):
            recorder = CameraRecorder(info, self._folder / f"{role}.db3")
            self._files[role] = self._folder / f"{role}.db3"
            waiting: queue.Queue[Frame | None] = queue.Queue(_WAITING)
            self._queues[role] = waiting
            self.written[role] = self.left_out[role] = 0
            thread = threading.Thread(target=self._write, args=(role, recorder, waiting), name=f"{role}-record")
            self._threads.append(thread)
            thread.start()
        self._rig.listen(self._take)

    def weigh(self, reading: WeightReading) -> None:
        """Take a reading of the scale; for its thread."""
        line = {"kg": reading.kg, "stable": reading.stable, "ns": reading.monotonic_ns, "raw": reading.raw}
        with self._lock:
            if self._weights is not None:
                self._weights.write(json.dumps(line) + "\n")

    def stop(self) -> None:
        """End all files; raises one CameraError that lists what went wrong, after everything that can be is on disk."""
        self._rig.listen(None)
        for waiting in self._queues.values():
            waiting.put(None)
        for thread in self._threads:
            thread.join(_JOIN_S)
            if thread.is_alive():
                self._troubles.append(f"{thread.name} does not end.")
        with self._lock:
            for file in (self._frames, self._weights):
                if file is not None:
                    file.close()
            self._frames = self._weights = None
        if self._started_at:
            manifest: dict[str, Any] = {
                "schema": 1,
                "station": station.__version__,
                "started_at": self._started_at,
                "ended_at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "cameras": {
                    role: {"serial": info.serial, "fps": info.fps, "frames": self.written.get(role, 0)}
                    for role, info in sorted(self._rig.infos.items())
                },
                "scale_step_kg": self._step_kg,
            }
            (self._folder / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        if self._troubles:
            raise CameraError(" ".join(self._troubles), where=str(self._folder))

    def _take(self, frame: Frame) -> None:
        waiting = self._queues.get(frame.role)
        if waiting is None:
            return
        try:
            waiting.put_nowait(frame)
        except queue.Full:
            self.left_out[frame.role] += 1

    def _write(self, role: str, recorder: CameraRecorder, waiting: queue.Queue[Frame | None]) -> None:
        try:
            while (frame := waiting.get()) is not None:
                recorder.write(frame)
                line = {
                    "role": role,
                    "number": frame.number,
                    "ns": frame.arrival_ns,
                    "device_ms": frame.device_time_ms,
                    "domain": frame.time_domain.value,
                    "scale": frame.depth_scale,
                }
                with self._lock:
                    if self._frames is not None:
                        self._frames.write(json.dumps(line) + "\n")
                self.written[role] += 1
        except StationError as error:
            self._troubles.append(str(error))
            self.left_out[role] += 1
            while waiting.get() is not None:
                self.left_out[role] += 1
        finally:
            self._close(role, recorder)

    def _close(self, role: str, recorder: CameraRecorder) -> None:
        """End a camera's file, and believe what it holds."""
        try:
            recorder.close()
            lost = self.written[role] - frames_in(self._files[role])
        except StationError as error:
            self._troubles.append(str(error))
            return
        self.written[role] -= lost
        self.left_out[role] += lost
