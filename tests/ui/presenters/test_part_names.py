"""What a scanned code names, with a real part master behind it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from station.parts import PartMaster, PartRecord
from ui.presenters.part_names import PartNames


@pytest.fixture
def names(tmp_path: Path) -> Iterator[PartNames]:
    parts = PartMaster(tmp_path / "parts.sqlite", tmp_path / "references")
    parts.upsert(
        [PartRecord("lever", "A-1", "Lever"), PartRecord("other", "A1", "Other"), PartRecord("old", "900", "Old")]
    )
    parts.retire("old")
    yield PartNames(parts)
    parts.close()


@pytest.mark.parametrize(("code", "class_id"), [("A-1", "lever"), ("A1", "other"), ("lever", "lever"), ("900", None)])
def test_a_code_names_the_number_that_is_written_so_before_one_that_is_like_it(
    names: PartNames, code: str, class_id: str | None
) -> None:
    entry = names.by_code(code)
    assert (entry.class_id if entry else None) == class_id
