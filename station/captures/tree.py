"""A walk over a tree of captures: every capture, and whatever lies there that belongs to none."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from station.captures.audit import AUDIT_FILE
from station.captures.catalog_values import REVIEW_FOLDER, TRASH_FOLDER, CatalogEntry, State, entry_of, state_of
from station.captures.class_meta import META_FILE
from station.captures.mvip import SPLITS
from station.captures.place import Place
from station.captures.record import RECORD_FILE, CaptureRecord, read_capture_record
from station.captures.relocation import ERASED, in_line
from station.captures.writer import TEMPORARY
from station.errors import DatasetError
from station.frames import ROLES

_OF_A_TREE = frozenset(["sets", REVIEW_FOLDER, TRASH_FOLDER, AUDIT_FILE, "simulation.json"])
_OF_A_CLASS = frozenset([META_FILE, *(f"{split}_data" for split in SPLITS)])


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing of the walk; ``folder`` is relative to the tree, with forward slashes."""

    kind: Literal["capture", "unfinished", "stranger"]
    folder: str


@dataclass(frozen=True, slots=True)
class FoundCapture:
    """A capture's folder and what can be read of it.

    ``record`` is brought in line with the folder, which is the label; it is ``None`` where there is no record, or a
    damaged one. ``trouble`` says in a sentence what is wrong with the capture as a whole, empty when nothing is;
    ``misread`` says whether the record names another place than the folder.
    """

    folder: str
    path: Path
    state: State
    place: Place | None
    record: CaptureRecord | None
    trouble: str = ""
    misread: bool = False

    def entry(self) -> CatalogEntry | None:
        """Return what the catalog shall know of it; ``None`` for a capture that cannot be counted."""
        if self.trouble:
            return None
        if self.record is not None:
            return entry_of(self.record, self.folder)
        if self.place is None:
            return None
        return CatalogEntry(
            capture_id=unrecorded_id(self.folder),
            class_id=self.place.class_id,
            split=self.place.split,
            state=self.state,
            folder=self.folder,
            position=self.place.position,
            rotation=self.place.rotation,
            set_number=self.place.number,
            missing=sum(not (self.path / role).is_dir() for role in ROLES),
        )


def walk(root: Path) -> Iterator[Seen]:
    """Go over a tree in name order: every capture of the data set, the review queue and the trash, and strangers.

    A capture is a folder in a capture's place that holds a record or a camera's folder. Folders that may not be read
    are passed over. Raises DatasetError when there is no such tree.
    """
    if not root.is_dir():
        raise DatasetError("There is no such folder.", where=str(root), todo="Give a tree of captures.")
    for name, _ in _listing(root):
        if name not in _OF_A_TREE:
            yield Seen("stranger", name)
    for class_name, is_folder in _listing(root / "sets"):
        folder = f"sets/{class_name}"
        if not is_folder or class_name.startswith("."):
            yield _stray(folder, class_name)
            continue
        for name, _ in _listing(root / folder):
            if name not in _OF_A_CLASS:
                yield _stray(f"{folder}/{name}", name)
        yield from _captures(root, f"{folder}/train_data", levels=2)
        yield from _captures(root, f"{folder}/valid_data", levels=1)
        yield from _captures(root, f"{folder}/test_data", levels=1)
    yield from _captures(root, REVIEW_FOLDER, levels=1)
    yield from _captures(root, TRASH_FOLDER, levels=1)


def look_at(root: Path, folder: str) -> FoundCapture:
    """Return a capture by its folder, relative to the tree."""
    path, state, place = root / folder, state_of(folder), Place.from_folder(folder)
    try:
        record = read_capture_record(path)
    except DatasetError as error:
        return FoundCapture(folder, path, state, place, None, trouble=str(error))
    if state != "kept":
        trouble = "" if record else "It has no record, so nobody knows where it belongs."
        if record is not None and record.capture_id != path.name:
            trouble = f"Its folder should be called {record.capture_id}, as its record says."
        return FoundCapture(folder, path, state, None, record, trouble)
    if place is None:
        trouble = f"{path.name!r} is not the number of a place, so the capture belongs nowhere."
        return FoundCapture(folder, path, state, None, record, trouble)
    if record is None:
        return FoundCapture(folder, path, state, place, None)
    return FoundCapture(folder, path, state, place, in_line(record, folder), misread=Place.of(record) != place)


def unrecorded_id(folder: str) -> str:
    """Return the id under which a capture without a record is known: made of its place."""
    return "v0-" + hashlib.sha256(folder.encode()).hexdigest()[:24]


def _captures(root: Path, folder: str, levels: int) -> Iterator[Seen]:
    for name, is_folder in _listing(root / folder):
        inner = f"{folder}/{name}"
        if not is_folder or name.startswith("."):
            yield _stray(inner, name)
        elif levels > 1:
            yield from _captures(root, inner, levels - 1)
        elif any(child == RECORD_FILE or child in ROLES for child, _ in _listing(root / inner)):
            yield Seen("capture", inner)
        else:
            yield Seen("stranger", inner)


def _stray(folder: str, name: str) -> Seen:
    return Seen("unfinished" if name.startswith((TEMPORARY, ERASED)) else "stranger", folder)


def _listing(folder: Path) -> list[tuple[str, bool]]:
    try:
        children = [(child.name, child.is_dir()) for child in folder.iterdir()]
    except OSError:
        return []
    return sorted(children, key=lambda child: _order(child[0]))


def _order(name: str) -> tuple[int, int, str]:
    """Return numbers before names, each in their own order."""
    return (0, int(name), name) if name.isascii() and name.isdigit() else (1, 0, name)
