"""How an older layout of the data directory becomes today's, with a copy of its indexes before.

A step may be cut off at any instant: each can be done again from wherever it stopped. While a migration is under way
the file ``migrating.json`` says to which layout, and in which folder the copy of the indexes lies; the next start goes
on from there. A new schema of one of the indexes (``*.sqlite``) comes with a new layout, so that its file is copied,
too, before the program that owns it brings it up to date.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from station.errors import StorageError
from station.file_calls import OS_FILES, FileCalls, remove_tree, replace_durably, write_synced
from station.sqlite_copy import copy_database

VERSION_FILE = "version"
NOTE_FILE = "migrating.json"
_UNFINISHED = "before-layout.tmp"


@dataclass(frozen=True, slots=True)
class Step:
    """The way to layout ``to`` from the one before it; ``run`` may be called again after it was cut off."""

    to: int
    run: Callable[[Path, FileCalls], None]


def _classes_into_sets(root: Path, files: FileCalls) -> None:
    """Layout 2: captures lie as an MVIP tree, its classes below ``captures/sets``; the part master has a history.

    Layout 1 promised no more than the folder ``captures``: class folders that somebody copied right into it move.
    """
    sets = root / "captures" / "sets"
    for folder in (sets.parent, sets):
        if not folder.is_dir():
            files.make_folder(folder)
            files.sync_folder(folder.parent)
    for folder in sorted(sets.parent.iterdir()):
        if folder.is_dir() and ((folder / "meta.json").is_file() or (folder / "train_data").is_dir()):
            if (sets / folder.name).exists():
                raise StorageError(
                    f"Two folders hold captures of the class {folder.name!r}, below captures and below captures/sets.",
                    where=str(root),
                    todo="Move one of them away.",
                )
            files.rename(folder, sets / folder.name)
            files.sync_folder(sets)
            files.sync_folder(sets.parent)


STEPS: tuple[Step, ...] = (Step(2, _classes_into_sets),)
LAYOUT_VERSION = STEPS[-1].to


def migrate(root: Path, version: int, *, steps: Sequence[Step] = STEPS, files: FileCalls = OS_FILES) -> None:
    """Bring a data directory of layout ``version`` up to date, or go on where that was cut off; its lock is held.

    Nothing is done, and nothing read but one file's existence, where it is up to date. Raises StorageError when the
    disk refuses: the next start goes on.
    """
    note = root / NOTE_FILE
    ahead = [step for step in steps if step.to > version]
    try:
        if ahead and _noted(note) is None:
            _copy_indexes(root, ahead[-1].to, files)
        for step in ahead:
            step.run(root, files)
            replace_durably(files, root / VERSION_FILE, f"{step.to}\n".encode("ascii"))
        if note.exists():
            files.remove_file(note)
            files.sync_folder(root)
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror or error if isinstance(error, OSError) else error
        raise StorageError(
            f"The data directory of layout {version} cannot be brought to layout {steps[-1].to}: {reason}.",
            where=str(root),
            todo="Nothing is lost. Check the disk and its space; the next start goes on.",
        ) from error


def _copy_indexes(root: Path, to: int, files: FileCalls) -> None:
    """Copy the version and every index into a folder of their own, and note that the migration has begun."""
    unfinished = root / _UNFINISHED
    remove_tree(files, unfinished)
    files.make_folder(unfinished)
    for file in sorted(root.glob("*.sqlite")):
        copy_database(file, unfinished / file.name)
    write_synced(files, unfinished / VERSION_FILE, (root / VERSION_FILE).read_bytes())
    files.sync_folder(unfinished)
    name = f"before-layout-{to}-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
    files.rename(unfinished, root / name)
    files.sync_folder(root)
    replace_durably(files, root / NOTE_FILE, json.dumps({"to": to, "indexes": name}).encode("ascii"))


def _noted(note: Path) -> dict[str, Any] | None:
    """Return what is noted of a migration that was begun; a note is written whole or not at all."""
    try:
        return json.loads(note.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise StorageError(f"The note of a migration cannot be read: {error}.", where=str(note)) from error
