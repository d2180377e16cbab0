"""What a class has already: where its captures lie, what they weigh, and how the part lay in them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from station.captures.catalog_values import CatalogEntry, Page, PageKey, State
from station.captures.place import Place
from station.captures.png import read_png
from station.captures.pose import Pose, PoseLikeness
from station.captures.quality import Likeness
from station.frames import ROLES, ColorImage, MaskImage

_COMPARED = 60
"""So many captures of the class, the newest, are compared with a look."""
_VIEWS = ROLES[::3]
"""Views of a stored capture that are read to compare it: cameras on different sides of the plate."""
_PAGE = 500
_ALIKE = 2
"""A look that is like so many captures, all of them kept as turned, is of a part that looks the same when turned."""


class CaptureIndex(Protocol):
    """What is needed of the catalog; ``station.captures.catalog.Catalog`` is one."""

    def get(self, capture_id: str) -> CatalogEntry | None:
        """Return a capture, or ``None``."""
        ...

    def search(
        self,
        text: str = "",
        *,
        class_id: str | None = None,
        split: str | None = None,
        state: State = "kept",
        limit: int = 50,
        after: PageKey | None = None,
    ) -> Page:
        """Return a page of captures, newest first."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class KnownCapture:
    """A capture of the class; ``pose`` is ``None`` where it is not compared, ``weight_kg`` where it was not weighed."""

    place: Place
    weight_kg: float | None
    pose: Pose | None


class ClassHistory:
    """The captures of one class by id; for one thread."""

    def __init__(self) -> None:
        self._captures: dict[str, KnownCapture] = {}

    @staticmethod
    def read(
        root: Path,
        index: CaptureIndex,
        class_id: str,
        likeness: PoseLikeness,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> ClassHistory:
        """Read what the tree at ``root`` has of a class; takes about 50 ms a capture of 1280×720, for sixty at most.

        ``cancelled`` ends it early with what was read. Raises StorageError when the catalog cannot be read.
        """
        entries = _entries(index, class_id)

        def pose_of(entry: CatalogEntry) -> Pose | None:
            return None if cancelled() else ClassHistory.stored_pose(root / entry.folder, likeness)

        with ThreadPoolExecutor(2, thread_name_prefix="capture-history") as pool:
            poses = list(pool.map(pose_of, entries[:_COMPARED]))
        history = ClassHistory()
        for n, entry in enumerate(entries):
            history.note(entry, poses[n] if n < len(poses) else None)
        return history

    def follow(
        self, root: Path, index: CaptureIndex, class_id: str, likeness: PoseLikeness, on_way: Collection[str]
    ) -> bool:
        """Take over what others did to the class since: captures that came, went or moved; returns whether any did.

        ``on_way`` are captures of which the catalog need not know yet. Raises StorageError.
        """
        entries = {entry.capture_id: entry for entry in _entries(index, class_id)}
        gone = [one for one in self._captures if one not in entries and one not in on_way]
        for capture_id in gone:
            self.remove(capture_id)
        changed = bool(gone)
        for capture_id, entry in entries.items():
            known = self._captures.get(capture_id)
            if known is None or (capture_id not in on_way and known.place.folder != entry.folder):
                pose = known.pose if known else ClassHistory.stored_pose(root / entry.folder, likeness)
                self.note(entry, pose)
                changed = True
        return changed

    def note(self, entry: CatalogEntry, pose: Pose | None) -> None:
        """Add a capture as the catalog knows it; one that lies in no place of the plan's kind is passed over."""
        place = Place.from_folder(entry.folder)
        if place is not None:
            self._captures[entry.capture_id] = KnownCapture(place, entry.weight_kg, pose)

    @staticmethod
    def stored_pose(folder: Path, likeness: PoseLikeness) -> Pose | None:
        """Return how the part lies in the capture in ``folder``; ``None`` where its pictures cannot be read."""
        colors: dict[str, ColorImage] = {}
        masks: dict[str, MaskImage] = {}
        for role in _VIEWS:
            head = folder / role / role[-2:]
            color = read_png(head.with_name(f"{head.name}_rgb.png"), channels=3, bits=8)
            mask = read_png(head.with_name(f"{head.name}_rgb_mask_gen.png"), channels=1, bits=8)
            if color is not None and mask is not None and mask.shape == color.shape[:2]:
                colors[role], masks[role] = cast(ColorImage, color), cast(MaskImage, mask)
        return likeness.pose(colors, masks) if colors else None

    @property
    def places(self) -> dict[Place, str]:
        """The captures' ids by their places."""
        return {known.place: capture_id for capture_id, known in self._captures.items()}

    @property
    def weights_kg(self) -> tuple[float, ...]:
        """What the captures weigh that were weighed."""
        return tuple(known.weight_kg for known in self._captures.values() if known.weight_kg is not None)

    def get(self, capture_id: str) -> KnownCapture | None:
        """Return a capture, ``None`` when the class has it not."""
        return self._captures.get(capture_id)

    def add(self, capture_id: str, known: KnownCapture) -> None:
        """Add a capture."""
        self._captures[capture_id] = known

    def remove(self, capture_id: str) -> KnownCapture | None:
        """Take a capture out; harmless when it is not there."""
        return self._captures.pop(capture_id, None)

    def most_like(self, pose: Pose, likeness: PoseLikeness, limit: float) -> Likeness | None:
        """Return the capture that a pose is most like, ``None`` when there is none to compare with.

        A part that is like several of them, as far as ``limit`` goes, looks the same when it is turned.
        """
        values = {
            capture_id: likeness.likeness(pose, known.pose)
            for capture_id, known in self._captures.items()
            if known.pose is not None
        }
        if not values:
            return None
        best = max(values, key=lambda capture_id: values[capture_id])
        alike = sum(value >= limit for value in values.values())
        return Likeness(values[best], best, symmetric=alike >= _ALIKE)


def _entries(index: CaptureIndex, class_id: str) -> list[CatalogEntry]:
    """Return the captures of a class, newest first."""
    found: list[CatalogEntry] = []
    page = index.search(class_id=class_id, limit=_PAGE)
    found += page.entries
    while page.after is not None:
        page = index.search(class_id=class_id, limit=_PAGE, after=page.after)
        found += page.entries
    return found
