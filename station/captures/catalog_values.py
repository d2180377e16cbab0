"""What the catalog holds and answers: captures, classes, counts, pages and operations that are not finished."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from station.captures.record import CaptureRecord
from station.journal import utc_text

State = Literal["kept", "review", "trash"]
"""Where a capture lies: in the data set, in the queue of answers to look at, or in the trash."""

REVIEW_FOLDER, TRASH_FOLDER = ".review", ".trash"
"""Folders beside ``sets`` in the tree; each holds captures by their id."""

PageKey = tuple[str, str]
"""Where a page ends: the time and the id of its last capture."""


@dataclass(frozen=True, slots=True)
class CatalogEntry:
    """One capture as the catalog knows it.

    ``folder`` is relative to the tree, with forward slashes. ``taken_at`` is UTC, ISO 8601 with ``Z``, and empty where
    nobody knows it. ``missing`` counts the views that are not there, ``overridden`` the quality gates that somebody
    overrode.
    """

    capture_id: str
    class_id: str
    split: str
    state: State
    folder: str
    position: int | None = None
    rotation: int | None = None
    set_number: int | None = None
    origin: str = ""
    kept_from: str | None = None
    taken_at: str = ""
    weight_kg: float | None = None
    calibration_id: str | None = None
    content_hash: str = ""
    missing: int = 0
    overridden: int = 0


@dataclass(frozen=True, slots=True)
class ClassEntry:
    """A class as it is searched for; ``class_id`` is its folder."""

    class_id: str
    name: str = ""
    number: str = ""
    tags: tuple[str, ...] = ()
    super_class: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """How many captures of a class are kept."""

    train: int = 0
    valid: int = 0
    test: int = 0

    @property
    def total(self) -> int:
        """Captures of all three splits."""
        return self.train + self.valid + self.test


@dataclass(frozen=True, slots=True)
class Page:
    """Captures, newest first. ``after`` is the key of the next page, ``None`` on the last one.

    ``total`` counts all that match; it is known on the first page only.
    """

    entries: tuple[CatalogEntry, ...]
    after: PageKey | None
    total: int | None


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that was begun with a capture's folder and must be brought to its end after a kill.

    ``body`` holds JSON values. ``operation_id`` is given by the catalog.
    """

    kind: str
    capture_id: str
    body: Mapping[str, Any] = field(default_factory=dict[str, Any])
    operation_id: int | None = None


def state_of(folder: str) -> State:
    """Return where a capture lies by its folder, relative to the tree."""
    first = folder.partition("/")[0]
    return "review" if first == REVIEW_FOLDER else "trash" if first == TRASH_FOLDER else "kept"


def entry_of(record: CaptureRecord, folder: str) -> CatalogEntry:
    """Return the catalog's entry of a capture under ``folder``, relative to the tree."""
    return CatalogEntry(
        capture_id=record.capture_id,
        class_id=record.class_id,
        split=record.split,
        state=state_of(folder),
        folder=folder,
        position=record.position,
        rotation=record.rotation,
        set_number=record.set_number,
        origin=record.origin,
        kept_from=record.kept_from,
        taken_at="" if record.taken_at is None else utc_text(record.taken_at),
        weight_kg=record.weight_kg,
        calibration_id=record.calibration_id,
        content_hash=record.content_hash,
        missing=len(record.missing),
        overridden=len(record.overrides),
    )
