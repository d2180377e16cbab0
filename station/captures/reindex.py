"""The catalog made again from the folders."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from station.captures.catalog import Catalog, ClassEntry
from station.captures.class_meta import all_tags
from station.captures.course import QUIET, Course
from station.captures.tree import look_at, walk


@dataclass(frozen=True, slots=True)
class ReindexReport:
    """What a reindex found: captures by where they lie, classes, and what could not be taken in.

    ``unrecorded`` counts captures without a ``capture.json`` (of a tree that was made elsewhere); ``relabelled`` those
    whose record names another place than their folder: the folder holds. ``troubles`` pairs a folder and a sentence.
    """

    kept: int
    review: int
    trash: int
    classes: int
    unrecorded: int
    relabelled: int
    troubles: tuple[tuple[str, str], ...]
    strangers: tuple[str, ...]


def reindex(root: Path, catalog: Catalog, course: Course = QUIET) -> ReindexReport:
    """Make the index again from the folders of the tree ``root``.

    The old index is searched until the new one takes its place in one step; a kill or a cancellation leaves the old
    one. What is saved or moved through the catalog meanwhile stays as it was then noted. Raises StorageError,
    DatasetError when there is no tree, CancelledError.
    """
    found = {"kept": 0, "review": 0, "trash": 0}
    unrecorded = relabelled = 0
    troubles: list[tuple[str, str]] = []
    homes: dict[str, str] = {}
    with catalog.rebuilding() as rebuild:
        seen = tuple(walk(root))
        folders = [one.folder for one in seen if one.kind == "capture"]
        classes, faults = read_classes(root)
        troubles += faults
        rebuild.classes += classes
        for done, folder in enumerate(folders, start=1):
            capture = look_at(root, folder)
            entry = capture.entry()
            if capture.record is None and not capture.path.is_dir():
                pass  # it was moved meanwhile, and who moved it noted that
            elif entry is None:
                troubles.append((folder, capture.trouble))
            elif entry.capture_id in homes:
                other = homes[entry.capture_id]
                troubles.append((folder, f"It has the id of {other}: a copy counts once it is imported."))
            else:
                homes[entry.capture_id] = folder
                rebuild.add(entry)
                found[entry.state] += 1
                unrecorded += capture.record is None
                relabelled += capture.misread
            course.advance(done, len(folders))
    return ReindexReport(
        **found,
        classes=len(classes),
        unrecorded=unrecorded,
        relabelled=relabelled,
        troubles=tuple(troubles),
        strangers=tuple(one.folder for one in seen if one.kind != "capture"),
    )


def read_classes(root: Path) -> tuple[list[ClassEntry], list[tuple[str, str]]]:
    """Return the classes of a tree as they are searched for, and the damaged ``meta.json`` with what is wrong."""
    classes: list[ClassEntry] = []
    faults: list[tuple[str, str]] = []
    folders = sorted(path for path in (root / "sets").glob("*") if path.is_dir() and not path.name.startswith("."))
    for folder in folders:
        file = folder / "meta.json"
        try:
            meta = json.loads(file.read_text(encoding="utf-8"))
            classes.append(class_entry(folder.name, meta))
        except FileNotFoundError:
            classes.append(ClassEntry(folder.name))
        except (OSError, AttributeError, TypeError, ValueError) as error:
            faults.append((file.relative_to(root).as_posix(), f"The class's description cannot be read: {error}."))
            classes.append(ClassEntry(folder.name))
    return classes, faults


def class_entry(class_id: str, meta: Mapping[str, Any]) -> ClassEntry:
    """Return a class from its ``meta.json``; raises AttributeError, TypeError or ValueError for a wrong form."""
    headings = cast("dict[str, Iterable[object]]", meta.get("description", {}))
    return ClassEntry(
        class_id=class_id,
        name=str(meta.get("name", class_id)),
        number=str(meta.get("number", "")),
        tags=all_tags({heading: [str(tag) for tag in tags] for heading, tags in headings.items()}),
        super_class=tuple(str(name) for name in meta.get("super_class", ())),
    )
