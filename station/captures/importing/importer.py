"""The import itself: what is there already is passed over, the rest goes through the store like every capture."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from station.captures.catalog import Catalog
from station.captures.class_meta import ClassMeta, read_class_meta
from station.captures.course import QUIET, Course
from station.captures.importing.copied import CopiedCapture, of_pictures, of_tree, renamed
from station.captures.importing.examine import Fault, FaultKind, examine
from station.captures.importing.report import FaultBook, ImportReport
from station.captures.importing.sources import PictureSource, TreeSource, find_sources
from station.captures.names import folder_name, require_no_collision
from station.captures.place import Place
from station.captures.record import Split
from station.captures.store import CaptureStore
from station.captures.tree_places import next_place
from station.errors import DatasetError

_AHEAD = 3
"""Captures that are examined while the one before them is written."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How to import plain pictures: into which split, and whether all of a picture is taken for the part."""

    split: Split = "train"
    whole_mask: bool = False


@dataclass(frozen=True, slots=True)
class _Prepared:
    source: TreeSource | PictureSource
    faults: tuple[Fault, ...]
    capture: CopiedCapture | None = None
    content: str = ""
    refused: str = ""


def import_tree(
    tree: Path,
    root: Path,
    catalog: Catalog,
    store: CaptureStore | None,
    options: ImportOptions = ImportOptions(),
    course: Course = QUIET,
) -> ImportReport:
    """Take the captures of an MVIP tree, or plain pictures, into the data set ``root``.

    The files of a view stay byte for byte. A capture whose content is in the data set already, wherever, is passed
    over, so an import that was interrupted is begun again. Without a ``store`` nothing is written: the report says
    what would be done. Raises DatasetError when there is nothing to import, CaptureRefusedError or StorageError when
    the disk refuses (what was imported before stays), CancelledError.
    """
    tree_sources, picture_sources, refused = find_sources(tree)
    sources = [*tree_sources, *picture_sources]
    run = _Run(root, catalog, store, options)
    run.refused += refused
    for done, prepared in enumerate(_prepare_all(sources, options), start=1):
        run.take(prepared)
        course.advance(done, len(sources))
    return run.report(len(sources) + len(refused))


def _prepare_all(sources: list[TreeSource | PictureSource], options: ImportOptions) -> Iterator[_Prepared]:
    """Examine sources in their order, a few ahead of whoever asks for them."""
    waiting: deque[Future[_Prepared]] = deque()
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="import") as pool:
        try:
            for source in sources:
                waiting.append(pool.submit(_prepare, source, options))
                if len(waiting) > _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _prepare(source: TreeSource | PictureSource, options: ImportOptions) -> _Prepared:
    faults: tuple[Fault, ...] = ()
    try:
        if isinstance(source, TreeSource):
            examination = examine(source)
            faults = examination.faults
            if not examination.readable:
                return _Prepared(source, faults, refused="None of its views can be read.")
            capture = of_tree(source, examination)
        else:
            lacking = [FaultKind.NO_DEPTH, FaultKind.NO_CALIBRATION]
            lacking += [] if options.whole_mask else [FaultKind.NO_MASK]
            capture = of_pictures(source, options.whole_mask)
            faults = tuple(Fault(kind, "plain pictures") for kind in lacking)
        return _Prepared(source, faults, capture, capture.content_hash())
    except DatasetError as error:
        return _Prepared(source, faults, refused=str(error))
    except OSError as error:
        return _Prepared(source, faults, refused=f"It cannot be read: {error.strerror or error}.")


