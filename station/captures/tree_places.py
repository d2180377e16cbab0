"""Which places of a class are free, what lies in the trash since when, and what an interrupted run left."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from station.captures.catalog_values import REVIEW_FOLDER, TRASH_FOLDER
from station.captures.place import ROTATIONS, Place
from station.captures.record import Split, read_capture_record
from station.captures.relocation import ERASED
from station.captures.writer import TEMPORARY
from station.errors import DatasetError


def next_place(root: Path, class_id: str, split: Split, reserved: Collection[str] = ()) -> Place:
    """Return the first free place of a class in a split; folders in ``reserved`` count as taken.

    Training fills the twelve rotations of one position after the other. Validation and test share one range of
    numbers. Raises DatasetError when the class id is no safe folder name.
    """
    for number in count():
        if split == "train":
            place = Place(class_id, split, position=number // ROTATIONS, rotation=number % ROTATIONS)
            folders = [place.folder]
        else:
            place = Place(class_id, split, number=number)
            folders = [Place(class_id, which, number=number).folder for which in ("valid", "test")]
        if not any(folder in reserved or (root / folder).exists() for folder in folders):
            return place
    raise AssertionError("numbers do not end")


def left_over(root: Path) -> Iterator[Path]:
    """Yield the folders that interrupted saves and removals left below ``root``."""
    beginnings = (TEMPORARY, ERASED)
    splits = [split for name in _folders(root / "sets") for split in _folders(name)]
    trained = [position for split in splits if split.name == "train_data" for position in _folders(split)]
    for parent in (root / REVIEW_FOLDER, root / TRASH_FOLDER, *splits, *trained):
        yield from (folder for folder in _folders(parent) if folder.name.startswith(beginnings))


def inner_folders(path: Path) -> list[Path]:
    """Return the folders in a folder by name, but for those that readers pass over; none where it is not there."""
    return [child for child in _folders(path) if not child.name.startswith(".")]


def trashed_at(folder: Path) -> datetime:
    """Return when a capture came into the trash: as its record says, else when its folder was last renamed.

    Raises OSError.
    """
    with suppress(DatasetError):
        record = read_capture_record(folder)
        if record is not None and record.trashed_at is not None:
            return record.trashed_at
    return datetime.fromtimestamp(folder.stat().st_ctime, UTC)


def _folders(path: Path) -> list[Path]:
    try:
        return sorted(child for child in path.iterdir() if child.is_dir() and not child.is_symlink())
    except OSError:
        return []
