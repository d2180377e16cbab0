"""Crops that an earlier cache holds already: a capture is cut once, whatever becomes of the tree round it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from station.captures.record import CaptureRecord

CUT_FILE = "cut.json"
_ARRAYS = ("color.npy", "depth.npy", "reliefs.npy")
_HHA = "hha.npy"


def cut_key(content: str, record: CaptureRecord | None) -> str:
    """Return a name for what crops and edges follow from, beside how they are cut: content and stated edges."""
    edges = None if record is None else record.size_true_m
    return hashlib.sha256(f"{content} {edges}".encode()).hexdigest()


def note_cut(place: Path, spec_key: str, keys: Sequence[str]) -> None:
    """Write beside a cache's arrays how it was cut and the :func:`cut_key` of each row."""
    (place / CUT_FILE).write_text(json.dumps({"spec": spec_key, "keys": list(keys)}), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class FormerCut:
    """A row of an earlier cache, in which all ten views show the part."""

    place: Path
    row: int
    size_m: tuple[float, float, float] | None

    def copy_to(self, building: Path, index: int) -> None:
        """Copy the row into row ``index`` of a cache that is being made; raises OSError or ValueError."""
        for name in (*_ARRAYS, *([_HHA] if (building / _HHA).exists() else [])):
            np.load(building / name, mmap_mode="r+")[index] = np.load(self.place / name, mmap_mode="r")[self.row]


class FormerCuts:
    """What the caches of a folder hold that were cut in one way; a cache that cannot be read counts as none."""

    def __init__(self, cuts: dict[str, FormerCut]) -> None:
        self._cuts = cuts

    @classmethod
    def of(cls, folder: Path, spec_key: str) -> Self:
        """Read what was noted beside the caches in ``folder``."""
        cuts: dict[str, FormerCut] = {}
        for place in sorted(file.parent for file in folder.glob(f"*/{CUT_FILE}")):
            try:
                noted = json.loads((place / CUT_FILE).read_text(encoding="utf-8"))
                if noted["spec"] != spec_key or place.suffix == ".part":
                    continue
                views: NDArray[np.bool_] = np.load(place / "views.npy")
                samples = json.loads((place / "samples.json").read_text(encoding="utf-8"))
                for row, (key, sample) in enumerate(zip(noted["keys"], samples, strict=True)):
                    # a capture of which a view was left out is cut again, so that it is said again
                    if views[row].all():
                        size = sample["size_m"]
                        cuts[key] = FormerCut(place, row, None if size is None else (size[0], size[1], size[2]))
            except (OSError, ValueError, TypeError, KeyError, IndexError):
                continue
        return cls(cuts)

    def __bool__(self) -> bool:
        return bool(self._cuts)

    def find(self, key: str) -> FormerCut | None:
        """Return where the crops of a capture with this :func:`cut_key` lie, if they do."""
        return self._cuts.get(key)
