"""Moving captures within their tree so that a kill at any instant leaves each wholly here or wholly there.

The order of every change: an operation is noted in the catalog, durably; the folder is renamed and both parents are
synced; the record is brought in line with the folder; a row is added to the audit; the catalog follows; the operation
ends. From the rename on the change has happened, for the folder is the label, and what is left of it is made up for,
at the latest at the next start. Every step may be done twice.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from station.captures.audit import Action, Audit, AuditRow
from station.captures.catalog import Catalog, Operation
from station.captures.catalog_values import REVIEW_FOLDER, TRASH_FOLDER, state_of
from station.captures.place import Place
from station.captures.record import RECORD_FILE, CaptureRecord, Override, read_capture_record
from station.captures.writer import refused_by_disk
from station.errors import DatasetError, StorageError
from station.file_calls import DurableFolders, FileCalls, remove_tree, replace_durably

MOVE, ERASE = "move", "erase"
ERASED = ".erased-"
"""Beginning of the name of a folder in the trash that is being removed; readers pass it over."""

_log = logging.getLogger(__name__)


class Relocation:
    """Moves and removes the captures of one tree; for one thread.

    ``moving`` is held while a folder changes its name, until the catalog knows it: who holds it may trust the folders.
    ``owed`` are operations that the disk let neither end nor be undone; :meth:`resume` makes up for them.
    """

    def __init__(self, root: Path, catalog: Catalog, audit: Audit, files: FileCalls, folders: DurableFolders) -> None:
        self._root = root
        self._catalog = catalog
        self._audit = audit
        self._files = files
        self._folders = folders
        self.moving = threading.Lock()
        self.owed: list[Operation] = []

    def move(self, capture_id: str, source: str, target: str, action: Action, who: str | None, why: str = "") -> None:
        """Move a capture from folder to folder, both relative to the tree.

        Raises StorageError when the disk refuses: it says whether the capture was moved.
        """
        self._run(MOVE, _row(capture_id, source, target, action, who, why))

    def erase(self, capture_id: str, source: str, who: str | None, why: str = "") -> None:
        """Remove a capture for good; raises StorageError when the disk refuses."""
        self._run(ERASE, _row(capture_id, source, None, "erase", who, why))

    def resume(self, operation: Operation) -> None:
        """Finish an operation that an earlier run began; one that moved nothing yet is dropped. Raises OSError."""
        row = AuditRow.model_validate(operation.body)
        with self.moving:
            if not self._happened(row):
                self._sync_parents(row)
                self._catalog.end(operation_number(operation))
                return
            # It was renamed, but nobody knows whether that had reached the disk.
            self._sync_parents(row)
            self._finish(row, operation_number(operation), noted=self._audit.holds(row.operation))

    def _happened(self, row: AuditRow) -> bool:
        """Say whether a folder was renamed, though another capture may have come into its former place since."""
        gone = not (self._root / row.source).is_dir()
        if row.target is None:
            # What is being removed may have gone wholly, and only the audit and the catalog lack it.
            entry = self._catalog.get(row.capture_id)
            return gone and (self._new_place(row).is_dir() or entry is None or entry.folder == row.source)
        path = self._root / row.target
        if not path.is_dir():
            if gone:
                _log.warning("What was begun with capture %s cannot be finished: %s", row.capture_id, row)
            return False
        with suppress(DatasetError):
            record = read_capture_record(path)
            return gone or (record is not None and record.capture_id == row.capture_id)
        return gone

    def _run(self, kind: str, row: AuditRow) -> None:
        operation = Operation(kind, row.capture_id, row.model_dump(mode="json"))
        operation = replace(operation, operation_id=self._catalog.begin(operation))
        source, target = self._root / row.source, self._new_place(row)
        with self.moving:
            try:
                self._rename(source, target)
            except (OSError, StorageError) as error:
                self._forget(operation, undone=source.is_dir())
                if isinstance(error, OSError):
                    raise refused_by_disk("moved" if row.target else "removed", source, error) from error
                raise
            try:
                self._finish(row, operation_number(operation))
            except (OSError, StorageError) as error:
                self.owed.append(operation)
                said = error.what if isinstance(error, StorageError) else error.strerror or str(error)
                raise StorageError(
                    f"The capture {'is in its new folder' if row.target else 'was removed'}, but that could not be "
                    f"noted everywhere: {said.rstrip('.')}.",
                    where=str(target),
                    todo="Free space on the disk; that is made up for with the next change, or at the next start.",
                ) from error

    def _rename(self, source: Path, target: Path) -> None:
        """Rename durably; a rename that may not last is taken back. Raises OSError."""
        self._folders.ensure(target.parent)
        self._files.rename(source, target)
        try:
            self._files.sync_folder(target.parent)
            self._files.sync_folder(source.parent)
        except OSError:
            self._files.rename(target, source)
            raise

    def _sync_parents(self, row: AuditRow) -> None:
        """Make sure of the names on both sides of a move; raises OSError."""
        for folder in dict.fromkeys(((self._root / row.source).parent, self._new_place(row).parent)):
            if folder.is_dir():
                self._files.sync_folder(folder)

    def _new_place(self, row: AuditRow) -> Path:
        if row.target is not None:
            return self._root / row.target
        source = self._root / row.source
        return source.with_name(ERASED + source.name)

    def _finish(self, row: AuditRow, number: int, *, noted: bool = False) -> None:
        if row.target is None:
            remove_tree(self._files, self._new_place(row))
            self._files.sync_folder(self._new_place(row).parent)
            if not noted:
                self._audit.add(row)
            self._catalog.remove(row.capture_id)
        else:
            record = self._bring_in_line(row, row.target)
            if not noted:
                self._audit.add(row)
            if record is not None:
                self._catalog.add(record, row.target)
            elif (entry := self._catalog.get(row.capture_id)) is not None:
                self._catalog.add_entry(replace(entry, folder=row.target, state=state_of(row.target)))
        self._catalog.end(number)

    def _bring_in_line(self, row: AuditRow, folder: str) -> CaptureRecord | None:
        """Make a capture's record repeat what its folder says; ``None`` when it is damaged. Raises OSError."""
        path = self._root / folder
        try:
            record = read_capture_record(path)
        except DatasetError as error:
            _log.warning("%s", error)
            return None
        changed = in_line(record or _first_record(row), folder, row.at)
        if row.action == "accept" and changed.doubts:
            kept = tuple(Override(gate=gate, reason=row.why) for gate in changed.doubts)
            changed = changed.model_copy(update={"doubts": (), "overrides": (*changed.overrides, *kept)})
        # Records of the first schema have an id made from their folder.
        changed = changed.model_copy(update={"capture_id": row.capture_id})
        if changed != record:
            replace_durably(self._files, path / RECORD_FILE, changed.to_bytes())
        return changed

    def _forget(self, operation: Operation, *, undone: bool) -> None:
        """End an operation of which nothing happened; what the disk does not let end is owed."""
        try:
            if undone:
                # A rename that was taken back must last, too, before nobody knows of it any more.
                self._sync_parents(AuditRow.model_validate(operation.body))
                self._catalog.end(operation_number(operation))
                return
        except (OSError, StorageError) as error:
            _log.warning("%s", error)
        self.owed.append(operation)


