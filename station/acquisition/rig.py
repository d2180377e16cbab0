"""Ten cameras as one."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from station.acquisition.clock import CaptureTimes
from station.acquisition.matcher import FrameMatcher, Matched, MatchingRule, RoleCounts
from station.acquisition.matching_troubles import MatchingTroubles, Tally
from station.acquisition.registration import register_frameset
from station.acquisition.slots import LatestSlot
from station.cameras.source import CameraSource
from station.cameras.supervisor import CameraState, CameraStatus, CameraSupervisor
from station.errors import CameraError
from station.frames import CameraInfo, Frame, FrameSet

_log = logging.getLogger(__name__)

_STALL_S = 1.0
_PATIENCE_S = 0.5
_INBOX = 200
"""Frames on their way to the matcher; a further one pushes the oldest out, which the counts show."""


class Rig:
    """Starts, watches and matches a set of cameras.

    ``fps`` is their common frame rate. ``tolerance_ms`` is how far a frame may lie from the instant of its frameset
    (default half a period), ``deadline_ms`` how long a late camera is waited for (default half a second, at least one
    and a half periods: a lost frame is noticed by the next one anyway, so that only a camera just gone is waited for);
    a camera is stalled after three periods, at least a second, without a frame.

    Threads: two per camera (reader, watch) and one matcher, all joined by :meth:`stop`.
    """

    def __init__(
        self,
        sources: Sequence[CameraSource],
        *,
        fps: float,
        tolerance_ms: float | None = None,
        deadline_ms: float | None = None,
    ) -> None:
        if not sources:
            raise CameraError("The rig has no camera.", where="rig", todo="Name the cameras in station.toml.")
        self.matching_rule = MatchingRule.at(fps, tolerance_ms, deadline_ms)
        """By what its frames are joined."""
        self.roles = tuple(source.role for source in sources)
        self._period_s = 1.0 / fps
        self._times = CaptureTimes()
        self._matcher = FrameMatcher(
            self.roles,
            self.matching_rule.period_ns,
            self.matching_rule.tolerance_ns,
            self.matching_rule.deadline_ns,
            self._times.settled,
        )
        self._supervisors = {
            source.role: CameraSupervisor(source, self._take, stall_after_s=max(_STALL_S, 3 * self._period_s))
            for source in sources
        }
        self._previews = {role: LatestSlot[Frame]() for role in self.roles}
        self._framesets = LatestSlot[Matched]()
        self._inbox: deque[tuple[Frame, bool]] = deque()
        self._arrived = threading.Condition()
        self._stopping = False
        self._overflow = Tally()
        self._faults = Tally()
        self._fault = ""
        self._matched = 0
        self._incomplete = 0
        self._listener: Callable[[Frame, bool], None] | None = None
        self._thread = threading.Thread(target=self._match, name="matcher")

    @property
    def infos(self) -> dict[str, CameraInfo]:
        """What every camera said of itself when it was last opened, by role."""
        return {role: s.info for role, s in self._supervisors.items() if s.info is not None}

    @property
    def matched(self) -> int:
        """How many framesets were joined so far."""
        return self._matched

    @property
    def incomplete(self) -> int:
        """How many of the framesets lacked a camera."""
        return self._incomplete

    @property
    def newest(self) -> Matched | None:
        """The newest frameset as it was joined, depth not registered, or ``None`` before the first."""
        return self._framesets.latest

    @property
    def overflow(self) -> int:
        """How many frames came faster than the matcher could take them; zero in a healthy station."""
        return self._overflow.total

    @property
    def matching(self) -> MatchingTroubles:
        """What went wrong lately between the cameras' threads and the framesets."""
        return MatchingTroubles(self._overflow.lately, self._faults.lately)

    def start(self, *, minimum: int | None = None, timeout_s: float = 20.0) -> None:
        """Open all cameras at once and wait for their first frames.

        Raises one CameraError that lists every camera that failed when fewer than ``minimum`` (default all) came; the
        rig is stopped then. With a smaller ``minimum`` the others are tried again in the background.
        """
        self._thread.start()
        for supervisor in self._supervisors.values():
            supervisor.start()
        until = time.monotonic() + timeout_s
        failed: list[str] = []
        for role, supervisor in self._supervisors.items():
            opened = supervisor.wait_opened(max(0.0, until - time.monotonic()))
            if opened and supervisor.wait_first_frame(max(0.0, until - time.monotonic())):
                continue
            reason = supervisor.status.reason
            failed.append(reason or f"{role}: no frame came within {timeout_s:g} s.")
        needed = len(self.roles) if minimum is None else minimum
        if len(self.roles) - len(failed) < needed:
            self.stop()
            listed = "".join(f"\n  {line}" for line in failed)
            raise CameraError(
                f"{len(failed)} of {len(self.roles)} cameras failed to start:{listed}", where="rig", retryable=True
            )

    def stop(self) -> None:
        """Close all cameras and join all threads; raises one CameraError that lists those that did not end."""
        troubles: list[str] = []
        for supervisor in self._supervisors.values():
            supervisor.request_stop()
        for supervisor in self._supervisors.values():
            try:
                supervisor.stop()
            except CameraError as error:
                troubles.append(str(error))
        with self._arrived:
            self._stopping = True
            self._arrived.notify()
        if self._thread.ident is not None:
            self._thread.join(10.0)
        if troubles:
            raise CameraError(" ".join(troubles), where="rig")

    def listen(self, listener: Callable[[Frame, bool], None] | None) -> None:
        """Give every frame to ``listener`` too, in its camera's thread, where nothing may wait; ``None`` ends that.

        With it goes whether it is the first one since its camera was opened.
        """
        self._listener = listener

    def preview(self, role: str) -> Frame | None:
        """Return the newest frame of a camera, depth as the camera gave it, or ``None`` before the first."""
        return self._previews[role].latest

    def states(self) -> dict[str, CameraStatus]:
        """Return what is known of every camera now, by role."""
        return {role: supervisor.status for role, supervisor in self._supervisors.items()}

    def counts(self, role: str) -> RoleCounts:
        """Return what became of one camera's frames in the matcher."""
        return self._matcher.counts(role)

    def wait_state(self, role: str, wanted: CameraState, timeout_s: float) -> bool:
        """Wait until a camera is in the state ``wanted``; return whether it got there in time."""
        return self._supervisors[role].wait_state(wanted, timeout_s)

    def retry(self, role: str) -> None:
        """Try a failed camera now."""
        self._supervisors[role].retry()

    def next_frameset(
        self, newer_than_ns: int = 0, timeout_s: float = 5.0, *, registered: bool = True
    ) -> FrameSet | None:
        """Return the next frameset whose every frame was captured after ``newer_than_ns`` (monotonic).

        Depth lies in the colour geometry unless ``registered`` is off: whoever needs no depth saves the work. A
        frameset in which a streaming camera is missing is passed over for half a second, at least two periods, because
        a busy host may have been late. Returns ``None`` when none came within ``timeout_s``.
        """
        matched = self._framesets.wait(lambda m: m.earliest_ns > newer_than_ns, timeout_s)
        if matched is None:
            return None
        if self._lacks_streaming(matched):
            fuller = self._framesets.wait(
                lambda m: m.earliest_ns > newer_than_ns and not self._lacks_streaming(m),
                max(_PATIENCE_S, 2 * self._period_s),
            )
            matched = fuller or matched
        return register_frameset(matched.frameset, self.infos) if registered else matched.frameset

    def _lacks_streaming(self, matched: Matched) -> bool:
        return any(self._supervisors[r].status.state is CameraState.STREAMING for r in matched.frameset.missing)

    def _take(self, frame: Frame) -> None:
        """Hand a frame over; runs in the camera's thread."""
        self._previews[frame.role].put(frame)
        anew = self._supervisors[frame.role].first
        listener = self._listener
        if listener is not None:
            listener(frame, anew)
        with self._arrived:
            if len(self._inbox) >= _INBOX:
                self._inbox.popleft()
                self._overflow.add()
            self._inbox.append((frame, anew))
            self._arrived.notify()

    def _match(self) -> None:
        while True:
            with self._arrived:
                if not self._inbox and not self._stopping:
                    due_ns = self._matcher.due_ns()
                    self._arrived.wait(None if due_ns is None else max(0.001, (due_ns - time.monotonic_ns()) * 1e-9))
                if self._stopping:
                    return
                frames = list(self._inbox)
                self._inbox.clear()
            for frame, anew in frames:
                try:
                    self._matcher.add(frame, self._times.read(frame), anew=anew)
                except Exception as fault:
                    self._tell(fault, frame.role)
            try:
                self._give_out()
            except Exception as fault:
                self._tell(fault, "rig")

    def _give_out(self) -> None:
        while (matched := self._matcher.take(time.monotonic_ns())) is not None:
            self._matched += 1
            self._incomplete += bool(matched.frameset.missing)
            self._framesets.put(matched)

    def _tell(self, fault: Exception, where: str) -> None:
        """Count a fault of the matcher's thread, the last guard before all framesets end; one kind is logged once."""
        self._faults.add()
        if self._fault != repr(fault):
            self._fault = repr(fault)
            _log.error("Matching met a fault and goes on", exc_info=fault, extra={"role": where})
