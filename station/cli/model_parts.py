"""Part records of the classes that a model knows."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from recognition.classes import ClassProfile
from station.parts import Author, PartMaster, PartRecord


def add_unrecorded(parts: PartMaster, classes: Sequence[ClassProfile]) -> int:
    """Give the part master a record of each class that it does not know yet; returns how many were added.

    Records that are there stay as they are: somebody may have written them with more care. The size is the median of
    the sizes that the model has seen, metres, longest edge first. Raises StorageError.
    """
    return parts.add_missing(map(_record, classes), Author(through="the model in use"))


def _record(known: ClassProfile) -> PartRecord:
    longest, middle, shortest = zip(*known.sizes, strict=True) if known.sizes else ((), (), ())
    return PartRecord(
        class_id=known.class_id,
        number=known.number or known.class_id,
        name=known.name,
        weight_kg=known.weight_kg,
        size_m=(statistics.median(longest), statistics.median(middle), statistics.median(shortest))
        if known.sizes
        else None,
    )
