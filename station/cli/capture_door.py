"""What the capture page is given: the data set on disk, its classes and the capture session."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import TypeVar

from station.captures.catalog_values import CatalogEntry, Counts, Page, PageKey, State, entry_of
from station.captures.record import CaptureRecord, Split, read_capture_record
from station.captures.store import StoredCapture
from station.cli.capture_pictures import cut_picture, read_pictures, small_picture
from station.cli.capture_rig import CaptureRig
from station.errors import StationError
from station.parts import Author, PartMaster, PartRecord
from ui.presenters.capture_source import CapturePicture, CaptureWork, ClassFacts, NewClass

_THROUGH = "capture page"
_PAGE = 60
_REFERENCE_PX = 480
_ANSWER_S = 60.0
"""The store does one thing after the other; longer than this nobody waits for its word."""

_T = TypeVar("_T")


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
        """Make a class and return its id; raises PartError for a number that is taken.

        Its folder comes with its first capture: the store describes it then.
        """
        record = PartRecord(
            "", told.number, told.name, told.super_class, dict(told.tags or {}), weight_kg=told.weight_kg
        )
        folders = [entry.class_id for entry in self._rig.catalog.classes()]
        return self._parts.new_class(record, Author(self._who, _THROUGH), taken=folders)

    def set_reference(self, entry: CatalogEntry) -> None:
        """Make the part in one view of a capture the reference picture of its class."""
        picture = self.thumbnail(entry, _REFERENCE_PX)
        if picture is None:
            raise StationError("No view of this capture can be read.", where=entry.folder, todo="Take another one.")
        self._parts.set_reference(entry.class_id, picture.color, Author(self._who, _THROUGH))

    def captures(
        self, class_id: str | None, state: State, split: Split | None = None, after: PageKey | None = None
    ) -> Page:
        """Return a page of captures of a class, or of all, newest first; ``after`` is the page's before."""
        return self._rig.catalog.search(class_id=class_id, state=state, split=split, after=after, limit=_PAGE)

    def record(self, entry: CatalogEntry) -> CaptureRecord | None:
        """Return what ``capture.json`` says of a capture."""
        return read_capture_record(self._rig.store.root / entry.folder)

    def pictures(self, entry: CatalogEntry, width: int) -> Sequence[CapturePicture]:
        """Return the views of a capture that can be read, shrunk to ``width`` pixels."""
        folder = self._rig.store.root / entry.folder
        return tuple(small_picture(picture, width) for picture in read_pictures(folder))

    def thumbnail(self, entry: CatalogEntry, width: int) -> CapturePicture | None:
        """Return the part in one view of a capture, 4:3, ``width`` pixels wide; ``None`` when no view can be read."""
        picture = next(read_pictures(self._rig.store.root / entry.folder), None)
        return None if picture is None else cut_picture(picture, width)

    def newest(self, class_id: str, width: int) -> CapturePicture | None:
        """Return the thumbnail of a class's newest capture, ``None`` when it has none."""
        entries = self._rig.catalog.search(class_id=class_id, limit=1).entries
        return self.thumbnail(entries[0], width) if entries else None

    def trash(self, capture_id: str) -> CatalogEntry:
        """Move a capture into the trash; returns it as it lies there, durably. So do those below."""
        return self._moved(self._rig.store.trash(capture_id, self._who or None, _THROUGH))

    def restore(self, capture_id: str) -> CatalogEntry:
        """Bring a capture back from the trash."""
        return self._moved(self._rig.store.restore(capture_id, self._who or None))

    def relabel(self, capture_id: str, class_id: str) -> CatalogEntry:
        """Move a capture to another class."""
        return self._moved(self._rig.store.relabel(capture_id, class_id, self._who or None))

    def move(self, capture_id: str, split: Split) -> CatalogEntry:
        """Move a capture to the next free place of another split."""
        entry = self._rig.catalog.get(capture_id)
        if entry is None:
            raise StationError(f"There is no capture {capture_id} here.", todo="Look whether it was moved.")
        place = self._rig.store.next_place(entry.class_id, split)
        return self._moved(self._rig.store.move(capture_id, place, self._who or None))

    def accept(self, capture_id: str, class_id: str, split: Split, reason: str = "") -> CatalogEntry:
        """Take an operator's answer from the review queue into the data set, what gates warn of for a reason alone."""
        return self._moved(self._rig.store.accept_review(capture_id, class_id, split, self._who or None, reason))

    def dismiss(self, capture_id: str) -> CatalogEntry:
        """Move an operator's answer from the review queue into the trash."""
        return self._moved(self._rig.store.dismiss_review(capture_id, self._who or None))

    def _moved(self, future: Future[StoredCapture]) -> CatalogEntry:
        stored: StoredCapture = _done(future)
        return entry_of(stored.record, stored.folder)


def _facts(record: PartRecord, counts: Counts) -> ClassFacts:
    return ClassFacts(record.class_id, record.number, record.name, record.tags, record.weight_kg, counts)


def _done(future: Future[_T]) -> _T:
    """Wait for the store's word; raises what it raised, and StationError when it is not heard in time."""
    try:
        return future.result(_ANSWER_S)
    except TimeoutError as error:
        raise StationError(
            f"The disk has not answered for {_ANSWER_S:g} s; what was asked may be done yet.",
            todo="Look again in a moment.",
            retryable=True,
        ) from error
