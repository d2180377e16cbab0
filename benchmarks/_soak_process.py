"""What a process holds: memory, threads, child processes, open files; read from Linux's ``/proc``."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SELF = Path("/proc/self")


@dataclass(frozen=True, slots=True)
class Sample:
    """This process at one moment of the run; memory is resident size, MB of 1024² bytes.

    ``threads`` are all of the process's, also those of libraries; ``named`` those of the program. ``children_mb`` is
    the sum over its child processes, of which the renderer is one. ``cpu_s`` is this process's time alone.
    """

    at_s: float
    rss_mb: float
    anonymous_mb: float
    threads: int
    named: int
    children: int
    children_mb: float
    files: int
    cpu_s: float

    def to_json(self) -> dict[str, Any]:
        """Return it rounded."""
        return {name: round(getattr(self, name), 1) for name in self.__slots__}


def sample(at_s: float) -> Sample:
    """Return what this process holds now; a child that ends meanwhile counts as nothing."""
    mine = _status(_SELF)
    children = [Path("/proc", pid) for task in (_SELF / "task").iterdir() for pid in _children(task)]
    return Sample(
        at_s=at_s,
        rss_mb=mine.get("VmRSS", 0) / 1024,
        anonymous_mb=mine.get("RssAnon", 0) / 1024,
        threads=mine.get("Threads", 0),
        named=threading.active_count(),
        children=len(children),
        children_mb=sum(_status(child).get("VmRSS", 0) for child in children) / 1024,
        files=len(os.listdir(_SELF / "fd")),
        cpu_s=time.process_time(),
    )


def _status(folder: Path) -> dict[str, int]:
    try:
        lines = (folder / "status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    pairs = (line.partition(":")[::2] for line in lines)
    return {key: int(words[0]) for key, value in pairs if (words := value.split()) and words[0].isdecimal()}


def _children(task: Path) -> list[str]:
    try:
        return (task / "children").read_text(encoding="ascii").split()
    except OSError:
        return []
