"""Manifests: lists of captures with their hashes and labels, which freeze what a model was trained on."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from station.captures.contents import hash_content
from station.captures.course import QUIET, Course
from station.captures.mvip import CapturePath, find_captures
from station.captures.record import CaptureRecord, content_hash, read_capture_record
from station.captures.tree import unrecorded_id
from station.errors import DatasetError

MANIFEST_FILE = "captures.txt"
"""The manifest's file in a model's folder."""

_HEAD = "# captures, format 1: id, content (SHA-256), split, class"
_LINE = re.compile(r"(\S+) ([0-9a-f]{64}) (\S+) (\S.*)")


@dataclass(frozen=True, slots=True, order=True)
class ManifestLine:
    """One capture: its id, the hash of its content, and its label."""

    capture_id: str
    content_hash: str
    split: str
    class_id: str

    def __str__(self) -> str:
        """Return the line as it stands in the file."""
        return f"{self.capture_id} {self.content_hash} {self.split} {self.class_id}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """Captures in the order of their ids."""

    lines: tuple[ManifestLine, ...]

    @staticmethod
    def of(lines: Iterable[ManifestLine]) -> Manifest:
        """Return the manifest of captures in any order."""
        return Manifest(tuple(sorted(lines)))

    @property
    def hash(self) -> str:
        """SHA-256 over the lines, each ended by a line feed."""
        return hashlib.sha256("".join(f"{line}\n" for line in self.lines).encode("utf-8")).hexdigest()

    def to_text(self) -> str:
        """Return the file's content: a heading, a line for each capture, and the hash over those lines."""
        return "".join(f"{line}\n" for line in (_HEAD, *self.lines, f"# sha256 {self.hash}"))

    @staticmethod
    def from_text(text: str, where: str) -> Manifest:
        """Read the file's content; raises DatasetError when it is no manifest or was changed."""
        head, *lines = text.removesuffix("\n").split("\n")
        found = [_LINE.fullmatch(line) for line in lines[:-1]]
        if head != _HEAD or not lines or not all(found):
            raise DatasetError("This is no manifest of captures.", where=where, todo="Restore the file.")
        manifest = Manifest(tuple(ManifestLine(*match.groups()) for match in found if match))
        if lines[-1] != f"# sha256 {manifest.hash}":
            raise DatasetError("The manifest was changed after it was written.", where=where, todo="Restore the file.")
        return manifest


@dataclass(frozen=True, slots=True)
class ManifestChanges:
    """What differs between two manifests.

    ``relabelled`` are captures of the same content under another class or split, ``changed`` those of another content
    under the same id; both pair the old line and the new one.
    """

    added: tuple[ManifestLine, ...]
    removed: tuple[ManifestLine, ...]
    relabelled: tuple[tuple[ManifestLine, ManifestLine], ...]
    changed: tuple[tuple[ManifestLine, ManifestLine], ...]

    @property
    def none(self) -> bool:
        """Whether both list the same captures with the same content and labels."""
        return not (self.added or self.removed or self.relabelled or self.changed)


def manifest_of(captures: Sequence[CapturePath], course: Course = QUIET) -> Manifest:
    """Return the manifest of some captures.

    The hash of a capture is the one in its record (``verify`` holds the files against it); captures without one are
    hashed now. Raises DatasetError for an unreadable one, CancelledError.
    """
    lines: list[ManifestLine] = []
    for done, capture in enumerate(captures, start=1):
        lines.append(_line(capture))
        course.advance(done, len(captures))
    return Manifest.of(lines)


def manifest_of_tree(root: Path, course: Course = QUIET) -> Manifest:
    """Return the manifest of every capture below a folder; raises DatasetError when there is none, CancelledError."""
    return manifest_of(find_captures(root), course)


def capture_id_of(capture: CapturePath, record: CaptureRecord | None) -> str:
    """Return the id of a capture: the one in its record, else one made of its place in the tree."""
    if record is not None:
        return record.capture_id
    home = capture.class_folder
    return unrecorded_id(f"sets/{capture.path.relative_to(home.parent).as_posix()}" if home else capture.path.name)


def read_manifest(file: Path) -> Manifest:
    """Read a manifest's file; raises DatasetError when it is not there, is none or was changed."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"The manifest cannot be read: {error}.", where=str(file)) from error
    return Manifest.from_text(text, str(file))


def compare(old: Manifest, new: Manifest) -> ManifestChanges:
    """Return what changed from ``old`` to ``new``.

    Captures are matched by their id; what is left, by its content: a capture without a record has an id made of its
    place, so that a moved one seems to be another.
    """
    before = {line.capture_id: line for line in old.lines}
    after = {line.capture_id: line for line in new.lines}
    both = [(before[capture_id], after[capture_id]) for capture_id in before.keys() & after.keys()]
    removed = [before[capture_id] for capture_id in before.keys() - after.keys()]
    moved: list[tuple[ManifestLine, ManifestLine]] = []
    added: list[ManifestLine] = []
    gone = {line.content_hash: line for line in removed}
    for line in (after[capture_id] for capture_id in after.keys() - before.keys()):
        former = gone.pop(line.content_hash, None)
        if former is None:
            added.append(line)
        else:
            moved.append((former, line))
            removed.remove(former)
    same = [(a, b) for a, b in both if a.content_hash == b.content_hash] + moved
    return ManifestChanges(
        added=tuple(sorted(added)),
        removed=tuple(sorted(removed)),
        relabelled=tuple(sorted((a, b) for a, b in same if (a.split, a.class_id) != (b.split, b.class_id))),
        changed=tuple(sorted((a, b) for a, b in both if a.content_hash != b.content_hash)),
    )


def _line(capture: CapturePath) -> ManifestLine:
    record = read_capture_record(capture.path)
    try:
        content = (record.content_hash if record else "") or content_hash(hash_content(capture.path))
    except OSError as error:
        raise DatasetError(f"The capture cannot be read: {error.strerror}.", where=str(capture.path)) from error
    return ManifestLine(
        capture_id=capture_id_of(capture, record),
        content_hash=content,
        split=capture.split or "none",
        class_id=capture.class_id or "none",
    )
