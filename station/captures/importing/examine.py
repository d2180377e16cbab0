"""What is wrong with a capture of another tree, as found in its files: the faults that published trees have."""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from station.captures.importing.sources import TreeSource
from station.captures.mvip import load_depth
from station.captures.png import read_png
from station.frames import ROLES

DEAD_DEPTH = 0.9
"""From this share of pixels without depth on, a view's depth is dead: it should measure most of what it sees."""
STRETCHED = 0.9
"""Below this share, the box round a mask's largest piece against that round all of it, specks stretch the mask."""


class FaultKind(enum.StrEnum):
    """What can be wrong with a view, or lack."""

    MISSING_VIEW = "missing_view"
    MISSING_FILE = "missing_file"
    DAMAGED_FILE = "damaged_file"
    BAD_CALIBRATION = "bad_calibration"
    COPIED_INTRINSICS = "copied_intrinsics"
    DEAD_DEPTH = "dead_depth"
    NO_MASK = "no_mask"
    EMPTY_MASK = "empty_mask"
    SPECKS = "specks"
    NO_DEPTH = "no_depth"
    NO_CALIBRATION = "no_calibration"
    FOREIGN_FILE = "foreign_file"


SENTENCES = {
    FaultKind.MISSING_VIEW: "The view is not there.",
    FaultKind.MISSING_FILE: "Colour, depth or calibration is not there: the view cannot be used.",
    FaultKind.DAMAGED_FILE: "A picture is damaged or of another kind: the view cannot be used.",
    FaultKind.BAD_CALIBRATION: "The calibration cannot be read, or no camera stands like that.",
    FaultKind.COPIED_INTRINSICS: "Cameras have the same intrinsics to the last digit: they were copied, not measured.",
    FaultKind.DEAD_DEPTH: "The depth is dead: nearly all of it is 0.",
    FaultKind.NO_MASK: "There is no mask: the view is not trained on.",
    FaultKind.EMPTY_MASK: "The mask is empty: the view is not trained on.",
    FaultKind.SPECKS: "Specks far from the part stretch the mask's box.",
    FaultKind.NO_DEPTH: "A plain picture has no depth; all of it is kept as 0.",
    FaultKind.NO_CALIBRATION: "A plain picture has no calibration; a focal length as long as it is wide is assumed.",
    FaultKind.FOREIGN_FILE: "The file belongs to no view; it stays where it is.",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its kind, and the view or views (or the file) that have it."""

    kind: FaultKind
    what: str


@dataclass(frozen=True, slots=True)
class Examination:
    """The faults of a capture, the views that can be read, and those whose depth is dead."""

    faults: tuple[Fault, ...]
    readable: tuple[str, ...]
    depth_dead: tuple[str, ...]


def examine(source: TreeSource) -> Examination:
    """Look at every file of a capture; reads all of its pictures."""
    faults = [Fault(FaultKind.FOREIGN_FILE, name) for name in source.others]
    readable: list[str] = []
    dead: list[str] = []
    intrinsics: dict[str, list[str]] = {}
    for role in ROLES:
        found = _look_at_view(source, role)
        faults += [Fault(kind, role) for kind in found]
        if not _UNUSABLE.intersection(found):
            readable.append(role)
            if key := _intrinsics(source, role):
                intrinsics.setdefault(key, []).append(role)
        if FaultKind.DEAD_DEPTH in found:
            dead.append(role)
    copied = [roles for roles in intrinsics.values() if len(roles) > 1]
    faults += [Fault(FaultKind.COPIED_INTRINSICS, ", ".join(roles)) for roles in copied]
    return Examination(tuple(faults), tuple(readable), tuple(dead))


_UNUSABLE = frozenset(
    [FaultKind.MISSING_VIEW, FaultKind.MISSING_FILE, FaultKind.DAMAGED_FILE, FaultKind.BAD_CALIBRATION]
)


def _look_at_view(source: TreeSource, role: str) -> list[FaultKind]:
    head = f"{role}/{role[-2:]}_"
    there = {name.removeprefix(head) for name in source.files if name.startswith(head)}
    if not there:
        return [FaultKind.MISSING_VIEW]
    if not {"rgb.png", "depth.png", "meta.json"} <= there:
        return [FaultKind.MISSING_FILE]
    found: list[FaultKind] = []
    color = read_png(source.path / f"{head}rgb.png", channels=3, bits=8)
    depth = read_png(source.path / f"{head}depth.png", channels=1, bits=16)
    if color is None or depth is None or color.shape[:2] != depth.shape[:2]:
        found.append(FaultKind.DAMAGED_FILE)
    elif load_depth(source.path, role) is None:
        found.append(FaultKind.BAD_CALIBRATION)
    if depth is not None and np.count_nonzero(depth) <= (1.0 - DEAD_DEPTH) * depth.size:
        found.append(FaultKind.DEAD_DEPTH)
    if "rgb_mask_gen.png" not in there:
        found.append(FaultKind.NO_MASK)
    else:
        mask = read_png(source.path / f"{head}rgb_mask_gen.png", channels=1, bits=8)
        if mask is None or (color is not None and mask.shape != color.shape[:2]):
            found.append(FaultKind.DAMAGED_FILE)
        elif not (mask > 127).any():
            found.append(FaultKind.EMPTY_MASK)
        elif _stretched((mask > 127).astype(np.uint8)):
            found.append(FaultKind.SPECKS)
    return found


def _stretched(mask: np.ndarray[Any, np.dtype[np.uint8]]) -> bool:
    """Whether the box of a mask's largest piece is much smaller than that of the whole mask."""
    _, _, pieces, _ = cv2.connectedComponentsWithStats(mask)
    largest = pieces[1 + int(np.argmax(pieces[1:, cv2.CC_STAT_AREA]))]
    _, _, width, height = cv2.boundingRect(mask)
    return int(largest[cv2.CC_STAT_WIDTH]) * int(largest[cv2.CC_STAT_HEIGHT]) < STRETCHED * width * height


def _intrinsics(source: TreeSource, role: str) -> str:
    """Return a view's intrinsics as text, equal only where every digit is."""
    meta = json.loads(source.files[f"{role}/{role[-2:]}_meta.json"].read_text(encoding="utf-8"))
    return json.dumps([meta.get("cameraMatrix"), meta.get("Intrinsics")], sort_keys=True)
