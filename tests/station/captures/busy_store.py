"""A program that does everything a store can do, in no order, until it is killed, and says each thing that is done."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from station.captures.catalog import Catalog, CatalogEntry
from station.captures.class_meta import ClassMeta
from station.captures.record import Split
from station.captures.reindex import reindex
from station.captures.store import CaptureStore
from tests.station.captures.new_captures import THREE, new_capture

SPLITS: tuple[Split, ...] = ("train", "valid", "test")
CLASSES = ("pump", "valve", "lid")
MOST = 14
"""So many captures may lie about before more are thrown away than taken."""


def work(folder: Path, run: str, said: Connection) -> None:
    """Work in a data directory. Before a change ``("begin", its captures or class)`` is said, after it what came of it.

    Answers: ``("saved", id, folder, sum)``, ``("moved", id, folder)``, ``("erased", ids)`` and ``("described", class,
    name)``; before and after the index is made again ``("indexing",)`` and ``("indexed",)``; first of all
    ``("starting",)``, and ``("ready",)`` when the store is open.
    """
    said.send(("starting",))
    catalog = Catalog(folder / "catalog.sqlite")
    store = CaptureStore(folder / "captures", catalog, workers=2, free_space=lambda: 10**11)
    said.send(("ready",))
    Busy(store, catalog, random.Random(run), said).work(run)


class Busy:
    """One run of the program."""

    def __init__(self, store: CaptureStore, catalog: Catalog, rng: random.Random, said: Connection) -> None:
        self._store, self._catalog, self._rng, self._said = store, catalog, rng, said

    def work(self, run: str) -> None:
        """Change this and that for ever."""
        number = 0
        while True:
            entries = self._catalog.entries()
            by_state = {state: [one for one in entries if one.state == state] for state in ("kept", "review", "trash")}
            what = self._rng.choices(
                ("save", "review", "relabel", "move", "trash", "restore", "accept", "dismiss", "erase", "describe",
                 "index"),
                (1 if len(entries) > MOST else 8, 2, 4, 3, 8 if len(entries) > MOST else 3, 3, 3, 1, 3, 2, 3),
            )[0]  # fmt: skip
            number += 1
            self._do(what, f"{run}-{number}", by_state)

    def _do(self, what: str, name: str, by_state: dict[str, list[CatalogEntry]]) -> None:
        store, rng = self._store, self._rng
        class_id, split = rng.choice(CLASSES), rng.choice(SPLITS)
        if what in ("save", "review"):
            self._said.send(("begin", (name,)))
            capture = new_capture(name, rng.randrange(10**6), THREE[:2], times=rng.choice((1, 1, 6)))
            asked = (
                store.save(capture, store.next_place(class_id, split))
                if what == "save"
                else store.keep_for_review(capture, class_id)
            )
            stored = asked.result()
            self._said.send(("saved", name, stored.folder, stored.record.content_hash))
        elif what == "erase":
            ids = tuple(one.capture_id for one in by_state["trash"])
            self._said.send(("begin", ids))
            store.empty_trash(datetime.now(UTC) + timedelta(days=1), "op1").result()
            self._said.send(("erased", ids))
        elif what == "describe":
            self._said.send(("begin", (class_id,)))
            store.write_class_meta(class_id, ClassMeta(name=name, number=name)).result()
            self._said.send(("described", class_id, name))
        elif what == "index":
            self._said.send(("indexing",))
            reindex(store.root, self._catalog)
            self._said.send(("indexed",))
        else:
            self._move(what, class_id, split, by_state)

    def _move(self, what: str, class_id: str, split: Split, by_state: dict[str, list[CatalogEntry]]) -> None:
        store = self._store
        source = {"restore": "trash", "accept": "review", "dismiss": "review"}.get(what, "kept")
        if not by_state[source]:
            return
        one = self._rng.choice(by_state[source]).capture_id
        moves: dict[str, Callable[[], Any]] = {
            "relabel": lambda: store.relabel(one, class_id, "op1"),
            "move": lambda: store.move(one, store.next_place(class_id, split), "op1"),
            "trash": lambda: store.trash(one, "op1", "blurred"),
            "restore": lambda: store.restore(one, "op1"),
            "accept": lambda: store.accept_review(one, class_id, split, "op1"),
            "dismiss": lambda: store.dismiss_review(one, "op1"),
        }
        self._said.send(("begin", (one,)))
        self._said.send(("moved", one, moves[what]().result().folder))
