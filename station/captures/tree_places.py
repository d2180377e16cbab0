"""Which places of a class are free, what lies in the trash since when, and what an interrupted run left."""

from __future__ import annotations

import os
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
    splits = [f"{name}/{split}_data" for name in _folders(f"{root}/sets") for split in ("train", "valid", "test")]
    positions = [position for split in splits if split.endswith("/train_data") for position in _folders(split)]
    for parent in (f"{root}/{REVIEW_FOLDER}", f"{root}/{TRASH_FOLDER}", *splits, *positions):
        yield from (Path(path) for path in _folders(parent) if path.rpartition("/")[2].startswith((TEMPORARY, ERASED)))


def inner_folders(path: Path) -> list[Path]:
    """Return the folders in a folder by name, but for those that readers pass over; none where it is not there."""
    return [child for child in map(Path, sorted(_folders(str(path)))) if not child.name.startswith(".")]


def trashed_at(folder: Path) -> datetime:
    """Return when a capture came into the trash: as its record says, else when its folder was last renamed.

    Raises OSError.
    """
    with suppress(DatasetError):
        record = read_capture_record(folder)
        if record is not None and record.trashed_at is not None:
            return record.trashed_at
    return datetime.fromtimestamp(folder.stat().st_ctime, UTC)


def _folders(path: str) -> list[str]:
    """Return the folders in a folder, in no order: as strings, for there may be a hundred thousand."""
    try:
        with os.scandir(path) as entries:
            return [f"{path}/{entry.name}" for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []
