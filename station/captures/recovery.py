"""What a kill left, brought in order when a store opens its tree: each thing finished or undone, never half."""

from __future__ import annotations

import logging
from pathlib import Path

from station.captures.catalog import Catalog, Operation
from station.captures.class_meta import ClassMeta, write_class_meta
from station.captures.record import read_capture_record
from station.captures.reindex import class_entry, reindex
from station.captures.relocation import ERASE, MOVE, Relocation, operation_number
from station.captures.tree_places import left_over
from station.captures.writer import TEMPORARY
from station.errors import DatasetError
from station.file_calls import DurableFolders, FileCalls, remove_tree

SAVE, DESCRIBE = "save", "describe"
"""Kinds of operations beside those of moving: a capture is saved (and its HHA made), a class is described."""

_log = logging.getLogger(__name__)


def bring_in_order(
    root: Path, catalog: Catalog, files: FileCalls, folders: DurableFolders, relocation: Relocation
) -> list[Operation]:
    """Finish or undo what an earlier run began; returns the operations of captures that may lack HHA pictures.

    Removes what was half written and makes the index from the folders where the catalog is new. Raises OSError and
    StorageError.
    """
    if not root.is_dir():
        files.make_folder(root)
    files.sync_folder(root.parent)
    unfinished: list[Operation] = []
    for operation in catalog.open_operations():
        if operation.kind == SAVE:
            unfinished += [operation] if _resume_save(operation, root, catalog, files) else []
        elif operation.kind in (MOVE, ERASE):
            relocation.resume(operation)
        else:
            if operation.kind == DESCRIBE:
                describe(operation, root, catalog, files, folders)
            catalog.end(operation_number(operation))
    for folder in left_over(root):
        remove_tree(files, folder)
    if not catalog.complete:
        reindex(root, catalog)
    return unfinished


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
