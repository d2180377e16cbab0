"""A recorded rig given out again event by event on the recording's own clock: the same each time, at any pace."""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from station.acquisition.clock import CaptureTimes
from station.acquisition.matcher import FrameMatcher, MatchingRule
from station.acquisition.recorder import CALIBRATION, FRAMES, MANIFEST, SCHEMA, WEIGHTS
from station.acquisition.registration import register_frameset
from station.cameras.frame_file import FrameFile
from station.cameras.supervisor import CameraState, CameraStatus
from station.errors import CameraError, ScaleError, StationError
from station.frames import ROLES, CameraInfo, Frame, FrameSet, TimeDomain, WeightReading
from station.geometry import RigCalibration
from station.scale.source import ScaleChange, nobody

_STEP_NS = 40_000_000

_SAME_MS = 0.01
"""Times that differ by less are those of one frame: the bag keeps a millionth of a millisecond."""


@dataclass(frozen=True, slots=True)
class _Came:
    """A frame that came, and whether it was the first one since its camera was opened."""

    frame: Frame
    anew: bool


@dataclass(frozen=True, slots=True)
class _Told:
    """What the scale said of itself, at a monotonic time in nanoseconds: a trouble, or that it is over."""

    trouble: ScaleError | None
    monotonic_ns: int


_Event = _Came | WeightReading | _Told


class RecordedStation:
    """Cameras and scale of a recording, moved on by :meth:`advance`; a ``FramesetSource`` and a ``ScaleSource``.

    Nothing in here has a thread or looks at a clock: ``now_ns`` is the recording's monotonic time, and whoever waits
    for a frameset moves it on. Use it in one thread. Raises CameraError when the folder holds no recording.
    """

    def __init__(self, folder: Path) -> None:
        manifest = _manifest(folder)
        self._folder = folder
        self.calibration: RigCalibration | None = None
        if (folder / CALIBRATION).is_file():
            self.calibration = RigCalibration.load(folder / CALIBRATION)
        self._files = {role: FrameFile(role, folder / f"{role}.db3") for role in _recorded(folder, manifest)}
        if not self._files:
            raise CameraError(
                "The recording holds no frame of any camera.", where=str(folder), todo="Record again: station record."
            )
        self.roles = tuple(sorted({*self._files, *(r for r in manifest.get("roles", ()) if r in ROLES)}))
        self.missing = tuple(role for role in self.roles if role not in self._files)
        """The rig's cameras that were not recorded; no frameset holds them."""
        self.step_kg = float(manifest["scale_step_kg"])
        self.infos: dict[str, CameraInfo] = {role: file.info for role, file in self._files.items()}
        matching = _matching(manifest) or MatchingRule.at(max(info.fps for info in self.infos.values()))
        self._times = CaptureTimes()
        self._matcher = FrameMatcher(
            self.roles, matching.period_ns, matching.tolerance_ns, matching.deadline_ns, self._times.settled
        )
        self._events = self._merged(_arrivals(folder / FRAMES))
        self._next = next(self._events, None)
        self._previews: dict[str, Frame] = {}
        self._counts = dict.fromkeys(self.roles, 0)
        self._framesets: list[tuple[int, FrameSet]] = []
        self._deliver: Callable[[WeightReading], None] | None = None
        self._report: Callable[[StationError | None], None] | None = None
        self.now_ns = 0 if self._next is None else _instant(self._next)
        self.weighs = (folder / WEIGHTS).is_file() and (folder / WEIGHTS).stat().st_size > 0
        """Whether a scale was recorded."""

    @property
    def over(self) -> bool:
        """Whether everything was given out."""
        return self._next is None

    def advance(self) -> None:
        """Move the clock on by one step and give out what came in it."""
        self.now_ns += _STEP_NS
        while self._next is not None and _instant(self._next) <= self.now_ns:
            event, self._next = self._next, next(self._events, None)
            if isinstance(event, _Came):
                frame = event.frame
                self._previews[frame.role] = frame
                self._counts[frame.role] += 1
                self._matcher.add(frame, self._times.read(frame), anew=event.anew)
            elif isinstance(event, _Told):
                if self._report is not None:
                    self._report(event.trouble)
            elif self._deliver is not None:
                self._deliver(event)
        while (matched := self._matcher.take(self.now_ns)) is not None:
            self._framesets.append((matched.earliest_ns, matched.frameset))
        del self._framesets[:-1]

    def close(self) -> None:
        """Let the files go."""
        self._events.close()

    def preview(self, role: str) -> Frame | None:
        """Return the newest frame of a camera."""
        return self._previews.get(role)

    def next_frameset(self, newer_than_ns: int = 0, timeout_s: float = 5.0) -> FrameSet | None:
        """Move on until a frameset newer than ``newer_than_ns`` is there; ``None`` after ``timeout_s`` recorded."""
        until_ns = self.now_ns + round(timeout_s * 1e9)
        while True:
            for earliest_ns, frameset in self._framesets:
                if earliest_ns > newer_than_ns:
                    return register_frameset(frameset, self.infos)
            if self.now_ns >= until_ns or self.over:
                return None
            self.advance()

    def states(self) -> Mapping[str, CameraStatus]:
        """Return every camera that was recorded as streaming until the end, the others as not there."""
        state = CameraState.ENDED if self.over else CameraState.STREAMING
        there = {
            role: CameraStatus(
                role, info.serial, state, "", info.fps, self._counts[role], self._matcher.counts(role).dropped, 0
            )
            for role, info in self.infos.items()
        }
        away = CameraState.RECONNECTING
        return there | {r: CameraStatus(r, "", away, f"{r}: It was not recorded.", 0.0, 0, 0, 0) for r in self.missing}

    def start(
        self,
        deliver: Callable[[WeightReading], None],
        report: Callable[[StationError | None], None],
        changed: Callable[[ScaleChange], None] = nobody,
    ) -> None:
        """Give the recorded readings to ``deliver`` and the recorded troubles to ``report`` as the clock moves on."""
        self._deliver, self._report = deliver, report

    def stop(self) -> None:
        """Give out no more readings."""
        self._deliver = self._report = None

    def zero(self) -> None:
        """Refuse: what was weighed was weighed."""
        raise ScaleError("A recorded scale cannot be zeroed.", where=str(self._folder))

    def tare(self) -> None:
        """Refuse: what was weighed was weighed."""
        raise ScaleError("A recorded scale cannot be tared.", where=str(self._folder))

    def _merged(self, arrivals: Mapping[str, list[dict[str, Any]]]) -> Generator[_Event]:
        streams: list[Iterable[_Event]] = [self._frames(role, arrivals.get(role, [])) for role in self._files]
        weights = _weights(self._folder / WEIGHTS)
        yield from heapq.merge(*streams, weights, key=_instant)

    def _frames(self, role: str, arrivals: Sequence[dict[str, Any]]) -> Generator[_Came]:
        """Yield a camera's frames as they came: pictures and lines are in the same order, either may have gaps."""
        place, opening = 0, None
        with closing(self._files[role].pictures()) as pictures:
            for number, time_ms, color, depth in pictures:
                found = next((n for n in range(place, len(arrivals)) if _tells(arrivals[n], number, time_ms)), None)
                if found is None:
                    continue
                said, place = arrivals[found], found + 1
                anew, opening = said.get("opening") != opening, said.get("opening")
                frame = Frame(
                    role,
                    color,
                    depth,
                    float(said["scale"]),
                    number,
                    float(said["device_ms"]),
                    TimeDomain(said["domain"]),
                    int(said["ns"]),
                )
                yield _Came(frame, anew)


