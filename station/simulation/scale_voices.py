"""What the virtual scale says: the cell's signal in, lines of a protocol out; pure, without a line or a clock."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from typing import Literal

from station.simulation.load_cell import MAX_KG, readable_kg, step_kg

VoiceName = Literal["mt-sics", "kcp", "sbi", "lines"]

_STABLE_SAMPLES = 5
_OVER_STEPS = 9
_UNDER_KG = 0.02 * MAX_KG
_ZERO_RANGE_KG = 0.02 * MAX_KG
COUNTS_PER_KG = 100_000.0
"""Of the amplifier that speaks plain lines."""
EMPTY_COUNTS = 8_250.0
"""What it says of the empty plate."""
_SERIAL = b'I4 A "0000000001"\r\n'


class ScaleVoice(ABC):
    """A scale with zero, tare and a stable flag; a weight is stable when the last five samples agree.

    They agree when they lie within one and a half steps of each other.
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

    def receive(self, data: bytes) -> bytes:
        """Take bytes from the line and return the answers to the commands in them."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._rest = self._rest[-64:]
        return b"".join(self._answer(line.strip(b"\r")) for line in lines)

    def switch_on(self) -> bytes:
        """Begin as after the power came back: without a tare, at zero where that is allowed; return what is said."""
        if self._samples and abs(self._zero_kg + self._samples[-1]) <= _ZERO_RANGE_KG:
            self._zero_kg += self._samples[-1]
        self._tare_kg = 0.0
        self._samples.clear()
        self._rest = b""
        self.streaming = False
        return b""

    @abstractmethod
    def weight_line(self) -> bytes:
        """Return the present weight as the protocol writes it."""

    @abstractmethod
    def _answer(self, command: bytes) -> bytes:
        """Return the answer to one command."""

    @property
    def _gross_kg(self) -> float:
        return self._samples[-1] if self._samples else 0.0

    @property
    def _net_kg(self) -> float:
        return self._gross_kg - self._tare_kg

    @property
    def _over(self) -> bool:
        return self._gross_kg > MAX_KG + _OVER_STEPS * step_kg(MAX_KG)

    @property
    def _under(self) -> bool:
        return self._gross_kg < -_UNDER_KG

    @property
    def _stable(self) -> bool:
        if len(self._samples) < _STABLE_SAMPLES:
            return False
        return max(self._samples) - min(self._samples) <= 1.5 * step_kg(self._samples[-1])

    def _zero(self) -> float | None:
        """Zero when that is allowed; return what hinders otherwise: the load to zero, 0 while it moves."""
        if not self._stable:
            return 0.0
        offset = self._zero_kg + self._samples[-1]
        if abs(offset) > _ZERO_RANGE_KG:
            return offset
        self._zero_kg, self._tare_kg = offset, 0.0
        self._samples.clear()
        self._samples.append(0.0)
        return None

    def _tare(self) -> bool:
        if not self._stable:
            return False
        self._tare_kg = readable_kg(self._samples[-1])
        return True


def _digits(kg: float) -> str:
    """Return a weight in grams with the decimals of its step."""
    shown = readable_kg(kg) * 1000.0 + 0.0
    return f"{shown:.1f}" if step_kg(kg) < 0.001 else f"{shown:.0f}"


class SicsVoice(ScaleVoice):
    """Speaks MT-SICS, or KCP, which tares without naming the tare."""

    def __init__(self, *, kcp: bool = False) -> None:
        super().__init__()
        self._kcp = kcp

    def switch_on(self) -> bytes:
        """Begin anew and say the serial number, as makers' scales do unasked."""
        return super().switch_on() + _SERIAL

    def weight_line(self) -> bytes:
        """Return the present weight as a reply to ``SI``."""
        if self._over:
            return b"S +\r\n"
        if self._under:
            return b"S -\r\n"
        return f"S {'S' if self._stable else 'D'} {_digits(self._net_kg):>10} g\r\n".encode("ascii")

    def _answer(self, command: bytes) -> bytes:
        if command in (b"SIR", b"SI"):
            self.streaming = command == b"SIR"
            return self.weight_line()
        if command == b"S":
            self.streaming = False
            return self.weight_line() if self._stable else b"S I\r\n"
        if command == b"@":
            self.streaming = False
            self._tare_kg = 0.0
            return _SERIAL
        if command == b"Z":
            hindrance = self._zero()
            if hindrance is None:
                return b"Z A\r\n"
            return b"Z I\r\n" if hindrance == 0.0 else b"Z +\r\n" if hindrance > 0 else b"Z -\r\n"
        if command == b"T":
            if not self._tare():
                return b"T I\r\n"
            return b"T A\r\n" if self._kcp else f"T S {_digits(self._tare_kg):>10} g\r\n".encode("ascii")
        return b"ES\r\n"


class SbiVoice(ScaleVoice):
    """Prints on request in Sartorius' form of 22 characters, without a unit while the weight moves; says no more."""

    def weight_line(self) -> bytes:
        """Return a print line."""
        if self._over or self._under:
            body = "      High    " if self._over else "      Low     "
            return f"Stat  {body}\r\n".encode("ascii")
        digits = _digits(abs(self._net_kg))
        sign = "-" if readable_kg(self._net_kg) < 0 else "+"
        return f"N     {sign}{digits:>9} {'g' if self._stable else '':3}\r\n".encode("ascii")

    def _answer(self, command: bytes) -> bytes:
        if command == b"\x1bP":
            return self.weight_line()
        if command == b"\x1bV":
            self._zero()
        elif command == b"\x1bU":
            self._tare()
        return b""


class LinesVoice(ScaleVoice):
    """An amplifier: counts without end, no unit, no flag, and deaf."""

    def __init__(self) -> None:
        super().__init__()
        self.streaming = True

    def switch_on(self) -> bytes:
        """Count on: an amplifier has no zero of its own."""
        self._samples.clear()
        return b""

    def weight_line(self) -> bytes:
        """Return the counts of the last sample."""
        return f"{round(self._gross_kg * COUNTS_PER_KG + EMPTY_COUNTS)}\r\n".encode("ascii")

    def _answer(self, command: bytes) -> bytes:
        return b""


def voice(name: VoiceName) -> ScaleVoice:
    """Return the voice of a protocol."""
    if name == "sbi":
        return SbiVoice()
    if name == "lines":
        return LinesVoice()
    return SicsVoice(kcp=name == "kcp")
