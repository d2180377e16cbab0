"""Which captures are exported, and the new place that they are written to."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from station.captures.course import Course
from station.captures.mvip import CapturePath, find_captures
from station.errors import DatasetError, StorageError

_SPARE_BYTES = 500_000_000
"""Disk space that is left to others."""
_BEGUN = ".exporting-"


@dataclass(frozen=True, slots=True)
class Choice:
    """The captures of a tree that are wanted; empty classes or splits mean all of them."""

    tree: Path
    classes: tuple[str, ...] = ()
    splits: tuple[str, ...] = ()

    def captures(self) -> list[CapturePath]:
        """Return the captures in name order; raises DatasetError when there are none, or an unknown class."""
        found = [capture for capture in find_captures(self.tree) if capture.class_folder is not None]
        strange = sorted(set(self.classes) - {str(capture.class_id) for capture in found})
        if strange:
            raise DatasetError(f"There are no captures of {', '.join(strange)}.", where=str(self.tree))
        wanted = [
            capture
            for capture in found
            if (not self.classes or capture.class_id in self.classes)
            and (not self.splits or capture.split in self.splits)
        ]
        if not wanted:
            raise DatasetError("No capture is left to export.", where=str(self.tree), todo="Ask for more splits.")
        return wanted


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written. ``left_out`` pairs what could not be exported, such as a view without a mask, and why."""

    captures: int
    files: int
    bytes: int
    left_out: tuple[tuple[str, str], ...] = ()


@contextmanager
def new_place(out: Path) -> Generator[Path]:
    """Give a path beside ``out`` to write a file or folder to, and put it in its place when the block ends well.

    Nothing is ever overwritten, and a kill leaves nothing under the name ``out``. Raises DatasetError when there is
    something already, StorageError when the disk refuses.
    """
    out = out.absolute()
    if os.path.lexists(out):
        raise DatasetError(
            "There is something already, and an export never overwrites.", where=str(out), todo="Give another --out."
        )
    beside = out.with_name(_BEGUN + out.name)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        _remove(beside)
        try:
            yield beside
            if os.path.lexists(out):
                raise DatasetError("Something else took the export's place meanwhile.", where=str(out))
            os.rename(beside, out)
        except BaseException:
            _remove(beside)
            raise
    except OSError as error:
        raise StorageError(
            f"The export cannot be written: {error.strerror or error}.",
            where=str(out),
            todo="Free space on the disk or give another --out.",
        ) from error


def copy_files(files: Sequence[tuple[Path, Path]], course: Course) -> int:
    """Copy files to new places, making the folders; returns the bytes. Raises OSError, DatasetError without room."""
    needed = sum(source.stat().st_size for source, _ in files)
    if files:
        place = next(folder for folder in files[0][1].parents if folder.is_dir())
        free = shutil.disk_usage(place).free
        if needed + _SPARE_BYTES > free:
            raise DatasetError(
                f"The export needs {needed / 1e9:.1f} GB and 0.5 GB to spare, the disk has {free / 1e9:.1f} GB free.",
                where=str(place),
                todo="Free space, or export fewer classes or splits.",
            )
    for done, (source, target) in enumerate(files, start=1):
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        course.advance(done, len(files))
    return needed


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