def in_line(record: CaptureRecord, folder: str, trashed_at: datetime | None = None) -> CaptureRecord:
    """Return the record as it must be in ``folder`` (relative to the tree): the folder is the label."""
    state = state_of(folder)
    changes: Mapping[str, Any] = {"trashed_at": None}
    if state == "trash":
        changes = {"trashed_at": record.trashed_at or trashed_at}
    elif (place := Place.from_folder(folder)) is not None:
        changes = {**changes, **place.label()}
        if place.class_id != record.class_id:
            changes["label_source"] = "relabelled"
    return record.model_copy(update=changes)


def trash_folder(capture_id: str) -> str:
    """Return where a capture lies in the trash."""
    return f"{TRASH_FOLDER}/{capture_id}"


def review_folder(capture_id: str) -> str:
    """Return where a capture waits for review."""
    return f"{REVIEW_FOLDER}/{capture_id}"


def _first_record(row: AuditRow) -> CaptureRecord:
    """Return a record for a capture of a tree made elsewhere, which has none: its folder alone says what it is."""
    place = Place.from_folder(row.source) or Place.from_folder(str(row.target))
    record = CaptureRecord(
        capture_id=row.capture_id, class_id="", split="train", origin="import", label_source="imported"
    )
    return record.model_copy(update=place.label()) if place else record


def _row(capture_id: str, source: str, target: str | None, action: Action, who: str | None, why: str) -> AuditRow:
    return AuditRow(
        operation=secrets.token_hex(8),
        at=datetime.now(UTC),
        action=action,
        capture_id=capture_id,
        source=source,
        target=target,
        who=who,
        why=why,
    )


def operation_number(operation: Operation) -> int:
    """Return the number that the catalog gave an operation."""
    if operation.operation_id is None:
        raise StorageError("An operation without a number cannot be finished.", where=operation.capture_id)
    return operation.operation_id
