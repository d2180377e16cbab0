"""How fast a large data set is searched, opened and scrolled through: 100,000 captures of 4,546 classes, metadata only.

Names, tags and families are those of the simulator's parts, each many times with a number and a size of its own.
Searches are drawn from the words that there are: beginnings of numbers, names and tags, pieces inside words, two words
together, ids, words that nothing has; half of them with a class or split beside the words. Every timed start opens
the file anew. Processor time tells a busy machine from a slow search. A reindex is timed over folders with whole
records and no pictures.
Usage: ``python -m benchmarks.catalog [--captures N] [--searches N] [--folders N] [--json]``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from station.captures.catalog import Catalog, CatalogEntry, ClassEntry, PageKey
from station.captures.class_meta import all_tags
from station.captures.contents import CONTENT_ENDINGS
from station.captures.place import Place
from station.captures.record import RECORD_FILE, CaptureRecord
from station.captures.reindex import reindex
from station.frames import ROLES
from station.journal import utc_text
from station.search_words import fold
from station.simulation.library import PartLibrary

_SPLITS = ("train",) * 12 + ("valid",) * 5 + ("test",) * 5
_PAGE = 50
_FIRST = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)


def classes_for(captures: int) -> list[ClassEntry]:
    """Return so many classes that each has 22 captures."""
    parts = PartLibrary.load().classes
    made: list[ClassEntry] = []
    for n in range(-(-captures // len(_SPLITS))):
        part = parts[n % len(parts)]
        round_number = n // len(parts)
        made.append(
            ClassEntry(
                class_id=f"{part.class_id}_{round_number:03d}",
                name=f"{part.name} Größe {round_number}",
                number=f"{1000 + n % 9000}.{n // 7:03d}-{n % 97:02d}",
                tags=all_tags(part.tags),
                super_class=part.super_class,
            )
        )
    return made


def fill(catalog: Catalog, captures: int, rng: np.random.Generator) -> list[ClassEntry]:
    """Put the captures into the catalog as a reindex does."""
    classes = classes_for(captures)
    with catalog.rebuilding() as rebuild:
        rebuild.classes += classes
        for n in range(captures):
            class_id, place = classes[n // len(_SPLITS)].class_id, n % len(_SPLITS)
            split = _SPLITS[place]
            numbers = f"0/{place}" if split == "train" else str(place - 12)
            rebuild.add(
                CatalogEntry(
                    capture_id=rng.bytes(12).hex(),
                    class_id=class_id,
                    split=split,
                    state="kept" if rng.random() < 0.98 else "trash",
                    folder=f"sets/{class_id}/{split}_data/{numbers}",
                    position=0 if split == "train" else None,
                    rotation=place if split == "train" else None,
                    set_number=None if split == "train" else place - 12,
                    origin="rig",
                    taken_at=utc_text(_FIRST + timedelta(seconds=int(rng.integers(0, 300 * 86400)))),
                    weight_kg=float(rng.uniform(0.01, 10.0)),
                    calibration_id="0123456789ab",
                    content_hash=rng.bytes(32).hex(),
                )
            )
    return classes


def searches(classes: list[ClassEntry], ids: list[str], count: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Return what is searched for, as :meth:`Catalog.search` takes it."""
    kinds = ("number", "number", "name", "tag", "inside", "two", "family", "id", "nothing", "empty")
    return [_search(kinds[n % len(kinds)], classes, ids, rng) for n in range(count)]


