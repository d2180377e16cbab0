from __future__ import annotations

import json
from pathlib import Path

import pytest

from station.captures.class_meta import META_FILE, ClassMeta, read_class_meta, write_class_meta
from station.errors import DatasetError
from station.file_calls import OS_FILES

SAMPLE = Path(__file__).parents[3] / ".." / "shared" / "data" / "mvip_sample" / "sets"


def test_it_is_written_when_it_is_missing_damaged_or_another_one(tmp_path: Path) -> None:
    meta = ClassMeta(name="Lüfter", number="007", weight=0.5, size=(30.0, 20.0, 10.0))
    assert write_class_meta(OS_FILES, tmp_path, meta)
    assert not write_class_meta(OS_FILES, tmp_path, meta)
    (tmp_path / META_FILE).write_text("{")
    assert write_class_meta(OS_FILES, tmp_path, meta)
    assert write_class_meta(OS_FILES, tmp_path, meta.model_copy(update={"number": "7"}))
    assert json.loads((tmp_path / META_FILE).read_text(encoding="utf-8")) == {
        "name": "Lüfter", "number": "7", "weight": 0.5, "size": [30.0, 20.0, 10.0], "super_class": [],
        "description": {},
    }  # fmt: skip


def test_what_others_added_is_kept(tmp_path: Path) -> None:
    (tmp_path / META_FILE).write_text('{"name": "a", "family": "gears"}')
    meta = read_class_meta(tmp_path)
    assert meta is not None
    write_class_meta(OS_FILES, tmp_path, meta.model_copy(update={"name": "b"}))
    assert json.loads((tmp_path / META_FILE).read_text())["family"] == "gears"


def test_none_and_damaged_ones(tmp_path: Path) -> None:
    assert read_class_meta(tmp_path) is None
    for text in ("", "[]", '{"number": "1"}', '{"name": "a", "weight": -1}'):
        (tmp_path / META_FILE).write_text(text)
        with pytest.raises(DatasetError, match="description cannot be read"):
            read_class_meta(tmp_path)


@pytest.mark.skipif(not SAMPLE.is_dir(), reason="the MVIP sample is not there")
def test_a_published_one_is_read_whole() -> None:
    (folder,) = SAMPLE.iterdir()
    meta = read_class_meta(folder)
    assert meta is not None
    assert (meta.weight, meta.size) == (4.712, (188.0, 155.0, 140.0))
    assert json.loads(meta.to_bytes()) == json.loads((folder / META_FILE).read_text())
