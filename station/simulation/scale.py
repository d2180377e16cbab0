"""The virtual scale: speaks a scale's protocol over a real line, so that the real driver reads it."""

from __future__ import annotations

import random
import threading
import time

from station.errors import SimulationError
from station.simulation.load_cell import LoadCell
from station.simulation.scale_line import DEFAULT_TRANSPORT, Transport, open_line
from station.simulation.scale_voices import VoiceName, voice

_RATE_HZ = 20.0
_NOISE_KG = 0.004
"""Standard deviation of a noisy scale's weight."""
_DRIFT_KG_PER_S = 2e-5
"""How fast a drifting scale's zero runs away: 1.2 g a minute."""


class VirtualScale:
    """Scale of 15 kg with 0.1 g steps below 3 kg and 1 g above, served by its own thread ``VirtualScale``.

    ``url`` is what the driver opens; it stays the same over ``close_line`` and ``open_line``. Use as a context
    manager, or call ``close`` at the end.
    """

    def __init__(
        self, *, seed: int = 0, transport: Transport = DEFAULT_TRANSPORT, protocol: VoiceName = "mt-sics"
    ) -> None:
        self._cell = LoadCell(seed)
        self._protocol: VoiceName = protocol
        self._voice = voice(protocol)
        self._lock = threading.Lock()
        self._line = open_line(transport)
        self._silent = self._noisy = self._garbled = False
        self._chance = random.Random(seed)
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
            self._voice.streaming = self._protocol == "lines"

    def open_line(self) -> None:
        """Plug the line in again, under the same name."""
        with self._lock:
            self._line.open()

    def power_cycle(self) -> None:
        """Switch the scale off and on: its tare is gone, and it sends nothing until it is asked to."""
        with self._lock:
            self._say(self._voice.switch_on())

    def send_garbage(self, data: bytes) -> None:
        """Put bytes on the line that are no answer."""
        with self._lock:
            self._line.write(data)

    def set_silent(self, silent: bool) -> None:
        """Let the scale fall silent, or speak again."""
        with self._lock:
            self._silent = silent

    def set_noisy(self, noisy: bool) -> None:
        """Let the weight jump about by a few grams, or come to rest again."""
        with self._lock:
            self._noisy = noisy

    def set_drifting(self, drifting: bool) -> None:
        """Let the zero run away as a cell does that warms up, or stay where it has come to."""
        with self._lock:
            self._cell.set_drift(_DRIFT_KG_PER_S if drifting else 0.0, time.monotonic())

    def set_garbled(self, garbled: bool) -> None:
        """Send bytes without sense in place of every line, or lines again."""
        with self._lock:
            self._garbled = garbled

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
                    noise_kg = self._chance.gauss(0.0, _NOISE_KG) if self._noisy else 0.0
                    self._voice.sample(self._cell.signal_kg(now_s) + noise_kg)
                    if self._voice.streaming:
                        self._say(self._voice.weight_line())
                answer = self._voice.receive(self._line.read(0.0))
                if answer:
                    self._say(answer)
            self._stop.wait(min(max(next_s - time.monotonic(), 0.0), 0.01))

    def _say(self, line: bytes) -> None:
        if self._garbled:
            # The high bit is set throughout, as by a wrong baud rate: no damaged line passes for a weight.
            line = bytes(0x80 | byte for byte in self._chance.randbytes(len(line)))
        if not self._silent:
            self._line.write(line)
