"""The file of faults, read and refused in sentences."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.errors import ConfigError
from station.simulation.faults import CAMERA_FAULTS, PLATE_FAULTS, SCALE_FAULTS, Fault, FaultName, load_faults

TOML = """
[[faults]]
at_s = 30
fault = "scale-silent"
for_s = 5

[[faults]]
at_s = 10.5
fault = "unplug"
role = "cam_03"
for_s = 20
"""
LINES = """{"at_s": 30, "fault": "scale-silent", "for_s": 5}

{"at_s": 10.5, "fault": "unplug", "role": "cam_03", "for_s": 20}
"""


def read(folder: Path, text: str, name: str = "faults.jsonl") -> tuple[Fault, ...]:
    path = folder / name
    path.write_text(text, "utf-8")
    return load_faults(path)


def refusal(folder: Path, text: str, name: str = "faults.jsonl") -> str:
    with pytest.raises(ConfigError) as caught:
        read(folder, text, name)
    return str(caught.value).replace(str(folder), "")


@pytest.mark.parametrize(("name", "text"), [("faults.toml", TOML), ("faults.jsonl", LINES)])
def test_both_forms_say_the_same_and_come_in_the_order_of_their_beginning(tmp_path: Path, name: str, text: str) -> None:
    assert read(tmp_path, text, name) == (
        Fault(at_s=10.5, fault=FaultName.UNPLUG, role="cam_03", for_s=20),
        Fault(at_s=30, fault=FaultName.SCALE_SILENT, for_s=5),
    )


def test_every_fault_can_be_asked_for_by_its_word(tmp_path: Path) -> None:
    lines = [f'{{"at_s": 1, "fault": "{name}", "role": "cam_01", "for_s": 1}}' for name in CAMERA_FAULTS]
    lines += [f'{{"at_s": 1, "fault": "{name}", "for_s": 1}}' for name in (*SCALE_FAULTS, *PLATE_FAULTS)]
    assert {one.fault for one in read(tmp_path, "\n".join(lines))} == set(FaultName)
    assert {*CAMERA_FAULTS, *SCALE_FAULTS, *PLATE_FAULTS} == set(FaultName)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('{"at_s": -1, "fault": "stall", "role": "cam_01", "for_s": 1}', "at_s is -1; allowed are seconds, 0 or more."),
        ('{"at_s": 1, "fault": "stall", "role": "cam_01", "for_s": 0}', "for_s is 0; allowed are seconds, more than"),
        ('{"at_s": 1, "fault": "stall", "role": "cam_01"}', "for_s is missing."),
        ('{"at_s": 1, "fault": "sleepy", "role": "cam_01", "for_s": 1}', 'fault is "sleepy"; allowed are unplug'),
        ('{"at_s": 1, "fault": "stall", "role": "cam_11", "for_s": 1}', 'role is "cam_11"; allowed for stall are'),
        ('{"at_s": 1, "fault": "stall", "for_s": 1}', "role is missing; allowed for stall are cam_01 to cam_10."),
        ('{"at_s": 1, "fault": "scale-noisy", "role": "cam_01", "for_s": 1}', "befalls the scale; leave role out."),
        ('{"at_s": 1, "fault": "hand", "role": "cam_01", "for_s": 1}', "hand befalls the plate; leave role out."),
        ('{"at_s": "1", "fault": "stall", "role": "cam_01", "for_s": 1}', "at_s is '1'; allowed is a number"),
        ('{"at": 1, "fault": "stall", "role": "cam_01", "for_s": 1}', "at is not a known key; allowed are at_s, fault"),
        ('{"at_s": NaN, "fault": "stall", "role": "cam_01", "for_s": 1}', "at_s is nan; allowed"),
        ("[1, 2]", "this is not a table of keys and values."),
        ("{at_s: 1}", "this is not a JSON object"),
    ],
)
def test_each_problem_is_a_sentence_with_its_line(tmp_path: Path, line: str, sentence: str) -> None:
    assert sentence in refusal(tmp_path, "\n" + line)
    assert "/faults.jsonl, line 2: " in refusal(tmp_path, "\n" + line)


def test_all_problems_are_told_together(tmp_path: Path) -> None:
    said = refusal(tmp_path, '{"at_s": -1, "fault": "stall", "for_s": 0, "role": 7}\n{"at_s": 1}').splitlines()
    assert len(said) == 5


def test_the_same_fault_cannot_begin_while_it_holds(tmp_path: Path) -> None:
    said = refusal(tmp_path, LINES + '{"at_s": 20, "fault": "unplug", "role": "cam_03", "for_s": 1}')
    assert "unplug of cam_03 begins at 20 s while the one from 10.5 s still holds until 30.5 s." in said


def test_what_is_no_file_of_faults_is_refused(tmp_path: Path) -> None:
    assert "is not TOML" in refusal(tmp_path, "faults = [", "faults.toml")
    assert "something else than [[faults]]" in refusal(tmp_path, "[rig]", "faults.toml")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_faults(tmp_path / "absent.toml")
