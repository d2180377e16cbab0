"""A table of parts against the part master: what is new, what changes, what contradicts; and the taking over of it."""

from __future__ import annotations

import enum
import math
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from station.captures.names import name_key
from station.parts.master import PartMaster
from station.parts.naming import free_class_id
from station.parts.numbers import key, likeness, spoilt
from station.parts.record import OTHER, Author, PartRecord
from station.parts.rows import differences
from station.parts.table import Decimal, PartTable, TableRow, parse_decimal
from station.parts.units import KG, METRES
from station.settings import PartsSection

_MOST_KG = 1000.0
_LONGEST_M = 5.0
_WITH_UNIT = re.compile(r"(?P<number>[+-]?[\d.,' \u00a0\u202f]*\d)\s*(?P<unit>[A-Za-z]*)")
_BETWEEN_EDGES = re.compile(r"\s*[x×*/]\s*", re.IGNORECASE)


class RowState(enum.StrEnum):
    """What a row means for the part master."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    CONFLICT = "conflict"
    """The row is left alone; a sentence says why."""


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """What becomes of one row of the table, by its line.

    ``record`` is what will be kept, ``before`` what is there now, ``changes`` are (field, before, after), ``sentence``
    says what a conflict is.
    """

    line: int
    state: RowState
    number: str
    record: PartRecord | None = None
    before: PartRecord | None = None
    sentence: str = ""

    @property
    def changes(self) -> tuple[tuple[str, Any, Any], ...]:
        """What changes of the record that is there."""
        return differences(self.before, self.record) if self.before and self.record else ()


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import will do; nothing is done yet. ``new_tags`` (heading, tag) will go into the vocabulary."""

    rows: tuple[PlannedRow, ...]
    new_tags: tuple[tuple[str, str], ...]

    def of(self, state: RowState) -> tuple[PlannedRow, ...]:
        """Return the rows of one state."""
        return tuple(row for row in self.rows if row.state is state)


class _Conflict(Exception):
    """Why a row is left alone; becomes the row's sentence."""


def plan_import(
    table: PartTable, master: PartMaster, columns: PartsSection, *, learn_tags: bool = False, taken: Sequence[str] = ()
) -> ImportPlan:
    """Hold a table against the part master; nothing is changed.

    Rows are known by their part number. An empty cell changes nothing, tags are added to those that are there. With
    ``learn_tags`` words outside the vocabulary become tags of it (``Heading:word``, else under "Other"), otherwise
    their row is a conflict. ``taken`` are folders that are there without a record.
    """
    planner = _Planner(table, master, columns, learn_tags, taken)
    rows = tuple(planner.plan(row) for row in table.rows)
    return ImportPlan(rows, tuple(planner.new_tags))


def take_over(plan: ImportPlan, master: PartMaster, by: Author) -> int:
    """Do what the plan says, all or nothing; returns how many classes were added or changed.

    Raises PartError when somebody has changed one of the classes since it was planned, or taken one of the numbers.
    """
    rows = (*plan.of(RowState.NEW), *plan.of(RowState.CHANGED))
    records = [row.record for row in rows if row.record]
    return master.upsert(records, by, made_from=[row.before for row in rows if row.before], new_tags=plan.new_tags)


