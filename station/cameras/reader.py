"""The thread of one camera: waits for frames of the SDK, copies them out, hands them on, and closes the device."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from station.cameras.source import Deliver, EndOfReplay
from station.errors import CameraError
from station.frames import Frame

_log = logging.getLogger(__name__)

_WAIT_MS = 200
"""One wait for frames; short, so that a stop is noticed soon."""
_JOIN_S = 10.0


class FrameReader:
    """Owns the thread of one opened camera.

    ``wait(timeout_ms)`` gives (whether frames came, frames); ``convert`` makes a :class:`Frame` of them or ``None``;
    ``close`` shuts the device and is called in this thread whatever ends it, and ``wait`` and ``close`` are let go
    here, too: a pipeline that nobody else holds is destroyed here, because the SDK has crashed when one was destroyed
    elsewhere after its camera was unplugged. The device's sensors may be held, and let go, elsewhere. After
    ``stale_after_s`` without a frame the thread closes the device and leaves the reason in ``fault``. ``ended`` says
    that a recording is over.
    """

    def __init__(
        self,
        where: str,
        name: str,
        wait: Callable[[int], tuple[bool, Any]],
        convert: Callable[[Any], Frame | None],
        close: Callable[[], None],
        *,
        stale_after_s: float,
        ended: Callable[[], bool] = lambda: False,
    ) -> None:
        self._where = where
        self._role = name
        self._wait = wait
        self._convert = convert
        self._close = close
        self._stale_after_s = stale_after_s
        self._ended = ended
        self._last_number: int | None = None
        self._stop = threading.Event()
        self._ending: CameraError | None = None
        self._thread = threading.Thread(target=self._run, name=f"{name}-read")
        self._deliver: Deliver | None = None
        self.fault: CameraError | None = None

    def start(self, deliver: Deliver) -> None:
        """Begin to deliver frames."""
        self._deliver = deliver
        self._thread.start()

    def stop(self) -> None:
        """End the thread and with it the device; raises CameraError when it does not end within ten seconds."""
        self._stop.set()
        self._thread.join(_JOIN_S)
        if self._thread.is_alive():
            raise CameraError(
                f"The camera's thread did not end within {_JOIN_S:.0f} s.",
                where=self._where,
                todo="Unplug the camera, then restart the station.",
            )

    def end_with(self, reason: CameraError) -> None:
        """Have the thread close the device and leave ``reason`` as its fault, without waiting for that."""
        self._ending = reason

    def _run(self) -> None:
        try:
            self._read()
        except CameraError as error:
            # Its traceback holds this reader, and so all pictures of a closed camera, until some later collection.
            self.fault = error.with_traceback(None)
        except RuntimeError as error:
            self.fault = CameraError(
                f"The driver gave up: {error}.", where=self._where, todo="It is opened again.", retryable=True
            )
        except Exception as error:
            # A thread that died without a word would leave its camera starting for ever.
            _log.exception("The camera's thread met a fault", extra={"role": self._role})
            self.fault = CameraError(
                f"Its thread met a fault: {error!r}.", where=self._where, todo="It is opened again.", retryable=True
            )
        finally:
            self._shut()

    def _shut(self) -> None:
        try:
            self._close()
        except Exception as error:
            # What the driver says of a device that is gone already is no reason to lose the camera.
            _log.exception("The camera could not be closed", extra={"role": self._role})
            self.fault = self.fault or CameraError(
                f"The driver could not close the camera: {error!r}.", where=self._where, retryable=True
            )
        finally:
            self._wait, self._close = _nothing_comes, _nothing_open

    def _read(self) -> None:
        assert self._deliver is not None
        last = opened = time.monotonic()
        while not self._stop.is_set():
            if self._ending is not None:
                raise self._ending
            # Asked before the wait: the last frame may come between a wait in vain and the end of the recording.
            over = self._ended()
            came, frames = self._wait(_WAIT_MS)
            frame = self._convert(frames) if came else None
            del frames
            if frame is not None:
                last = time.monotonic()
                self._last_number = frame.number
                self._deliver(frame)
            elif over and not came:
                raise EndOfReplay("The recording is over.", where=self._where)
            elif time.monotonic() - last > self._stale_after_s:
                since = "since it was opened" if last == opened else f"any more; the last was {self._last_number}"
                raise CameraError(
                    f"No frame came within {self._stale_after_s:g} s {since}.",
                    where=self._where,
                    todo="Check its cable and its USB port; it is opened again.",
                    retryable=True,
                )


def _nothing_comes(_timeout_ms: int) -> tuple[bool, Any]:
    """Stand for the wait of a device that is gone."""
    return False, None


def _nothing_open() -> None:
    """Stand for the end of a device that is closed."""
