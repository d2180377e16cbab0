"""Records a running rig: one file of the SDK per camera, the scale's readings, the calibration, and when each came."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import station
from station.acquisition.camera_writer import CameraWriter
from station.acquisition.lines_file import LinesFile
from station.acquisition.matcher import MatchingRule
from station.errors import CameraError, ScaleError, StationError, StorageError
from station.file_calls import OS_FILES, FileCalls, write_synced
from station.frames import CameraInfo, Frame, WeightReading
from station.geometry import RigCalibration

MANIFEST = "recording.json"
FRAMES = "frames.jsonl"
WEIGHTS = "weights.jsonl"
CALIBRATION = "calibration.json"
SCHEMA = 2
"""Of the manifest and what it stands for; the first one knew neither openings nor matching nor the scale's troubles."""

_JOIN_S = 150.0


class FrameDoor(Protocol):
    """The running rig as a recorder needs it."""

    @property
    def roles(self) -> tuple[str, ...]:
        """Its cameras, in the rig's order."""
        ...

    @property
    def matching_rule(self) -> MatchingRule:
        """By what it joins frames."""
        ...

    @property
    def infos(self) -> Mapping[str, CameraInfo]:
        """What every camera that has ever given a frame says of itself, by role."""
        ...

    def listen(self, listener: Callable[[Frame, bool], None] | None) -> None:
        """Give every frame of every camera to ``listener`` too, in its camera's thread; ``None`` ends that.

        With it goes whether it is the first one since its camera was opened.
        """
        ...


class RigRecorder:
    """Writes what the rig and the scale deliver into an empty folder, from :meth:`start` to :meth:`stop`.

    Each camera has a writer thread of its own with a short queue; no camera ever waits for the disk. The cameras'
    streams go on untouched before, during and after. ``frames.jsonl`` says when each frame arrived, so that a replay
    can give them out as they came.
    """

    def __init__(
        self,
        rig: FrameDoor,
        folder: Path,
        calibration: RigCalibration | None,
        *,
        step_kg: float,
        files: FileCalls = OS_FILES,
    ) -> None:
        self._rig = rig
        self._folder = folder
        self._calibration = calibration
        self._step_kg = step_kg
        self._files = files
        self._writers: dict[str, CameraWriter] = {}
        self._frames: LinesFile | None = None
        self._weights: LinesFile | None = None
        self._scale_trouble: StationError | None = None
        self._started_at = ""
        self._troubles: dict[str, None] = {}
        self._broken = threading.Event()

    @property
    def written(self) -> dict[str, int]:
        """Frames on disk by role; known for certain at the end."""
        return {role: writer.written for role, writer in self._writers.items()}

    @property
    def left_out(self) -> dict[str, int]:
        """Frames by role that the machine or its disk was too slow for, or had no room for; certain at the end."""
        return {role: writer.left_out for role, writer in self._writers.items()}

    @property
    def not_recorded(self) -> tuple[str, ...]:
        """The cameras of which no frame is on disk, as one that was away all the time."""
        return tuple(role for role, count in self.written.items() if not count)

    def start(self) -> None:
        """Begin; raises StorageError when the folder cannot be used."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if any(self._folder.iterdir()):
                raise StorageError(
                    "The folder is not empty.", where=str(self._folder), todo="Name a new folder for the recording."
                )
            self._frames = LinesFile(self._files, self._folder / FRAMES)
            self._weights = LinesFile(self._files, self._folder / WEIGHTS)
            if self._calibration is not None:
                self._calibration.save(self._folder / CALIBRATION)
        except OSError as error:
            raise StorageError(
                f"The recording cannot be written: {error.strerror or error}.", where=str(self._folder)
            ) from error
        self._started_at = _now()
        if self._scale_trouble is not None:
            self.report(self._scale_trouble)
        for role in self._rig.roles:
            writer = CameraWriter(
                role,
                self._folder / f"{role}.db3",
                partial(self._describe, role),
                self._note_frame,
                self._tell,
            )
            self._writers[role] = writer
            writer.start()
        self._rig.listen(self._take)

    def wait_trouble(self, timeout_s: float) -> bool:
        """Wait until the disk takes no more, so that there is no use in going on; return whether it is so."""
        return self._broken.wait(timeout_s)

    def weigh(self, reading: WeightReading) -> None:
        """Take a reading of the scale; for its thread."""
        self._note({"kg": reading.kg, "stable": reading.stable, "ns": reading.monotonic_ns, "raw": reading.raw})

    def report(self, trouble: StationError | None) -> None:
        """Take what the scale says of itself, a trouble or ``None`` when it is over; for its thread, at any time."""
        self._scale_trouble = trouble
        told = None
        if trouble is not None:
            kind = trouble.kind if isinstance(trouble, ScaleError) else ""
            told = {"what": trouble.what, "where": trouble.where, "todo": trouble.todo, "kind": kind}
        self._note({"trouble": told, "ns": time.monotonic_ns()})

    def stop(self) -> None:
        """End all files; raises one CameraError that lists what went wrong, after everything that can be is on disk."""
        self._rig.listen(None)
        for writer in self._writers.values():
            writer.end()
        until = time.monotonic() + _JOIN_S
        for role, writer in self._writers.items():
            if not writer.join(max(0.0, until - time.monotonic())):
                self._tell(f"{role}: The recording does not end.")
        try:
            for file in (self._frames, self._weights):
                if file is not None:
                    file.close()
            if self._started_at:
                write_synced(self._files, self._folder / MANIFEST, json.dumps(self._manifest(), indent=1).encode())
        except OSError as error:
            self._tell(f"The recording could not be ended: {error.strerror or error}.")
        if self._troubles:
            raise CameraError(
                " ".join(self._troubles), where=str(self._folder), todo="Check the room on the disk and record again."
            )

    def _manifest(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "station": station.__version__,
            "started_at": self._started_at,
            "ended_at": _now(),
            "roles": list(self._writers),
            "cameras": {
                role: {"serial": writer.info.serial, "fps": writer.info.fps, "frames": writer.written}
                for role, writer in self._writers.items()
                if writer.info is not None and writer.written
            },
            "matching": asdict(self._rig.matching_rule),
            "scale_step_kg": self._step_kg,
        }

    def _describe(self, role: str) -> CameraInfo:
        return self._rig.infos[role]

    def _take(self, frame: Frame, anew: bool) -> None:
        self._writers[frame.role].take(frame, anew)

    def _note_frame(self, line: Mapping[str, Any]) -> None:
        assert self._frames is not None
        try:
            self._frames.add(line)
        except OSError:
            self._broken.set()
            raise

    def _note(self, line: Mapping[str, Any]) -> None:
        if self._weights is None:
            return
        try:
            self._weights.add(line)
        except OSError as error:
            # It is no fault of the scale, whose thread this is.
            self._tell(f"The scale's readings are not recorded any more: {error.strerror or error}.")
            self._broken.set()

    def _tell(self, trouble: str) -> None:
        self._troubles[trouble] = None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
