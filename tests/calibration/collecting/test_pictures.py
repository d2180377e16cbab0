"""Pictures on disk: whole or not at all, put aside and taken back, and read by a solve from pictures."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from calibration.collecting.pictures import PictureFolder
from calibration.picture_folders import camera_folders
from station.errors import CalibrationError
from station.frames import CameraInfo
from tests.calibration.collecting.scripted import ScriptedRig, true_rig

_AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.fixture(scope="module")
def infos() -> dict[str, CameraInfo]:
    return ScriptedRig(true_rig(["cam_04", "cam_05"])).infos


def _picture(seed: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (480, 640, 3), dtype=np.uint8)


def test_pictures_come_back_as_they_were(tmp_path: Path, infos: dict[str, CameraInfo]) -> None:
    folder = PictureFolder(tmp_path)
    folder.begin("chess-10x7-25", infos)
    folder.save("board_001", {"cam_04": _picture(1), "cam_05": _picture(2)}, _AT)
    assert folder.placements() == {"board_001": False}
    assert folder.roles_of("board_001") == ["cam_04", "cam_05"]
    assert folder.taken_at("board_001") == _AT
    back = folder.read("cam_05", "board_001")
    assert back is not None
    assert (back == _picture(2)).all()
    assert folder.read("cam_05", "board_002") is None
    cameras = camera_folders(tmp_path)
    assert [(one.role, one.serial, one.device, one.model, list(one.pictures)) for one in cameras] == [
        (role, info.serial, info.name, info.color, ["board_001"]) for role, info in sorted(infos.items())
    ]


def test_a_dropped_placement_is_out_of_a_solve_from_pictures_and_comes_back(
    tmp_path: Path, infos: dict[str, CameraInfo]
) -> None:
    folder = PictureFolder(tmp_path)
    folder.begin("chess-10x7-25", infos)
    folder.save("board_001", {"cam_04": _picture(1), "cam_05": _picture(2)}, _AT)
    folder.drop("board_001")
    assert folder.placements() == {"board_001": True}
    assert folder.read("cam_04", "board_001") is not None
    assert all(not one.pictures for one in camera_folders(tmp_path))
    folder.keep("board_001")
    assert folder.placements() == {"board_001": False}
    assert all(one.pictures for one in camera_folders(tmp_path))


def test_half_a_picture_is_no_picture(tmp_path: Path, infos: dict[str, CameraInfo]) -> None:
    folder = PictureFolder(tmp_path)
    folder.begin("chess-10x7-25", infos)
    folder.save("board_001", {"cam_04": _picture(1)}, _AT)
    file = tmp_path / "cam_04" / "board_001.png"
    file.write_bytes(file.read_bytes()[:5000])
    (tmp_path / "cam_04" / "board_002.png.tmp").write_bytes(b"begun")
    assert folder.read("cam_04", "board_001") is None
    assert list(folder.placements()) == ["board_001"]


def test_another_board_or_another_camera_is_refused(tmp_path: Path, infos: dict[str, CameraInfo]) -> None:
    PictureFolder(tmp_path).begin("chess-10x7-25", infos)
    PictureFolder(tmp_path).begin("chess-10x7-25", infos)
    with pytest.raises(CalibrationError, match="chess-10x7-25"):
        PictureFolder(tmp_path).begin("chess-9x7-25", infos)
    # Before device names were noted.
    file = tmp_path / "cam_04" / "camera.json"
    file.write_text(json.dumps({k: v for k, v in json.loads(file.read_text()).items() if k != "device"}))
    PictureFolder(tmp_path).begin("chess-10x7-25", infos)
    exchanged = {**infos, "cam_04": replace(infos["cam_04"], serial="another")}
    with pytest.raises(CalibrationError, match="another camera in the place of cam_04"):
        PictureFolder(tmp_path).begin("chess-10x7-25", exchanged)
