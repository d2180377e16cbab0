"""Figures of the data set: captures per class and split, balance, where they come from, and the disk they take."""

from __future__ import annotations

import math
import os
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from station.captures.catalog import Catalog, Counts
from station.captures.catalog_values import REVIEW_FOLDER, TRASH_FOLDER, State
from station.captures.course import QUIET, Course

STATES: tuple[State, ...] = ("kept", "review", "trash")


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """One class and its captures."""

    class_id: str
    name: str
    number: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class Balance:
    """How evenly the training captures lie over the classes that have any.

    ``evenness`` is the entropy of the shares over that of equal ones: 1 when all classes have as many, towards 0 when
    one has nearly all.
    """

    smallest: int
    median: float
    largest: int
    evenness: float


@dataclass(frozen=True, slots=True)
class Statistics:
    """Figures of the catalog.

    ``states`` counts captures by where they lie; the rest is about those that are kept. ``months`` are ``YYYY-MM``,
    "" where nobody knows the time. ``incomplete`` are the classes that lack training, validation or test captures.
    """

    classes: tuple[ClassFigures, ...]
    total: Counts
    states: Mapping[State, int]
    balance: Balance | None
    incomplete: tuple[str, ...]
    origins: Mapping[str, int]
    months: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class DiskUse:
    """Files and their bytes."""

    files: int
    bytes: int


def statistics_of(catalog: Catalog) -> Statistics:
    """Return the figures of everything that the catalog knows; raises StorageError."""
    counts = catalog.counts()
    classes = {entry.class_id: entry for entry in catalog.classes()}
    figures = tuple(
        ClassFigures(class_id, entry.name, entry.number, counts.get(class_id, Counts()))
        for class_id, entry in classes.items()
    )
    return Statistics(
        classes=figures,
        total=Counts(
            train=sum(c.train for c in counts.values()),
            valid=sum(c.valid for c in counts.values()),
            test=sum(c.test for c in counts.values()),
        ),
        states={state: sum(c.total for c in catalog.counts(state).values()) for state in STATES},
        balance=balance_of([c.train for c in counts.values() if c.train]),
        incomplete=tuple(f.class_id for f in figures if not (f.counts.train and f.counts.valid and f.counts.test)),
        origins=catalog.tally("origin"),
        months=catalog.tally("month"),
    )


def balance_of(numbers: Sequence[int]) -> Balance | None:
    """Return how evenly positive numbers lie, ``None`` when there are none."""
    if not numbers:
        return None
    total = sum(numbers)
    entropy = -sum(n / total * math.log(n / total) for n in numbers)
    return Balance(
        smallest=min(numbers),
        median=float(statistics.median(numbers)),
        largest=max(numbers),
        evenness=entropy / math.log(len(numbers)) if len(numbers) > 1 else 1.0,
    )


def disk_use(root: Path, course: Course = QUIET) -> dict[State, DiskUse]:
    """Return what the data set, the review queue and the trash take on the disk; raises CancelledError."""
    places: dict[State, Path] = {"kept": root / "sets", "review": root / REVIEW_FOLDER, "trash": root / TRASH_FOLDER}
    found: dict[State, DiskUse] = {}
    counted = 0
    for state, place in places.items():
        files = size = 0
        folders = [str(place)]
        while folders:
            here = folders.pop()
            try:
                with os.scandir(here) as children:
                    for child in children:
                        if child.is_dir(follow_symlinks=False):
                            folders.append(child.path)
                        else:
                            files, size = files + 1, size + child.stat(follow_symlinks=False).st_size
            except OSError:
                continue  # it was moved away meanwhile, or may not be read
            counted += 1
            course.advance(counted, counted + len(folders))
        found[state] = DiskUse(files, size)
    return found