class _Planner:
    """Plans row after row; knows what the part master holds and which numbers the table has more than once."""

    def __init__(
        self, table: PartTable, master: PartMaster, columns: PartsSection, learn_tags: bool, taken: Sequence[str]
    ) -> None:
        self._columns = columns
        self._decimal: Decimal | None = table.decimal
        self._vocabulary = master.vocabulary
        self._learn_tags = learn_tags
        self.new_tags: dict[tuple[str, str], None] = {}
        self._by_key: dict[str, list[PartRecord]] = defaultdict(list)
        for record in master.all():
            self._by_key[key(record.number)].append(record)
        ids = (record.class_id for records in self._by_key.values() for record in records)
        self._used = {name_key(one) for one in (*ids, *taken)}
        self._rows_by_key: dict[str, list[TableRow]] = defaultdict(list)
        for row in table.rows:
            self._rows_by_key[key(row.cells["number"])].append(row)

    def plan(self, row: TableRow) -> PlannedRow:
        """Return what becomes of a row."""
        number = row.cells["number"]
        if any(other.line < row.line and _equal(other, row) for other in self._rows_by_key[key(number)]):
            return PlannedRow(row.line, RowState.SAME, number)
        try:
            before = self._known(row, number)
            record = self._record(row, number, before)
        except _Conflict as conflict:
            return PlannedRow(row.line, RowState.CONFLICT, number, sentence=str(conflict))
        if before is None:
            return PlannedRow(row.line, RowState.NEW, number, record)
        state = RowState.CHANGED if record != before else RowState.SAME
        return PlannedRow(row.line, state, number, record, before)

    def _known(self, row: TableRow, number: str) -> PartRecord | None:
        """Return the class whose number a row has; a number in doubt is a conflict."""
        if not number:
            raise _Conflict("there is no part number")
        if spoilt(number):
            raise _Conflict(f"a spreadsheet made a power of ten of the number {number!r}")
        for other in self._rows_by_key[key(number)]:
            if other.line == row.line:
                continue
            if other.cells["number"] != number:
                raise _Conflict(f"{number!r} could be mistaken for {other.cells['number']!r} in line {other.line}")
            if not _equal(other, row):
                raise _Conflict(f"line {other.line} says something else of the same number {number!r}")
        named = [record for record in self._by_key[key(number)] if record.number == number]
        if len(named) > 1:
            raise _Conflict(f"{len(named)} classes have the number {number!r}: see station parts check")
        if named and named[0].retired:
            raise _Conflict(f"the class {named[0].class_id!r} of this number is retired")
        if not named:
            for record in self._by_key[key(number)]:
                if likeness(record.number, number):
                    raise _Conflict(f"{number!r} could be mistaken for {record.number!r} of class {record.class_id!r}")
        return named[0] if named else None

    def _record(self, row: TableRow, number: str, before: PartRecord | None) -> PartRecord:
        cells = row.cells
        weight_kg = self._weight_kg(cells.get("weight", ""))
        size_m = self._size_m(row.size)
        super_class = tuple(word.strip() for word in re.split(r"[>/|]", cells.get("super_class", "")) if word.strip())
        description, learnt = self._description(cells.get("tags", ""), before.description if before else {})
        if before is None:
            class_id = free_class_id(number, cells.get("name", ""), self._used)
            self._used.add(name_key(class_id))
            before = PartRecord(class_id, number, number)
        self.new_tags.update(dict.fromkeys(learnt))
        return replace(
            before,
            name=cells.get("name") or before.name,
            super_class=super_class or before.super_class,
            description=description,
            weight_kg=_kept(before.weight_kg, weight_kg),
            size_m=size_m if _far(before.size_m, size_m) else before.size_m,
        )

    def _weight_kg(self, cell: str) -> float | None:
        """Return a weight; 0 stands for one that nobody knows."""
        if not cell:
            return None
        value = self._measure(cell, KG, self._columns.weight_unit, "weight")
        if value > _MOST_KG:
            raise _Conflict(f"the weight {cell!r} is over {_MOST_KG:g} kg")
        return value or None

    def _size_m(self, cells: Sequence[str]) -> tuple[float, float, float] | None:
        """Return three edges, longest first; zeros stand for a size that nobody knows."""
        edges = _BETWEEN_EDGES.split(cells[0]) if len(cells) == 1 else list(cells)
        if not any(edges):
            return None
        unit = self._columns.size_unit
        # "300 x 200 x 100 cm" names the unit once, at its end.
        if (last := _WITH_UNIT.fullmatch(edges[-1])) and last["unit"].casefold() in METRES:
            unit = last["unit"].casefold()
        values = [self._measure(edge, METRES, unit, "size") for edge in edges]
        if not any(values):
            return None
        if len(values) != 3 or min(values) <= 0 or max(values) > _LONGEST_M:
            raise _Conflict(f"the size {' x '.join(edges)!r} is not three edges up to {_LONGEST_M:g} m")
        a, b, c = sorted(values, reverse=True)
        return a, b, c

    def _measure(self, cell: str, units: Mapping[str, float], unit: str, what: str) -> float:
        found = _WITH_UNIT.fullmatch(cell)
        if not found:
            raise _Conflict(f"the {what} {cell!r} is no number")
        named = found["unit"].casefold() or unit
        if named not in units:
            raise _Conflict(f"the {what} {cell!r} has a unit that is none of {', '.join(units)}")
        try:
            value = parse_decimal(found["number"], self._decimal)
        except ValueError as error:
            raise _Conflict(f"{what}: {error}") from error
        if value < 0:
            raise _Conflict(f"the {what} {cell!r} is negative")
        return round(value * units[named], 12)

    def _description(
        self, cell: str, there: Mapping[str, tuple[str, ...]]
    ) -> tuple[Mapping[str, tuple[str, ...]], list[tuple[str, str]]]:
        description = dict(there)
        learnt: list[tuple[str, str]] = []
        for word in (word.strip() for word in re.split(r"[,;|]", cell)):
            if not word:
                continue
            heading, tag = self._tag(word, there, learnt.append)
            if tag not in description.get(heading, ()):
                description[heading] = (*description.get(heading, ()), tag)
        return description, learnt

    def _tag(
        self, word: str, there: Mapping[str, tuple[str, ...]], learn: Callable[[tuple[str, str]], None]
    ) -> tuple[str, str]:
        """Return (heading, tag) of a word, which may name its heading: ``Materials:steel``."""
        first, _, second = word.partition(":")
        wanted, tag = (first.strip(), second.strip()) if second.strip() else ("", word)
        own = [(heading, one) for heading, tags in there.items() for one in tags if one.casefold() == tag.casefold()]
        known = dict.fromkeys((*own, *self._vocabulary.find(tag)))
        found = [one for one in known if wanted.casefold() in ("", one[0].casefold())]
        if len(found) == 1:
            return found[0]
        if found:
            headings = " or ".join(f"{heading}:{one}" for heading, one in found)
            raise _Conflict(f"several headings have the tag {tag!r}: write {headings}")
        near = self._vocabulary.alike(tag, wanted or None)
        if near and not (self._learn_tags and wanted):
            raise _Conflict(f"the tag {tag!r} is not in the vocabulary, but {near[0][1]!r} ({near[0][0]}) is")
        if not self._learn_tags:
            raise _Conflict(f"the tag {tag!r} is not in the vocabulary")
        headings = (heading for heading in self._vocabulary.headings if heading.casefold() == wanted.casefold())
        learnt = (next(headings, wanted or OTHER), tag)
        learn(learnt)
        return learnt


def _equal(one: TableRow, other: TableRow) -> bool:
    return (one.cells, one.size) == (other.cells, other.size)


def _kept(before: float | None, told: float | None) -> float | None:
    """Return a figure of the table, or the one that is there where they differ by rounding alone."""
    if told is None or (before is not None and math.isclose(before, told, rel_tol=1e-6)):
        return before
    return told


def _far(before: tuple[float, ...] | None, told: tuple[float, ...] | None) -> bool:
    if told is None or before is None:
        return told is not None
    return not all(math.isclose(a, b, rel_tol=1e-6) for a, b in zip(before, told, strict=True))
