"""What must hold of a tree of captures after every start, whatever was done to the program or the disk before."""

from __future__ import annotations

from pathlib import Path

from station.captures.audit import AUDIT_FILE, Audit, AuditRow
from station.captures.catalog import Catalog
from station.captures.reindex import read_classes
from station.captures.verify import verify
from station.file_calls import OS_FILES


def check_whole(root: Path, catalog: Catalog) -> None:
    """Every hash holds, nothing lies about, the catalog agrees, nothing is under way, the audit tells every move."""
    assert verify(root, catalog).findings == ()
    assert catalog.open_operations() == ()
    indexed = {entry.class_id: entry for entry in catalog.classes()}
    classes, faults = read_classes(root)
    assert faults == []
    for entry in classes:
        if (root / "sets" / entry.class_id / "meta.json").exists():
            assert indexed[entry.class_id] == entry
    check_audit(root, catalog)


def check_audit(root: Path, catalog: Catalog) -> None:
    """One row per change; every capture's rows lead, without a gap, to where it is now."""
    rows = Audit(OS_FILES, root).rows()
    file = root / AUDIT_FILE
    if file.exists():
        assert file.read_bytes().endswith(b"\n") or not rows
    assert len({row.operation for row in rows}) == len(rows)
    last: dict[str, AuditRow] = {}
    for row in rows:
        before = last.get(row.capture_id)
        assert before is None or before.target == row.source, f"{before} and {row} leave a gap"
        last[row.capture_id] = row
    for capture_id, row in last.items():
        entry = catalog.get(capture_id)
        assert (entry.folder if entry else None) == row.target


def places(catalog: Catalog) -> dict[str, str]:
    """Return where every capture lies."""
    return {entry.capture_id: entry.folder for entry in catalog.entries()}
