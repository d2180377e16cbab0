"""The words that class folders say of their parts: super-classes and tags, as the heads for them learn them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from station.errors import DatasetError


@dataclass(frozen=True, slots=True)
class ClassWords:
    """Super-classes and tags of C classes.

    ``super_classes`` names the G families, each the whole path of a class such as ``Electrical/Motor``, and ``family``
    (C,) is the number of every class's, -1 for one that names none. ``tags`` names the T words with their heading, as
    ``Colours: grey``, and ``described`` (C, T) says which of them a class has; words that all have are left out.
    """

    super_classes: tuple[str, ...]
    family: tuple[int, ...]
    tags: tuple[str, ...]
    described: tuple[tuple[bool, ...], ...]


def read_class_words(folders: Mapping[str, Path], classes: Sequence[str]) -> ClassWords:
    """Return the words in the ``meta.json`` of every class; one without the file or without words says nothing.

    Raises DatasetError in a sentence that names the file when one cannot be read.
    """
    paths: list[str] = []
    words: list[frozenset[str]] = []
    for class_id in classes:
        file = folders[class_id] / "meta.json"
        meta = _meta(file)
        paths.append("/".join(_texts(meta.get("super_class"), "super_class", file)))
        headings: Any = meta.get("description") or {}
        if not isinstance(headings, dict):
            raise _unreadable("its description is no list of headings", file)
        named = cast(dict[str, Any], headings)
        words.append(frozenset(f"{h}: {word}" for h, said in named.items() for word in _texts(said, h, file)))
    families = tuple(sorted(set(paths) - {""}))
    some = frozenset[str]().union(*words)
    tags = tuple(sorted(tag for tag in some if not all(tag in said for said in words)))
    return ClassWords(
        super_classes=families,
        family=tuple(families.index(path) if path else -1 for path in paths),
        tags=tags,
        described=tuple(tuple(tag in said for tag in tags) for said in words),
    )


def _meta(file: Path) -> dict[str, Any]:
    try:
        meta: Any = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    except (OSError, ValueError) as error:
        raise _unreadable(str(error), file) from error
    if not isinstance(meta, dict):
        raise _unreadable("it is no JSON object", file)
    return cast(dict[str, Any], meta)


def _texts(said: Any, name: str, file: Path) -> list[str]:
    """Return the words of a list, or of one alone; empty ones and those between blanks do not count."""
    listed: Any = [said] if isinstance(said, str) else said or []
    words = cast(list[Any], listed) if isinstance(listed, list) else [None]
    if not all(isinstance(word, str) for word in words):
        raise _unreadable(f"{name} is {said!r} and no list of words", file)
    return [text for word in words if (text := str(word).strip())]


def _unreadable(reason: str, file: Path) -> DatasetError:
    return DatasetError(f"The class cannot be read: {reason}.", where=str(file), todo="Restore or mend the file.")
