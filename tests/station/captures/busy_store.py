"""A program that saves, relabels and throws away captures until it is killed, and says each thing that is done."""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

from station.captures.catalog import Catalog
from station.captures.store import CaptureStore
from tests.station.captures.new_captures import THREE, new_capture


def main(folder: Path, run: str) -> None:
    """Work in a tree below ``folder``; every line on standard output is an acknowledgement."""
    store = CaptureStore(folder / "captures", Catalog(folder / "catalog.sqlite"), workers=2)
    print("ready", flush=True)
    for number in count():
        name = f"{run}-{number}"
        place = store.next_place("pump", "train" if number % 2 else "test")
        stored = store.save(new_capture(name, number, THREE[:2]), place).result()
        print("saved", name, stored.folder, stored.record.content_hash, flush=True)
        if number % 3 == 1:
            print("moved", name, store.relabel(name, "valve", "op1").result().folder, flush=True)
        if number % 3 == 2:
            print("moved", name, store.trash(name, "op1").result().folder, flush=True)
        if number % 6 == 5:
            print("moved", name, store.restore(name, "op1").result().folder, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
