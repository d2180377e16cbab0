"""The store: the one door through which captures come into the tree, move in it and leave it."""

from __future__ import annotations

import logging
import os
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from station.captures.audit import Action, Audit, AuditRow
from station.captures.catalog import Catalog, CatalogEntry, Operation
from station.captures.catalog_values import REVIEW_FOLDER, TRASH_FOLDER, State
from station.captures.class_meta import META_FILE, ClassMeta, read_class_meta
from station.captures.hha_files import HhaFiles
from station.captures.names import folder_name, require_no_collision
from station.captures.place import Place
from station.captures.record import CaptureRecord, Split, read_capture_record
from station.captures.recovery import DESCRIBE, SAVE, bring_in_order, describe, finish
from station.captures.relocation import Relocation, operation_number, review_folder, trash_folder
from station.captures.tree_places import inner_folders, next_place, trashed_at
from station.captures.writer import CaptureContent, refused_by_disk, write_capture
from station.captures.yielding import yield_to_others
from station.errors import CaptureRefusedError, DatasetError, DoubtedCaptureError, StationError, StorageError
from station.file_calls import OS_FILES, DurableFolders, FileCalls

LEAST_FREE_BYTES = 2_000_000_000
MOST_WAITING = 4
"""Captures that may wait for the disk; ten views of 1280×720 take 55 MB of memory."""

_CODING_STEPS = 5
"""How far coding pictures steps back: beside a recognition it gets a quarter of a core's time, alone all of it."""

_WHERE: Mapping[State, str] = {"kept": "in the data set", "trash": "in the trash", "review": "in the review queue"}
_T = TypeVar("_T")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoredCapture:
    """A capture that is durably there; ``folder`` is relative to the tree."""

    record: CaptureRecord
    folder: str


