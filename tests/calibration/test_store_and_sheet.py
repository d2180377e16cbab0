"""Calibrations on disk, boards on paper, and the commands around them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from calibration.board_sheet import black_rectangles, paper_size, write_board_pdf
from calibration.store import CalibrationStore
from station.boards import Board, CharucoBoard, Chessboard, FrameBoard, board_from_id
from station.cli.calibrate import app
from station.errors import CalibrationError
from station.geometry import CameraModel, RigCalibration
from station.simulation.rig import handed_over, rig_models
from tests.calibration.rendered import looking_at, picture_of

BOARDS: list[Board] = [
    Chessboard(10, 7, 0.025),
    CharucoBoard(5, 7, 0.036195, 0.018256, "DICT_6X6_250"),
    CharucoBoard(6, 8, 0.03, 0.022, "DICT_5X5_100", legacy=True),
    FrameBoard(),
]


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.id)
def test_an_id_encodes_all_parameters(board: Board) -> None:
    assert board_from_id(board.id) == board


@pytest.mark.parametrize(
    "text", ["chess", "chess-2x7-30", "charuco-5x7-30-40-DICT_5X5_100", "charuco-5x7-30-20-DICT_X"]
)
def test_a_wrong_id_is_refused(text: str) -> None:
    with pytest.raises(CalibrationError):
        board_from_id(text)


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.id)
def test_the_sheet_shows_what_opencv_draws(board: Board) -> None:
    per_square = 96
    drawn = np.full((board.rows * per_square, board.columns * per_square), 255, np.uint8)
    scale = per_square / (board.square_m * 1e3)
    for x, y, width, height in black_rectangles(board):
        left, top, right, bottom = (round(v * scale) for v in (x, y, x + width, y + height))
        drawn[top:bottom, left:right] = 0
    expected = board.picture(per_square)
    same = (drawn < 128) == (expected < 128)
    if isinstance(board, FrameBoard):
        cut = board.ring * per_square
        same[cut:-cut, cut:-cut] = True
    assert same.mean() > 0.97


def test_a_board_that_fits_takes_one_sheet_at_true_size_and_a_larger_one_several(tmp_path: Path) -> None:
    assert write_board_pdf(Chessboard(10, 7, 0.025), tmp_path / "one.pdf", paper_size("A4")) == 1
    content = (tmp_path / "one.pdf").read_bytes()
    assert re.search(rb"/MediaBox \[ 0 0 841\.8898 595\.2756 \]", content)
    assert write_board_pdf(FrameBoard(), tmp_path / "frame.pdf", paper_size("A4")) > 1
    assert write_board_pdf(FrameBoard(), tmp_path / "large.pdf", paper_size("500x420")) == 1
    with pytest.raises(CalibrationError, match="no paper size"):
        paper_size("B5")


def test_stored_calibrations_stay_and_the_way_back_is_open(tmp_path: Path) -> None:
    store = CalibrationStore(tmp_path / "calibrations")
    truth = rig_models("1280x720", 1)
    first, second = handed_over(truth, 1), handed_over(truth, 2)
    with pytest.raises(CalibrationError, match="No calibration is active"):
        store.active()
    store.add(first, {"rms_px": 0.2})
    store.add(second)
    store.use(first.id[:6])
    store.use(second.id)
    assert store.active().id == second.id
    assert store.report(first.id) == {"rms_px": 0.2}
    assert store.back().id == first.id == store.active_id
    assert [one.active for one in store.listing()].count(True) == 1
    with pytest.raises(CalibrationError, match="no earlier calibration"):
        store.back()
    with pytest.raises(CalibrationError, match="found none"):
        store.use("ffffffff")


def _pictures(root: Path, knocked: bool, plate: FrameBoard | None = None) -> dict[str, tuple[float, float, float]]:
    """Write one plate picture per camera; return the true centres."""
    model = CameraModel(1280, 720, 920.0, 918.0, 641.0, 357.0)
    places = {"cam_01": (0.6, -0.2, 0.6), "cam_02": (-0.2, 0.1, 0.6), "cam_03": (0.25, 0.15, 0.8)}
    for number, (role, place) in enumerate(places.items()):
        folder = root / role
        folder.mkdir(parents=True)
        moved = (place[0] + 0.006, place[1], place[2]) if knocked and role == "cam_02" else place
        (folder / "camera.json").write_text(json.dumps({**model.to_json(), "serial": f"12345{number}"}))
        picture = picture_of(plate or FrameBoard(), model, looking_at(moved, (0.24, 0.19, 0.0)))
        assert cv2.imwrite(str(folder / "plate.png"), picture)
    return places


def test_a_rig_is_solved_verified_and_a_knocked_camera_named_from_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "station.toml"
    config.write_text(f'[station]\ndata_dir = "{(tmp_path / "data").as_posix()}"\n')
    monkeypatch.setenv("STATION_CONFIG", str(config))
    places = _pictures(tmp_path / "pictures", knocked=False)
    run = CliRunner()
    solved = run.invoke(app, ["solve", "--images", str(tmp_path / "pictures"), "--use", "--json"])
    assert solved.exit_code == 0, solved.output
    figures = json.loads(solved.stdout)
    stored = RigCalibration.load(tmp_path / "data" / "calibrations" / f"{figures['id']}.json")
    assert stored.cameras["cam_01"].serial == "123450"
    for role, place in places.items():
        assert 1e3 * np.linalg.norm(stored.cameras[role].pose.center - np.array(place)) < 1.0
    same = run.invoke(app, ["verify", "--images", str(tmp_path / "pictures")])
    assert same.exit_code == 0, same.output
    _pictures(tmp_path / "later", knocked=True)
    later = run.invoke(app, ["verify", "--images", str(tmp_path / "later"), "--json"])
    assert later.exit_code == 1
    assert [one["role"] for one in json.loads(later.stdout)["cameras"] if one["knocked"]] == ["cam_02"]
    listed = run.invoke(app, ["show"])
    assert f"* {figures['id']}" in listed.stdout
    assert json.loads(run.invoke(app, ["show", figures["id"]]).stdout)["calibration"]["id"] == figures["id"]
    assert datetime.fromisoformat(stored.created_at).tzinfo == UTC


def test_the_plate_of_the_settings_is_the_one_that_is_printed_solved_and_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "station.toml"
    config.write_text(
        f'[station]\ndata_dir = "{(tmp_path / "data").as_posix()}"\n[plate]\ncolumns = 18\nsquare_m = 0.030\n'
    )
    monkeypatch.setenv("STATION_CONFIG", str(config))
    plate = FrameBoard(columns=18, square_m=0.030, marker_m=0.0225)
    run = CliRunner()
    printed = run.invoke(app, ["board", "--out", str(tmp_path / "frame.pdf"), "--board", "frame"])
    assert plate.id in printed.stdout
    places = _pictures(tmp_path / "pictures", knocked=False, plate=plate)
    solved = run.invoke(app, ["solve", "--images", str(tmp_path / "pictures"), "--use", "--json"])
    assert solved.exit_code == 0, solved.output
    stored = CalibrationStore(tmp_path / "data" / "calibrations").active()
    assert plate.id in stored.source
    for role, place in places.items():
        assert 1e3 * np.linalg.norm(stored.cameras[role].pose.center - np.array(place)) < 1.0
    same = run.invoke(app, ["verify", "--images", str(tmp_path / "pictures")])
    assert same.exit_code == 0, same.output
    assert same.stdout.count("stands") == 3


def test_a_board_is_printed_from_the_command_line(tmp_path: Path) -> None:
    out = tmp_path / "board.pdf"
    done = CliRunner().invoke(app, ["board", "--out", str(out), "--board", "charuco-5x7-36.195-18.256-DICT_6X6_250"])
    assert done.exit_code == 0, done.output
    assert out.read_bytes().startswith(b"%PDF")
    assert CliRunner().invoke(app, ["board", "--out", str(tmp_path / "board.png"), "--board", "frame"]).exit_code == 0
