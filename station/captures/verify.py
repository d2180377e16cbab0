"""Every hash of every capture checked, and the catalog held against the folders."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from station.captures.catalog import Catalog, CatalogEntry
from station.captures.contents import file_hash
from station.captures.course import QUIET, Course
from station.captures.record import RECORD_FILE, content_hash
from station.captures.second_look import still_there, still_wrong
from station.captures.tree import FoundCapture, look_at, walk
from station.frames import ROLES

_WORKERS = 4
"""Threads that hash: the disk has several requests at hand, and hashing leaves the interpreter free."""
_DERIVED = "_hha.png"


class Fault(enum.StrEnum):
    """What can be wrong. Faults of the index are those that a repair mends."""

    CHANGED = "changed"
    """A file's content is not what was saved."""
    MISSING = "missing"
    """A file that was saved is not there."""
    HALF = "half"
    """A capture without a record lacks pictures."""
    RECORD = "record"
    """The record is damaged, or its sum is not that of its files."""
    PLACE = "place"
    """A folder that cannot be counted as a capture: its name, or an id that another one has."""
    EXTRA = "extra"
    """A file in a capture that does not belong to it."""
    LABEL = "label"
    """The record names another place than the folder, which holds."""
    UNRECORDED = "unrecorded"
    """A capture without a record, of a tree made elsewhere: nothing to check it against."""
    UNFINISHED = "unfinished"
    """What an interrupted save left; the next start of the station sweeps it."""
    STRANGER = "stranger"
    """A file or folder that belongs to no capture."""
    NOT_INDEXED = "not_indexed"
    """A capture that the catalog does not know."""
    NOT_THERE = "not_there"
    """The catalog knows a capture that has no folder."""
    INDEX_DIFFERS = "index_differs"
    """The catalog says something else than the capture."""


HARMS = frozenset([Fault.CHANGED, Fault.MISSING, Fault.HALF, Fault.RECORD, Fault.PLACE])
"""Faults of the captures themselves; no repair mends them."""
OF_THE_INDEX = frozenset([Fault.NOT_INDEXED, Fault.NOT_THERE, Fault.INDEX_DIFFERS])


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: its kind, the file or folder relative to the tree, and a sentence."""

    fault: Fault
    where: str
    what: str


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What was checked and found; ``repaired`` counts entries of the catalog that were mended."""

    captures: int
    files: int
    bytes: int
    findings: tuple[Finding, ...]
    repaired: int = 0

    @property
    def sound(self) -> bool:
        """Whether every capture is whole and the catalog agrees, or was made to."""
        open_ones = [f for f in self.findings if f.fault in OF_THE_INDEX]
        return not self.of(HARMS) and len(open_ones) <= self.repaired

    def of(self, faults: Iterable[Fault]) -> tuple[Finding, ...]:
        """Return the findings of some kinds."""
        wanted = frozenset(faults)
        return tuple(finding for finding in self.findings if finding.fault in wanted)


def verify(root: Path, catalog: Catalog | None = None, *, repair: bool = False, course: Course = QUIET) -> VerifyReport:
    """Check every capture of a tree, and the catalog where one is given; ``repair`` mends the catalog alone.

    Nothing in the tree is ever changed. Raises DatasetError when there is no tree, StorageError, CancelledError.
    """
    seen = tuple(walk(root))
    half = still_there(root, (one.folder for one in seen if one.kind == "unfinished"))
    findings = [Finding(Fault.UNFINISHED, folder, "An interrupted save left this.") for folder in sorted(half)]
    findings += [
        Finding(Fault.STRANGER, one.folder, "This belongs to no capture.") for one in seen if one.kind == "stranger"
    ]
    folders = [one.folder for one in seen if one.kind == "capture"]
    entries: dict[str, CatalogEntry] = {}
    doubtful: list[tuple[str, str, Finding]] = []
    files = size = 0
    for done, checked in enumerate(_check_all(root, folders), start=1):
        entry = checked.capture.entry()
        name = entry.capture_id if entry else ""
        files += checked.files
        size += checked.bytes
        doubtful += [(name, checked.capture.folder, finding) for finding in checked.findings]
        if entry is not None and name in entries:
            what = f"It has the id of {entries[name].folder}."
            findings.append(Finding(Fault.PLACE, entry.folder, what))
        elif entry is not None:
            entries[name] = entry
        course.advance(done, len(folders))
    wrong = [] if catalog is None else list(_against(catalog, entries))
    if catalog is not None:
        # A station may be at work: what it moved meanwhile is looked at again where it lies now.
        suspects = {name: finding.where for name, finding in wrong}
        suspects |= {name: folder for name, folder, _ in doubtful if name}
        stay = still_wrong(root, catalog, suspects, _is_sound)
        wrong = [(name, finding) for name, finding in wrong if name in stay]
        doubtful = [one for one in doubtful if (one[0] in stay if one[0] else (root / one[1]).is_dir())]
    findings += [finding for _, _, finding in doubtful]
    if catalog is not None and repair:
        for name, _ in wrong:
            entry = entries.get(name)
            if entry is None:
                catalog.remove(name)
            else:
                catalog.add_entry(entry)
    return VerifyReport(
        captures=len(folders),
        files=files,
        bytes=size,
        findings=(*findings, *(finding for _, finding in wrong)),
        repaired=len(wrong) if repair else 0,
    )


