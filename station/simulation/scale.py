"""The virtual scale: speaks MT-SICS over a real line, so that the real driver reads it."""

from __future__ import annotations

import threading
import time
from collections import deque

from station.errors import SimulationError
from station.simulation.load_cell import MAX_KG, LoadCell, readable_kg, settled_kg, step_kg
from station.simulation.scale_line import DEFAULT_TRANSPORT, Transport, open_line

__all__ = ["ScaleVoice", "VirtualScale", "readable_kg", "settled_kg", "step_kg"]

_RATE_HZ = 20.0
_STABLE_SAMPLES = 5
_OVER_STEPS = 9
_UNDER_KG = 0.02 * MAX_KG
_ZERO_RANGE_KG = 0.02 * MAX_KG


class ScaleVoice:
    """What the scale says: cell signal in, MT-SICS lines out; pure, without a line or a clock.

    A weight is stable when the last five samples lie within one and a half steps of each other.
    """

    def __init__(self) -> None:
        self._zero_kg = 0.0
        self._tare_kg = 0.0
        self._samples: deque[float] = deque(maxlen=_STABLE_SAMPLES)
        self._rest = b""
        self.streaming = False

    def sample(self, signal_kg: float) -> None:
        """Take the next sample of the cell."""
        self._samples.append(signal_kg - self._zero_kg)

    def weight_line(self) -> bytes:
        """Return the present weight as a reply to ``SI``."""
        gross = self._samples[-1] if self._samples else 0.0
        if gross > MAX_KG + _OVER_STEPS * step_kg(MAX_KG):
            return b"S +\r\n"
        if gross < -_UNDER_KG:
            return b"S -\r\n"
        return f"S {'S' if self._stable() else 'D'} {self._field(gross - self._tare_kg)}\r\n".encode("ascii")

    def receive(self, data: bytes) -> bytes:
        """Take bytes from the line and return the answers to the commands in them."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._rest = self._rest[-64:]
        return b"".join(self._answer(line.strip(b"\r")) for line in lines)

    def _answer(self, command: bytes) -> bytes:
        if command == b"SIR":
            self.streaming = True
            return self.weight_line()
        if command == b"SI":
            self.streaming = False
            return self.weight_line()
        if command == b"S":
            self.streaming = False
            return self.weight_line() if self._stable() else b"S I\r\n"
        if command == b"@":
            self.streaming = False
            self._tare_kg = 0.0
            return b'I4 A "0000000001"\r\n'
        if command == b"Z":
            return self._zero()
        if command == b"T":
            if not self._stable():
                return b"T I\r\n"
            self._tare_kg = readable_kg(self._samples[-1])
            return f"T S {self._field(self._tare_kg)}\r\n".encode("ascii")
        return b"ES\r\n"

    def _zero(self) -> bytes:
        if not self._stable():
            return b"Z I\r\n"
        offset = self._zero_kg + self._samples[-1]
        if abs(offset) > _ZERO_RANGE_KG:
            return b"Z +\r\n" if offset > 0 else b"Z -\r\n"
        self._zero_kg, self._tare_kg = offset, 0.0
        self._samples.clear()
        self._samples.append(0.0)
        return b"Z A\r\n"

    def _stable(self) -> bool:
        if len(self._samples) < _STABLE_SAMPLES:
            return False
        return max(self._samples) - min(self._samples) <= 1.5 * step_kg(self._samples[-1])

    @staticmethod
    def _field(kg: float) -> str:
        shown = readable_kg(kg) * 1000.0
        return f"{shown + 0.0:10.1f} g" if step_kg(kg) < 0.001 else f"{shown:10.0f} g"


class VirtualScale:
    """Scale of 15 kg with 0.1 g steps below 3 kg and 1 g above, served by its own thread ``VirtualScale``.

    ``url`` is what the driver opens; it stays the same over ``close_line`` and ``open_line``. Use as a context
    manager, or call ``close`` at the end.
    """

    def __init__(self, *, seed: int = 0, transport: Transport = DEFAULT_TRANSPORT) -> None:
        self._cell = LoadCell(seed)
        self._voice = ScaleVoice()
        self._lock = threading.Lock()
        self._line = open_line(transport)
        self._silent = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="VirtualScale")
        self._thread.start()

    @property
    def url(self) -> str:
        """What ``serial_for_url`` opens."""
        return self._line.url

    def __enter__(self) -> VirtualScale:
        """Return the running scale."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the scale."""
        self.close()

    def set_load(self, kg: float, x: float = 0.240, y: float = 0.192) -> None:
        """Put a load on the plate at (x, y) metres, in place of what was there; 0 empties the plate."""
        if not kg >= 0.0:
            raise SimulationError(f"A load of {kg} kg cannot lie on the scale.")
        with self._lock:
            self._cell.set_load(kg, x, y, time.monotonic())

    def close_line(self) -> None:
        """Pull the line out; the driver sees an input/output error."""
        with self._lock:
            self._line.close()
            self._voice.streaming = False

    def open_line(self) -> None:
        """Plug the line in again, under the same name."""
        with self._lock:
            self._line.open()

    def send_garbage(self, data: bytes) -> None:
        """Put bytes on the line that are no answer."""
        with self._lock:
            self._line.write(data)

    def set_silent(self, silent: bool) -> None:
        """Let the scale fall silent, or speak again."""
        with self._lock:
            self._silent = silent

    def close(self) -> None:
        """End the thread and take the line away; harmless when closed already."""
        self._stop.set()
        self._thread.join(timeout=5.0)
        if self._thread.is_alive():
            raise SimulationError("The virtual scale's thread does not end.")
        self._line.remove()

    def _run(self) -> None:
        period_s = 1.0 / _RATE_HZ
        next_s = time.monotonic()
        while not self._stop.is_set():
            with self._lock:
                now_s = time.monotonic()
                if now_s >= next_s:
                    next_s = max(next_s + period_s, now_s)
                    self._voice.sample(self._cell.signal_kg(now_s))
                    if self._voice.streaming and not self._silent:
                        self._line.write(self._voice.weight_line())
                answer = self._voice.receive(self._line.read(0.0))
                if answer and not self._silent:
                    self._line.write(answer)
            self._stop.wait(min(max(next_s - time.monotonic(), 0.0), 0.01))
