"""A second look at what a check found: beside a station at work, much of it is only on its way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from station.captures.catalog import Catalog, CatalogEntry
from station.captures.tree import FoundCapture, look_at

_LOOKS = 3
_PAUSE_S = 0.3
"""The store needs less for a move, and about a second for a new capture."""


def still_there(root: Path, folders: Iterable[str]) -> frozenset[str]:
    """Return those of the folders, relative to the tree, that do not go away in a moment, as a save's own does."""
    left = frozenset(folders)
    for _ in range(_LOOKS):
        left = frozenset(folder for folder in left if (root / folder).exists())
        if not left:
            break
        time.sleep(_PAUSE_S)
    return left


def still_wrong(
    root: Path,
    catalog: Catalog,
    suspects: Mapping[str, str],
    is_sound: Callable[[FoundCapture, CatalogEntry | None], bool],
) -> frozenset[str]:
    """Return the ids of captures that stay wrong when they are looked at again where the catalog knows them by now.

    ``suspects`` are ids with the folder in which each was found; ``is_sound`` judges a capture with its entry.
    """
    left = dict(suspects)
    for attempt in range(_LOOKS):
        for capture_id, folder in list(left.items()):
            entry = catalog.get(capture_id)
            if entry is None and not (root / folder).is_dir():
                del left[capture_id]  # it was removed for good meanwhile
            elif is_sound(look_at(root, entry.folder if entry else folder), entry):
                del left[capture_id]
        if not left or attempt == _LOOKS - 1:
            break
        time.sleep(_PAUSE_S)
    return frozenset(left)
