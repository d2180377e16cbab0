"""The scale on a serial line: its thread, its watchdog, its way back after a break."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Protocol

from station.errors import ScaleError, StationError
from station.frames import WeightReading
from station.scale.adjustment import ScaleAdjustment
from station.scale.mt_sics import MT_SICS
from station.scale.outlet import Outlet
from station.scale.protocol import ScaleProtocol
from station.scale.protocols import protocol_of
from station.scale.replies import ReplyKind
from station.scale.session import DONE, REFUSED, Event, ScaleSession, Trouble, Wish
from station.scale.source import ScaleChange, nobody
from station.scale.wishes import WishDesk
from station.settings import ScaleSection

_log = logging.getLogger(__name__)

_READ_S = 0.05
_POLL_NS = 100_000_000
"""Kern asks for at least so much between two questions."""
_FIRST_RETRY_S = 0.2
_LONGEST_RETRY_S = 5.0
_AFTER_FAULT_S = 1.0
_REOPEN_S = 0.02
"""A line that was useless is opened anew almost at once: what a scale says as it is switched on is not to be missed."""
_WORD_S = 12.0
"""A scale that acknowledges waits for rest before it does."""
_SHOWN_S = 5.0
"""Where the readings must show it, they show it by then."""
_PARITIES = {"none": "N", "even": "E", "odd": "O"}
_CHANGES = {DONE[Wish.ZERO]: ScaleChange.ZEROED, DONE[Wish.TARE]: ScaleChange.TARED}
_TAKEN = (errno.EAGAIN, errno.EWOULDBLOCK, errno.EBUSY)
"""What opening a line says that another program holds."""


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
    driver returns to after a break. A line is opened for this driver alone. Each trouble is reported once; ``None``
    follows with the first good reading. ``factor`` is that of the scale's adjustment. ``word_s`` is how long a scale
    that acknowledges is waited for; when its word comes later still, ``changed`` is told of it all the same.
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
        word_s: float = _WORD_S,
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
        self._word_s = word_s
        self._wishes = WishDesk(url)

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
        self,
        deliver: Callable[[WeightReading], None],
        report: Callable[[StationError | None], None],
        changed: Callable[[ScaleChange], None] = nobody,
    ) -> None:
        """Start the thread; a line that cannot be opened is reported and tried again, not raised.

        What the three callables raise is logged and reported; the thread lives on. Raises ScaleError when pyserial is
        not installed or the scale runs already.
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
                # Two readers would tear each other's lines. Windows opens no port twice, and a socket's server decides.
                exclusive=None if os.name == "nt" else True,
            )

        self._stop.clear()
        outlet = Outlet(f"Scale {self.url}", deliver, report, changed)
        self._thread = threading.Thread(target=self._run, args=(connect, breaks, outlet), name="Scale")
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
        """Zero the scale and wait for its word; raises ScaleError when it refuses or says nothing."""
        self._wish(Wish.ZERO)

    def tare(self) -> None:
        """Tare what lies on the scale, as a tray, and wait for its word; raises ScaleError as :meth:`zero` does."""
        self._wish(Wish.TARE)

    def _wish(self, wish: Wish) -> None:
        if self._thread is None:
            raise ScaleError("The scale is not started.", where=self.url)
        command = self._protocol.zero if wish is Wish.ZERO else self._protocol.tare
        if command is not None and self._protocol.acknowledges:
            self._wishes.ask(wish, self._word_s, late="It may wait for rest: what it does later is followed.")
        else:
            self._wishes.ask(wish, _SHOWN_S, late="Check its line.")

    def _run(self, connect: Callable[[], _Port], breaks: tuple[type[Exception], ...], outlet: Outlet) -> None:
        retry_s = _FIRST_RETRY_S
        while not self._stop.is_set():
            session, begun = self._session(), False
            try:
                with contextlib.closing(connect()) as port:
                    begun = True
                    self._wishes.opened()
                    self._listen(port, session, outlet)
                pause_s = _REOPEN_S
            except breaks as error:
                outlet.trouble(_broken(error) if begun else _unopened(error))
                retry_s = _FIRST_RETRY_S if session.healthy else min(2.0 * retry_s, _LONGEST_RETRY_S)
                pause_s = retry_s
            except Exception as fault:
                # The last guard: a weight that nobody renews must not stay in use for ever.
                _log.exception("The scale's driver met a fault", extra={"role": "scale"})
                outlet.trouble(Trouble("defect", f"The scale's driver met a fault: {fault!r}.", "Look into the log."))
                pause_s = _AFTER_FAULT_S
            finally:
                # What was zeroed and tared here holds over a break of the line.
                self._zero_kg, self._tare_kg = session.zero_kg, session.tare_kg
                self._wishes.closed()
            self._stop.wait(pause_s)

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

    def _listen(self, port: _Port, session: ScaleSession, outlet: Outlet) -> None:
        """Read until told to stop or until the line has been useless for too long; raises what pyserial raises."""
        if self._protocol.stream is not None:
            port.write(self._protocol.stream)
        asked_ns = 0
        while not self._stop.is_set():
            data = port.read(1)
            if data and port.in_waiting:
                data += port.read(port.in_waiting)
            now_ns = time.monotonic_ns()
            left = self._wishes.abandoned()
            if left is not None and not session.acknowledges(left):
                session.forget()
                self._wishes.forget(left)
            for event in session.feed(data, now_ns):
                self._hand_over(event, port, outlet)
            late = session.overdue(now_ns)
            if late is not None:
                self._hand_over(late, port, outlet)
            trouble = session.silence(now_ns)
            if trouble is not None:
                outlet.trouble(trouble)
                return
            if session.needs_polling and self._protocol.poll is not None and now_ns - asked_ns >= _POLL_NS:
                port.write(self._protocol.poll)
                asked_ns = now_ns
            wish = self._wishes.take()
            if wish is not None:
                command = session.ask(wish, now_ns)
                if command is not None:
                    port.write(command)

    def _hand_over(self, event: Event, port: _Port, outlet: Outlet) -> None:
        if isinstance(event, WeightReading):
            outlet.reading(event)
        elif isinstance(event, Trouble):
            outlet.trouble(event)
        elif event is ReplyKind.RESET:
            self._wishes.fail("The scale was switched on anew meanwhile.", "Wait until it weighs and try again.")
            outlet.change(ScaleChange.RESTARTED)
            if self._protocol.stream is not None:
                port.write(self._protocol.stream)
        else:
            self._settle(event, outlet)

    def _settle(self, word: ReplyKind, outlet: Outlet) -> None:
        """Pass the word on a wish on, however late it comes; a word that nobody asked for is a damaged line."""
        asked = self._wishes.answered(word)
        if asked is None:
            return
        if word in _CHANGES:
            outlet.change(_CHANGES[word])
        if word in _CHANGES or word in REFUSED.values():
            asked.answer(word)
        else:
            asked.answer(
                ScaleError(
                    f"The scale does not understand the command: {word.value}.",
                    where=self.url,
                    todo="Try again; if that stays, do it at the scale and check protocol in [scale].",
                    retryable=True,
                )
            )


def _broken(error: Exception) -> Trouble:
    return Trouble("line", f"The scale's line broke: {error}.", "Check its cable.")


def _unopened(error: Exception) -> Trouble:
    if isinstance(error, OSError) and error.errno in _TAKEN:
        return Trouble(
            "taken", "Another program holds the scale's line.", "Close it: a running station, or what else reads it."
        )
    return Trouble("line", f"The scale cannot be opened: {error}.", "Check its cable.")
