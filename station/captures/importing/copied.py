"""Captures made of another tree's files, byte for byte, or of plain pictures."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

import cv2
import numpy as np

from station.captures.contents import is_content
from station.captures.importing.examine import Examination
from station.captures.importing.sources import PictureSource, TreeSource
from station.captures.png import encode_png, read_png
from station.captures.record import CaptureRecord, content_hash, read_capture_record
from station.errors import DatasetError
from station.frames import ROLES, ColorImage

Contents = tuple[tuple[str, Callable[[], bytes]], ...]


@dataclass(frozen=True, slots=True, eq=False)
class CopiedCapture:
    """Files that become a capture: their names in its folder, and what reads or makes each."""

    record: CaptureRecord
    files: Contents

    def check(self) -> None:
        """Raise DatasetError when there is nothing."""
        if not self.files:
            raise DatasetError("The capture has no view.", where=self.record.capture_id)

    def contents(self) -> Iterator[tuple[str, Callable[[], bytes]]]:
        """Yield the files."""
        yield from self.files

    def content_hash(self) -> str:
        """Return the hash that the capture will have; reads all of its files."""
        return content_hash({name: hashlib.sha256(made()).hexdigest() for name, made in self.files if is_content(name)})


def of_tree(source: TreeSource, examination: Examination) -> CopiedCapture:
    """Return a capture of another tree; its record is kept where it has one.

    Raises DatasetError for a damaged record, and for files that are not those that the record was made for.
    """
    files: Contents = tuple((name, path.read_bytes) for name, path in source.files.items())
    known = {
        "missing": tuple(role for role in ROLES if role not in examination.readable),
        "depth_dead": examination.depth_dead,
    }
    record = read_capture_record(source.path)
    if record is not None:
        _require_unchanged(source, record)
        return CopiedCapture(record.model_copy(update={**known, "trashed_at": None}), files)
    bare = CopiedCapture(_bare_record(source.class_id, "import"), files)
    return CopiedCapture(_named(bare, "mvip").model_copy(update=known), files)


def _require_unchanged(source: TreeSource, record: CaptureRecord) -> None:
    changed = [
        name
        for name, digest in record.files.items()
        if name not in source.files or hashlib.sha256(source.files[name].read_bytes()).hexdigest() != digest
    ]
    if changed:
        named = ", ".join(changed[:3]) + (" and more" if changed[3:] else "")
        raise DatasetError(
            f"It is not what was saved: {named} changed or is gone.",
            where=str(source.path),
            todo="Restore the capture, or take its capture.json away to import it as it is.",
        )


def of_pictures(source: PictureSource, whole_mask: bool) -> CopiedCapture:
    """Return a capture of plain pictures, with no depth and a calibration that is assumed.

    With ``whole_mask`` all of each picture is taken for the part. Raises DatasetError for an unreadable picture.
    """
    files: list[tuple[str, Callable[[], bytes]]] = []
    for role, path in source.pictures.items():
        head = f"{role}/{role[-2:]}_"
        height, width = _read_picture(path).shape[:2]
        empty = np.zeros((height, width), dtype=np.uint16)
        files.append((f"{head}rgb.png", partial(_as_png, path)))
        files.append((f"{head}depth.png", partial(encode_png, empty)))
        files.append((f"{head}meta.json", partial(_assumed_meta, width, height)))
        if whole_mask:
            full = np.full((height, width), 255, dtype=np.uint8)
            files.append((f"{head}rgb_mask_gen.png", partial(encode_png, full)))
    bare = CopiedCapture(_bare_record(source.class_id, "import"), tuple(files))
    known = {
        "missing": tuple(role for role in ROLES if role not in source.pictures),
        "depth_dead": tuple(source.pictures),
    }
    return CopiedCapture(_named(bare, "picture").model_copy(update=known), bare.files)


def renamed(capture: CopiedCapture) -> CopiedCapture:
    """Return a capture with an id made of its content, where another one has its own."""
    return CopiedCapture(_named(capture, "copy"), capture.files)


def _named(capture: CopiedCapture, kind: str) -> CaptureRecord:
    """Return the record with an id that is made of the content, so that twice the same is known for the same."""
    return capture.record.model_copy(update={"capture_id": f"{kind}-{capture.content_hash()[:24]}"})


def _bare_record(class_id: str, capture_id: str) -> CaptureRecord:
    return CaptureRecord(
        capture_id=capture_id, class_id=class_id, split="train", origin="import", label_source="imported"
    )


def _read_picture(path: Path) -> ColorImage:
    """Return a picture as RGB, (H, W, 3) uint8; raises DatasetError when it cannot be read."""
    try:
        content = np.frombuffer(path.read_bytes(), dtype=np.uint8)
        # OpenCV's stubs leave out the None it returns for what it cannot decode
        pixels = cast(ColorImage | None, cv2.imdecode(content, cv2.IMREAD_COLOR_RGB)) if content.size else None
    except (OSError, cv2.error) as error:
        raise DatasetError(f"The picture cannot be read: {error}.", where=str(path)) from error
    if pixels is None:
        raise DatasetError("This is no picture, or a damaged one.", where=str(path), todo="Remove or replace it.")
    return pixels


def _as_png(path: Path) -> bytes:
    """Return a picture as an 8-bit RGB PNG: as it is where it is one."""
    if path.suffix.casefold() == ".png" and read_png(path, channels=3, bits=8) is not None and _is_plain_rgb(path):
        return path.read_bytes()
    return encode_png(_read_picture(path))


def _is_plain_rgb(path: Path) -> bool:
    """Whether a PNG has 8 bits and three channels itself: OpenCV makes that of palettes and greys as well."""
    with path.open("rb") as file:
        head = file.read(26)
    return head[24] == 8 and head[25] == 2


def _assumed_meta(width: int, height: int) -> bytes:
    """Return the calibration of a picture of which nothing is known: a camera above the plate's origin, looking up."""
    focal, cx, cy = float(width), (width - 1) / 2.0, (height - 1) / 2.0
    return json.dumps(
        {
            "cameraMatrix": [focal, 0.0, cx, 0.0, focal, cy, 0.0, 0.0, 1.0],
            "Intrinsics": {"fx": focal, "fy": focal, "ppx": cx, "ppy": cy},
            "DepthScale": 0.001,
            "Camera_Transformation": [float(value) for value in np.eye(4).ravel()],
            "Assumed": True,
        }
    ).encode("utf-8")
