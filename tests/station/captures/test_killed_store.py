"""A store that is really killed: what it had acknowledged is there, whole, and the catalog agrees after the start."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from station.captures.catalog import Catalog
from station.captures.store import CaptureStore
from tests.station.captures import busy_store
from tests.station.captures.whole_tree import check_whole, places

T = 120.0
"""Seconds after which a program that says nothing is a failure."""
Message = tuple[Any, ...]


class Killing:
    """Runs the busy program again and again, kills it, and holds what is there against what it had said."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.rng = random.Random(seed)
        # A server that has imported everything starts each program in milliseconds, so kills hit its work alone.
        methods = multiprocessing.get_all_start_methods()
        self._context: Any = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
        if hasattr(self._context, "set_forkserver_preload"):
            self._context.set_forkserver_preload([busy_store.__name__])
        self._runs = 0
        self.kills = 0
        self.seen: Counter[str] = Counter()
        self._homes: dict[str, str | None] = {}
        self._sums: dict[str, str] = {}
        self._moves: dict[str, list[str | None]] = {}
        self._names: dict[str, str] = {}
        self._in_doubt: set[str] = set()

    def kill_at_work(self) -> None:
        """Kill a program after some of its changes, at any instant of the next ones."""

        def instant(wait: Callable[[str, int], None]) -> None:
            wait("ready", 1)
            wait("", self.rng.randrange(0, 12))
            time.sleep(self.rng.uniform(0.0, 0.06))

        self._run(instant)

    def kill_at_start(self, start_s: float) -> None:
        """Kill a program at any instant of its start, in which it makes up for the kill before."""

        def instant(wait: Callable[[str, int], None]) -> None:
            wait("starting", 1)
            time.sleep(self.rng.uniform(0.0, start_s))

        self._run(instant)

    def kill_at_indexing(self, index_s: float) -> None:
        """Kill a program at any instant of making its index again."""

        def instant(wait: Callable[[str, int], None]) -> None:
            wait("indexing", 1)
            time.sleep(self.rng.uniform(0.0, index_s))

        self._run(instant)

    def lose_the_catalog(self) -> None:
        """Remove the index, so that the next start makes it again."""
        for file in self.folder.glob("catalog.sqlite*"):
            file.unlink()

    def _run(self, instant: Callable[[Callable[[str, int], None]], None]) -> None:
        ours, theirs = self._context.Pipe(duplex=False)
        self._runs += 1
        child = self._context.Process(target=busy_store.work, args=(self.folder, str(self._runs), theirs))
        child.start()
        theirs.close()
        said: list[Message] = []

        def wait(word: str, number: int) -> None:
            while number:
                assert ours.poll(T), "the program says nothing"
                message = ours.recv()
                said.append(message)
                number -= message[0] == word or not word

        try:
            instant(wait)
        finally:
            child.kill()
            child.join(T)
        assert child.exitcode is not None
        assert child.exitcode < 0, "the program ended by itself"
        said += _rest(ours)
        self.kills += 1
        in_doubt: set[str] = set()
        for message in said:
            if message[0] == "begin":
                in_doubt = set(message[1])
            elif message[0] in ("saved", "moved", "erased", "described"):
                in_doubt = set()
                self._hear(message)
        self._in_doubt |= in_doubt
        self._classify(said)

    def _hear(self, message: Message) -> None:
        match message:
            case ("saved", name, folder, digest):
                self._homes[name], self._sums[name], self._moves[name] = folder, digest, []
            case ("moved", name, folder):
                if folder != self._homes.get(name):
                    self._moves.setdefault(name, []).append(folder)
                self._homes[name] = folder
            case ("erased", names):
                for name in names:
                    self._moves.setdefault(name, []).append(None)
                    self._homes[name] = None
            case ("described", class_id, name):
                self._names[class_id] = name
            case _:
                raise AssertionError(message)

    def _classify(self, said: list[Message]) -> None:
        """Count what the kill interrupted."""
        if not any(message[0] == "ready" for message in said):
            self.seen["starting"] += 1
        if any((self.folder / "captures").rglob(".writing-*")):
            self.seen["writing"] += 1
        if any((self.folder / "captures").rglob(".erased-*")):
            self.seen["erasing"] += 1
        if said[-1][0] in ("begin", "indexing", "indexed", "saved", "moved"):
            self.seen[f"after {said[-1][0]}"] += 1
        catalog = Catalog(self.folder / "catalog.sqlite")
        self.seen.update(f"open {operation.kind}" for operation in catalog.open_operations())
        catalog.close()

    def check(self) -> None:
        """Start once more and look at everything."""
        root, catalog = self.folder / "captures", Catalog(self.folder / "catalog.sqlite")
        store = CaptureStore(root, catalog, workers=1, free_space=lambda: 10**11)
        store._hha._thread.submit(lambda: None).result(T)
        try:
            check_whole(root, catalog)
            rows: dict[str, list[str | None]] = {}
            for row in store.audit():
                rows.setdefault(row.capture_id, []).append(row.target)
            there = places(catalog)
            assert there.keys() <= self._homes.keys() | self._in_doubt
            for name, home in self._homes.items():
                moves = rows.get(name, [])
                if name in self._in_doubt:
                    assert _within(self._moves[name], moves), f"{name}: rows of {self._moves[name]} wanting in {moves}"
                    assert name in there or moves[-1:] == [None], f"{name} was acknowledged and is lost"
                else:
                    assert there.get(name) == home, f"{name} is not where it was acknowledged to be"
                    assert moves == self._moves[name]
            for name in there:
                entry = catalog.get(name)
                assert entry is not None
                assert self._sums.setdefault(name, entry.content_hash) == entry.content_hash
                for role in ("cam_01", "cam_02"):
                    assert (root / there[name] / role / f"{role[-2:]}_hha.png").exists()
            for class_id in busy_store.CLASSES:
                meta = store.class_meta(class_id)
                if class_id not in self._in_doubt:
                    # A class that nobody described is called by its id once a capture comes.
                    names = {self._names[class_id]} if class_id in self._names else {None, class_id}
                    assert (meta.name if meta else None) in names
                elif meta is not None:
                    self._names[class_id] = meta.name
            self._homes = {name: there.get(name) for name in self._homes.keys() | there.keys()}
            self._moves = {name: rows.get(name, []) for name in self._homes}
            self._in_doubt = set()
        finally:
            store.stop()
            catalog.close()


