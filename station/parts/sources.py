"""Part records made from the simulator's library or from an MVIP tree."""

from __future__ import annotations

from pathlib import Path

from station.captures.class_meta import META_FILE, read_class_meta
from station.errors import DatasetError
from station.parts.descriptions import record_of
from station.parts.record import PartRecord
from station.simulation.library import PartLibrary


def records_from_library(library: PartLibrary) -> tuple[PartRecord, ...]:
    """Return a record of every class of a library."""
    return tuple(
        PartRecord(
            class_id=part.class_id,
            number=part.number,
            name=part.name,
            super_class=part.super_class,
            description=part.tags,
            weight_kg=part.weight_kg,
            size_m=part.size_m,
        )
        for part in library.classes
    )


def records_from_tree(root: Path) -> tuple[PartRecord, ...]:
    """Return a record of every class folder of an MVIP tree that has a ``meta.json``.

    The part number is the class's own when ``meta.json`` gives one as ``number``, else the folder name. Raises
    DatasetError when there is no such folder or a file is damaged.
    """
    folder = root / "sets" if (root / "sets").is_dir() else root
    classes = [file.parent for file in sorted(folder.glob(f"*/{META_FILE}"))]
    if not classes:
        raise DatasetError(
            "No part class with a meta.json is here.", where=str(root), todo="Give the tree, or its folder 'sets'."
        )
    return tuple(record_of(one.name, meta) for one in classes if (meta := read_class_meta(one)) is not None)
