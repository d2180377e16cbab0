"""The journal's thread: takes entries at once, writes them in order, and loses none when the disk refuses."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
import time
from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path

from station.errors import StorageError
from station.journal import Entry, EntryKind, Journal

_log = logging.getLogger(__name__)

_RETRY_S = 2.0
_BATCH = 500
_MOST_WAITING = 20_000
_MOST_RECOGNITIONS = 10_000
"""Beyond so many waiting entries recognitions are refused, so that there is room for answers."""


@dataclass(frozen=True, slots=True)
class JournalState:
    """How the writing goes.

    ``waiting`` counts entries that are not in the journal yet, ``trouble`` says why (empty when all is well).
    """

    waiting: int
    trouble: str


class JournalWriter:
    """Writes a journal from its own thread named ``Journal``.

    Entries that the disk refuses wait in memory, in order, and are tried again every two seconds. Meanwhile they are
    also kept in the file ``rescue`` (JSON lines), best on another disk, from where the next start takes them in. When
    20,000 wait, the next is refused aloud: nothing is dropped in silence. Who answered is stored only with
    ``operators``.
    """

    def __init__(
        self, path: Path, rescue: Path | None = None, *, operators: bool = False, retry_s: float = _RETRY_S
    ) -> None:
        self._path = path
        self._rescue = rescue or path.with_name(path.name + ".unwritten.jsonl")
        self._operators = operators
        self._retry_s = retry_s
        self._waiting: deque[Entry] = deque()
        self._trouble = ""
        self._changed = threading.Condition()
        self._stopping = False
        self._rescued = False
        self._kept = ""
        self._thread: threading.Thread | None = None

    @property
    def state(self) -> JournalState:
        """How the writing goes now."""
        with self._changed:
            return JournalState(len(self._waiting), self._trouble)

    def start(self) -> None:
        """Take in what an earlier run could not write, and start the thread.

        Raises StorageError when the rescue file is there but cannot be read.
        """
        if self._rescue.exists():
            entries = _read_rescue(self._rescue)
            with self._changed:
                self._waiting.extendleft(reversed(entries))
                self._rescued = True
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="Journal")
        self._thread.start()

    def append(self, entry: Entry) -> None:
        """Take an entry; returns at once. Raises StorageError when too many wait already."""
        if not self._operators:
            entry = replace(entry, operator="")
        # What cannot be written as JSON must fail here, at its maker, and not hold up the entries behind it.
        json.dumps(entry.to_json(), ensure_ascii=False, allow_nan=False).encode()
        with self._changed:
            most = _MOST_RECOGNITIONS if entry.kind is EntryKind.RECOGNITION else _MOST_WAITING
            if len(self._waiting) >= most:
                raise StorageError(
                    f"{len(self._waiting)} journal entries wait for the disk; this one was not taken.",
                    where=str(self._path),
                    todo="Make space on the disk.",
                    retryable=True,
                )
            self._waiting.append(entry)
            self._changed.notify_all()

    def flush(self, timeout_s: float) -> bool:
        """Wait until every entry is on the disk; returns whether that was so within ``timeout_s`` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting, timeout_s)

    def stop(self, timeout_s: float = 10.0) -> None:
        """Write what waits, end the thread and join it.

        Raises StorageError when entries could not be written: it says where they are kept. When even the rescue file
        cannot be written they stay in memory, and ``stop`` may be called again.
        """
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(timeout_s)
            if self._thread.is_alive():
                raise StorageError("The journal's thread does not end.", where=str(self._path))
            self._thread = None
        with self._changed:
            entries = tuple(self._waiting)
        if not entries:
            return
        if self._kept != entries[-1].entry_id:
            _write_rescue(self._rescue, entries)
        with self._changed:
            self._waiting.clear()
            self._kept = ""
            trouble = self._trouble
        raise StorageError(
            f"{len(entries)} entries could not be written to the journal and are kept in {self._rescue}. {trouble}",
            where=str(self._path),
            todo="Make space on the disk; the next start takes them in.",
        )

    def _run(self) -> None:
        journal = Journal(self._path)
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._waiting) or self._stopping)
                batch = [self._waiting[n] for n in range(min(len(self._waiting), _BATCH))]
                last_try = self._stopping
            if not batch:
                break
            if self._write(journal, batch):
                continue
            if last_try:
                break
            self._rest(self._keep())
        journal.close()

    def _rest(self, kept: Entry) -> None:
        """Wait for the next try, which a new entry brings on at once so that it is kept too."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or self._waiting[-1] is not kept, self._retry_s)

    def _keep(self) -> Entry:
        """Write all that waits to the rescue file, and return the last entry of it."""
        with self._changed:
            entries = tuple(self._waiting)
        if entries[-1].entry_id != self._kept:
            try:
                _write_rescue(self._rescue, entries)
            except StorageError:
                # Both disks refuse: the journal's own trouble is shown already, and the entries stay in memory.
                return entries[-1]
            with self._changed:
                self._kept, self._rescued = entries[-1].entry_id, True
        return entries[-1]

    def _write(self, journal: Journal, batch: list[Entry]) -> bool:
        try:
            journal.append(batch)
        except StorageError as error:
            self._refuse(str(error))
            return False
        except Exception as fault:
            # Nothing but a stop may end this thread: entries that wait are tried again and kept meanwhile.
            _log.exception("The journal met a fault")
            self._refuse(f"The journal met a fault: {fault!r}.")
            return False
        with self._changed:
            for _ in batch:
                self._waiting.popleft()
            recovered, self._trouble = bool(self._trouble), ""
            if self._rescued and not self._waiting:
                self._forget_rescue()
            self._changed.notify_all()
        if recovered:
            _log.info("The journal is written again")
        return True

    def _refuse(self, trouble: str) -> None:
        with self._changed:
            news, self._trouble = trouble != self._trouble, trouble
            self._changed.notify_all()
        if news:
            _log.warning("The journal waits: %s", trouble)

    def _forget_rescue(self) -> None:
        """Remove the rescue file; one that cannot be removed is tried again after the next entry."""
        try:
            self._rescue.unlink(missing_ok=True)
        except OSError as error:
            # Harmless meanwhile: a start that finds it takes in nothing that is written already.
            _log.warning("The journal's rescue file cannot be removed: %s", error)
            return
        self._rescued = False
        self._kept = ""


def _write_rescue(path: Path, entries: tuple[Entry, ...]) -> None:
    temporary = path.with_name(path.name + f".{time.monotonic_ns()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("w", encoding="utf-8") as out:
            out.writelines(json.dumps(entry.to_json(), ensure_ascii=False) + "\n" for entry in entries)
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise StorageError(
            f"{len(entries)} journal entries can be written neither to the journal nor here: {error.strerror}.",
            where=str(path),
            todo="Make space on the disk before the program ends.",
            retryable=True,
        ) from error


def _read_rescue(path: Path) -> list[Entry]:
    try:
        return [Entry.from_json(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StorageError(
            f"Journal entries of an earlier run cannot be read: {error!r}.",
            where=str(path),
            todo="Keep a copy of the file and move it away.",
        ) from error
