"""What there is to import: captures of an MVIP tree, or plain pictures in folders that are called as their classes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from station.captures.contents import CONTENT_ENDINGS
from station.captures.mvip import CapturePath, find_captures, holds_captures
from station.captures.place import Place
from station.captures.record import RECORD_FILE, Split
from station.errors import DatasetError
from station.frames import ROLES

VIEW_ENDINGS = (*CONTENT_ENDINGS, "hha.png")
"""The five files of a view in an MVIP tree."""
PICTURES = frozenset([".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"])


@dataclass(frozen=True, slots=True)
class TreeSource:
    """A capture of an MVIP tree: its class, split and place, where it names one, and the files of its views by name.

    ``where`` is its folder below the tree that is imported; ``others`` are files that belong to no view.
    """

    where: str
    path: Path
    class_id: str
    split: Split
    place: Place | None
    class_folder: Path
    files: dict[str, Path]
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PictureSource:
    """Plain pictures that make up a capture: one picture of a class's folder, or all of one folder in it, by role."""

    where: str
    class_id: str
    pictures: dict[str, Path]


def find_sources(root: Path) -> tuple[list[TreeSource], list[PictureSource], list[tuple[str, str]]]:
    """Return what can be imported from a folder, and what cannot with a sentence each.

    A folder that holds captures of an MVIP tree is one; any other is taken for plain pictures. Raises DatasetError
    when there is nothing of both.
    """
    root = root.absolute()
    if not root.is_dir():
        raise DatasetError("There is no such folder.", where=str(root), todo="Give an MVIP tree, or pictures by class.")
    refused: list[tuple[str, str]] = []
    if holds_captures(root):
        return [one for one in (_of_tree(root, c, refused) for c in find_captures(root)) if one], [], refused
    pictures = _plain_pictures(root, refused)
    if not pictures and not refused:
        raise DatasetError(
            "There is nothing to import: neither an MVIP tree nor pictures in folders.",
            where=str(root),
            todo="Give a tree with sets/CLASS/train_data/…, or a folder with a folder of pictures for each class.",
        )
    return [], pictures, refused


def _of_tree(root: Path, capture: CapturePath, refused: list[tuple[str, str]]) -> TreeSource | None:
    where, home = _relative(capture.path, root), capture.class_folder
    if home is None or capture.class_id is None:
        refused.append((where, "It lies in no class: it must be in CLASS/train_data, valid_data or test_data."))
        return None
    files: dict[str, Path] = {}
    others: list[str] = []
    for file in sorted(path for path in capture.path.rglob("*") if path.is_file()):
        name = file.relative_to(capture.path).as_posix()
        if _is_of_view(name):
            files[name] = file
        elif name != RECORD_FILE:
            others.append(name)
    split: Split = "train" if capture.split == "train" else "valid" if capture.split == "valid" else "test"
    return TreeSource(
        where=where,
        path=capture.path,
        class_id=capture.class_id,
        split=split,
        place=Place.from_folder(f"sets/{capture.path.relative_to(home.parent).as_posix()}"),
        class_folder=home,
        files=files,
        others=tuple(others),
    )


def _is_of_view(name: str) -> bool:
    role, slash, file = name.partition("/")
    return bool(slash) and role in ROLES and file in {f"{role[-2:]}_{ending}" for ending in VIEW_ENDINGS}


def _plain_pictures(root: Path, refused: list[tuple[str, str]]) -> list[PictureSource]:
    found: list[PictureSource] = []
    for home in _folders(root):
        found += [PictureSource(_relative(one, root), home.name, {ROLES[0]: one}) for one in _pictures(home)]
        for folder in _folders(home):
            several, where = _pictures(folder), _relative(folder, root)
            if len(several) > len(ROLES):
                refused.append((where, f"It holds {len(several)} pictures; a capture has at most {len(ROLES)} views."))
            elif several:
                found.append(PictureSource(where, home.name, dict(zip(ROLES, several, strict=False))))
    refused += [(_relative(path, root), "It lies in no class's folder.") for path in _pictures(root)]
    return found


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def _pictures(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix.casefold() in PICTURES and path.is_file())


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path != root else path.name
