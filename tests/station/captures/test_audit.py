from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from station.captures.audit import AUDIT_FILE, Audit, AuditRow
from station.errors import StorageError
from station.file_calls import OS_FILES


def row(operation: str, capture_id: str = "one") -> AuditRow:
    return AuditRow(
        operation=operation, at=datetime(2026, 1, 2, tzinfo=UTC), action="trash", capture_id=capture_id,
        source="sets/ä/train_data/0/0", target=f".trash/{capture_id}", who="op7", why="two\nlines",
    )  # fmt: skip


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    return Audit(OS_FILES, tmp_path)


def test_rows_are_read_as_they_were_added(audit: Audit) -> None:
    assert audit.rows() == ()
    added = (row("a"), row("b", "two"), row("c"))
    for one in added:
        audit.add(one)
    assert audit.rows() == added
    assert audit.rows("one") == (added[0], added[2])
    assert audit.holds("b")
    assert not audit.holds("d")


@pytest.mark.parametrize("cut", [1, 30, -1])
def test_a_row_that_a_power_cut_tore_costs_no_other_one(audit: Audit, tmp_path: Path, cut: int) -> None:
    file = tmp_path / AUDIT_FILE
    audit.add(row("a"))
    whole = file.read_bytes()
    file.write_bytes(whole + whole.replace(b'"a"', b'"b"')[:cut])
    audit.add(row("c"))
    assert {one.operation for one in audit.rows()} >= {"a", "c"}
    assert [one.operation for one in audit.rows()].count("c") == 1


def test_a_word_in_another_rows_reason_makes_no_row_of_it(audit: Audit) -> None:
    audit.add(row("a").model_copy(update={"why": "like two"}))
    assert audit.rows("two") == ()


def test_a_file_that_cannot_be_read_is_one_sentence(audit: Audit, tmp_path: Path) -> None:
    (tmp_path / AUDIT_FILE).mkdir()
    with pytest.raises(StorageError, match="audit cannot be read"):
        audit.rows()
