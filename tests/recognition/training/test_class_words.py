from __future__ import annotations

import json
from pathlib import Path

import pytest

from recognition.training.class_words import read_class_words
from station.errors import DatasetError

REAL = Path(__file__).parents[3].parent / "shared/data/mvip_sample/sets/bosch_0_120_489_435"


def write(folder: Path, meta: object) -> Path:
    folder.mkdir()
    (folder / "meta.json").write_text(json.dumps(meta))
    return folder


def test_words_are_numbered_over_all_classes(tmp_path: Path) -> None:
    folders = {
        "a": write(
            tmp_path / "a",
            {"super_class": ["Electrical", "Motor"], "description": {"Colours": ["blue", "grey"], "size": ["large"]}},
        ),
        "b": write(tmp_path / "b", {"super_class": "Fastener", "description": {"Colours": ["grey"], "size": "large"}}),
        "c": write(tmp_path / "c", {"description": {"Colours": ["grey", " "], "size": ["large"], "Shapes": []}}),
        "d": write(tmp_path / "d", {"super_class": ["Electrical", "Motor"], "description": {"size": ["large"]}}),
    }
    words = read_class_words(folders, ["a", "b", "c", "d"])
    assert words.super_classes == ("Electrical/Motor", "Fastener")
    assert words.family == (0, 1, -1, 0)
    assert words.tags == ("Colours: blue", "Colours: grey")  # all are large
    assert words.described == ((True, True), (False, True), (False, True), (False, False))
    (tmp_path / "none").mkdir()
    assert read_class_words({"none": tmp_path / "none"}, ["none"]).family == (-1,)


@pytest.mark.parametrize(
    "meta",
    [
        [],
        {"super_class": 3},
        {"super_class": ["a", 4]},
        {"description": ["x"]},
        {"description": {"size": {}}, "super_class": {"a": 1}},
    ],
)
def test_what_is_no_word_is_one_sentence(tmp_path: Path, meta: object) -> None:
    folder = write(tmp_path / "a", meta)
    with pytest.raises(DatasetError, match="The class cannot be read") as error:
        read_class_words({"a": folder}, ["a"])
    assert "meta.json" in str(error.value)
    (folder / "meta.json").write_text("{")
    with pytest.raises(DatasetError, match="The class cannot be read"):
        read_class_words({"a": folder}, ["a"])


@pytest.mark.skipif(not REAL.exists(), reason="the MVIP sample is not there")
def test_mvips_own_words_are_read() -> None:
    words = read_class_words({"bosch": REAL}, ["bosch"])
    assert words.super_classes == ("CarComponent/Generator",)
    assert words.tags == ()  # one class alone differs from none
