"""A whole copy of an SQLite file, taken while others write to it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

_BUSY_S = 10.0


def copy_database(source: Path, target: Path) -> None:
    """Copy a database as it is at one instant, with what its write-ahead log holds, and check and sync the copy.

    ``target`` must not be there. The copy is one file of its own. Raises sqlite3.Error when the source is damaged or
    the disk refuses, OSError; then no target is left.
    """
    with contextlib.ExitStack() as stack:
        stack.callback(_remove_half, target)
        with (
            contextlib.closing(
                sqlite3.connect(f"{source.resolve().as_uri()}?mode=rw", uri=True, timeout=_BUSY_S)
            ) as out_of,
            contextlib.closing(sqlite3.connect(target)) as into,
        ):
            out_of.backup(into)
            into.execute("PRAGMA journal_mode = DELETE")
            found = into.execute("PRAGMA quick_check").fetchone()[0]
            if found != "ok":
                raise sqlite3.DatabaseError(f"the database {source.name} is damaged: {found}")
        with target.open("rb") as file:
            os.fsync(file.fileno())
        stack.pop_all()


def _remove_half(target: Path) -> None:
    for path in (target, target.with_name(target.name + "-journal"), target.with_name(target.name + "-wal")):
        path.unlink(missing_ok=True)
