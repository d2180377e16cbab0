"""``station calibrate intrinsics`` and ``hand-eye`` on pictures drawn through a known camera."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from calibration.projection import rotation_matrices
from station.boards import CharucoBoard
from station.cli.main import app
from station.geometry import CameraModel, Pose
from tests.calibration.rendered import picture_of

BOARD = CharucoBoard(7, 5, 0.03, 0.022, "DICT_5X5_100")
MODEL = CameraModel(800, 600, 700.0, 700.0, 399.5, 299.5)
CAMERA = Pose(rotation_matrices(np.array([[1.9, 0.3, -0.4]]))[0], np.array([0.1, 0.4, 1.2]))
ON_TOOL = Pose(rotation_matrices(np.array([[0.2, -0.4, 1.1]]))[0], np.array([-0.08, 0.05, 0.12]))
TURNS = [(0.0, 0.5, 0.1), (0.5, 0.0, -0.3), (-0.5, 0.2, 0.6), (0.2, -0.6, 0.0), (0.4, 0.4, 1.0), (-0.3, -0.4, -0.8)]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with six pictures, the camera's file, and the robot's poses beside it."""
    root = tmp_path_factory.mktemp("robot")
    folder = root / "pictures"
    folder.mkdir()
    poses: dict[str, list[float]] = {}
    for number, turn in enumerate(TURNS):
        rotation = rotation_matrices(np.array([turn]))[0]
        seen = Pose(rotation, np.array([0.0, 0.0, 0.35 + 0.03 * number]) - rotation @ BOARD.corners.mean(axis=0))
        cv2.imwrite(str(folder / f"{number}.png"), picture_of(BOARD, MODEL, seen))
        arm = CAMERA.inverse @ seen @ ON_TOOL.inverse
        poses[f"{number}"] = [*arm.translation.tolist(), *_quaternion(arm.rotation)]
    (folder / "camera.json").write_text(json.dumps(MODEL.to_json()), encoding="utf-8")
    (root / "poses.json").write_text(json.dumps(poses), encoding="utf-8")
    return folder


def _quaternion(rotation: np.ndarray) -> list[float]:
    vector = cv2.Rodrigues(rotation)[0].ravel()
    angle = float(np.linalg.norm(vector))
    return [*(vector / angle * np.sin(angle / 2)).tolist(), float(np.cos(angle / 2))]


def _hand_eye(pictures: Path, *more: str) -> list[str]:
    poses = str(pictures.parent / "poses.json")
    return ["calibrate", "hand-eye", "--images", str(pictures), "--poses", poses, "--board", BOARD.id, *more]


def test_hand_eye_finds_the_chain_from_files(pictures: Path) -> None:
    result = CliRunner().invoke(app, _hand_eye(pictures, "--json"))
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert np.allclose(np.array(found["camera"]).reshape(3, 4), CAMERA.matrix[:3], atol=2e-3)
    assert found["rms_px"] < 0.2
    words = CliRunner().invoke(app, _hand_eye(pictures))
    assert "6 pictures: 0." in words.stdout
    assert "base to camera" in words.stdout


def test_hand_eye_names_pictures_without_a_pose(pictures: Path, tmp_path: Path) -> None:
    poses = json.loads((pictures.parent / "poses.json").read_text(encoding="utf-8"))
    del poses["3"]
    (tmp_path / "fewer.json").write_text(json.dumps(poses), encoding="utf-8")
    arguments = [*_hand_eye(pictures), "--poses", str(tmp_path / "fewer.json")]
    result = CliRunner().invoke(app, arguments)
    assert "3: the robot's pose is missing" in result.stdout


def test_intrinsics_say_that_six_pictures_are_too_few(pictures: Path) -> None:
    result = CliRunner().invoke(app, ["calibrate", "intrinsics", "--images", str(pictures), "--board", BOARD.id])
    assert result.exit_code == 1
    assert "pictures: NOT good enough to use" in result.stdout
    assert "6 pictures show the board, 12 are needed" in result.stdout
    as_json = ["calibrate", "intrinsics", "--images", str(pictures), "--board", BOARD.id, "--json"]
    found = json.loads(CliRunner().invoke(app, as_json).stdout)
    model = found["cameras"][0]["model"]
    assert model["fx"] == pytest.approx(MODEL.fx, rel=0.03)


def test_another_board_and_other_names_are_told(pictures: Path, tmp_path: Path) -> None:
    wrong = ["calibrate", "intrinsics", "--images", str(pictures), "--board", "charuco-7x5-30-22-DICT_6X6_100"]
    assert "they show markers of DICT_5X5" in str(CliRunner().invoke(app, wrong).exception)
    (tmp_path / "named.json").write_text(json.dumps({"a": [0, 0, 0, 0, 0, 0, 1]}), encoding="utf-8")
    other = CliRunner().invoke(app, [*_hand_eye(pictures), "--poses", str(tmp_path / "named.json")])
    assert "No picture has a pose of the same name: pictures as 0, poses as a" in str(other.exception)
