"""A robot's poses are read in three forms; what is none is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from calibration.robot_poses import robot_poses
from station.errors import CalibrationError
from station.geometry import Pose

NUMBERS = {"x": 0.1, "y": -0.2, "z": 0.3, "qx": 0.0, "qy": 0.0, "qz": 0.6, "qw": 0.8}


def _as_csv(folder: Path) -> Path:
    path = folder / "poses.csv"
    path.write_text(f"name,{','.join(NUMBERS)}\n07,{','.join(map(str, NUMBERS.values()))}\n", encoding="utf-8")
    return path


def _as_json(folder: Path) -> Path:
    path = folder / "poses.json"
    path.write_text(json.dumps({"07": NUMBERS}), encoding="utf-8")
    return path


def _as_list(folder: Path) -> Path:
    path = folder / "poses.json"
    path.write_text(json.dumps({"07": list(NUMBERS.values())}), encoding="utf-8")
    return path


def _as_folder(folder: Path) -> Path:
    lines = "\n".join(f"{key}: {value}  # of the robot" for key, value in reversed(NUMBERS.items()))
    (folder / "07.yaml").write_text(f"# tool in base\n{lines}\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("form", [_as_csv, _as_json, _as_list, _as_folder])
def test_every_form_gives_the_same_pose(form: Callable[[Path], Path], tmp_path: Path) -> None:
    poses: dict[str, Pose] = robot_poses(form(tmp_path))
    assert list(poses) == ["07"]
    assert np.allclose(poses["07"].translation, [0.1, -0.2, 0.3])
    assert np.allclose(poses["07"].rotation, [[0.28, -0.96, 0.0], [0.96, 0.28, 0.0], [0.0, 0.0, 1.0]])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"07": [0, 0, 0, 0, 0, 0, 2]}', "quaternion has length 2.000"),
        ('{"07": [0, 0, 0, 1]}', "4 numbers instead of 7"),
        ('{"07": {"x": 1}}', "no pose of a robot"),
        ("[1, 2", "cannot be read"),
        ('{"07": [NaN, 0, 0, 0, 0, 0, 1]}', "07: x is nan and no finite number"),
        ('{"07": [0, 0, 0, 0, 0, Infinity, 1]}', "07: qz is inf and no finite number"),
        ('{"07": [0, 0, 0, 0, 0, 0, 1], "07": [1, 0, 0, 0, 0, 0, 1]}', "07 stands there twice"),
    ],
)
def test_what_is_no_pose_is_refused(content: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "poses.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CalibrationError, match=words):
        robot_poses(path)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CalibrationError, match="holds no pose"):
        robot_poses(tmp_path)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("a,0,0,0,0,0,0,1\na,1,0,0,0,0,0,1\n", "a stands there twice"),
        ("a,0,0\n", "no pose of a robot"),
        (f"a,{'1' * 200_000},0,0,0,0,0,1\n", "field larger than field limit"),
    ],
)
def test_a_csv_that_cannot_be_right_is_refused(rows: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "poses.csv"
    path.write_text(f"name,{','.join(NUMBERS)}\n{rows}", encoding="utf-8")
    with pytest.raises(CalibrationError, match=words):
        robot_poses(path)


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    for ending in ("json", "yaml"):
        (tmp_path / f"07.{ending}").write_text("{}", encoding="utf-8")
    with pytest.raises(CalibrationError, match="07 stands there twice"):
        robot_poses(tmp_path)