class CaptureStore:
    """Keeps the captures below ``root``; one program at a time, which the data directory's lock sees to.

    Every change is done by one thread named ``captures``, in order, and answers with a future. When the future of a
    :meth:`save` is done, the capture survives kills and power cuts. Futures end with CaptureRefusedError (nothing was
    written: no space, too many waiting, place taken), StorageError (the disk refuses) or DatasetError (wrong values).

    Every class that holds captures is described in its folder: by what ``described`` says of it when its first capture
    comes, where nobody has described it before.

    The constructor brings the tree in order: it finishes or undoes what a kill interrupted, removes what was half
    written and, where the catalog is new, makes it from the folders. It raises StorageError.
    """

    def __init__(
        self,
        root: Path,
        catalog: Catalog,
        *,
        files: FileCalls = OS_FILES,
        workers: int | None = None,
        free_space: Callable[[], int] | None = None,
        least_free_bytes: int = LEAST_FREE_BYTES,
        described: Callable[[str], ClassMeta | None] = lambda _class_id: None,
    ) -> None:
        self.root = root
        self._described = described
        self._catalog = catalog
        self._files = files
        self._free_space = free_space or (lambda: shutil.disk_usage(root).free)
        self._least_free = least_free_bytes
        self._folders = DurableFolders(files, root)
        self._audit = Audit(files, root)
        self._relocation = Relocation(root, catalog, self._audit, files, self._folders)
        self._lock = threading.Lock()
        self._waiting = 0
        self._reserved: Counter[str] = Counter()
        self._owed = self._relocation.owed
        with self._refusing(root):
            unfinished = bring_in_order(root, catalog, files, self._folders, self._relocation)
        # One more than cores: while one thread waits for the disk, another one codes.
        self._pool = ThreadPoolExecutor(
            workers or min(5, (os.cpu_count() or 1) + 1),
            thread_name_prefix="captures-png",
            initializer=yield_to_others,
            initargs=(_CODING_STEPS,),
        )
        self._hha = HhaFiles(root, catalog, files, self._relocation.moving)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="captures")
        for operation in unfinished:
            self._hha.add(operation.capture_id, operation_number(operation))

    # -- new captures -------------------------------------------------------------------------------------------------

    @property
    def waiting(self) -> int:
        """How many captures are being saved or wait for it."""
        with self._lock:
            return self._waiting

    @property
    def idle(self) -> bool:
        """Whether nothing is being saved and no HHA picture is being made."""
        return self.waiting == 0 and self._hha.idle

    def save(self, capture: CaptureContent, place: Place) -> Future[StoredCapture]:
        """Save a capture in its place, durably, and then note it in the catalog."""
        record = capture.record.model_copy(update=place.label())
        return self._take(capture, record, place.folder)

    def keep_for_review(self, capture: CaptureContent, class_id: str) -> Future[StoredCapture]:
        """Save a capture into the review queue; ``class_id`` is what it is suggested to be."""
        label = {"class_id": class_id, "split": "train", "position": None, "rotation": None, "set_number": None}
        record = capture.record.model_copy(update=label)
        return self._take(capture, record, review_folder(record.capture_id))

    def next_place(self, class_id: str, split: Split) -> Place:
        """Return the first free place of a class; places of captures that wait to be saved are not free."""
        with self._lock:
            return next_place(self.root, class_id, split, set(self._reserved))

    # -- captures that are there --------------------------------------------------------------------------------------

    def relabel(self, capture_id: str, class_id: str, who: str | None = None) -> Future[StoredCapture]:
        """Move a capture of the data set to another class, into the next free place of its split; else it stays."""

        def target(entry: CatalogEntry) -> str:
            if entry.class_id == class_id:
                return entry.folder
            return self._free_place(class_id, _split(entry)).folder

        return self._move(capture_id, "relabel", target, who, wanted="kept")

    def move(self, capture_id: str, place: Place, who: str | None = None) -> Future[StoredCapture]:
        """Move a capture of the data set to another place."""

        def target(_: CatalogEntry) -> str:
            self._check_class(place.class_id)
            return place.folder

        return self._move(capture_id, "move", target, who, wanted="kept")

    def accept_review(
        self, capture_id: str, class_id: str, split: Split, who: str | None = None, reason: str = ""
    ) -> Future[StoredCapture]:
        """Take a capture from the review queue into the data set.

        One that quality gates warn of is refused without a ``reason``, which is kept in its record.
        """

        def place(entry: CatalogEntry) -> str:
            record = read_capture_record(self.root / entry.folder)
            if record is not None and record.doubts and not reason.strip():
                raise DoubtedCaptureError(record.doubts)
            return self._free_place(class_id, split).folder

        return self._move(capture_id, "accept", place, who, reason.strip(), wanted="review")

    def dismiss_review(self, capture_id: str, who: str | None = None) -> Future[StoredCapture]:
        """Move a capture from the review queue into the trash."""
        return self._move(capture_id, "dismiss", lambda e: trash_folder(e.capture_id), who, wanted="review")

    def forget_review(self, taken_before: datetime) -> Future[int]:
        """Remove for good what was taken before a time and still waits for review; returns how many captures."""

        def forget() -> int:
            waiting = [entry.name for entry in inner_folders(self.root / REVIEW_FOLDER)]
            known = [entry for entry in map(self._catalog.get, waiting) if entry and entry.state == "review"]
            old = [entry for entry in known if _taken_before(entry, taken_before)]
            for entry in old:
                self._relocation.erase(entry.capture_id, entry.folder, None, "waited too long for review")
            return len(old)

        return self._submit(forget)

    def trash(self, capture_id: str, who: str | None = None, why: str = "") -> Future[StoredCapture]:
        """Move a capture into the trash."""
        return self._move(capture_id, "trash", lambda e: trash_folder(e.capture_id), who, why)

    def restore(self, capture_id: str, who: str | None = None) -> Future[StoredCapture]:
        """Bring a capture back from the trash: to its place, the next free one where that is taken, or for review."""
        return self._move(capture_id, "restore", self._former_place, who, wanted="trash")

    def empty_trash(self, older_than: datetime, who: str | None = None) -> Future[int]:
        """Remove for good what came into the trash before a time; returns how many captures that were."""

        def empty() -> int:
            old = [folder for folder in inner_folders(self.root / TRASH_FOLDER) if trashed_at(folder) < older_than]
            for folder in old:
                self._relocation.erase(folder.name, f"{TRASH_FOLDER}/{folder.name}", who)
            return len(old)

        return self._submit(empty)

    def audit(self, capture_id: str | None = None) -> tuple[AuditRow, ...]:
        """Return what was done to a capture, or to all, oldest first; raises StorageError."""
        return self._audit.rows(capture_id)

    # -- classes ------------------------------------------------------------------------------------------------------

    def class_meta(self, class_id: str) -> ClassMeta | None:
        """Return a class's description, ``None`` when it has none; raises DatasetError when it is damaged."""
        return read_class_meta(self.root / "sets" / folder_name(class_id))

    def write_class_meta(self, class_id: str, meta: ClassMeta) -> Future[None]:
        """Write a class's description where it is missing or another one; makes the class's folder."""

        def write() -> None:
            self._check_class(class_id)
            with suppress(DatasetError):  # a damaged one is replaced
                if not self._drop_description(class_id) and self.class_meta(class_id) == meta:
                    return
            self._describe(class_id, meta)

        return self._submit(write)

    # -- the whole ----------------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Finish what was taken in, leave the HHA pictures that are missing for the next start, end the threads."""
        self._thread.shutdown(wait=True)
        self._hha.stop()
        self._pool.shutdown(wait=True)

    # -- inside -------------------------------------------------------------------------------------------------------

    def _take(self, capture: CaptureContent, record: CaptureRecord, folder: str) -> Future[StoredCapture]:
        with self._lock:
            if self._waiting >= MOST_WAITING:
                todo = "Wait a moment, then take the capture again."
                return _failed(CaptureRefusedError(f"{self._waiting} captures wait for the disk.", todo=todo))
            self._waiting += 1
            self._reserved[folder] += 1
            self._hha.quiet.clear()
        future = self._submit(lambda: self._save(capture, record, folder))
        future.add_done_callback(lambda _: self._taken(folder))
        return future

    def _taken(self, folder: str) -> None:
        with self._lock:
            self._waiting -= 1
            self._reserved -= Counter([folder])
            if not self._waiting:
                self._hha.quiet.set()

    def _save(self, capture: CaptureContent, record: CaptureRecord, folder: str) -> StoredCapture:
        self._check_space()
        self._check_class(record.class_id)
        path = self.root / folder
        if path.exists() or self._catalog.get(record.capture_id) is not None:
            raise CaptureRefusedError(
                f"There is a capture in {folder} already."
                if path.exists()
                else f"The capture {record.capture_id} is kept already.",
                todo="Choose another place.",
            )
        self._require_description(folder)
        operation = self._begin(Operation(SAVE, record.capture_id, {"folder": folder}))
        try:
            with self._refusing(path):
                self._folders.ensure(path.parent)
            record = write_capture(self._files, path, capture, record, self._pool)
        except BaseException:
            if not self._is_gone(path) or not self._note(lambda: self._catalog.end(operation_number(operation))):
                self._owed.append(operation)
            raise
        if self._note(lambda: self._catalog.add(record, folder)):
            self._hha.add(record.capture_id, operation_number(operation))
        else:
            self._owed.append(operation)
        return StoredCapture(record, folder)

    def _is_gone(self, path: Path) -> bool:
        """Whether a capture that was refused is not there, and will not be after a power cut."""
        if path.exists():
            return False
        with suppress(OSError):
            if path.parent.is_dir():
                self._files.sync_folder(path.parent)
            return True
        return False

    def _describe(self, class_id: str, meta: ClassMeta) -> None:
        body = {"class_id": class_id, "meta": meta.model_dump(mode="json", exclude_none=True)}
        operation = self._begin(Operation(DESCRIBE, "", body))
        try:
            describe(operation, self.root, self._catalog, self._files, self._folders)
            self._catalog.end(operation_number(operation))
        except BaseException as error:
            self._owed.append(operation)
            if isinstance(error, OSError):
                raise refused_by_disk("written", self.root / "sets" / class_id, error) from error
            raise

    def _require_description(self, folder: str) -> None:
        """Describe the class of a place in the data set where nobody has; done before its first capture is there."""
        place = Place.from_folder(folder)
        if place is not None and not (self.root / "sets" / place.class_id / META_FILE).exists():
            self._describe(place.class_id, self._described(place.class_id) or ClassMeta(name=place.class_id))

    def _move(
        self,
        capture_id: str,
        action: Action,
        target: Callable[[CatalogEntry], str],
        who: str | None,
        why: str = "",
        *,
        wanted: State | None = None,
    ) -> Future[StoredCapture]:
        def move() -> StoredCapture:
            entry = self._catalog.get(capture_id)
            if entry is None or (wanted is not None and entry.state != wanted):
                where = "here" if wanted is None else _WHERE[wanted]
                raise DatasetError(f"There is no capture {capture_id} {where}.", todo="Look whether it was moved.")
            folder = target(entry)
            if folder != entry.folder:
                if (self.root / folder).exists():
                    raise CaptureRefusedError(f"There is a capture in {folder} already.", todo="Choose another place.")
                self._require_description(folder)
                self._relocation.move(capture_id, entry.folder, folder, action, who, why)
            try:
                record = read_capture_record(self.root / folder)
            except DatasetError as error:
                raise DatasetError(f"The capture is in {folder} now, but damaged. {error}") from error
            if record is None:
                raise DatasetError("The capture has no record.", where=str(self.root / folder))
            return StoredCapture(record, folder)

        return self._submit(move)

    def _free_place(self, class_id: str, split: Split) -> Place:
        self._check_class(class_id)
        return self.next_place(class_id, split)

    def _former_place(self, entry: CatalogEntry) -> str:
        record = read_capture_record(self.root / entry.folder)
        place = Place.of(record) if record else None
        if record is None or place is None:
            return review_folder(entry.capture_id)
        if (self.root / place.folder).exists():
            place = self.next_place(place.class_id, place.split)
        return place.folder

    def _check_space(self) -> None:
        free = self._free_space()
        if free < self._least_free:
            raise CaptureRefusedError(
                f"The disk has {free / 1e9:.1f} GB free, captures need {self._least_free / 1e9:.1f} GB to spare.",
                where=str(self.root),
                todo="Free space on the disk; recognition goes on meanwhile.",
                retryable=True,
            )

    def _check_class(self, class_id: str) -> None:
        """Raise DatasetError when a class's folder is not safe, or would be another class's on some systems."""
        name = folder_name(class_id)
        if name != class_id:
            raise DatasetError(f"The class id {class_id!r} is not in Unicode's composed form.", todo=f"Use {name!r}.")
        require_no_collision(class_id, (path.name for path in inner_folders(self.root / "sets")))

    def _note(self, change: Callable[[], None]) -> bool:
        """Change the catalog after what counts is done; returns whether it let itself be changed."""
        try:
            change()
        except StorageError as error:
            _log.warning("%s The next change, or the next start of the program, makes up for it.", error)
            return False
        return True

    def _begin(self, operation: Operation) -> Operation:
        """Note durably what is about to be done; returns the operation with its number."""
        return replace(operation, operation_id=self._catalog.begin(operation))

    def _catch_up(self) -> None:
        """Make up for what the disk refused to let end, as the next start would; what it still refuses stays owed."""
        while self._owed:
            operation = self._owed[0]
            try:
                lacks = finish(operation, self.root, self._catalog, self._files, self._folders, self._relocation)
            except (OSError, StorageError) as error:
                _log.warning("An earlier change can still not be finished: %s", error)
                return
            if lacks:
                self._hha.add(operation.capture_id, operation_number(operation))
            del self._owed[0]

    def _drop_description(self, class_id: str) -> bool:
        """Forget an earlier description of a class that the disk refused; returns whether there was one."""
        old = [one for one in self._owed if one.kind == DESCRIBE and one.body["class_id"] == class_id]
        for operation in old:
            self._catalog.end(operation_number(operation))
            self._owed.remove(operation)
        return bool(old)

    @contextmanager
    def _refusing(self, path: Path) -> Generator[None]:
        try:
            yield
        except OSError as error:
            raise refused_by_disk("written", path, error) from error

    def _submit(self, work: Callable[[], _T]) -> Future[_T]:
        def told() -> _T:
            with self._refusing(self.root):
                self._catch_up()
                return work()

        try:
            return self._thread.submit(told)
        except RuntimeError:
            return _failed(CaptureRefusedError("The station is being closed; nothing is taken in any more."))


def _failed(error: StationError) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_exception(error)
    return future


def _split(entry: CatalogEntry) -> Split:
    for split in ("train", "valid", "test"):
        if entry.split == split:
            return split
    raise DatasetError(f"The capture {entry.capture_id} is in no split.", todo="Run: station captures reindex")


def _taken_before(entry: CatalogEntry, time: datetime) -> bool:
    return bool(entry.taken_at) and datetime.fromisoformat(entry.taken_at) < time