def _rest(ours: Connection) -> list[Message]:
    """Return what was said before the kill and not heard yet; a message that the kill cut is none."""
    said: list[Message] = []
    while True:
        try:
            said.append(ours.recv())
        except (EOFError, OSError):
            return said


def _within(some: list[str | None], whole: list[str | None]) -> bool:
    left = iter(whole)
    return all(one in left for one in some)


@pytest.mark.parametrize("kills", [8, pytest.param(200, marks=pytest.mark.slow)])
@pytest.mark.timeout(2400)
def test_nothing_acknowledged_is_lost_by_a_kill(
    tmp_path: Path, kills: int, record_property: Callable[[str, object], None]
) -> None:
    killing = Killing(tmp_path, seed=kills)
    while killing.kills < kills:
        if killing.kills % 11 == 7:
            killing.lose_the_catalog()
            killing.kill_at_start(0.1)
        if killing.kills % 5 == 4:
            killing.kill_at_indexing(0.05)
        else:
            killing.kill_at_work()
        while killing.rng.random() < 0.4:
            killing.kill_at_start(0.1)
        killing.check()
    for what, number in killing.seen.items():
        record_property(what, number)
    print(killing.kills, "kills:", dict(killing.seen))
    if kills >= 100:
        assert {"starting", "writing", "open save", "open move", "after begin", "after indexing"} <= killing.seen.keys()
