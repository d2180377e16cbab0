"""What the capture page needs from the station, as protocols; joined in the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from station.captures.catalog_values import CatalogEntry, Counts, Page, PageKey, State
from station.captures.record import CaptureRecord, Split
from station.captures.session_values import SessionSnapshot
from station.frames import ColorImage, MaskImage


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """A class as it is chosen: what the part master says of it and how many captures it has."""

    class_id: str
    number: str
    name: str
    tags: tuple[str, ...]
    weight_kg: float | None
    counts: Counts


@dataclass(frozen=True, slots=True)
class NewClass:
    """What a person says of a new class; ``tags`` by heading, from the vocabulary."""

    number: str
    name: str
    super_class: tuple[str, ...] = ()
    tags: Mapping[str, tuple[str, ...]] | None = None
    weight_kg: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class CapturePicture:
    """One view of a kept capture, shrunk for the window: colour (h, w, 3) and mask (h, w), ``None`` without one."""

    role: str
    color: ColorImage
    mask: MaskImage | None


class CaptureWork(Protocol):
    """The capture session; every call returns at once, and what fails stands in the snapshot's ``trouble``.

    ``station.captures.session.CaptureSession`` is one.
    """

    @property
    def snapshot(self) -> SessionSnapshot:
        """The newest snapshot."""
        ...

    def start(self, class_id: str, positions: int | None = None) -> None:
        """Begin a session of a class."""
        ...

    def pause(self) -> None:
        """Take nothing until :meth:`resume`."""
        ...

    def resume(self) -> None:
        """Go on."""
        ...

    def take_now(self) -> None:
        """Look at the part again as it lies."""
        ...

    def override(self, reason: str, *, for_all: bool = False) -> None:
        """Take the look that soft gates warn of, for this reason."""
        ...

    def skip(self) -> None:
        """Leave the next place of the plan out."""
        ...

    def undo(self) -> None:
        """Take the last capture or skip back."""
        ...

    def redo(self) -> None:
        """Do again what was taken back last."""
        ...

    def end(self) -> None:
        """End the session."""
        ...


class CaptureDoor(Protocol):
    """The data set on disk. Calls may take their time and raise StationError: they are made in a thread of their own.

    ``work`` and ``storage_trouble`` return at once.
    """

    @property
    def work(self) -> CaptureWork:
        """The capture session."""
        ...

    @property
    def storage_trouble(self) -> str:
        """Why nothing can be kept now, as a full disk; empty while it can."""
        ...

    def classes(self, text: str, limit: int = 50) -> Sequence[ClassFacts]:
        """Return the classes whose number, name or tags hold every word of ``text``; all for an empty one."""
        ...

    def facts(self, class_id: str) -> ClassFacts | None:
        """Return one class, ``None`` when it is not known."""
        ...

    def counts(self) -> Mapping[str, Counts]:
        """Return how many captures every class has."""
        ...

    def vocabulary(self) -> Mapping[str, Sequence[str]]:
        """Return the tags there are, by heading."""
        ...

    def new_class(self, told: NewClass) -> str:
        """Make a class and return its id; refuses a number that another class has."""
        ...

    def set_reference(self, entry: CatalogEntry) -> None:
        """Make the part in one view of a capture the reference picture of its class."""
        ...

    def captures(
        self, class_id: str | None, state: State, split: Split | None = None, after: PageKey | None = None
    ) -> Page:
        """Return a page of captures of a class, or of all, newest first; ``after`` is the page's before."""
        ...

    def record(self, entry: CatalogEntry) -> CaptureRecord | None:
        """Return what ``capture.json`` says of a capture."""
        ...

    def pictures(self, entry: CatalogEntry, width: int) -> Sequence[CapturePicture]:
        """Return the views of a capture that can be read, shrunk to ``width`` pixels."""
        ...

    def thumbnail(self, entry: CatalogEntry, width: int) -> CapturePicture | None:
        """Return the part in one view of a capture, 4:3, ``width`` pixels wide; ``None`` when no view can be read."""
        ...

    def newest(self, class_id: str, width: int) -> CapturePicture | None:
        """Return the thumbnail of a class's newest capture, ``None`` when it has none."""
        ...

    def trash(self, capture_id: str) -> CatalogEntry:
        """Move a capture into the trash; returns it as it lies there, durably. So do those below."""
        ...

    def restore(self, capture_id: str) -> CatalogEntry:
        """Bring a capture back from the trash."""
        ...

    def relabel(self, capture_id: str, class_id: str) -> CatalogEntry:
        """Move a capture to another class."""
        ...

    def move(self, capture_id: str, split: Split) -> CatalogEntry:
        """Move a capture to the next free place of another split."""
        ...

    def accept(self, capture_id: str, class_id: str, split: Split, reason: str = "") -> CatalogEntry:
        """Take an operator's answer from the review queue into the data set.

        Raises DoubtedCaptureError where quality gates warn of it and there is no reason.
        """
        ...

    def dismiss(self, capture_id: str) -> CatalogEntry:
        """Move an operator's answer from the review queue into the trash."""
        ...
