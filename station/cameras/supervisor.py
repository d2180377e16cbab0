"""One camera's life: opened, watched, opened again with growing pauses, and given up with a reason."""

from __future__ import annotations

import enum
import logging
import threading
import time
from dataclasses import dataclass

from station.cameras.device_access import DEVICE_ACCESS
from station.cameras.source import CameraAbsentError, CameraSource, Deliver, EndOfReplay
from station.errors import CameraError
from station.frames import CameraInfo, Frame

_log = logging.getLogger(__name__)

_TICK_S = 0.1
_PAUSES_S = (0.5, 1.0, 2.0, 4.0)
"""Pauses between attempts to open a camera again; when the one after the last was in vain, it has failed."""
_SLOW_PAUSE_S = 8.0
"""A camera that is absent or has failed is still tried so often, so that it is in use soon after it was cured."""
_JOIN_S = 20.0
_OVERDUE_S = 15.0
"""A camera that is opened for so long hangs: with a reset, which is seldom, it takes ten."""
_STEP_S = 5.0
"""How long it hangs is told in such steps: a sentence that changes all the time cannot be read."""


class CameraState(enum.StrEnum):
    """Where a camera is in its life."""

    STOPPED = "stopped"
    STARTING = "starting"
    STREAMING = "streaming"
    STALLED = "stalled"
    """Open and silent; closed and opened again when that lasts."""
    RECONNECTING = "reconnecting"
    """Closed and tried again, or not connected and looked for, however long that takes."""
    FAILED = "failed"
    """Connected, but all attempts were in vain, the last one after a reset, or none can help: somebody must look.

    It is tried all the same, slowly.
    """
    ENDED = "ended"
    """A recording that has been played."""


_TROUBLED = (CameraState.STALLED, CameraState.RECONNECTING, CameraState.FAILED)


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """What is known of a camera now; ``reason`` is the sentence to show when it does not stream.

    ``fps`` is measured over the last frames, ``frames`` counts all that came, ``dropped`` those that the camera's
    counter says are missing between them while it is open, ``restarts`` how often it was opened again with success.
    ``hangs_s`` is how long its opening has taken once that is far too long, else 0; ``waits_for`` is then what it
    waits for, another role or "listing", empty when it is this camera that hangs.
    """

    role: str
    serial: str
    state: CameraState
    reason: str
    fps: float
    frames: int
    dropped: int
    restarts: int
    hangs_s: float = 0.0
    waits_for: str = ""


