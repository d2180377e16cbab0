"""Joins the frames of all cameras that belong together; no threads, no clock of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from station.frames import Frame, FrameSet

_WAITING = 16
"""Frames kept per camera; a seventeenth pushes the oldest out."""
_DEADLINE_MS = 500.0


@dataclass(frozen=True, slots=True)
class MatchingRule:
    """By what frames are joined, in nanoseconds.

    ``period_ns`` is the cameras' common frame period, ``tolerance_ns`` how far a frame may lie from the instant of its
    frameset, ``deadline_ns`` how long a late one is waited for.
    """

    period_ns: int
    tolerance_ns: int
    deadline_ns: int

    @classmethod
    def at(cls, fps: float, tolerance_ms: float | None = None, deadline_ms: float | None = None) -> MatchingRule:
        """Return that of a frame rate; half a period, and half a second or at least 1.5 periods, where not given."""
        period_ms = 1000.0 / fps
        return cls(
            round(period_ms * 1e6),
            round((period_ms / 2 if tolerance_ms is None else tolerance_ms) * 1e6),
            round((max(_DEADLINE_MS, period_ms * 1.5) if deadline_ms is None else deadline_ms) * 1e6),
        )


@dataclass(frozen=True, slots=True)
class Matched:
    """A frameset with its capture times by role and the earliest and the latest of them, monotonic nanoseconds."""

    frameset: FrameSet
    earliest_ns: int
    latest_ns: int
    captured_ns: Mapping[str, int]


@dataclass(slots=True)
class RoleCounts:
    """What became of one camera's frames."""

    frames: int = 0
    dropped: int = 0
    """Missing in the camera's own count."""
    repeated: int = 0
    """Came a second time, or after a later one."""
    unmatched: int = 0
    """Belonged to no instant, or were pushed out by later ones."""


@dataclass(slots=True)
class _Stream:
    waiting: deque[tuple[int, Frame]] = field(default_factory=lambda: deque[tuple[int, Frame]](maxlen=_WAITING))
    number: int | None = None
    capture_ns: int = 0
    arrival_ns: int | None = None
    counts: RoleCounts = field(default_factory=RoleCounts)


