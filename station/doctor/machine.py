"""What the checks ask a machine: files below a root, system libraries, Python packages, and programs of their own."""

from __future__ import annotations

import ctypes
import importlib.metadata
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

_STA_UNSYNC = 0x40
"""``STA_UNSYNC`` of ``<sys/timex.h>``: nobody keeps the clock right."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a child process printed as JSON; ``None`` and the reason in ``trouble`` when it did not."""

    data: dict[str, Any] | None
    trouble: str = ""


def ask_child(code: str, timeout_s: float) -> Answer:
    """Run Python code in a process of its own and read the JSON object in its last line.

    A library that crashes, hangs or talks takes the child down and not the caller.
    """
    try:
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Answer(None, f"it did not answer within {timeout_s:.0f} s")
    except OSError as error:
        return Answer(None, error.strerror or str(error))
    lines = done.stdout.strip().splitlines()
    try:
        data: Any = json.loads(lines[-1]) if lines else None
    except ValueError:
        data = None
    if done.returncode == 0 and isinstance(data, dict):
        return Answer(cast("dict[str, Any]", data))
    said = done.stderr.strip().splitlines()
    return Answer(None, said[-1][:200] if said else f"it ended with {done.returncode}")


def library_loads(name: str) -> bool:
    """Say whether the system's loader finds a library by its file name, as ``libusb-1.0.so.0``."""
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def kernel_clock_disciplined() -> bool | None:
    """Say whether some program keeps the kernel's clock right, by ``adjtimex(2)``; ``None`` where it cannot be asked.

    Nothing is changed by the call.
    """
    try:
        adjtimex = ctypes.CDLL(None, use_errno=True).adjtimex
    except (OSError, AttributeError, TypeError):
        return None
    # struct timex of <sys/timex.h>: modes (an int, padded to a long), four longs, then the int status; 256 bytes do.
    buffer = ctypes.create_string_buffer(256)
    if adjtimex(buffer) < 0:
        return None
    place = 5 * ctypes.sizeof(ctypes.c_long)
    return not int.from_bytes(buffer.raw[place : place + 4], sys.byteorder) & _STA_UNSYNC


def version_of(distribution: str) -> str | None:
    """Return the version of an installed Python package, ``None`` when it is not installed; imports nothing."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def providers(module: str) -> tuple[str, ...]:
    """Return the installed distributions that bring a top-level module, sorted."""
    return tuple(sorted(set(importlib.metadata.packages_distributions().get(module, []))))


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine to examine; every door can be exchanged, so that a made-up one can be examined.

    ``root`` is where ``sys``, ``proc``, ``etc``, ``dev`` and ``lib`` lie, ``platform`` as ``sys.platform`` says.
    """

    root: Path = Path("/")
    platform: str = sys.platform
    python: tuple[int, int, int] = sys.version_info[:3]
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    ask: Callable[[str, float], Answer] = ask_child
    loads: Callable[[str], bool] = library_loads
    version_of: Callable[[str], str | None] = version_of
    providers: Callable[[str], Sequence[str]] = providers
    clock_disciplined: Callable[[], bool | None] = kernel_clock_disciplined
    may_open: Callable[[Path], bool] = lambda path: os.access(path, os.R_OK | os.W_OK)

    @property
    def linux(self) -> bool:
        """Whether the kernel's files can be read at all."""
        return self.platform == "linux"

    def path(self, place: str) -> Path:
        """Return where a file of the system lies, given as ``sys/module/…``, without a leading slash."""
        return self.root / place.lstrip("/")

    def read(self, place: str) -> str | None:
        """Return a file's text without blanks around it, ``None`` when it cannot be read."""
        try:
            return self.path(place).read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            return None

    def read_number(self, place: str) -> int | None:
        """Return the whole number that a file holds, ``None`` when it holds none."""
        text = self.read(place)
        return int(text) if text and text.lstrip("-").isdigit() else None
