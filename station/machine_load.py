"""How much of the machine is in use: processors, memory, the data's disk and graphics cards; asked in a thread."""

from __future__ import annotations

import logging
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from station.repeated_look import RepeatedLook

_log = logging.getLogger(__name__)

_PERIOD_S = 1.0
_GPU_ROUNDS = 5
"""Graphics cards are asked in every fifth round: a program is started for it."""
_ANSWER_S = 5.0
_KILLED_S = 1.0
"""So long a program that was killed may take to be gone; one that waits for a hanging card is never gone."""
_KEPT_S = 15.0
"""Older figures say nothing of now: three rounds of the slowest question."""
_MIB = 1024 * 1024
_QUERY = ("--query-gpu=name,utilization.gpu,memory.used,memory.total,temperature.gpu", "--format=csv,noheader,nounits")


@dataclass(frozen=True, slots=True)
class GpuLoad:
    """One graphics card: ``busy`` is a share, memory is in bytes; ``None`` is what it does not tell."""

    name: str
    busy: float | None
    memory_used: int | None
    memory_total: int | None
    celsius: float | None

    @property
    def memory_share(self) -> float | None:
        """Share of its memory in use."""
        if self.memory_used is None or not self.memory_total:
            return None
        return self.memory_used / self.memory_total


@dataclass(frozen=True, slots=True)
class MachineLoad:
    """The machine's figures: shares of all processors, and bytes.

    ``own_cpu`` and ``own_memory`` are those of this program alone. The disk is that of the data directory, ``None``
    where it cannot be asked; ``gpus`` is empty where there is no graphics card, or none that tells.
    """

    cpu: float
    own_cpu: float
    memory_used: int
    memory_total: int
    own_memory: int
    disk_free: int | None
    disk_total: int | None
    gpus: tuple[GpuLoad, ...] = ()


def gpu_loads(text: str) -> tuple[GpuLoad, ...]:
    """Return the cards in the answer of ``nvidia-smi``, a line each; a figure that is none is ``None``."""
    found: list[GpuLoad] = []
    for line in text.splitlines():
        # A name may hold a comma, so the figures are counted from the end.
        fields = [field.strip() for field in line.rsplit(",", 4)]
        if len(fields) == 5:
            busy, used, total, celsius = (_figure(field) for field in fields[1:])
            found.append(
                GpuLoad(
                    fields[0],
                    None if busy is None else busy / 100.0,
                    None if used is None else round(used * _MIB),
                    None if total is None else round(total * _MIB),
                    celsius,
                )
            )
    return tuple(found)


def _figure(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0.0 <= value < float("inf") else None


class GpuAsker:
    """Asks the graphics cards through ``nvidia-smi``; ``command`` is the program with its first arguments.

    One that cannot be started is not asked again, and one that hangs not before it is gone.
    """

    def __init__(self, command: Sequence[str] | None = None) -> None:
        program = shutil.which("nvidia-smi")
        self._command = list(command) if command is not None else [program] if program else []
        self._hanging: subprocess.Popen[str] | None = None

    def ask(self) -> tuple[GpuLoad, ...]:
        """Return the cards' figures; none without cards, or when they do not answer within five seconds.

        Takes a second more at most, also when the program cannot even be killed.
        """
        if not self._command or not self._gone():
            return ()
        try:
            asked = subprocess.Popen(
                [*self._command, *_QUERY],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                errors="replace",
                # Without this a console would flash up on Windows with every question.
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            _log.warning("The graphics cards cannot be asked for their load: %s.", error)
            self._command = []
            return ()
        try:
            answer, _ = asked.communicate(timeout=_ANSWER_S)
        except subprocess.TimeoutExpired:
            self._give_up(asked)
            return ()
        return gpu_loads(answer) if asked.returncode == 0 else ()

    def _give_up(self, asked: subprocess.Popen[str]) -> None:
        asked.kill()
        self._hanging = asked
        if not self._gone(_KILLED_S):
            _log.warning("The graphics cards hang: the program that asks them cannot be ended.")

    def _gone(self, within_s: float = 0.0) -> bool:
        """Return whether no program is left that was killed."""
        if self._hanging is None:
            return True
        try:
            self._hanging.wait(within_s)
        except subprocess.TimeoutExpired:
            return False
        if self._hanging.stdout is not None:
            self._hanging.stdout.close()
        self._hanging = None
        return True


class MachineWatch(RepeatedLook):
    """Owns the thread ``machine-load``; readers of :attr:`latest` never wait for a disk or a card.

    Args:
        data_dir: a folder on the disk that is told of.
        gpus: asks the graphics cards.
        period_s: pause between two rounds.
        kept_s: figures that are older are not told any more.
    """

    def __init__(
        self, data_dir: Path, *, gpus: GpuAsker | None = None, period_s: float = _PERIOD_S, kept_s: float = _KEPT_S
    ) -> None:
        # A network disk or a card may hang.
        hanging = "The machine still hangs while it is asked for its load."
        super().__init__("machine-load", period_s, hanging=hanging)
        self._data_dir = data_dir
        self._gpus = gpus or GpuAsker()
        self._cards: tuple[GpuLoad, ...] = ()
        self._process = psutil.Process()
        self._kept_s = kept_s
        self._latest: tuple[float, MachineLoad] | None = None

    @property
    def latest(self) -> MachineLoad | None:
        """The newest figures, ``None`` before the first and when a disk or a card has let none come for long."""
        latest = self._latest
        return latest[1] if latest is not None and time.monotonic() - latest[0] <= self._kept_s else None

    def start(self) -> None:
        """Begin to ask."""
        # Shares count from the call before; the first one has none.
        psutil.cpu_percent()
        self._process.cpu_percent()
        super().start()

    def _look(self) -> None:
        if self._rounds % _GPU_ROUNDS == 0:
            self._cards = self._gpus.ask()
        try:
            self._latest = time.monotonic(), self._load()
        except (OSError, psutil.Error) as error:
            _log.debug("The machine does not tell its load: %s", error)

    def _load(self) -> MachineLoad:
        memory = psutil.virtual_memory()
        try:
            disk = psutil.disk_usage(str(self._data_dir))
        except OSError:
            disk = None
        return MachineLoad(
            cpu=psutil.cpu_percent() / 100.0,
            own_cpu=self._process.cpu_percent() / 100.0 / (psutil.cpu_count() or 1),
            memory_used=memory.total - memory.available,
            memory_total=memory.total,
            own_memory=self._process.memory_info().rss,
            disk_free=disk.free if disk else None,
            disk_total=disk.total if disk else None,
            gpus=self._cards,
        )