class FrameMatcher:
    """Joins frames by nearest capture time.

    The first camera in the rig's order that is not silent leads: each of its frames is one instant, and where its
    counter shows a gap the lost instants are put in evenly. Every other camera gives the frame nearest to the instant,
    at most ``tolerance_ns`` away and used once. With half a period as tolerance each camera, synchronised or not, has
    exactly one frame for every instant. A frameset is given out as soon as every camera's nearest frame is certain,
    and at the latest ``deadline_ns`` after the instant's frame arrived; cameras without a frame are its ``missing``.
    A camera silent for two periods and the deadline is not waited for, but welcome.

    Certain means: a frame at or after the instant has come, or one that lies before it by at most three eighths of a
    period, which its successor cannot beat, because two frames of a camera are never nearer than three quarters of one.

    ``settled`` tells the capture time of a frame by what is known of the clocks when its frameset is given out, else
    the time with which it was added stands.
    """

    def __init__(
        self,
        roles: Sequence[str],
        period_ns: int,
        tolerance_ns: int,
        deadline_ns: int,
        settled: Callable[[Frame], int] | None = None,
    ) -> None:
        self._roles = tuple(roles)
        self._period_ns = period_ns
        self._tolerance_ns = tolerance_ns
        self._deadline_ns = deadline_ns
        self._settled = settled
        self._early_ns = min(tolerance_ns, period_ns * 3 // 8)
        self._silent_ns = deadline_ns + 2 * period_ns
        self._streams = {role: _Stream() for role in self._roles}
        self._instants: deque[tuple[int, int]] = deque(maxlen=_WAITING)
        self._last_instant_ns: int | None = None
        self._leader: str | None = None
        self._begun_ns: int | None = None

    def counts(self, role: str) -> RoleCounts:
        """Return what became of one camera's frames so far; the object goes on counting."""
        return self._streams[role].counts

    def add(self, frame: Frame, capture_ns: int, *, anew: bool = False) -> None:
        """Take a frame captured at ``capture_ns`` (monotonic); a repeated or late one is counted and left out.

        ``anew`` says that it is the first one since its camera was opened: its number says nothing of what was before.
        A counter that has gone back while time went on is that of a camera opened anew as well.
        """
        if self._begun_ns is None:
            self._begun_ns = frame.arrival_ns
        stream = self._streams[frame.role]
        previous = None if anew else stream.number
        if previous is not None and frame.number <= previous:
            if capture_ns - stream.capture_ns < self._period_ns // 2:
                stream.counts.repeated += 1
                return
            previous = None
        gap = 0 if previous is None else frame.number - previous - 1
        capture_ns = max(capture_ns, stream.capture_ns + 1)
        if frame.role == self._leader:
            self._add_instants(stream.capture_ns, capture_ns, gap, frame.arrival_ns)
        stream.counts.dropped += gap
        stream.counts.frames += 1
        stream.counts.unmatched += len(stream.waiting) == _WAITING
        stream.waiting.append((capture_ns, frame))
        stream.number, stream.capture_ns, stream.arrival_ns = frame.number, capture_ns, frame.arrival_ns

    def take(self, now_ns: int) -> Matched | None:
        """Return the next frameset that is due at ``now_ns`` (monotonic), or ``None``; call until ``None``."""
        self._choose_leader(now_ns)
        while self._instants:
            instant_ns, arrival_ns = self._instants[0]
            overdue = now_ns >= arrival_ns + self._deadline_ns
            if not overdue and not all(self._certain(role, instant_ns, now_ns) for role in self._roles):
                return None
            self._instants.popleft()
            self._last_instant_ns = instant_ns
            matched = self._join(instant_ns, now_ns)
            if matched is not None:
                return matched
        return None

    def due_ns(self) -> int | None:
        """Return when the next frameset is given out at the latest, or ``None`` when nothing waits."""
        return self._instants[0][1] + self._deadline_ns if self._instants else None

    def _alive(self, role: str, now_ns: int) -> bool:
        """Whether a camera was heard lately; one never heard has the same time from the first frame of all on."""
        arrival_ns = self._streams[role].arrival_ns or self._begun_ns
        return arrival_ns is not None and now_ns - arrival_ns <= self._silent_ns

    def _choose_leader(self, now_ns: int) -> None:
        leader = next((role for role in self._roles if self._alive(role, now_ns)), None)
        if leader is None or leader == self._leader:
            return
        self._leader = leader
        # What the old leader began is still finished; the new one begins half a period later.
        begun = [self._last_instant_ns] if self._last_instant_ns is not None else []
        begun += [instant for instant, _ in self._instants]
        for capture_ns, frame in self._streams[leader].waiting:
            if not begun or capture_ns > max(begun) + self._period_ns // 2:
                self._instants.append((capture_ns, frame.arrival_ns))

    def _add_instants(self, before_ns: int, capture_ns: int, gap: int, arrival_ns: int) -> None:
        gap = min(gap, _WAITING - 1)
        step = (capture_ns - before_ns) / (gap + 1)
        for index in range(gap, -1, -1):
            self._instants.append((capture_ns - round(index * step), arrival_ns))

    def _certain(self, role: str, instant_ns: int, now_ns: int) -> bool:
        """Whether no later frame of ``role`` can be nearer to the instant than those that wait."""
        waiting = self._streams[role].waiting
        if waiting and waiting[-1][0] >= instant_ns - self._early_ns:
            return True
        return not self._alive(role, now_ns)

    def _join(self, instant_ns: int, now_ns: int) -> Matched | None:
        chosen: dict[str, tuple[int, Frame]] = {}
        for role in self._roles:
            stream = self._streams[role]
            best = min(stream.waiting, key=lambda item: abs(item[0] - instant_ns), default=None)
            if best is not None and abs(best[0] - instant_ns) <= self._tolerance_ns:
                chosen[role] = best
            while stream.waiting and stream.waiting[0][0] < instant_ns - self._tolerance_ns:
                stream.waiting.popleft()
                stream.counts.unmatched += 1
            if role in chosen:
                while stream.waiting and stream.waiting[0][0] <= chosen[role][0]:
                    stream.counts.unmatched += stream.waiting.popleft()[0] != chosen[role][0]
        if not chosen:
            return None
        settled = self._settled
        times = {role: t if settled is None else settled(frame) for role, (t, frame) in chosen.items()}
        earliest, latest = min(times.values()), max(times.values())
        frameset = FrameSet(
            frames={role: frame for role, (_, frame) in chosen.items()},
            missing=tuple(role for role in self._roles if role not in chosen),
            skew_ms=(latest - earliest) * 1e-6,
            taken_at=datetime.now(UTC) - timedelta(microseconds=max(now_ns - earliest, 0) / 1000),
            monotonic_ns=max(frame.arrival_ns for _, frame in chosen.values()),
        )
        return Matched(frameset, earliest, latest, times)
