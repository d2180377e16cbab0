"""Names of class folders: which ones are safe on every system, and which two would be one folder on some."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from station.errors import DatasetError
from station.frames import ROLES

_FORBIDDEN = frozenset('<>:"/\\|?*')
"""Separators of paths, and what Windows refuses in a name."""
_MOST_BYTES = 120
"""Room is left for the folders above and below: some systems end a path at 260."""
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
    + [f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789¹²³"]
)
"""Names that Windows gives to devices, whatever follows their first dot."""
_OF_THE_TREE = frozenset(["sets", "meta.json", "train_data", "valid_data", "test_data", *ROLES])
"""Names that mean something else in the tree: a class called cam_01 would make its parent look like a capture."""


def folder_name(text: str) -> str:
    """Return ``text`` as the name of a class's folder: composed (Unicode NFC), otherwise as it is.

    Raises DatasetError, saying why, for what is not safe as a folder on every system: separators and path tricks,
    signs that cannot be seen, a leading dot, a dot or blank at an end, reserved names, more than 120 bytes.
    """
    name = unicodedata.normalize("NFC", text)
    if fault := _fault(name):
        raise DatasetError(
            f"{text!r} cannot be the name of a class's folder: {fault}.",
            todo=f"Take for example {suggested_name(text)!r}.",
        )
    return name


def suggested_name(text: str) -> str:
    """Return a safe folder name that is like ``text``; ``class`` where nothing of it is left."""
    name = "".join(sign if _may_stand(sign) else "_" for sign in unicodedata.normalize("NFC", text))
    name = _shortened(name.strip(" ._"))
    if _fault(name):
        name = _shortened(f"class_{name}").rstrip(" ._")
    return name


def collides(name: str, existing: Iterable[str]) -> str | None:
    """Return the one of ``existing`` that some system would take for the same folder as ``name``, ``None`` if none.

    A name equal to ``name`` is that folder itself and no collision.
    """
    key = name_key(name)
    return next((other for other in existing if other != name and name_key(other) == key), None)


def require_no_collision(name: str, existing: Iterable[str]) -> None:
    """Raise DatasetError, naming the other folder, when ``name`` collides with one of ``existing``."""
    other = collides(name, existing)
    if other is not None:
        raise DatasetError(
            f"The class {name!r} would share its folder with the class {other!r} on systems that do not tell case "
            "and accents' coding apart.",
            todo=f"Use {other!r} or a name that differs in more than its case.",
        )


def name_key(name: str) -> str:
    """Return what two names share when some system takes them for one (Unicode's canonical caseless match)."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


def _fault(name: str) -> str:
    """Return what is wrong with a composed name, empty when nothing is."""
    if not name:
        return "it is empty"
    if bad := next((sign for sign in name if not _may_stand(sign)), None):
        return f"it holds {bad!r}"
    if name[0] == ".":
        return "it begins with a dot"
    if name[0] == " " or name[-1] in " .":
        return "it begins or ends with a blank or ends with a dot"
    if name.casefold().partition(".")[0].rstrip() in _DEVICES:
        return "some systems reserve it for a device"
    if name.casefold() in _OF_THE_TREE:
        return "the tree of captures uses it for something else"
    if len(name.encode("utf-8")) > _MOST_BYTES:
        return f"it is longer than {_MOST_BYTES} bytes"
    return ""


def _may_stand(sign: str) -> bool:
    """Whether a sign may stand in a name: visible, or the plain blank."""
    category = unicodedata.category(sign)
    return sign == " " or not (sign in _FORBIDDEN or category[0] == "C" or category[0] == "Z")


def _shortened(name: str) -> str:
    short = name.encode("utf-8")[:_MOST_BYTES].decode("utf-8", errors="ignore").rstrip(" ._")
    return unicodedata.normalize("NFC", short)
