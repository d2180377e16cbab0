"""Who moved, relabelled, threw away or brought back a capture: rows that are only ever added.

They lie in ``audit.jsonl`` in the tree of captures, one JSON object per line, and not in the catalog, which is only an
index and may be lost or made anew, nor in a database of their own: a text file that grows at its end is copied with the
tree by any means, can be read in twenty years, and is written through the same door as the captures, so that the same
tests of power cuts cover it. A row torn by a power cut is passed over: it was never acknowledged, and the operation
that it belongs to is taken up again at the next start.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from station.captures.record import UtcTime
from station.errors import StorageError
from station.file_calls import FileCalls, append_durably

AUDIT_FILE = "audit.jsonl"

Action = Literal["relabel", "move", "accept", "dismiss", "trash", "restore", "erase"]

_log = logging.getLogger(__name__)


class AuditRow(BaseModel):
    """One change: what was done to which capture, when, by whom and why, and the folders before and after it.

    ``operation`` is unique to the change; a change that is finished after a kill has one row all the same. ``who`` is
    ``None`` where operators are not kept. ``target`` is ``None`` when the capture was erased.
    """

    model_config = ConfigDict(frozen=True)

    operation: str
    at: UtcTime
    action: Action
    capture_id: str
    source: str
    target: str | None = None
    who: str | None = None
    why: str = ""


class Audit:
    """The rows of one tree. Adding is for one thread; reading may go on beside it."""

    def __init__(self, files: FileCalls, root: Path) -> None:
        self._files = files
        self._path = root / AUDIT_FILE

    def add(self, row: AuditRow) -> None:
        """Add a row durably; raises OSError."""
        line = row.model_dump_json(exclude_none=True) + "\n"
        # Without this a row would be joined to one that a power cut tore, and both be lost.
        torn = self._last_byte() not in (b"", b"\n")
        append_durably(self._files, self._path, (("\n" if torn else "") + line).encode("utf-8"))

    def holds(self, operation: str) -> bool:
        """Say whether a row of this operation is there; raises StorageError when the file cannot be read."""
        return any(row.operation == operation for row in self._rows(operation))

    def rows(self, capture_id: str | None = None) -> tuple[AuditRow, ...]:
        """Return the rows of a capture, or all, oldest first; raises StorageError when the file cannot be read."""
        return tuple(row for row in self._rows(capture_id or "") if capture_id in (None, row.capture_id))

    def _rows(self, word: str) -> Iterator[AuditRow]:
        """Yield the rows in whose line ``word`` stands."""
        wanted = word.encode("utf-8")
        try:
            with suppress(FileNotFoundError), self._path.open("rb") as file:
                for number, line in enumerate(file, 1):
                    if wanted not in line or not line.strip():
                        continue
                    try:
                        yield AuditRow.model_validate_json(line)
                    except ValidationError:
                        _log.warning("Line %d of %s is no row; it is passed over", number, self._path)
        except OSError as error:
            raise StorageError(
                f"The captures' audit cannot be read: {error.strerror or error}.",
                where=str(self._path),
                todo="Check its permissions and the disk.",
            ) from error

    def _last_byte(self) -> bytes:
        with suppress(FileNotFoundError), self._path.open("rb") as file:
            if end := file.seek(0, 2):
                file.seek(end - 1)
                return file.read(1)
        return b""
