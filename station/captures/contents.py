"""The files that make up a capture's content, and their hashes."""

from __future__ import annotations

import hashlib
from pathlib import Path

from station.frames import ROLES

CONTENT_ENDINGS = ("rgb.png", "depth.png", "rgb_mask_gen.png", "meta.json")
"""Colour, depth, mask and calibration of a view; what is derived from them (HHA) and the record do not count."""

_CHUNK = 1 << 20


def content_files(path: Path) -> tuple[str, ...]:
    """Return the files of a capture's content that are there, relative to its folder, by role."""
    names = (f"{role}/{role[-2:]}_{ending}" for role in ROLES for ending in CONTENT_ENDINGS)
    return tuple(name for name in names if (path / name).is_file())


def is_content(name: str) -> bool:
    """Return whether a file of a capture counts for its hash, by its name relative to the capture's folder."""
    return name.endswith(CONTENT_ENDINGS)


def hash_content(path: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of a capture's content by its name; raises OSError."""
    return {name: file_hash(path / name)[0] for name in content_files(path)}


def file_hash(file: Path) -> tuple[str, int]:
    """Return SHA-256 and length of a file; raises OSError."""
    digest, length = hashlib.sha256(), 0
    with file.open("rb") as opened:
        while piece := opened.read(_CHUNK):
            digest.update(piece)
            length += len(piece)
    return digest.hexdigest(), length
