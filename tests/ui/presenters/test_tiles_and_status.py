"""Tiles and the status strip, without a window."""

from __future__ import annotations

from typing import Any

from station.cameras.supervisor import CameraState
from station.frames import ROLES
from ui.presenters.operator_view import StatusCell, StatusTone, TileState
from ui.presenters.status import StationFacts, StatusPresenter
from ui.presenters.tiles import Tiles
from ui.presenters.wording import Wording


def test_tiles_tell_missing_blind_and_starting_cameras_apart(stage: Any) -> None:
    stage.cameras.state = {
        "cam_02": CameraState.FAILED,
        "cam_03": CameraState.STARTING,
        "cam_07": CameraState.RECONNECTING,
    }
    stage.cameras.blind = {"cam_04"}
    tiles = {tile.role: tile for tile in Tiles(stage.cameras).views(stage.workflow.status, Wording())}
    assert [tiles[f"cam_0{n}"].state for n in (1, 2, 3, 4, 7)] == [
        TileState.LIVE,
        TileState.MISSING,
        TileState.WAITING,
        TileState.NO_DEPTH,
        TileState.MISSING,
    ]
    assert tiles["cam_07"].state_text == "Reconnecting"
    assert tiles["cam_10"].label == "10"


def test_tiles_carry_the_parts_square_while_it_lies_there(stage: Any) -> None:
    tiles = Tiles(stage.cameras)
    assert all(tile.squares == () for tile in tiles.views(stage.workflow.status, Wording()))
    stage.show("recognised")
    shown = tiles.views(stage.workflow.status, Wording())
    assert shown[0].squares == ((200, 120, 440, 360),)
    assert [tile.role for tile in shown if tile.state is TileState.NO_DEPTH] == ["cam_05"]


def test_depth_that_comes_back_clears_the_sign(stage: Any) -> None:
    tiles = Tiles(stage.cameras)
    stage.cameras.blind = {"cam_01"}
    assert tiles.views(stage.workflow.status, Wording())[0].state is TileState.NO_DEPTH
    stage.cameras.blind = set()
    stage.cameras.number += 1
    assert tiles.views(stage.workflow.status, Wording())[0].state is TileState.LIVE


def test_strip_is_quiet_when_all_is_well(stage: Any) -> None:
    cells = StatusPresenter(stage.workflow, stage.cameras, stage.facts).cells()
    assert [cell.key for cell in cells] == ["cameras", "scale", "model", "calibration", "journal"]
    assert {cell.tone for cell in cells} == {StatusTone.OK}


def test_strip_names_what_is_broken(stage: Any) -> None:
    stage.cameras.state = {"cam_04": CameraState.FAILED, "cam_09": CameraState.STARTING}
    stage.show("journal_full")
    stage.workflow.show(weight=None)
    facts = StationFacts("S", "", model_trouble="model.json is damaged.")
    cells = {cell.key: cell for cell in StatusPresenter(stage.workflow, stage.cameras, facts).cells()}
    assert cells["cameras"].text == "8 / 10  ·  4 missing"
    assert cells["cameras"].tone is StatusTone.WARNING
    assert cells["scale"].tone is StatusTone.ERROR
    assert cells["model"].explanation == "model.json is damaged."
    assert cells["journal"].text == "3 waiting for the disk"


def test_strip_doubts_a_scale_that_drifts_and_the_page_says_why(stage: Any) -> None:
    stage.show("scale_drifts")
    cell = StatusPresenter(stage.workflow, stage.cameras, stage.facts).cells()[1]
    assert (cell.text, cell.tone, cell.explanation) == ("doubtful", StatusTone.WARNING, "The scale drifts.")
    message = stage.presenter().view().message
    assert message is not None
    assert message.text == "The scale drifts."


def test_strip_says_whether_the_station_is_calibrated(stage: Any) -> None:
    def cell(name: str) -> StatusCell:
        stage.show(name)
        cells = StatusPresenter(stage.workflow, stage.cameras, stage.facts).cells()
        return next(cell for cell in cells if cell.key == "calibration")

    assert (cell("empty").text, cell("empty").tone) == ("a1b2c3d4e5f6", StatusTone.OK)
    stage.workflow.show(calibration_doubts=("Camera 3 was moved.",))
    doubted = StatusPresenter(stage.workflow, stage.cameras, stage.facts).cells()[3]
    assert (doubted.tone, doubted.explanation) == (StatusTone.WARNING, "Camera 3 was moved.")
    assert cell("calibrating").tone is StatusTone.BUSY
    assert (cell("uncalibrated").text, cell("uncalibrated").tone) == ("none", StatusTone.ERROR)


def test_strip_of_a_rig_without_any_camera_is_an_error(stage: Any) -> None:
    stage.cameras.state = dict.fromkeys(ROLES, CameraState.FAILED)
    assert StatusPresenter(stage.workflow, stage.cameras, stage.facts).cells()[0].tone is StatusTone.ERROR
