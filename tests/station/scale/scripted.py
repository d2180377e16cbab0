"""A scale at the other end of a pseudo-terminal that says what the test tells it, and when."""

from __future__ import annotations

import threading
from types import TracebackType

from station.simulation.scale_line import PtyLine

_PERIOD_S = 0.02
PATIENCE_S = 15.0


class ScriptedScale:
    """Sends ``weight`` fifty times a second once it was asked to, and ``say`` in between; use as a context manager."""

    def __init__(self, *, stream_at: bytes = b"SIR") -> None:
        self._line = PtyLine()
        self._line.open()
        self._stream_at = stream_at
        self._heard = threading.Condition()
        self._talking = self._off = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ScriptedScale")
        self.commands: list[bytes] = []
        self.weight = b"S S     1234.5 g\r\n"

    @property
    def url(self) -> str:
        return self._line.url

    def __enter__(self) -> ScriptedScale:
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._stop.set()
        self._thread.join(PATIENCE_S)
        self._line.remove()

    def say(self, *lines: bytes, weight: bytes | None = None) -> None:
        """Send lines at once, and ``weight`` from then on."""
        with self._heard:
            for line in lines:
                self._line.write(line)
            self.weight = self.weight if weight is None else weight

    def fall_asleep(self, *, stay: bool = False) -> None:
        """Say nothing until asked to stream again, as a scale that was switched off and on; or off until woken."""
        with self._heard:
            self._talking, self._off = False, stay

    def wake(self) -> None:
        """Be on again."""
        with self._heard:
            self._off = False

    def wait_for(self, command: bytes, times: int = 1) -> None:
        """Wait until a command has come so often."""
        with self._heard:
            assert self._heard.wait_for(lambda: self.commands.count(command) >= times, PATIENCE_S), self.commands

    def _run(self) -> None:
        rest = b""
        while not self._stop.wait(_PERIOD_S):
            with self._heard:
                *lines, rest = (rest + self._line.read(0.0)).split(b"\n")
                for line in lines:
                    self.commands.append(line.strip(b"\r"))
                    asked = self.commands[-1] == self._stream_at and not self._off
                    self._talking = self._talking or asked
                if lines:
                    self._heard.notify_all()
                if self._talking:
                    self._line.write(self.weight)
