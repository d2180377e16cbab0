"""What an evaluation is made of: the captures of a split, those of known classes apart from the rest, ready to ask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from recognition.confidence.judgement import Judgement
from recognition.crops.cache import CropCache, build_cache
from recognition.evaluation.asking import Station
from recognition.evaluation.encoded import EncodedCaptures
from recognition.training.tree import crop_specs
from station.captures.mvip import CapturePath
from station.errors import DatasetError

Advance = Callable[[str, int, int], None]
"""Is told of a stage's name, how many of its pieces are done and how many there are."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Captures of a split by what the model knows: ``known`` classes, and those that it must not know."""

    known: tuple[CapturePath, ...]
    strangers: tuple[CapturePath, ...]


def choose(
    captures: Sequence[CapturePath],
    split: str,
    classes: Sequence[str],
    unknown_classes: Sequence[str] | None,
    where: str,
) -> Chosen:
    """Return the captures of a split whose class is among the model's ``classes``, and the strangers.

    Strangers are those of ``unknown_classes``; ``None`` takes every class that the model does not know. Raises
    DatasetError in one sentence when there is nothing to evaluate.
    """
    captures = [capture for capture in captures if capture.split == split]
    if not captures:
        raise DatasetError(
            f"The tree has no captures in the split {split!r}.", where=where, todo="Choose another --split."
        )
    present = {str(capture.class_id) for capture in captures}
    known = set(classes)
    strange = present - known if unknown_classes is None else set(unknown_classes)
    if wrong := sorted(strange & known):
        raise DatasetError(f"The model knows what is said to be unknown: {', '.join(wrong)}.", where=where)
    if lacking := sorted(strange - present):
        raise DatasetError(
            f"Classes said to be unknown have no captures in the split {split!r}: {', '.join(lacking)}.",
            where=where,
        )
    if not present & known:
        raise DatasetError(
            f"The model knows none of the {len(present)} classes that have captures in the split {split!r}.",
            where=where,
            todo="Give the tree that it was trained on, or another --model.",
        )
    return Chosen(
        tuple(capture for capture in captures if capture.class_id in known),
        tuple(capture for capture in captures if capture.class_id in strange),
    )


@dataclass(frozen=True, slots=True)
class Prepared:
    """Captures that can be asked about: the ``rows`` of the cache that show a part, each content once."""

    cache: CropCache
    rows: tuple[int, ...]
    station: Station

    @property
    def labels(self) -> NDArray[np.int64]:
        """Class numbers (N,) of the truths; -1 for a class that the model does not know."""
        numbers = {class_id: number for number, class_id in enumerate(self.station.class_ids)}
        return np.array([numbers.get(truth, -1) for truth in self.station.truths], dtype=np.int64)

    @property
    def left_out(self) -> int:
        """How many captures of the cache show no part in any view or come twice."""
        return len(self.cache.samples) - len(self.rows)


@dataclass(frozen=True, slots=True)
class Workshop:
    """Cuts, encodes and compares captures for one model; ``crops`` is where their crops lie."""

    judgement: Judgement
    crops: Path
    workers: int
    device: torch.device
    advance: Advance

    def prepare(self, captures: Sequence[CapturePath], name: str) -> Prepared | None:
        """Return the captures ready to be asked about, ``None`` where there are none that show a part."""
        if not captures:
            return None
        spec = crop_specs(self.judgement.folder.config)[1]
        cache = build_cache(captures, self.crops, spec, self.workers, self._stage(f"cutting {name}"))
        first = {sample.content: row for row, sample in reversed(list(enumerate(cache.samples)))}
        rows = tuple(row for row in sorted(first.values()) if cache.view_mask[row].any())
        return Prepared(cache, rows, self._station(cache, rows, name)) if rows else None

    def without_depth(self, prepared: Prepared) -> Station:
        """Return the same captures as if no camera had given depth."""
        return self._station(prepared.cache, prepared.rows, "captures without depth", depth=False)

    def _station(self, cache: CropCache, rows: Sequence[int], name: str, depth: bool = True) -> Station:
        stage = self._stage(f"encoding {name}")
        encoded = EncodedCaptures(
            self.judgement.folder.model,
            cache,
            rows,
            depth=depth,
            device=self.device,
            advance=lambda done: stage(done, len(rows)),
        )
        turns, place = self.judgement.turns, 0 if depth else 1
        penalties = np.stack([turns.penalties(np.asarray(cache.reliefs[row, place])) for row in rows])
        truths = [cache.samples[row].class_id for row in rows]
        return Station(self.judgement, encoded, penalties, truths)

    def _stage(self, name: str) -> Callable[[int, int], None]:
        return lambda done, total: self.advance(name, done, total)
