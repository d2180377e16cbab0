"""Several trees learned from as one: which captures there are, and which folder speaks for a class."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from recognition.crops.cache import CropCache
from station.captures.mvip import CapturePath, find_captures
from station.errors import DatasetError

_STATED = ("name", "number", "weight")
"""What a class's folders must not say differently."""


def captures_of(roots: Sequence[Path]) -> tuple[CapturePath, ...]:
    """Return the captures below all ``roots``, each folder once, root after root.

    The name of a class's folder is the class, so folders of one name in two trees are one class. Raises DatasetError
    for a root that is not there or holds no capture.
    """
    found: dict[Path, CapturePath] = {}
    for root in roots:
        for capture in find_captures(root):
            found.setdefault(capture.path.resolve(), capture)
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class ClassFolders:
    """The folder that speaks for each class, and ``sentences`` on classes whose folders contradict each other."""

    of: Mapping[str, Path]
    sentences: tuple[str, ...]


def class_folders(captures: Iterable[CapturePath]) -> ClassFolders:
    """Return for each class its first folder that describes it, or its first one where none does.

    Raises DatasetError for a class with several folders when the description in one of them cannot be read.
    """
    folders: defaultdict[str, list[Path]] = defaultdict(list)
    for capture in captures:
        folder = capture.class_folder
        if folder is not None and folder not in folders[folder.name]:
            folders[folder.name].append(folder)
    of: dict[str, Path] = {}
    sentences: list[str] = []
    for class_id, own in folders.items():
        described = [folder for folder in own if (folder / "meta.json").exists()]
        of[class_id] = (described or own)[0]
        if len(described) > 1:
            sentences += _contradictions(class_id, described)
    return ClassFolders(of, tuple(sentences))


def told_apart(cache: CropCache) -> CropCache:
    """Return the cache with another id for every capture that shares its id with one of another content.

    A capture without a record is known by its place in its tree, and two trees have the same places.
    """
    contents: defaultdict[str, set[str]] = defaultdict(set)
    for sample in cache.samples:
        contents[sample.capture_id].add(sample.content)
    return replace(
        cache,
        samples=tuple(
            replace(sample, capture_id=f"{sample.capture_id}-{sample.content[:12]}")
            if len(contents[sample.capture_id]) > 1
            else sample
            for sample in cache.samples
        ),
    )


def counted_once(
    cache: CropCache, labels: Sequence[int], before: CropCache | None = None
) -> tuple[CropCache, list[int]]:
    """Return the cache and its class numbers (N,), −1 for captures whose very content came earlier.

    Earlier is in the cache ``before``, or in this one; how many they are is added to the remarks.
    """
    seen = {sample.content for sample in before.samples} if before else set[str]()
    counted: list[int] = []
    for sample, label in zip(cache.samples, labels, strict=True):
        counted.append(-1 if sample.content in seen else label)
        seen.add(sample.content)
    again = sum(one != other for one, other in zip(labels, counted, strict=True))
    if not again:
        return cache, counted
    split = cache.samples[0].split
    said = f"{again} of the {split} captures are copies of others to learn from; each of them counts once."
    return replace(cache, remarks=(said, *cache.remarks)), counted


def _contradictions(class_id: str, folders: Sequence[Path]) -> list[str]:
    first, *others = (_description(folder) for folder in folders)
    found: list[str] = []
    for other in others:
        differing = [key for key in _STATED if key in other and key in first and other[key] != first[key]]
        if differing:
            said = ", ".join(f"{key} {first[key]!r} and {other[key]!r}" for key in differing)
            found.append(f"The class {class_id} is described in two ways: {said}. What counts is {folders[0]}.")
    return found


def _description(folder: Path) -> dict[str, Any]:
    file = folder / "meta.json"
    try:
        return cast("dict[str, Any]", {**json.loads(file.read_text(encoding="utf-8"))})
    except (OSError, ValueError, TypeError) as error:
        raise DatasetError(f"The class cannot be read: {error}.", where=str(file), todo="Restore the file.") from error
