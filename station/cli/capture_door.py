"""What the capture page is given: the data set on disk, its classes and the capture session."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np

from station.captures.catalog_values import CatalogEntry, Counts, Page, PageKey, State
from station.captures.class_meta import ClassMeta
from station.captures.png import read_png
from station.captures.record import CaptureRecord, Split, read_capture_record
from station.cli.capture_rig import CaptureRig
from station.errors import StationError
from station.frames import ROLES
from station.parts import Author, PartMaster, PartRecord
from ui.presenters.capture_source import CapturePicture, CaptureWork, ClassFacts, NewClass

_THROUGH = "capture page"
_ANSWER_S = 60.0
"""The store does one thing after the other; longer than this nobody waits for its word."""


class StationCaptures:
    """The captures of a running station; a ``ui.presenters.capture_source.CaptureDoor``.

    Args:
        rig: what works at the captures.
        parts: the part master.
        storage: why nothing can be kept now, empty while it can.
        who: the operator's code, empty where operators are not stored.
    """

    def __init__(
        self, rig: CaptureRig, parts: PartMaster, storage: Callable[[], str] = lambda: "", who: str = ""
    ) -> None:
        self._rig = rig
        self._parts = parts
        self._storage = storage
        self._who = who

    @property
    def work(self) -> CaptureWork:
        """The capture session."""
        return self._rig.session

    @property
    def storage_trouble(self) -> str:
        """Why nothing can be kept now, empty while it can."""
        return self._storage()

    def classes(self, text: str, limit: int = 50) -> Sequence[ClassFacts]:
        """Return the classes in use whose number, name or tags hold every word of ``text``; all for an empty one."""
        if text.strip():
            found = self._parts.search(text, limit)
        else:
            found = tuple(record for record in self._parts.all() if not record.retired)[:limit]
        counts = self.counts()
        return tuple(_facts(record, counts.get(record.class_id, Counts())) for record in found)

    def facts(self, class_id: str) -> ClassFacts | None:
        """Return one class, ``None`` when the part master does not know it."""
        record = self._parts.get(class_id)
        return None if record is None else _facts(record, self.counts().get(class_id, Counts()))

    def counts(self) -> Mapping[str, Counts]:
        """Return how many captures every class has."""
        return self._rig.catalog.counts()

    def vocabulary(self) -> Mapping[str, Sequence[str]]:
        """Return the tags there are, by heading."""
        return self._parts.vocabulary.headings

    def new_class(self, told: NewClass) -> str:
        """Make a class with its folder's description and return its id; raises PartError for a number that is taken."""
        record = PartRecord("", told.number, told.name, told.super_class, dict(told.tags or {}))
        folders = [entry.class_id for entry in self._rig.catalog.classes()]
        class_id = self._parts.new_class(record, Author(self._who, _THROUGH), taken=folders)
        made = self._parts.get(class_id)
        if made is not None:
            _done(self._rig.store.write_class_meta(class_id, class_meta(made)))
        return class_id

    def captures(self, class_id: str | None, state: State, after: PageKey | None = None) -> Page:
        """Return a page of captures, newest first."""
        return self._rig.catalog.search(class_id=class_id, state=state, after=after, limit=40)

    def record(self, entry: CatalogEntry) -> CaptureRecord | None:
        """Return what ``capture.json`` says of a capture."""
        return read_capture_record(self._rig.store.root / entry.folder)

    def pictures(self, entry: CatalogEntry, width: int) -> Sequence[CapturePicture]:
        """Return the views of a capture that can be read, shrunk to ``width`` pixels."""
        folder = self._rig.store.root / entry.folder
        return tuple(picture for role in ROLES if (picture := _picture(folder / role, role, width)) is not None)

    def reference(self, class_id: str) -> Path | None:
        """Return the file of a class's reference picture."""
        return self._parts.reference(class_id)

    def trash(self, capture_id: str) -> None:
        """Move a capture into the trash; returns when that is durable."""
        _done(self._rig.store.trash(capture_id, self._who or None, _THROUGH))

    def restore(self, capture_id: str) -> None:
        """Bring a capture back from the trash."""
        _done(self._rig.store.restore(capture_id, self._who or None))

    def relabel(self, capture_id: str, class_id: str) -> None:
        """Move a capture to another class."""
        _done(self._rig.store.relabel(capture_id, class_id, self._who or None))

    def move(self, capture_id: str, split: Split) -> None:
        """Move a capture to the next free place of another split."""
        entry = self._rig.catalog.get(capture_id)
        if entry is None:
            raise StationError(f"There is no capture {capture_id} here.", todo="Look whether it was moved.")
        place = self._rig.store.next_place(entry.class_id, split)
        _done(self._rig.store.move(capture_id, place, self._who or None))

    def accept(self, capture_id: str, class_id: str, split: Split) -> None:
        """Take an operator's answer from the review queue into the data set."""
        _done(self._rig.store.accept_review(capture_id, class_id, split, self._who or None))

    def dismiss(self, capture_id: str) -> None:
        """Move an operator's answer from the review queue into the trash."""
        _done(self._rig.store.dismiss_review(capture_id, self._who or None))


def class_meta(record: PartRecord) -> ClassMeta:
    """Return a class's ``meta.json`` as the part master knows it: edges in millimetres, weight in kilograms."""
    size: tuple[float, float, float] | None = None
    if record.size_m is not None:
        longest, middle, shortest = (round(edge * 1000.0, 2) for edge in record.size_m)
        size = longest, middle, shortest
    return ClassMeta(
        name=record.name,
        number=record.number,
        super_class=record.super_class,
        description=record.description,
        weight=record.weight_kg,
        size=size,
    )


def _facts(record: PartRecord, counts: Counts) -> ClassFacts:
    return ClassFacts(record.class_id, record.number, record.name, record.tags, record.weight_kg, counts)


def _done(future: Future[Any]) -> None:
    """Wait for the store's word; raises what it raised, and StationError when it is not heard in time."""
    try:
        future.result(_ANSWER_S)
    except TimeoutError as error:
        raise StationError(
            f"The disk has not answered for {_ANSWER_S:g} s; what was asked may be done yet.",
            todo="Look again in a moment.",
            retryable=True,
        ) from error


def _picture(folder: Path, role: str, width: int) -> CapturePicture | None:
    number = role[-2:]
    color = read_png(folder / f"{number}_rgb.png", channels=3, bits=8)
    if color is None:
        return None
    mask = read_png(folder / f"{number}_rgb_mask_gen.png", channels=1, bits=8)
    size = (width, max(1, round(color.shape[0] * width / color.shape[1])))
    small = cv2.resize(color, size, interpolation=cv2.INTER_AREA)
    outline = None if mask is None else cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST)
    return CapturePicture(role, cast(Any, np.ascontiguousarray(small)), cast(Any, outline))
