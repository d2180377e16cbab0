"""The part master as a CSV table that `station parts import` reads back as it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from station.parts.record import PartRecord
from station.parts.table import DELIMITERS
from station.parts.units import KG, METRES
from station.settings import PartsSection

_DECIMALS = 9


def to_csv(records: Iterable[PartRecord], columns: PartsSection) -> bytes:
    """Return the records as a table with the columns, units, delimiter, decimal sign and encoding of ``[parts]``.

    Where those are "auto": semicolons, a decimal comma and UTF-8 with a byte order mark, as a German Excel wants. The
    columns ``class`` and ``retired`` are added; an import does not read them.
    """
    decimal = "." if columns.decimal == "." else ","
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=DELIMITERS.get(columns.delimiter, ";"))
    texts = [heading for heading in (columns.name, columns.tags, columns.super_class, columns.weight) if heading]
    writer.writerow([columns.number, *texts, *columns.size, "class", "retired"])
    for record in records:
        cells = [record.number]
        if columns.name:
            cells.append(record.name)
        if columns.tags:
            cells.append(", ".join(f"{heading}:{tag}" for heading, tags in record.description.items() for tag in tags))
        if columns.super_class:
            cells.append(" > ".join(record.super_class))
        if columns.weight:
            cells.append(_figure(record.weight_kg, KG[columns.weight_unit], decimal))
        edges = [_figure(edge, METRES[columns.size_unit], decimal) for edge in record.size_m or ()]
        if len(columns.size) == 1:
            cells.append(" x ".join(edges))
        elif columns.size:
            cells.extend(edges or [""] * 3)
        writer.writerow([*cells, record.class_id, "yes" if record.retired else ""])
    encoding = "utf-8-sig" if columns.encoding in ("auto", "utf-8") else columns.encoding
    return out.getvalue().encode(encoding, errors="strict")


def _figure(value: float | None, unit: float, decimal: str) -> str:
    if value is None:
        return ""
    whole, _, rest = f"{value / unit:.{_DECIMALS}f}".rstrip("0").partition(".")
    # With three decimals the sign could be one between thousands.
    return f"{whole}{decimal}{rest}{'0' if len(rest) == 3 else ''}" if rest else whole