def _is_sound(capture: FoundCapture, entry: CatalogEntry | None) -> bool:
    return entry is not None and capture.entry() == entry and not check_capture(capture).findings


def check_capture(capture: FoundCapture) -> CheckedCapture:
    """Hash every file of a capture and hold it against its record."""
    folder, record = capture.folder, capture.record
    findings: list[Finding] = []
    there = _files_below(capture.path)
    if capture.trouble:
        belongs = capture.state != "kept" or capture.place is not None
        fault = Fault.RECORD if record is None and belongs else Fault.PLACE
        return CheckedCapture(capture, (Finding(fault, folder, capture.trouble),), 0, 0)
    if record is None or not record.files:
        what = "It has no record." if record is None else "Its record is of an earlier version and has no hashes."
        findings.append(Finding(Fault.UNRECORDED, folder, what + " Its files cannot be checked."))
        findings += [
            Finding(Fault.HALF, f"{folder}/{name}", "This picture or calibration is not there.")
            for name in _wanted(there)
            if name not in there
        ]
        return CheckedCapture(capture, tuple(findings), 0, 0)
    files = size = 0
    for name, saved in record.files.items():
        where = f"{folder}/{name}"
        if name not in there:
            findings.append(Finding(Fault.MISSING, where, "This file was saved and is not there."))
            continue
        try:
            digest, length = file_hash(capture.path / name)
        except OSError as error:
            findings.append(Finding(Fault.CHANGED, where, f"It cannot be read: {error.strerror or error}."))
            continue
        files, size = files + 1, size + length
        if digest != saved:
            findings.append(Finding(Fault.CHANGED, where, "Its content is not what was saved."))
    if content_hash(record.files) != record.content_hash:
        findings.append(Finding(Fault.RECORD, f"{folder}/{RECORD_FILE}", "Its sum is not that of the files it names."))
    if capture.misread:
        findings.append(Finding(Fault.LABEL, f"{folder}/{RECORD_FILE}", "It names another place; the folder holds."))
    extra = sorted(name for name in there if name not in record.files and not _is_beside(name))
    what = "This file was not saved with the capture."
    findings += [Finding(Fault.EXTRA, f"{folder}/{name}", what) for name in extra]
    return CheckedCapture(capture, tuple(findings), files, size)


@dataclass(frozen=True, slots=True)
class CheckedCapture:
    """A capture with what is wrong with it; ``files`` and ``bytes`` were hashed."""

    capture: FoundCapture
    findings: tuple[Finding, ...]
    files: int
    bytes: int


def _check_all(root: Path, folders: Sequence[str]) -> Iterator[CheckedCapture]:
    """Check captures in a few threads, and only a few ahead of whoever asks for them."""
    waiting = iter(folders)

    def check(folder: str) -> CheckedCapture:
        return check_capture(look_at(root, folder))

    with ThreadPoolExecutor(max_workers=_WORKERS, thread_name_prefix="verify") as pool:
        while batch := list(islice(waiting, 4 * _WORKERS)):
            yield from pool.map(check, batch)


def _against(catalog: Catalog, entries: dict[str, CatalogEntry]) -> Iterator[tuple[str, Finding]]:
    """Compare the catalog with the folders; yields ids with what is wrong about them."""
    known = {entry.capture_id: entry for entry in catalog.entries()}
    for capture_id, entry in known.items():
        if capture_id not in entries:
            what = f"The catalog has the capture {capture_id}, and there is none."
            yield capture_id, Finding(Fault.NOT_THERE, entry.folder, what)
    for capture_id, entry in entries.items():
        indexed = known.get(capture_id)
        if indexed is None:
            yield capture_id, Finding(Fault.NOT_INDEXED, entry.folder, "The catalog does not know this capture.")
        elif indexed != entry:
            names = ", ".join(name for name in _fields(entry) if getattr(entry, name) != getattr(indexed, name))
            what = f"The catalog says something else of this capture: {names}."
            yield capture_id, Finding(Fault.INDEX_DIFFERS, entry.folder, what)


def _fields(entry: CatalogEntry) -> tuple[str, ...]:
    return tuple(entry.__dataclass_fields__)


def _files_below(folder: Path) -> frozenset[str]:
    return frozenset(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


def _wanted(there: Iterable[str]) -> list[str]:
    """Return the files that the cameras which are there should have."""
    roles = sorted({name.partition("/")[0] for name in there} & set(ROLES))
    endings = ("rgb.png", "depth.png", "meta.json")
    return [f"{role}/{role[-2:]}_{ending}" for role in roles for ending in endings]


def _is_beside(name: str) -> bool:
    """Whether a file may lie beside the saved ones: the record itself, and what is derived."""
    return name == RECORD_FILE or name.endswith(_DERIVED)
