"""Part records made from the simulator's library or from an MVIP tree."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from station.errors import DatasetError
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
    records = tuple(_records(folder))
    if not records:
        raise DatasetError(
            "No part class with a meta.json is here.", where=str(root), todo="Give the tree, or its folder 'sets'."
        )
    return records


def _records(folder: Path) -> Iterator[PartRecord]:
    for file in sorted(folder.glob("*/meta.json")):
        class_id = file.parent.name
        try:
            meta: Any = json.loads(file.read_text(encoding="utf-8"))
            edges = sorted((float(e) / 1000.0 for e in meta.get("size", ())), reverse=True)
            headings = cast("dict[str, list[str]]", meta.get("description", {}))
            yield PartRecord(
                class_id=class_id,
                number=str(meta.get("number", class_id)),
                name=str(meta.get("name", class_id)),
                super_class=tuple(str(s) for s in meta.get("super_class", ())),
                description={heading: tuple(str(t) for t in tags) for heading, tags in headings.items()},
                weight_kg=float(meta["weight"]) if "weight" in meta else None,
                size_m=(edges[0], edges[1], edges[2]) if len(edges) == 3 else None,
            )
        except (OSError, AttributeError, TypeError, ValueError) as error:
            raise DatasetError(
                f"The class's description cannot be read: {error}.", where=str(file), todo="Restore the file."
            ) from error