@dataclass(slots=True)
class _Run:
    """One import while it goes on."""

    root: Path
    catalog: Catalog
    store: CaptureStore | None
    options: ImportOptions
    refused: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    imported: dict[str, str] = field(default_factory=dict[str, str])
    already: dict[str, str] = field(default_factory=dict[str, str])
    elsewhere: dict[str, str] = field(default_factory=dict[str, str])
    moved: dict[str, str] = field(default_factory=dict[str, str])
    classes: dict[str, str] = field(default_factory=dict[str, str])
    faults: FaultBook = field(default_factory=FaultBook)
    _names: dict[str, str | DatasetError] = field(default_factory=dict[str, "str | DatasetError"])
    _taken: set[str] = field(default_factory=set[str])
    _contents: dict[str, str] = field(default_factory=dict[str, str])

    def take(self, prepared: _Prepared) -> None:
        """Import one capture, or note why not."""
        source, capture = prepared.source, prepared.capture
        self.faults.note(source.where, prepared.faults)
        if capture is None:
            self.refused.append((source.where, prepared.refused))
            return
        try:
            class_id = self._class(source)
        except DatasetError as error:
            self.refused.append((source.where, str(error)))
            return
        if self._is_there(source.where, class_id, prepared.content):
            return
        if self.catalog.get(capture.record.capture_id) is not None:
            capture = renamed(capture)
        capture = replace(capture, record=capture.record.model_copy(update={"class_id": class_id}))
        place = self._place(source, class_id)
        if self.store is not None:
            try:
                self.store.save(capture, place).result()
            except DatasetError as error:
                self.refused.append((source.where, str(error)))
                return
        self._taken.add(place.folder)
        self._contents[prepared.content] = place.folder
        self.imported[source.where] = place.folder

    def report(self, found: int) -> ImportReport:
        """Return what was done."""
        return ImportReport(
            dry=self.store is None,
            found=found,
            imported=self.imported,
            already=self.already,
            elsewhere=self.elsewhere,
            moved=self.moved,
            refused=tuple(self.refused),
            classes=self.classes,
            faults=self.faults.counts(),
        )

    def _is_there(self, where: str, class_id: str, content: str) -> bool:
        """Note a capture whose content is in the data set, or was just imported."""
        twins = self.catalog.with_content(content)
        fitting = [twin for twin in twins if twin.class_id == class_id and twin.state != "trash"]
        if fitting or content in self._contents:
            self.already[where] = fitting[0].folder if fitting else self._contents[content]
        elif twins:
            self.elsewhere[where] = twins[0].folder
        return bool(twins) or content in self._contents

    def _place(self, source: TreeSource | PictureSource, class_id: str) -> Place:
        if isinstance(source, PictureSource):
            return next_place(self.root, class_id, self.options.split, self._taken)
        own = source.place and replace(source.place, class_id=class_id)
        if own and own.folder not in self._taken and not (self.root / own.folder).exists():
            return own
        place = next_place(self.root, class_id, source.split, self._taken)
        self.moved[source.where] = place.folder
        return place

    def _class(self, source: TreeSource | PictureSource) -> str:
        """Return the class's folder in the data set, with its description; raises DatasetError for an unsafe name."""
        known = self._names.get(source.class_id)
        if known is None:
            try:
                known = self._begin_class(source)
            except DatasetError as error:
                known = error
            self._names[source.class_id] = known
        if isinstance(known, DatasetError):
            raise known
        return known

    def _begin_class(self, source: TreeSource | PictureSource) -> str:
        class_id = folder_name(source.class_id)
        home = self.root / "sets" / class_id
        others = [path.name for path in (self.root / "sets").glob("*")]
        require_no_collision(class_id, [*others, *(name for name in self._names.values() if isinstance(name, str))])
        here, theirs = _described(home), ClassMeta(name=class_id)
        if isinstance(source, TreeSource):
            try:
                theirs = read_class_meta(source.class_folder) or theirs
            except DatasetError as error:
                self.classes[class_id] = f"Its description is damaged and was left out: {error.what}"
        if here is None:
            self.classes.setdefault(class_id, "The class is new." if not home.is_dir() else "Its description is new.")
            if self.store is not None:
                self.store.write_class_meta(class_id, theirs).result()
        elif here != theirs and isinstance(source, TreeSource):
            self.classes[class_id] = "It is described otherwise here; that stays."
        return class_id


def _described(home: Path) -> ClassMeta | None:
    with suppress(DatasetError):
        return read_class_meta(home)
    return None
