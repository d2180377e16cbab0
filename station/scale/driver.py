"""The scale on a serial line: its thread, its watchdog, its way back after a break."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from typing import Protocol

from station.errors import ScaleError, StationError
from station.frames import WeightReading
from station.scale.adjustment import ScaleAdjustment
from station.scale.mt_sics import MT_SICS
from station.scale.protocol import ScaleProtocol
from station.scale.protocols import protocol_of
from station.scale.replies import ReplyKind
from station.scale.session import ScaleSession, Trouble, Wish
from station.settings import ScaleSection

_log = logging.getLogger(__name__)

_READ_S = 0.05
_POLL_NS = 100_000_000
"""Kern asks for at least so much between two questions."""
_FIRST_RETRY_S = 0.2
_LONGEST_RETRY_S = 5.0
_WISH_S = 5.0
_PARITIES = {"none": "N", "even": "E", "odd": "O"}
_VERBS = {Wish.ZERO: "zeroed", Wish.TARE: "tared"}

_Word = ReplyKind | ScaleError


class _Port(Protocol):
    """The part of a pyserial port that is used here."""

    @property
    def in_waiting(self) -> int: ...
    def read(self, size: int = 1) -> bytes: ...
    def write(self, b: bytes, /) -> int | None: ...
    def close(self) -> None: ...


class SerialScale:
    """Scale behind a pyserial URL, read by its own thread named ``Scale``.

    ``url`` is anything that ``serial_for_url`` opens; give the stable name (``/dev/serial/by-id/…``), it is what the
    driver returns to after a break. Each trouble is reported once; ``None`` follows with the first good reading.
    ``factor`` is that of the scale's adjustment.
    """

    def __init__(
        self,
        url: str,
        protocol: ScaleProtocol = MT_SICS,
        *,
        baud: int = 9600,
        parity: str = "none",
        data_bits: int = 8,
        step_kg: float = 0.0001,
        max_kg: float = 15.0,
        silent_after_s: float = 2.0,
        factor: float = 1.0,
    ) -> None:
        self.url = url
        self.step_kg = step_kg
        self._protocol = protocol
        self._baud = baud
        self._parity = _PARITIES[parity]
        self._data_bits = data_bits
        self._max_kg = max_kg
        self._silent_after_s = silent_after_s
        self._factor = factor
        self._zero_kg = self._tare_kg = 0.0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._wishes: queue.Queue[tuple[Wish, queue.Queue[_Word]]] = queue.Queue(maxsize=1)
        self._one_wish = threading.Lock()
        self._wisher: queue.Queue[_Word] | None = None
        self._given_up = threading.Event()
        self._trouble: str | None = None

    @staticmethod
    def from_settings(section: ScaleSection, adjustment: ScaleAdjustment | None = None) -> SerialScale:
        """Build the scale that ``[scale]`` describes, adjusted where there is an adjustment."""
        return SerialScale(
            section.port,
            protocol_of(section),
            baud=section.baud,
            parity=section.parity,
            data_bits=section.data_bits,
            step_kg=section.step_g / 1000.0,
            max_kg=section.max_kg,
            silent_after_s=section.silent_after_s,
            factor=adjustment.factor if adjustment else 1.0,
        )

    def start(
        self, deliver: Callable[[WeightReading], None], report: Callable[[StationError | None], None]
    ) -> None:
        """Start the thread; a line that cannot be opened is reported and tried again, not raised.

        Raises ScaleError when pyserial is not installed or the scale runs already.
        """
        if self._thread is not None:
            raise ScaleError("The scale is started already.", where=self.url)
        try:
            import serial
        except ImportError as error:
            raise ScaleError(
                "pyserial is not installed.", where=self.url, todo="Install it, or set enabled = false in [scale]."
            ) from error
        breaks: tuple[type[Exception], ...] = (serial.SerialException, OSError, ValueError)
        if os.name != "nt":  # on Windows (untested) pyserial raises its own exceptions only
            import termios

            breaks = (*breaks, termios.error)

        def connect() -> _Port:
            return serial.serial_for_url(
                self.url,
                baudrate=self._baud,
                parity=self._parity,
                bytesize=self._data_bits,
                timeout=_READ_S,
                write_timeout=1.0,
            )

        self._trouble = None
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, args=(connect, breaks, deliver, report), name="Scale")
        self._thread.start()

    def stop(self) -> None:
        """Close the line and join the thread; harmless when stopped already."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=10.0)
            if self._thread.is_alive():
                raise ScaleError("The scale's thread does not end.", where=self.url, todo="Restart the program.")
            self._thread = None

    def zero(self) -> None:
        """Zero the scale and wait for its word, at most five seconds; raises ScaleError when it refuses."""
        self._wish(Wish.ZERO, "Empty the plate and try again.")

    def tare(self) -> None:
        """Tare what lies on the scale, as a tray, and wait for its word; raises ScaleError when it refuses."""
        self._wish(Wish.TARE, "Wait until nothing moves and try again.")

    def _wish(self, wish: Wish, todo: str) -> None:
        verb = _VERBS[wish]
        if self._thread is None:
            raise ScaleError("The scale is not started.", where=self.url)
        if not self._one_wish.acquire(blocking=False):
            raise ScaleError("The scale is being zeroed or tared already.", where=self.url, retryable=True)
        try:
            said = self._ask(wish)
        finally:
            self._one_wish.release()
        if isinstance(said, ScaleError):
            raise said
        if said not in (ReplyKind.ZEROED, ReplyKind.TARED):
            raise ScaleError(
                f"The scale refuses to be {verb}: the load moves or is too large.",
                where=self.url,
                todo=todo,
                retryable=True,
            )

    def _ask(self, wish: Wish) -> _Word:
        answer: queue.Queue[_Word] = queue.Queue(maxsize=1)
        self._given_up.clear()
        self._wishes.put_nowait((wish, answer))
        try:
            return answer.get(timeout=_WISH_S)
        except queue.Empty as error:
            # Whoever asked has been told that it failed: the command must not go out later.
            with contextlib.suppress(queue.Empty):
                self._wishes.get_nowait()
            self._given_up.set()
            raise ScaleError(
                f"The scale did not answer within {_WISH_S:g} s that it is {_VERBS[wish]}.",
                where=self.url,
                todo="Check its line.",
                retryable=True,
            ) from error

    def _run(
        self,
        connect: Callable[[], _Port],
        breaks: tuple[type[Exception], ...],
        deliver: Callable[[WeightReading], None],
        report: Callable[[StationError | None], None],
    ) -> None:
        retry_s = _FIRST_RETRY_S
        while not self._stop.is_set():
            session = self._session()
            try:
                port = connect()
            except breaks as error:
                self._tell(Trouble("line", f"The scale cannot be opened: {error}.", "Check its cable."), report)
            else:
                try:
                    self._listen(port, session, deliver, report)
                except breaks as error:
                    self._tell(Trouble("line", f"The scale's line broke: {error}.", "Check its cable."), report)
                finally:
                    port.close()
            # What was zeroed and tared here holds over a break of the line.
            self._zero_kg, self._tare_kg = session.zero_kg, session.tare_kg
            self._refuse_wishes()
            retry_s = _FIRST_RETRY_S if session.healthy else min(2.0 * retry_s, _LONGEST_RETRY_S)
            self._stop.wait(retry_s)

    def _session(self) -> ScaleSession:
        return ScaleSession(
            self._protocol,
            step_kg=self.step_kg,
            max_kg=self._max_kg,
            silent_after_s=self._silent_after_s,
            opened_ns=time.monotonic_ns(),
            zero_kg=self._zero_kg,
            tare_kg=self._tare_kg,
            factor=self._factor,
        )

    def _listen(
        self,
        port: _Port,
        session: ScaleSession,
        deliver: Callable[[WeightReading], None],
        report: Callable[[StationError | None], None],
    ) -> None:
        """Read until told to stop or until the line has been useless for too long; raises what pyserial raises."""
        if self._protocol.stream is not None:
            port.write(self._protocol.stream)
        asked_ns = 0
        while not self._stop.is_set():
            data = port.read(1)
            if data and port.in_waiting:
                data += port.read(port.in_waiting)
            now_ns = time.monotonic_ns()
            if self._given_up.is_set():
                self._given_up.clear()
                self._wisher = None
                session.forget()
            for event in session.feed(data, now_ns):
                if isinstance(event, WeightReading):
                    self._recover(report)
                    deliver(event)
                elif isinstance(event, Trouble):
                    self._tell(event, report)
                else:
                    self._grant(event)
            late = session.overdue(now_ns)
            if late is not None:
                self._grant(late)
            trouble = session.silence(now_ns)
            if trouble is not None:
                self._tell(trouble, report)
                return
            if session.needs_polling and self._protocol.poll is not None and now_ns - asked_ns >= _POLL_NS:
                port.write(self._protocol.poll)
                asked_ns = now_ns
            with contextlib.suppress(queue.Empty):
                wish, self._wisher = self._wishes.get_nowait()
                command = session.ask(wish, now_ns)
                if command is not None:
                    port.write(command)

    def _grant(self, word: ReplyKind) -> None:
        asked, self._wisher = self._wisher, None
        if asked is not None:
            asked.put_nowait(word)

    def _tell(self, trouble: Trouble, report: Callable[[StationError | None], None]) -> None:
        if trouble.key != self._trouble:
            self._trouble = trouble.key
            _log.warning("The scale is in trouble: %s", trouble.what, extra={"role": "scale"})
            where = f"Scale {self.url}"
            report(ScaleError(trouble.what, where=where, todo=trouble.todo, retryable=True, kind=trouble.key))

    def _recover(self, report: Callable[[StationError | None], None]) -> None:
        if self._trouble is not None:
            self._trouble = None
            _log.info("The scale weighs again", extra={"role": "scale"})
            report(None)

    def _refuse_wishes(self) -> None:
        asked, self._wisher = self._wisher, None
        waiting = [asked] if asked is not None else []
        with contextlib.suppress(queue.Empty):
            waiting.append(self._wishes.get_nowait()[1])
        for answer in waiting:
            answer.put_nowait(
                ScaleError("The scale cannot be reached.", where=self.url, todo="Check its line.", retryable=True)
            )
