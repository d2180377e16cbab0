"""A snapshot: the list of all files of a data directory at one time, each by the hash of its content."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from station.errors import StorageError
from station.file_calls import OS_FILES, replace_durably

FORMAT = 1
SUFFIX = ".jsonl"
_NAME = re.compile(r"\d{8}T\d{6}Z(-\d+)?")
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class SavedFile:
    """One file: its path inside the data directory (forward slashes), size in bytes, time of change, and SHA-256."""

    path: str
    size: int
    mtime_ns: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All files at one time; ``taken_at`` is UTC, ``layout`` the data directory's version."""

    name: str
    taken_at: datetime
    layout: int
    files: Mapping[str, SavedFile]

    @property
    def bytes(self) -> int:
        """Sum of the files' sizes."""
        return sum(file.size for file in self.files.values())

    def write(self, folder: Path) -> None:
        """Write the list durably, whole or not at all; raises OSError."""
        lines = [json.dumps([f.path, f.size, f.mtime_ns, f.sha256]) for f in self.files.values()]
        head = {"format": FORMAT, "taken_at": self.taken_at.isoformat(), "layout": self.layout}
        body = "\n".join([json.dumps(head), *lines]) + "\n"
        tail = {"files": len(lines), "sha256": hashlib.sha256(body.encode()).hexdigest()}
        replace_durably(OS_FILES, folder / f"{self.name}{SUFFIX}", (body + json.dumps(tail) + "\n").encode())


def read_snapshot(file: Path) -> Snapshot:
    """Read a list and check that it is whole; raises StorageError."""
    try:
        content = file.read_bytes()
        body, _, tail_line = content.rstrip(b"\n").rpartition(b"\n")
        tail: dict[str, Any] = json.loads(tail_line)
        if tail["sha256"] != hashlib.sha256(body + b"\n").hexdigest():
            raise ValueError("its own hash does not fit")
        head_line, *lines = body.decode("utf-8").split("\n")
        head: dict[str, Any] = json.loads(head_line)
        if int(head["format"]) > FORMAT:
            raise StorageError(
                f"The snapshot has format {head['format']}, this program knows formats up to {FORMAT}.",
                where=str(file),
                todo="Use the newer program that wrote it.",
            )
        files = [_saved(json.loads(line)) for line in lines]
        taken_at = datetime.fromisoformat(head["taken_at"])
        return Snapshot(file.name.removesuffix(SUFFIX), taken_at, int(head["layout"]), {f.path: f for f in files})
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise StorageError(f"The snapshot is damaged: {error}.", where=str(file), todo="Use an earlier one.") from error


def snapshot_names(folder: Path) -> tuple[str, ...]:
    """Return the names of the snapshots in a folder, oldest first."""
    names = (file.name.removesuffix(SUFFIX) for file in folder.glob(f"*{SUFFIX}"))
    return tuple(sorted(name for name in names if _NAME.fullmatch(name)))


def new_name(taken_at: datetime, taken: tuple[str, ...]) -> str:
    """Return the name of a snapshot taken at a time, later in order than all that are there."""
    name = f"{taken_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    if not taken or name > taken[-1]:
        return name
    # Taken within the same second, or by a clock that was set back: the order still tells which is newest.
    first, _, number = taken[-1].partition("-")
    return f"{first}-{int(number or 0) + 1:04d}"


def _saved(values: list[Any]) -> SavedFile:
    path, size, mtime_ns, sha256 = values
    inside = PurePosixPath(path)
    other_disk = os.name == "nt" and any(sign in path for sign in "\\:")  # plain letters elsewhere
    if inside.is_absolute() or not inside.parts or ".." in inside.parts or other_disk:
        raise ValueError(f"the path {path!r} leads outside")
    if not _HASH.fullmatch(sha256):
        raise ValueError(f"{sha256!r} is no hash")
    return SavedFile(str(path), int(size), int(mtime_ns), sha256)
