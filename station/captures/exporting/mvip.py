"""The data set as an MVIP tree: the files of every view byte for byte, and the records beside them."""

from __future__ import annotations

from pathlib import Path

from station.captures.class_meta import META_FILE
from station.captures.course import QUIET, Course
from station.captures.exporting.chosen import Choice, ExportReport, copy_files, new_place
from station.captures.importing.sources import VIEW_ENDINGS
from station.captures.record import RECORD_FILE
from station.frames import ROLES


def export_mvip(choice: Choice, out: Path, course: Course = QUIET, *, records: bool = True) -> ExportReport:
    """Write the captures as a new MVIP tree ``out``; without ``records`` nothing but MVIP's own files.

    Raises DatasetError, StorageError, CancelledError; then there is no ``out``.
    """
    captures = choice.captures()
    with new_place(out) as place:
        place.mkdir()
        files: list[tuple[Path, Path]] = []
        homes: dict[Path, Path] = {}
        for capture in captures:
            home = capture.class_folder or capture.path
            homes[home] = place / "sets" / home.name
            target = homes[home] / capture.path.relative_to(home)
            names = [f"{role}/{role[-2:]}_{ending}" for role in ROLES for ending in VIEW_ENDINGS]
            names += [RECORD_FILE] if records else []
            files += [(capture.path / name, target / name) for name in names if (capture.path / name).is_file()]
        files += [(h / META_FILE, t / META_FILE) for h, t in homes.items() if (h / META_FILE).is_file()]
        size = copy_files(files, course)
    return ExportReport(len(captures), len(files), size)
