"""Folders of pictures and their camera files: what would be lost or mixed up without a word is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from calibration.picture_folders import FACTORY_FILE, camera_file, camera_folders, pictures_in, write_solved_model
from station.errors import CalibrationError
from station.geometry import CameraModel

FACTORY = CameraModel(1280, 720, 920.0, 921.0, 640.0, 360.0)
SOLVED = replace(FACTORY, fx=915.0, distortion=(0.01, 0.0, 0.0, 0.0, 0.0))


def test_two_pictures_of_one_name_are_refused(tmp_path: Path) -> None:
    for name in ("a.png", "b.png", "a.jpg"):
        (tmp_path / name).touch()
    with pytest.raises(CalibrationError, match=r"a\.jpg and a\.png have the same name"):
        pictures_in(tmp_path)


def test_solved_intrinsics_keep_the_serial_and_what_the_factory_said(tmp_path: Path) -> None:
    factory = {"serial": "012345678901", **FACTORY.to_json()}
    (tmp_path / "camera.json").write_text(json.dumps(factory), encoding="utf-8")
    write_solved_model(tmp_path, SOLVED)
    write_solved_model(tmp_path, replace(SOLVED, fx=916.0))
    assert camera_file(tmp_path / "camera.json") == ("012345678901", replace(SOLVED, fx=916.0))
    assert camera_file(tmp_path / FACTORY_FILE) == ("012345678901", FACTORY)
    assert sorted(path.name for path in tmp_path.iterdir()) == [FACTORY_FILE, "camera.json"]


def test_a_damaged_camera_file_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "camera.json").write_text("{", encoding="utf-8")
    with pytest.raises(CalibrationError, match="cannot be read"):
        write_solved_model(tmp_path, SOLVED)
    assert (tmp_path / "camera.json").read_text() == "{"


@pytest.mark.parametrize(
    "text", ['{"width":1280,"height":720,"fx":NaN,"fy":-920,"cx":1,"cy":2}', json.dumps({**FACTORY.to_json(), "fy": 0})]
)
def test_intrinsics_that_no_camera_has_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "camera.json").write_text(text, encoding="utf-8")
    with pytest.raises(CalibrationError, match=r"camera\.json: There is no such camera: f[xy] is"):
        camera_file(tmp_path / "camera.json")


def test_a_folder_that_no_camera_can_be_named_by_is_refused_before_anything_is_solved(tmp_path: Path) -> None:
    (tmp_path / "left camera").mkdir()
    with pytest.raises(CalibrationError, match="'left camera' cannot be the name of a camera"):
        camera_folders(tmp_path)
