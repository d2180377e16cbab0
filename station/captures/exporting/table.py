"""The data set as a table: a row for each capture, as CSV or Parquet."""

from __future__ import annotations

import csv
import importlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from station.captures.class_meta import ClassMeta, read_class_meta
from station.captures.course import QUIET, Course
from station.captures.exporting.chosen import Choice, ExportReport, new_place
from station.captures.manifest import capture_id_of
from station.captures.mvip import CapturePath
from station.captures.record import CaptureRecord, read_capture_record
from station.errors import DatasetError
from station.journal import utc_text

Kind = Literal["text", "number", "flag"]
Cell = str | float | int | bool | None

COLUMNS: tuple[tuple[str, Kind], ...] = (
    ("capture_id", "text"),
    ("class", "text"),
    ("number", "text"),
    ("name", "text"),
    ("split", "text"),
    ("folder", "text"),
    ("origin", "text"),
    ("kept_from", "text"),
    ("label_source", "text"),
    ("operator", "text"),
    ("taken_at", "text"),
    ("weight_kg", "number"),
    ("weight_stable", "flag"),
    ("size_longest_m", "number"),
    ("size_middle_m", "number"),
    ("size_shortest_m", "number"),
    ("skew_ms", "number"),
    ("calibration_id", "text"),
    ("missing", "text"),
    ("depth_dead", "text"),
    ("overridden_gates", "text"),
    ("training_weight", "number"),
    ("software", "text"),
    ("content_hash", "text"),
)
"""Columns of the table; the quality figures follow, one column each, called ``quality_…``."""


def export_table(choice: Choice, out: Path, form: Literal["csv", "parquet"], course: Course = QUIET) -> ExportReport:
    """Write a row for each capture into the new file ``out``; what is not known is empty.

    Raises DatasetError, also when Parquet's library is not installed, StorageError, CancelledError; then there is no
    ``out``.
    """
    write = _write_csv if form == "csv" else _parquet_writer()
    captures = choice.captures()
    rows: list[dict[str, Cell]] = []
    for done, capture in enumerate(captures, start=1):
        rows.append(_row(capture))
        course.advance(done, len(captures))
    known = {name for name, _ in COLUMNS}
    quality: list[tuple[str, Kind]] = [(name, "number") for name in sorted({n for row in rows for n in row} - known)]
    columns = [*COLUMNS, *quality]
    with new_place(out) as place:
        write(place, columns, rows)
        size = place.stat().st_size
    return ExportReport(len(rows), 1, size)


def _row(capture: CapturePath) -> dict[str, Cell]:
    record = read_capture_record(capture.path)
    home = capture.class_folder or capture.path
    meta: ClassMeta | None = None
    with suppress(DatasetError):  # a damaged description names nothing
        meta = read_class_meta(home)
    row: dict[str, Cell] = {
        "capture_id": capture_id_of(capture, record),
        "class": capture.class_id,
        "number": meta.number if meta else None,
        "name": meta.name if meta else None,
        "split": capture.split,
        "folder": f"sets/{capture.path.relative_to(home.parent).as_posix()}",
    }
    return row if record is None else row | _of_record(record)


def _of_record(record: CaptureRecord) -> dict[str, Cell]:
    longest, middle, shortest = record.size_m or (None, None, None)
    return {
        "origin": record.origin,
        "kept_from": record.kept_from,
        "label_source": record.label_source,
        "operator": record.operator,
        "taken_at": None if record.taken_at is None else utc_text(record.taken_at),
        "weight_kg": record.weight_kg,
        "weight_stable": None if record.weight_kg is None else record.weight_stable,
        "size_longest_m": longest,
        "size_middle_m": middle,
        "size_shortest_m": shortest,
        "skew_ms": record.skew_ms,
        "calibration_id": record.calibration_id,
        "missing": " ".join(record.missing),
        "depth_dead": " ".join(record.depth_dead),
        "overridden_gates": " ".join(override.gate for override in record.overrides),
        "training_weight": record.training_weight,
        "software": record.software,
        "content_hash": record.content_hash or None,
        **{f"quality_{name}": value for name, value in record.quality.items()},
    }


def _write_csv(place: Path, columns: Sequence[tuple[str, Kind]], rows: Sequence[dict[str, Cell]]) -> None:
    with place.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [name for name, _ in columns])
        writer.writeheader()
        writer.writerows(rows)


def _parquet_writer() -> Any:
    """Return what writes Parquet; raises DatasetError when its library is not installed."""
    try:
        arrow: Any = importlib.import_module("pyarrow")
        parquet: Any = importlib.import_module("pyarrow.parquet")
    except ModuleNotFoundError as error:
        raise DatasetError(
            "Parquet needs the package pyarrow, which is not installed.",
            todo="Install it with: pip install pyarrow, or export as csv.",
        ) from error
    kinds = {"text": arrow.string(), "number": arrow.float64(), "flag": arrow.bool_()}

    def write(place: Path, columns: Sequence[tuple[str, Kind]], rows: Sequence[dict[str, Cell]]) -> None:
        arrays = [arrow.array([row.get(name) for row in rows], kinds[kind]) for name, kind in columns]
        parquet.write_table(arrow.table(arrays, names=[name for name, _ in columns]), str(place))

    return write
