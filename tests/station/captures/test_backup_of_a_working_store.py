"""Backups while another program saves, moves, relabels and removes captures as fast as it can."""

import json
import multiprocessing
import shutil
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from station.backup.store import BackupStore
from station.captures.catalog import Catalog
from station.captures.store import CaptureStore
from station.captures.verify import verify
from station.datadir import DataDir
from tests.station.captures import busy_store

T = 120.0


class Working:
    """The busy program, and what it has said so far."""

    def __init__(self, folder: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe(duplex=False)
        self._child = context.Process(target=busy_store.work, args=(folder, "7", theirs))
        self._child.start()
        theirs.close()
        self._news = threading.Condition()
        self.there: dict[str, str] = {}
        self.removed: set[str] = set()
        self.done = 0
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                message: tuple[Any, ...] = self._ours.recv()
            except EOFError:
                return
            with self._news:
                match message:
                    case ("saved", name, _, digest):
                        self.there[name] = digest
                    case ("erased", names):
                        self.removed |= set(names)
                        for name in names:
                            del self.there[name]
                    case _:
                        pass
                self.done += 1
                self._news.notify_all()

    def after(self, steps: int) -> dict[str, str]:
        """Wait for some steps; returns the hashes of the captures that are there by then."""
        with self._news:
            wanted = self.done + steps
            assert self._news.wait_for(lambda: self.done >= wanted, T), "the program says nothing"
            return dict(self.there)

    def end(self) -> None:
        self._child.kill()
        self._child.join(T)
        self._reader.join(T)


@pytest.mark.parametrize("backups", [3, pytest.param(40, marks=pytest.mark.slow)])
def test_what_was_acknowledged_before_a_backup_began_is_in_it_whole_and_once(tmp_path: Path, backups: int) -> None:
    root, store = tmp_path / "data", BackupStore(tmp_path / "backups")
    DataDir.open(root).close()
    working = Working(root)
    try:
        working.after(60)
        for number in range(backups):
            before = working.after(3)
            store.save(root)
            working.after(3)  # an erasure that went on has been said by then
            back = tmp_path / f"back {number}"
            store.restore(back)
            held_against(back, before, set(working.removed))
            shutil.rmtree(back)
    finally:
        working.end()


def held_against(back: Path, before: dict[str, str], removed: set[str]) -> None:
    """Start on what was restored: everything is there, once, and every hash holds."""
    ids = Counter(json.loads(file.read_bytes())["capture_id"] for file in (back / "captures").rglob("capture.json"))
    assert set(ids.values()) <= {1}
    with DataDir.open(back) as data:
        catalog = Catalog(data.catalog)
        capture_store = CaptureStore(data.captures, catalog, workers=1, free_space=lambda: 10**11)
        try:
            assert verify(data.captures, catalog).findings == ()
            found = {entry.capture_id: entry.content_hash for entry in catalog.entries()}
        finally:
            capture_store.stop()
            catalog.close()
    assert found.keys() == ids.keys()
    wanted = {name: digest for name, digest in before.items() if name not in removed}
    assert {name: found.get(name) for name in wanted} == wanted
