"""The data set as COCO: one picture for each view, one instance in it, its mask as run lengths.

The format is that of cocodataset.org/#format-data: boxes are x, y, width, height in pixels; run lengths go down the
columns, from the left, and begin with how many pixels are not the part's.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from station.captures.class_meta import read_class_meta
from station.captures.course import QUIET, Course
from station.captures.exporting.chosen import Choice, ExportReport, copy_files, new_place
from station.captures.manifest import capture_id_of
from station.captures.mvip import CapturePath, load_masks
from station.captures.record import read_capture_record
from station.errors import DatasetError
from station.frames import ROLES, MaskImage
from station.journal import utc_text


@dataclass(slots=True)
class _Split:
    images: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    annotations: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


def export_coco(choice: Choice, out: Path, course: Course = QUIET) -> ExportReport:
    """Write ``annotations/instances_<split>.json`` and ``images/<split>/…`` into the new folder ``out``.

    A view without a mask would pass for a picture without a part, so it is left out. Raises DatasetError,
    StorageError, CancelledError; then there is no ``out``.
    """
    captures = choice.captures()
    categories = _categories(captures)
    numbers = {category["class_id"]: category["id"] for category in categories}
    splits: dict[str, _Split] = {}
    files: list[tuple[Path, Path]] = []
    left_out: list[tuple[str, str]] = []
    with new_place(out) as place:
        (place / "annotations").mkdir(parents=True)
        for done, capture in enumerate(captures, start=1):
            split = splits.setdefault(str(capture.split), _Split())
            files += _add(capture, numbers[capture.class_id], split, place, left_out)
            course.advance(done, len(captures))
        size = copy_files(files, course)
        for name, split in splits.items():
            content = {
                "info": {"description": "captures of a part recognition station", "version": "1"},
                "licenses": [],
                "categories": categories,
                "images": split.images,
                "annotations": split.annotations,
            }
            file = place / "annotations" / f"instances_{name}.json"
            file.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
            size += file.stat().st_size
    return ExportReport(len(captures), len(files) + len(splits), size, tuple(left_out))


def run_lengths(mask: MaskImage) -> list[int]:
    """Return the lengths of the runs of a mask (H, W), down its columns: off, on, off …, beginning with off."""
    flat = np.asarray(mask > 0).ravel(order="F")
    edges = np.flatnonzero(np.diff(flat)) + 1
    ends = np.concatenate([[0], edges, [flat.size]])
    lengths = np.diff(ends).tolist()
    return [0, *lengths] if flat.size and flat[0] else lengths


def _categories(captures: Sequence[CapturePath]) -> list[dict[str, Any]]:
    homes = {str(capture.class_id): capture.class_folder for capture in captures}
    found: list[dict[str, Any]] = []
    for number, (class_id, home) in enumerate(sorted(homes.items()), start=1):
        try:
            meta = read_class_meta(home) if home else None
        except DatasetError:
            meta = None
        above = meta.super_class[-1] if meta and meta.super_class else ""
        name = meta.name if meta else class_id
        found.append({"id": number, "name": name, "supercategory": above, "class_id": class_id})
    return found


def _add(
    capture: CapturePath, category: int, split: _Split, place: Path, left_out: list[tuple[str, str]]
) -> list[tuple[Path, Path]]:
    """Add the views of a capture; returns the pictures to copy."""
    record = read_capture_record(capture.path)
    capture_id = capture_id_of(capture, record)
    masks = load_masks(capture.path)
    files: list[tuple[Path, Path]] = []
    for role in ROLES:
        picture, mask = capture.path / role / f"{role[-2:]}_rgb.png", masks.get(role)
        if not picture.is_file():
            continue
        if mask is None or not mask.any():
            left_out.append((f"{capture_id}/{role}", "The view has no mask, or an empty one."))
            continue
        name = f"{capture_id}_{role}.png"
        height, width = mask.shape
        image: dict[str, Any] = {"id": len(split.images) + 1, "file_name": name, "width": width, "height": height}
        image |= {"capture_id": capture_id, "camera": role}
        if record is not None and record.taken_at is not None:
            image["date_captured"] = utc_text(record.taken_at)
        split.images.append(image)
        split.annotations.append(
            {
                "id": len(split.annotations) + 1,
                "image_id": image["id"],
                "category_id": category,
                "bbox": list(cv2.boundingRect(mask)),
                "area": int(np.count_nonzero(mask)),
                "segmentation": {"size": [height, width], "counts": run_lengths(mask)},
                "iscrowd": 0,
            }
        )
        files.append((picture, place / "images" / str(capture.split) / name))
    return files