class CameraSupervisor:
    """Owns one source: a thread that starts it, watches it and starts it again.

    ``deliver`` gets every frame in the camera's own thread. The camera is stalled after ``stall_after_s`` without a
    frame; the source itself closes and reports a fault when that lasts, and is then opened again after ``pauses_s``.
    One that is absent, or stays in trouble after those, is tried every ``slow_pause_s``.
    """

    def __init__(
        self,
        source: CameraSource,
        deliver: Deliver,
        *,
        stall_after_s: float,
        pauses_s: tuple[float, ...] = _PAUSES_S,
        slow_pause_s: float = _SLOW_PAUSE_S,
    ) -> None:
        self.source = source
        self.info: CameraInfo | None = None
        """What the camera said of itself when it was last opened."""
        self.first = False
        """While a frame is delivered: whether it is the first one since the camera was opened."""
        self._deliver = deliver
        self._stall_after_s = stall_after_s
        self._pauses_s = pauses_s
        self._slow_pause_s = slow_pause_s
        self._thread = threading.Thread(target=self._run, name=f"{source.role}-watch")
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._tried = threading.Event()
        self._first = threading.Event()
        self._change = threading.Condition()
        self._state = CameraState.STOPPED
        self._reason = ""
        self._error: CameraError | None = None
        self._openings = 0
        self._frames = 0
        self._dropped = 0
        self._number: int | None = None
        self._arrival_ns = 0
        self._interval_ns = 0.0
        self._left_open = False
        self._opening_ns = 0

    @property
    def status(self) -> CameraStatus:
        """The camera's state and figures now."""
        silent_s = (time.monotonic_ns() - self._arrival_ns) * 1e-9
        moving = self._interval_ns > 0 and silent_s < self._stall_after_s
        hangs_s, waits_for = self._hangs()
        return CameraStatus(
            role=self.source.role,
            serial=self.source.serial,
            state=self._state,
            reason=str(self._hanging(hangs_s, waits_for)) if hangs_s else self._reason,
            fps=1e9 / self._interval_ns if moving else 0.0,
            frames=self._frames,
            dropped=self._dropped,
            restarts=max(0, self._openings - 1),
            hangs_s=hangs_s,
            waits_for=waits_for,
        )

    @property
    def error(self) -> CameraError | None:
        """The last trouble, or ``None`` while the camera streams."""
        return self._error

    def start(self) -> None:
        """Begin; returns at once."""
        self._enter(CameraState.STARTING)
        self._thread.start()

    def wait_opened(self, timeout_s: float) -> bool:
        """Wait for the first attempt to open the camera; return whether it succeeded in time."""
        return self._tried.wait(timeout_s) and self._error is None

    def wait_first_frame(self, timeout_s: float) -> bool:
        """Wait for the first frame; return whether it came in time."""
        return self._first.wait(timeout_s)

    def wait_state(self, wanted: CameraState, timeout_s: float) -> bool:
        """Wait until the camera is in the state ``wanted``; return whether it got there in time."""
        with self._change:
            return self._change.wait_for(lambda: self._state is wanted, timeout_s)

    def retry(self) -> None:
        """Try a failed or waiting camera now, or once more at once when an attempt is going on."""
        self._wake.set()

    def request_stop(self) -> None:
        """Ask the camera to close, without waiting for it."""
        self._stopping.set()
        self._wake.set()

    def stop(self) -> None:
        """Close the camera and join both threads; raises CameraError when they do not end."""
        self.request_stop()
        if self._thread.ident is None:
            return
        self._thread.join(_JOIN_S)
        if self._thread.is_alive():
            raise CameraError(
                f"The camera did not close within {_JOIN_S:.0f} s.",
                where=f"{self.source.role} (serial {self.source.serial})",
                todo="Unplug it, then restart the station.",
            )

    def _enter(self, state: CameraState, error: CameraError | None = None) -> None:
        reason = str(error) if error else ""
        with self._change:
            news = (state, reason) != (self._state, self._reason)
            self._state = state
            self._error = error
            self._reason = reason
            self._change.notify_all()
        if news:
            level = logging.WARNING if state in _TROUBLED else logging.INFO
            _log.log(level, "The camera is now %s. %s", state.value, reason, extra={"role": self.source.role})

    def _run(self) -> None:
        attempts = 0
        absent = False
        while not self._stopping.is_set():
            before = self._frames
            self._wake.clear()
            trouble = self._live()
            was_absent, absent = absent, isinstance(trouble, CameraAbsentError)
            if self._frames > before or (was_absent and not absent):
                attempts = 0
            if trouble is None:
                break
            if isinstance(trouble, EndOfReplay):
                self._enter(CameraState.ENDED, trouble)
                self._stopping.wait()
                break
            woken = self._pause(attempts, trouble)
            # Whoever asks for a try has a reason: the camera gets all its attempts again.
            attempts = 0 if woken else attempts + 1
        self._enter(CameraState.STOPPED)

    def _live(self) -> CameraError | None:
        """Open the camera, follow it and close it; return its trouble, or ``None`` when the station stops."""
        try:
            if self._left_open:
                self.source.stop()
                self._left_open = False
            self._number = None
            self._opening_ns = time.monotonic_ns()
            try:
                self.source.start(self._take)
            finally:
                self._opening_ns = 0
            self._openings += 1
            self._tried.set()
            trouble = self._watch()
        except CameraError as error:
            return error
        except Exception as error:
            # A thread that died without a word would leave its camera starting for ever.
            _log.exception("The camera met a fault", extra={"role": self.source.role})
            self._left_open = True
            return CameraError(
                f"The camera met a fault: {error!r}.",
                where=f"{self.source.role} (serial {self.source.serial})",
                todo="It is opened again.",
                retryable=True,
            )
        self._close()
        return trouble

    def _hangs(self) -> tuple[float, str]:
        """Return for how long the camera's opening hangs, 0 while it does not, and what it waits for; at once."""
        since_ns, holder = self._opening_ns, DEVICE_ACCESS.holder
        if not since_ns:
            return 0.0, ""
        waits_for = "" if holder is None or holder.who == self.source.role else holder.who
        if holder is not None:
            # Whoever waits for nine others that are opened one after the other does not hang.
            since_ns = max(since_ns, holder.since_ns)
        hangs_s = (time.monotonic_ns() - since_ns) * 1e-9
        return (hangs_s // _STEP_S * _STEP_S, waits_for) if hangs_s >= _OVERDUE_S else (0.0, "")

    def _hanging(self, hangs_s: float, waits_for: str) -> CameraError:
        if not waits_for:
            what = f"The camera has been opening for {hangs_s:.0f} s and does not answer."
            todo = "Unplug it for a while."
        elif waits_for == "listing":
            what = f"The camera waits to be opened: the listing of all cameras has hung for {hangs_s:.0f} s."
            todo = "Unplug the cameras one after the other until it goes on."
        else:
            what = f"The camera waits to be opened: {waits_for} has been opening for {hangs_s:.0f} s."
            todo = f"Unplug {waits_for} for a while."
        return CameraError(what, where=f"{self.source.role} (serial {self.source.serial})", todo=todo)

    def _pause(self, attempts: int, trouble: CameraError) -> bool:
        """Wait before the next attempt; return whether somebody has asked for it."""
        spent = attempts >= len(self._pauses_s)
        hopeless = not trouble.retryable or (spent and not isinstance(trouble, CameraAbsentError))
        self._enter(CameraState.FAILED if hopeless else CameraState.RECONNECTING, trouble)
        self._tried.set()
        if self._stopping.is_set():
            return False
        return self._wake.wait(self._slow_pause_s if spent or hopeless else self._pauses_s[attempts])

    def _watch(self) -> CameraError | None:
        """Follow the open camera; return its trouble, or ``None`` when the station stops."""
        opened_ns = time.monotonic_ns()
        while not self._stopping.wait(_TICK_S):
            fault = self.source.fault
            if fault is not None:
                return fault
            silent_s = (time.monotonic_ns() - max(self._arrival_ns, opened_ns)) * 1e-9
            if self._arrival_ns > opened_ns and silent_s <= self._stall_after_s:
                if self._state is not CameraState.STREAMING:
                    self._enter(CameraState.STREAMING)
            elif silent_s > self._stall_after_s and self._state is not CameraState.STALLED:
                self._enter(
                    CameraState.STALLED,
                    CameraError(
                        f"No frame for {silent_s:.1f} s.",
                        where=f"{self.source.role} (serial {self.source.serial})",
                        todo="It is opened again if that lasts.",
                        retryable=True,
                    ),
                )
        return None

    def _close(self) -> None:
        """Close the camera; one that does not close now is closed again before it is opened."""
        self._left_open = True
        try:
            self.source.stop()
            self._left_open = False
        except CameraError as error:
            self._enter(CameraState.FAILED, error)
        except Exception:
            # The camera's own trouble is what counts; this one is for those who mend the program.
            _log.exception("The camera could not be closed", extra={"role": self.source.role})

    def _take(self, frame: Frame) -> None:
        self.first = self._number is None
        if self.first:
            self.info = self.source.info
        if self._number is not None and frame.number > self._number + 1:
            self._dropped += frame.number - self._number - 1
        if self._number is not None and self._arrival_ns:
            interval = frame.arrival_ns - self._arrival_ns
            self._interval_ns += (interval - self._interval_ns) * (0.1 if self._interval_ns else 1.0)
        self._number = frame.number
        self._arrival_ns = frame.arrival_ns
        self._frames += 1
        self._deliver(frame)
        self._first.set()
