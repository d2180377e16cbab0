"""Checks of the data directory and its disk; what is written to measure is taken away again."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path

from station.datadir import LAYOUT_VERSION, in_use
from station.disk_room import DiskRoom, disk_room
from station.doctor.case import Case
from station.doctor.result import Check, broken, less, well

_WARN_MB_S = 40.0
"""Two captures of ten views a second, 19 MB each: a disk that is slower makes the next part wait."""

_PROBE_MB = 32


def existing_part(path: Path) -> Path:
    """Return the nearest folder above ``path``, or itself, that exists."""
    return next((folder for folder in (path, *path.parents) if folder.is_dir()), Path(path.anchor or "."))


def configuration(case: Case) -> Check:
    """The station's settings can be read."""
    if case.config_trouble:
        # One line, though every mistake in the file has its own.
        return broken(
            "configuration",
            " ".join(case.config_trouble.split()),
            "Correct it; the other checks used the built-in settings.",
        )
    return well("configuration", f"{case.config_where}.")


def data_directory(case: Case) -> Check:
    """The folder of everything that is kept: there, writable, of a known layout, and whether a station uses it."""
    root = case.data_dir
    if not root.is_dir():
        parent = existing_part(root)
        if not case.machine.may_open(parent):
            return broken(
                "data-directory",
                f"{root} is not there, and this user may not make it.",
                f"Give the right to write in {parent}, or set data_dir under [station].",
            )
        return less("data-directory", f"{root} is not there yet.", "Nothing: the first start makes it.")
    if not case.machine.may_open(root):
        return broken(
            "data-directory", f"This user may not write in {root}.", "Change the folder's owner, or set data_dir."
        )
    try:
        version = (root / "version").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        if any(root.iterdir()):
            return broken(
                "data-directory", f"{root} holds other things and is no data directory.", "Name another data_dir."
            )
        return less("data-directory", f"{root} is empty.", "Nothing: the first start fills it.")
    if not version.isdigit() or int(version) > LAYOUT_VERSION:
        return broken(
            "data-directory",
            f"{root} has layout {version[:20]!r}, this program knows layouts up to {LAYOUT_VERSION}.",
            "Use the program that wrote it, or restore a backup.",
        )
    used = "; a station is using it" if in_use(root) else ""
    return well("data-directory", f"{root}, layout {version}{used}.")


def disk_space(case: Case) -> Check:
    """Room on the disk of the data directory."""
    free = shutil.disk_usage(existing_part(case.data_dir)).free / 1e9
    fix = "Make room, or move the data directory to a larger disk."
    least = case.settings.station.least_free_gb
    room = disk_room(free, least)
    if room is DiskRoom.NONE:
        return broken("disk-space", f"{free:.1f} GB are free: captures are refused below {least:g} GB.", fix)
    if room is DiskRoom.LITTLE:
        return less("disk-space", f"{free:.1f} GB are free; a capture takes about 19 MB, a model some 100 MB.", fix)
    return well("disk-space", f"{free:.0f} GB are free.")


def disk_speed(case: Case) -> Check:
    """Write and sync a file beside the data, and time it."""
    folder = existing_part(case.data_dir)
    block = os.urandom(1 << 20)
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".station-doctor-") as file:
            begin = time.perf_counter()
            for _ in range(_PROBE_MB):
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
            speed = _PROBE_MB * len(block) / 1e6 / (time.perf_counter() - begin)
    except OSError as error:
        return less(
            "disk-speed", f"Nothing could be written in {folder}: {error.strerror or error}.", "See data-directory."
        )
    if speed < _WARN_MB_S:
        return less(
            "disk-speed",
            f"The disk keeps {speed:.0f} MB/s; captures of ten views need about {_WARN_MB_S:.0f}.",
            "Put the data directory on an SSD.",
        )
    return well("disk-speed", f"The disk keeps {speed:.0f} MB/s.")
