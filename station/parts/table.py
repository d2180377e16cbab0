"""A table of parts in a CSV file: its encoding, its delimiter, its columns, and its numbers with a decimal sign."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from station.errors import ConfigError, PartError
from station.parts.numbers import tidy
from station.settings import PartsSection

Decimal = Literal[",", "."]

DELIMITERS = {"tab": "\t", ";": ";", ",": ",", "|": "|"}
"""Delimiters by their names in ``[parts]``."""
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_MOST_BYTES = 200_000_000
_THOUSANDS = {mark: re.compile(rf"[1-9]\d{{0,2}}([{mark}]\d{{3}})+") for mark in ",."}


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: the line it begins in and its cells by column; columns are named as in ``[parts]``."""

    line: int
    cells: Mapping[str, str]
    size: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PartTable:
    """A table as it was read, and how: encoding, delimiter, and the decimal sign (``None`` where nothing tells it)."""

    rows: tuple[TableRow, ...]
    encoding: str
    delimiter: str
    decimal: Decimal | None


def read_table(file: Path, columns: PartsSection) -> PartTable:
    """Read a CSV file; raises PartError when it is no table, ConfigError when a column that is set is not there."""
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise PartError(f"The table is larger than {_MOST_BYTES // 1_000_000} MB.", where=str(file))
        content = file.read_bytes()
    except OSError as error:
        raise PartError(f"The table cannot be read: {error.strerror or error}.", where=str(file)) from error
    text, encoding = _decoded(content, columns.encoding, file)
    text, said = _without_excel_line(text)
    delimiter = said or DELIMITERS.get(columns.delimiter) or _delimiter(text, columns, file)
    lines = _lines(text, delimiter, file)
    if not lines:
        raise PartError("The table is empty.", where=str(file))
    places = _places(lines[0][1], columns, file)
    first = 2 if said else 1
    rows: list[TableRow] = []
    for line, cells in lines[1:]:
        if not any(cell.strip() for cell in cells):
            continue
        found = {name: tidy(cells[place]) if place < len(cells) else "" for name, place in places.items()}
        size = tuple(found.pop(f"size {n}") for n in range(len(columns.size)) if f"size {n}" in found)
        rows.append(TableRow(line + first - 1, found, size))
    decimal = columns.decimal if columns.decimal != "auto" else _decimal(rows)
    return PartTable(tuple(rows), encoding, delimiter, decimal)


def _decoded(content: bytes, wanted: str, file: Path) -> tuple[str, str]:
    marked = next((encoding for mark, encoding in _MARKS if content.startswith(mark)), None)
    if wanted == "auto":
        # What Windows writes is hardly ever UTF-8 by chance, so UTF-8 is tried first.
        tries = [marked] if marked else ["utf-8", "cp1252"]
    else:
        tries = ["utf-8-sig" if wanted == "utf-8" else wanted]
    for encoding in tries:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, encoding
    raise PartError(
        f"The table is no text in {' or '.join(tries)}.",
        where=str(file),
        todo="Save it as CSV UTF-8, or set encoding in [parts].",
    )


def _without_excel_line(text: str) -> tuple[str, str | None]:
    """Take off Excel's first line ``sep=;``, and return the delimiter that it names."""
    found = re.match(r'"?sep=(.)"?\r?\n', text)
    return (text[found.end() :], found.group(1)) if found else (text, None)


def _delimiter(text: str, columns: PartsSection, file: Path) -> str:
    """Return the delimiter with which the first line has the number's column; of several, that with most columns."""
    first = next(iter(text.splitlines()), "")
    found: list[tuple[int, str]] = []
    for delimiter in DELIMITERS.values():
        headings = [_heading(cell) for cells in csv.reader([first], delimiter=delimiter) for cell in cells]
        if _heading(columns.number) in headings:
            found.append((len(headings), delimiter))
    if not found:
        raise ConfigError(
            f"The table's first line has no column {columns.number!r}: {first[:200]!r}.",
            where=str(file),
            todo="Set number in [parts] to the heading of the part numbers.",
        )
    return max(found)[1]


def _lines(text: str, delimiter: str, file: Path) -> list[tuple[int, list[str]]]:
    """Return every row with the line that it begins in."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            rows.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise PartError(f"Line {line} cannot be read: {error}.", where=str(file), todo="Mend its quotes.") from error
    return rows


def _places(headings: Sequence[str], columns: PartsSection, file: Path) -> dict[str, int]:
    """Return the index of each column that is set; those of the size are called ``size 0`` and on."""
    wanted = {name: str(getattr(columns, name)) for name in ("number", "name", "tags", "super_class", "weight")}
    wanted.update({f"size {n}": heading for n, heading in enumerate(columns.size)})
    there = [_heading(cell) for cell in headings]
    defaults = {PartsSection.model_fields[name].default for name in ("name", "tags", "super_class", "weight")} | {
        "size"
    }
    places: dict[str, int] = {}
    for name, heading in wanted.items():
        if not heading:
            continue
        count = there.count(_heading(heading))
        if count == 1:
            places[name] = there.index(_heading(heading))
        elif count > 1 or name == "number" or heading not in defaults:
            found = "no" if count == 0 else f"{count} columns"
            raise ConfigError(
                f"The table has {found} {'column ' if count == 0 else ''}{heading!r}, but these:"
                f" {', '.join(repr(cell.strip()) for cell in headings)}.",
                where=str(file),
                todo="Set the columns in [parts].",
            )
    return places


def _heading(text: str) -> str:
    return tidy(text).casefold()


def parse_decimal(text: str, decimal: Decimal | None) -> float:
    """Return a number that is written with ``decimal``, and maybe with marks between thousands.

    Raises ValueError, whose text says what is wrong, for what is none and, without a decimal sign, for what may be two.
    """
    digits = re.sub(r"[' \u00a0\u202f]", "", text)
    sign = decimal or _sign_of(digits)
    if sign is None:
        if any(mark in digits for mark in ",."):
            raise ValueError(f"nothing tells whether {text!r} has thousands or decimals: set decimal in [parts]")
        sign = "."
    mark = "." if sign == "," else ","
    whole, _, rest = digits.lstrip("+-").partition(sign)
    if mark in whole and _THOUSANDS[mark].fullmatch(whole):
        whole = whole.replace(mark, "")
    if not re.fullmatch(r"\d+", whole) or not re.fullmatch(r"\d*", rest):
        raise ValueError(f"{text!r} is no number with the decimal sign {sign!r}")
    return float(f"{'-' if digits.startswith('-') else ''}{whole}.{rest or 0}")


def _sign_of(digits: str) -> Decimal | None:
    """Return the decimal sign that a number shows by itself, ``None`` where it has none or it may be either."""
    comma, dot = digits.rfind(","), digits.rfind(".")
    if comma >= 0 and dot >= 0:
        return "," if comma > dot else "."
    mark: Decimal = "," if comma >= 0 else "."
    if comma < 0 and dot < 0:
        return None
    if digits.count(mark) > 1:
        return "." if mark == "," else ","
    return None if _THOUSANDS[mark].fullmatch(digits.lstrip("+-")) else mark


def _decimal(rows: Sequence[TableRow]) -> Decimal | None:
    """Return the decimal sign that all weights and sizes agree on, ``None`` where they do not or none shows it."""
    shown: set[Decimal] = {
        sign
        for row in rows
        for cell in (row.cells.get("weight", ""), *row.size)
        for number in re.findall(r"\d[\d.,]*\d", cell)
        if (sign := _sign_of(number))
    }
    return shown.pop() if len(shown) == 1 else None
