from __future__ import annotations

import json
from pathlib import Path

from recognition.classes import ClassProfile
from station.cli.answer_line import as_json
from station.cli.model_parts import add_unrecorded
from station.parts import PartMaster, PartRecord


def test_a_number_that_json_does_not_have_is_null() -> None:
    line = {"a": float("nan"), "b": [float("inf"), 1.5], "c": {"d": (2, None, "é")}}
    assert json.loads(as_json(line)) == {"a": None, "b": [None, 1.5], "c": {"d": [2, None, "é"]}}


def test_the_models_classes_come_into_the_part_master_and_what_is_there_stays(tmp_path: Path) -> None:
    parts = PartMaster(tmp_path / "parts.sqlite", tmp_path / "references")
    parts.upsert([PartRecord(class_id="nut", number="7", name="Nut of the works")])
    sizes = ((0.03, 0.02, 0.01), (0.05, 0.02, 0.01), (0.04, 0.02, 0.01))
    classes = [ClassProfile("nut", "", "nut", 0.1, ()), ClassProfile("screw", "", "Screw M8", 0.02, sizes)]
    assert add_unrecorded(parts, classes) == 1
    nut, screw = parts.get("nut"), parts.get("screw")
    assert nut is not None
    assert nut.name == "Nut of the works"
    assert screw is not None
    assert (screw.number, screw.name, screw.weight_kg, screw.size_m) == ("screw", "Screw M8", 0.02, (0.04, 0.02, 0.01))
    assert [found.class_id for found in parts.search("screw")] == ["screw"]
    assert add_unrecorded(parts, classes) == 0
    parts.close()
