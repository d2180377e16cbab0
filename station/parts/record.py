"""One part class as people know it, and the history of what they said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from station.captures.class_meta import all_tags

OTHER = "Other"
"""Heading of tags that nobody has put under a heading yet."""


@dataclass(frozen=True, slots=True)
class PartRecord:
    """One part class as people know it.

    ``class_id`` is the folder name that a model predicts; it never changes. ``description`` holds tag words by heading,
    as in MVIP's ``meta.json``. ``weight_kg`` and ``size_m`` (longest edge first) are nominal, ``None`` when not known.
    ``reference`` is the picture's path relative to the data directory and ``retired`` says that the class is used no
    more; both are kept by the part master alone (:meth:`PartMaster.set_reference`, :meth:`PartMaster.retire`).
    """

    class_id: str
    number: str
    name: str
    super_class: tuple[str, ...] = ()
    description: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    weight_kg: float | None = None
    size_m: tuple[float, float, float] | None = None
    reference: str | None = None
    retired: bool = False

    @property
    def tags(self) -> tuple[str, ...]:
        """Tag words of all headings, each once."""
        return all_tags(self.description)


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes something: the operator's code (empty where operators are not stored) and through what."""

    who: str = ""
    through: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One row of a class's history: ``field`` of its record went from ``before`` to ``after`` (JSON values).

    A new class is one row with the field ``class``. ``sequence`` is the history's own order, ``at`` is UTC.
    """

    sequence: int
    class_id: str
    at: datetime
    author: Author
    field: str
    before: Any
    after: Any