def _search(kind: str, classes: list[ClassEntry], ids: list[str], rng: np.random.Generator) -> dict[str, Any]:
    one = classes[int(rng.integers(len(classes)))]
    word = str(rng.choice(fold(one.name).split()))
    tag = str(rng.choice(one.tags)) if one.tags else one.name
    text = {
        "number": one.number[: int(rng.integers(2, len(one.number) + 1))],
        "name": word[: int(rng.integers(1, len(word) + 1))],
        "tag": tag,
        "inside": word[len(word) // 3 :],
        "two": f"{tag} {one.number[:3]}",
        "family": one.class_id.rpartition("_")[0],
        "id": str(rng.choice(ids))[:10],
        "nothing": "zzqx",
        "empty": "",
    }[kind]
    beside = int(rng.integers(4))
    wanted: dict[str, Any] = {"text": text, "limit": _PAGE}
    if beside == 0:
        wanted["class_id"] = one.class_id
    elif beside == 1:
        wanted["split"] = str(rng.choice(["train", "valid", "test"]))
    return wanted


def reindexed(folders: int) -> dict[str, float]:
    """Write so many records into a tree and make an index of it; returns how long that took."""
    with tempfile.TemporaryDirectory(prefix="reindex-") as folder:
        root = Path(folder) / "captures"
        names = [f"{role}/{role[-2:]}_{end}" for role in ROLES for end in CONTENT_ENDINGS]
        files = {name: hashlib.sha256(name.encode()).hexdigest() for name in names}
        serials = dict.fromkeys(ROLES, "0123456789")
        for n in range(folders):
            place = Place(f"class_{n // 12:05d}", "train", position=0, rotation=n % 12)
            record = CaptureRecord(
                capture_id=f"id{n:08d}",
                class_id=place.class_id,
                split="train",
                position=place.position,
                rotation=place.rotation,
                origin="rig",
                taken_at=_FIRST,
                serials=serials,
                files=files,
            )
            (root / place.folder / ROLES[0]).mkdir(parents=True)
            (root / place.folder / RECORD_FILE).write_bytes(record.to_bytes())
        catalog = Catalog(Path(folder) / "catalog.sqlite")
        spent = timed(lambda: reindex(root, catalog)) / 1000.0
        catalog.close()
    return {"folders": folders, "seconds": round(spent, 2), "folders_per_s": round(folders / spent)}


def timed(work: Callable[[], object]) -> float:
    """Return how long some work took, ms."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000.0


def figures_of(milliseconds: list[float]) -> dict[str, float]:
    """Return median, 95th percentile and maximum."""
    return {
        "p50": round(float(np.median(milliseconds)), 2),
        "p95": round(float(np.percentile(milliseconds, 95)), 2),
        "max": round(max(milliseconds), 2),
    }


def run(captures: int, count: int, folders: int, seed: int = 0) -> dict[str, Any]:
    """Measure; returns the figures."""
    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory(prefix="catalog-") as folder:
        file = Path(folder) / "catalog.sqlite"
        catalog = Catalog(file)
        begun = time.perf_counter()
        classes = fill(catalog, captures, rng)
        filled = time.perf_counter() - begun
        catalog.close()
        started = [timed(lambda: _start(file)) for _ in range(20)]
        catalog = Catalog(file)
        entries = catalog.search(limit=1000).entries
        found: dict[str, list[float]] = {}
        busy: list[float] = []
        for wanted in searches(classes, [e.capture_id for e in entries], count, rng):
            kind = "plain" if len(wanted) == 2 else "with class or split"
            begun = time.process_time()
            found.setdefault(kind, []).append(timed(lambda wanted=wanted: catalog.search(**wanted)))
            busy.append((time.process_time() - begun) * 1000.0)
        pages = _scroll(catalog)
        added = [timed(lambda e=e: catalog.add_entry(replace(e, weight_kg=1.0))) for e in entries[:200]]
        counted = [timed(catalog.counts) for _ in range(20)]
        catalog.close()
        size = file.stat().st_size
    return {
        "captures": captures,
        "classes": len(classes),
        "file_MB": round(size / 1e6, 1),
        "index_written_s": round(filled, 2),
        "reindex": reindexed(folders),
        "start_ms": figures_of(started),
        "search_ms": figures_of([one for times in found.values() for one in times]),
        "search_processor_ms": figures_of(busy),
        **{f"search_{kind.replace(' ', '_')}_ms": figures_of(times) for kind, times in sorted(found.items())},
        "pages": len(pages),
        "page_ms": figures_of(pages),
        "counts_ms": figures_of(counted),
        "one_capture_added_ms": figures_of(added),
        "peak_memory_MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


def _start(file: Path) -> None:
    """Do what the program does before the first page of captures can be shown."""
    catalog = Catalog(file)
    assert catalog.complete
    catalog.open_operations()
    catalog.counts()
    catalog.search(limit=_PAGE)
    catalog.close()


def _scroll(catalog: Catalog) -> list[float]:
    """Go through all captures page by page; returns how long each took, ms."""
    times: list[float] = []
    after: PageKey | None = None
    while True:
        begun = time.perf_counter()
        page = catalog.search(limit=_PAGE, after=after)
        times.append((time.perf_counter() - begun) * 1000.0)
        after = page.after
        if after is None:
            return times


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--captures", type=int, default=100_000)
    parser.add_argument("--searches", type=int, default=2000)
    parser.add_argument("--folders", type=int, default=5000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    figures = run(arguments.captures, arguments.searches, arguments.folders)
    if arguments.json:
        print(json.dumps(figures, indent=1))
    else:
        for key, value in figures.items():
            print(f"{key:<34} {value}")


if __name__ == "__main__":
    main()
