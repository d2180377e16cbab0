"""Part records as rows of the part master's tables, and back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from station.parts.numbers import key
from station.parts.record import PartRecord
from station.search_words import fold_both, fold_number

COLUMNS = "class_id, number, name, super_class, description, reference, weight_kg, size_m, retired"
_PUT = f"""
INSERT INTO parts ({COLUMNS}, number_key, folded) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (class_id) DO UPDATE SET number = excluded.number, name = excluded.name,
    super_class = excluded.super_class, description = excluded.description, reference = excluded.reference,
    weight_kg = excluded.weight_kg, size_m = excluded.size_m, retired = excluded.retired,
    number_key = excluded.number_key, folded = excluded.folded
RETURNING place
"""

FIELDS = ("number", "name", "super_class", "description", "weight_kg", "size_m", "reference", "retired")
"""Fields of a record whose changes are kept, by their names."""


def put(connection: sqlite3.Connection, record: PartRecord) -> None:
    """Write a record and the words it is found by, in place of what was there of its class."""
    words = _words_of(record)
    place: int = connection.execute(_PUT, (*_row_of(record), key(record.number), " ".join(words))).fetchone()[0]
    connection.execute("INSERT OR REPLACE INTO words (rowid, number, name, rest) VALUES (?, ?, ?, ?)", (place, *words))


def _row_of(record: PartRecord) -> tuple[object, ...]:
    return (
        record.class_id,
        record.number,
        record.name,
        _json(record.super_class),
        _json(record.description),
        record.reference,
        record.weight_kg,
        _json(record.size_m) if record.size_m else None,
        int(record.retired),
    )


def _words_of(record: PartRecord) -> tuple[str, str, str]:
    """Return the words of a record's number, of its name, and all others."""
    rest = " ".join(fold_both(word) for word in (*record.super_class, *record.tags, record.class_id))
    return fold_number(record.number), fold_both(record.name), rest


def record_of(row: Sequence[Any]) -> PartRecord:
    """Rebuild a record from a row of :data:`COLUMNS`; raises TypeError or ValueError for a damaged one."""
    class_id, number, name, super_class, description, reference, weight_kg, size, retired = row
    edges = json.loads(size) if size else None
    return PartRecord(
        class_id=class_id,
        number=number,
        name=name,
        super_class=tuple(json.loads(super_class)),
        description={heading: tuple(tags) for heading, tags in json.loads(description).items()},
        weight_kg=weight_kg,
        size_m=(edges[0], edges[1], edges[2]) if edges else None,
        reference=reference,
        retired=bool(retired),
    )


def differences(before: PartRecord, after: PartRecord) -> tuple[tuple[str, Any, Any], ...]:
    """Return (field, before, after) for every field that is not the same."""
    pairs = ((name, getattr(before, name), getattr(after, name)) for name in FIELDS)
    return tuple(one for one in pairs if one[1] != one[2])


def json_value(value: object) -> str:
    """Return a field's value as the history keeps it."""
    return _json(value)


def _json(value: object) -> str:
    if isinstance(value, Mapping):
        return json.dumps({k: list(v) for k, v in value.items()}, ensure_ascii=False)  # type: ignore[arg-type]
    return json.dumps(value, ensure_ascii=False)
