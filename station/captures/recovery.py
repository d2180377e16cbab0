"""What a kill left, brought in order when a store opens its tree: each thing finished or undone, never half."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from station.captures.catalog import Catalog, Operation
from station.captures.class_meta import ClassMeta, write_class_meta
from station.captures.hha_files import hha_name
from station.captures.record import RECORD_FILE, read_capture_record
from station.captures.reindex import class_entry, reindex
from station.captures.relocation import ERASE, MOVE, Relocation, in_line, operation_number
from station.captures.tree_places import left_over
from station.captures.writer import TEMPORARY
from station.errors import DatasetError
from station.file_calls import REPLACING, DurableFolders, FileCalls, remove_tree, replace_durably
from station.frames import ROLES

SAVE, DESCRIBE = "save", "describe"
"""Kinds of operations beside those of moving: a capture is saved (and its HHA made), a class is described."""

_log = logging.getLogger(__name__)


def bring_in_order(
    root: Path, catalog: Catalog, files: FileCalls, folders: DurableFolders, relocation: Relocation
) -> list[Operation]:
    """Finish or undo what an earlier run began; returns the operations of captures that may lack HHA pictures.

    Removes what was half written. Where the catalog is new, so that nobody knows what was under way, the index is made
    from the folders, unless a command has made it, and all of them are looked through. Raises OSError and StorageError.
    """
    if not root.is_dir():
        files.make_folder(root)
    files.sync_folder(root.parent)
    with suppress(OSError):  # the data directory's own parent may be closed to us, and is seldom new
        files.sync_folder(root.parent.parent)
    begun = catalog.open_operations()
    unfinished = [one for one in begun if finish(one, root, catalog, files, folders, relocation)]
    for folder in left_over(root):
        remove_tree(files, folder)
    if not catalog.complete:
        reindex(root, catalog)
    if not catalog.looked_through:
        _sweep(root, files)
        _bring_in_line(root, catalog, files)
        unfinished += _without_hha(root, catalog)
        catalog.note_looked_through()
    return unfinished


def finish(
    operation: Operation,
    root: Path,
    catalog: Catalog,
    files: FileCalls,
    folders: DurableFolders,
    relocation: Relocation,
) -> bool:
    """Finish or undo an operation that was begun; returns whether it is a capture's that may lack HHA pictures.

    May be done twice. Raises OSError and StorageError.
    """
    if operation.kind == SAVE:
        return _resume_save(operation, root, catalog, files)
    if operation.kind in (MOVE, ERASE):
        relocation.resume(operation)
    else:
        if operation.kind == DESCRIBE:
            describe(operation, root, catalog, files, folders)
        catalog.end(operation_number(operation))
    return False


def _sweep(root: Path, files: FileCalls) -> None:
    """Remove what was to take a file's place and never did."""
    for folder, _, names in os.walk(root):
        for name in names:
            if name.endswith(REPLACING):
                files.remove_file(Path(folder) / name)


def _bring_in_line(root: Path, catalog: Catalog, files: FileCalls) -> None:
    """Make the records repeat what their folders say: a move may have been cut off whose operation nobody knows."""
    for entry in catalog.entries():
        with suppress(DatasetError):  # a damaged record is the reindex's and the verification's to tell
            record = read_capture_record(root / entry.folder)
            if record is not None and (changed := in_line(record, entry.folder)) != record:
                replace_durably(files, root / entry.folder / RECORD_FILE, changed.to_bytes())
                catalog.add(changed, entry.folder)


def _without_hha(root: Path, catalog: Catalog) -> list[Operation]:
    """Note every capture of this station that lacks an HHA picture, and return the operations."""
    found: list[Operation] = []
    for entry in catalog.entries():
        folder = root / entry.folder
        views = [role for role in ROLES if entry.kept_from is not None and (folder / role).is_dir()]
        if any(not (folder / hha_name(role)).exists() for role in views):
            operation = Operation(SAVE, entry.capture_id, {"folder": entry.folder})
            found.append(replace(operation, operation_id=catalog.begin(operation)))
    return found


def describe(operation: Operation, root: Path, catalog: Catalog, files: FileCalls, folders: DurableFolders) -> None:
    """Write a class's description and bring the catalog in line; may be done twice. Raises OSError, StorageError."""
    class_id: str = operation.body["class_id"]
    meta = ClassMeta.model_validate(operation.body["meta"])
    folder = root / "sets" / class_id
    folders.ensure(folder)
    write_class_meta(files, folder, meta)
    catalog.set_class(class_entry(class_id, meta.model_dump(exclude_none=True)))


def _resume_save(operation: Operation, root: Path, catalog: Catalog, files: FileCalls) -> bool:
    """Return whether the capture of an interrupted save is there, and noted in the catalog."""
    if catalog.get(operation.capture_id) is not None:
        return True
    folder: str = operation.body["folder"]
    path = root / folder
    try:
        record = read_capture_record(path) if path.is_dir() else None
    except DatasetError as error:
        _log.warning("%s", error)
        record = None
    if record is None or record.capture_id != operation.capture_id:
        remove_tree(files, path.with_name(TEMPORARY + path.name))
        catalog.end(operation_number(operation))
        return False
    files.sync_folder(path.parent)
    catalog.add(record, folder)
    return True