def is_station_recording(folder: Path) -> bool:
    """Return whether a folder holds a recording made by the station, with its manifest."""
    return (folder / MANIFEST).is_file()


def _recorded(folder: Path, manifest: Mapping[str, Any]) -> list[str]:
    """Return the cameras that have frames; recordings of earlier versions list others with none, and without a file."""
    cameras: Mapping[str, Any] = manifest["cameras"]
    return [role for role in sorted(cameras) if role in ROLES and (folder / f"{role}.db3").is_file()]


def _instant(event: _Event) -> int:
    return event.frame.arrival_ns if isinstance(event, _Came) else event.monotonic_ns


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if manifest["schema"] not in (1, SCHEMA) or not manifest["cameras"]:
            raise ValueError(f"its schema is {manifest['schema']}, it has {len(manifest['cameras'])} cameras")
        float(manifest["scale_step_kg"])
        _matching(manifest)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CameraError(
            f"The recording cannot be read: {error!r}.",
            where=str(folder / MANIFEST),
            todo="Give a folder that station record has written.",
        ) from error
    return manifest


def _matching(manifest: Mapping[str, Any]) -> MatchingRule | None:
    """Return by what the rig joined its frames; recordings of the first schema do not say."""
    told = manifest.get("matching")
    if told is None:
        return None
    return MatchingRule(*(round(float(told[key])) for key in ("period_ns", "tolerance_ns", "deadline_ns")))


def _lines(path: Path) -> Generator[dict[str, Any]]:
    """Yield the lines of a file; the last one may have been cut off."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.endswith("\n"):
                yield json.loads(line)


def _arrivals(path: Path) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    try:
        for line in _lines(path):
            found.setdefault(str(line["role"]), []).append(line)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CameraError(f"The frames' times cannot be read: {error!r}.", where=str(path)) from error
    return found


def _tells(line: Mapping[str, Any], number: int, time_ms: float) -> bool:
    """Whether a line is about this picture; the number alone is not enough: a camera opened anew repeats it."""
    return int(line["number"]) == number and abs(float(line["device_ms"]) - time_ms) < _SAME_MS


def _weights(path: Path) -> Generator[WeightReading | _Told]:
    if not path.is_file():
        return
    for line in _lines(path):
        if "trouble" in line:
            told = line["trouble"]
            yield _Told(ScaleError(**told) if told else None, int(line["ns"]))
        else:
            yield WeightReading(float(line["kg"]), bool(line["stable"]), int(line["ns"]), str(line["raw"]))
