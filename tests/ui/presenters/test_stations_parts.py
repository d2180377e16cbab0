"""Tiles, status strip, names and the simulated hand, without a window."""

from __future__ import annotations

import threading
from typing import Any

from station.cameras.supervisor import CameraState
from station.errors import SimulationError
from station.frames import ROLES
from ui.presenters.operator_view import StatusTone, TileState
from ui.presenters.simulation import SimulationHand
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
    assert all(tile.roi is None for tile in tiles.views(stage.workflow.status, Wording()))
    stage.show("recognised")
    shown = tiles.views(stage.workflow.status, Wording())
    assert shown[0].roi == (200, 120, 440, 360)
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
    facts = StationFacts("S", "", "", model_trouble="model.json is damaged.")
    cells = {cell.key: cell for cell in StatusPresenter(stage.workflow, stage.cameras, facts).cells()}
    assert cells["cameras"].text == "8 / 10  ·  4 missing"
    assert cells["cameras"].tone is StatusTone.WARNING
    assert cells["scale"].tone is StatusTone.ERROR
    assert cells["model"].explanation == "model.json is damaged."
    assert cells["journal"].text == "3 waiting for the disk"


def test_strip_of_a_rig_without_any_camera_is_an_error(stage: Any) -> None:
    stage.cameras.state = dict.fromkeys(ROLES, CameraState.FAILED)
    assert StatusPresenter(stage.workflow, stage.cameras, stage.facts).cells()[0].tone is StatusTone.ERROR


class SlowPlate:
    """A simulated plate whose every change waits for ``go``."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.begun = threading.Event()
        self.placed: list[tuple[str, int]] = []
        self.cables: list[str] = []

    def place(self, class_id: str, seed: int) -> None:
        self.begun.set()
        assert self.go.wait(10)
        self.placed.append((class_id, seed))

    def clear(self) -> None:
        raise SimulationError("The plate is stuck.")

    def unplug(self, role: str) -> None:
        self.cables.append(f"-{role}")

    def replug(self, role: str) -> None:
        self.cables.append(f"+{role}")


def test_hand_returns_at_once_and_works_in_order() -> None:
    plate = SlowPlate()
    with SimulationHand(plate, ("a", "b"), (), ROLES, seed=3) as hand:
        hand.next_part()
        hand.plug("cam_02", False)
        assert plate.begun.wait(10)
        assert plate.placed == []
        assert hand.plugged()["cam_02"] is False
        plate.go.set()
    assert len(plate.placed) == 1
    assert plate.cables == ["-cam_02"]


def test_hand_tells_what_it_could_not_do_once() -> None:
    plate = SlowPlate()
    with SimulationHand(plate, ("a",), (), ROLES, seed=3) as hand:
        hand.next_unknown_part()
        assert "no such part" in (hand.take_trouble() or "")
        hand.clear()
    assert hand.take_trouble() == "The plate is stuck."
    assert hand.take_trouble() is None


def test_hand_refuses_more_wishes_than_it_can_keep() -> None:
    plate = SlowPlate()
    with SimulationHand(plate, ("a",), (), ROLES, seed=3) as hand:
        hand.next_part()
        assert plate.begun.wait(10)
        for _ in range(5):
            hand.next_part()
        assert "still busy" in (hand.take_trouble() or "")
        plate.go.set()


def test_same_seed_brings_the_same_parts() -> None:
    def parts() -> list[tuple[str, int]]:
        plate = SlowPlate()
        plate.go.set()
        with SimulationHand(plate, ("a", "b", "c"), (), ROLES, seed=9) as hand:
            hand.next_part()
            hand.next_part()
        return plate.placed

    assert parts() == parts()
