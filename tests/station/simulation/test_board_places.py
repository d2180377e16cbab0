"""Where a hand holds a board: geometry alone, no picture is drawn."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np
import pytest

from station.boards import CharucoBoard, Chessboard
from station.errors import SimulationError
from station.frames import ROLES
from station.simulation.board_places import MOST_TILT_DEG, REACH_M, BoardPlaces, Held
from station.simulation.held_board import HandBoard, plate_outline
from station.simulation.rig import Size, rig_models

CHESS = Chessboard(10, 7, 0.025)
BOARDS: tuple[HandBoard, ...] = (CHESS, CharucoBoard(10, 7, 0.025, 0.018))


def groups(shown: list[Held], least: int) -> int:
    """Return into how many groups the cameras fall that share fewer than ``least`` places."""
    shared = Counter(pair for held in shown for pair in combinations(held.roles, 2))
    group = {role: {role} for role in ROLES}
    for (first, second), count in shared.items():
        if count >= least:
            joined = group[first] | group[second]
            group.update(dict.fromkeys(joined, joined))
    return len({id(one) for one in group.values()})


@pytest.mark.parametrize("size", ["640x480", "1280x720"])
@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.id)
@pytest.mark.parametrize("seed", range(5))
def test_25_places_tie_all_ten_cameras_together(size: Size, board: HandBoard, seed: int) -> None:
    places = BoardPlaces(board, rig_models(size, seed), seed)
    shown = [places.somewhere() for _ in range(25)]
    assert groups(shown, least=2) == 1
    assert min(len(held.roles) for held in shown) >= 2
    assert float(np.mean([len(held.roles) for held in shown])) > 4.0


@pytest.mark.parametrize("size", ["640x480", "1280x720"])
def test_whoever_is_said_to_see_the_board_sees_all_its_corners_and_not_too_tilted(size: Size) -> None:
    rig = rig_models(size, 2)
    places = BoardPlaces(CHESS, rig, 2)
    middle = plate_outline(CHESS).mean(axis=0)
    tilts: list[float] = []
    for _ in range(30):
        held = places.somewhere()
        at = held.pose.apply(middle[None])[0]
        assert all(low <= value <= high for value, (low, high) in zip(at, REACH_M, strict=True))
        assert held.pose.apply(plate_outline(CHESS))[:, 2].min() > 0.0
        assert np.linalg.det(held.pose.rotation) == pytest.approx(1.0)
        for role in held.roles:
            camera = rig.cameras[role]
            pixels = camera.model.project(camera.pose.apply(held.pose.apply(CHESS.corners)))
            assert (pixels > 5.0).all()
            assert (pixels < [camera.model.width - 6, camera.model.height - 6]).all()
            sight = (camera.pose.center - at) / np.linalg.norm(camera.pose.center - at)
            tilts.append(float(np.degrees(np.arccos(-held.pose.rotation[:, 2] @ sight))))
    assert max(tilts) < MOST_TILT_DEG
    assert min(tilts) < 15.0
    assert np.std(tilts) > 8.0


def test_the_same_seed_gives_the_same_places_and_another_gives_others() -> None:
    rig = rig_models("640x480", 1)
    first, again, other = (BoardPlaces(CHESS, rig, seed) for seed in (4, 4, 5))
    for _ in range(3):
        pose = first.somewhere().pose.matrix
        np.testing.assert_array_equal(pose, again.somewhere().pose.matrix)
        assert (pose != other.somewhere().pose.matrix).any()


@pytest.mark.parametrize("size", ["640x480", "1280x720"])
@pytest.mark.parametrize("role", ROLES)
def test_every_camera_can_be_shown_the_board_together_with_another(size: Size, role: str) -> None:
    places = BoardPlaces(CHESS, rig_models(size, 3), 3)
    for _ in range(3):
        held = places.towards([role])
        assert role in held.roles
        assert len(held.roles) >= 2


def test_two_neighbours_are_shown_the_board_at_different_distances() -> None:
    rig = rig_models("640x480", 0)
    places = BoardPlaces(CHESS, rig, 0)
    middle = plate_outline(CHESS).mean(axis=0)
    away: list[float] = []
    for _ in range(6):
        held = places.towards(["cam_08", "cam_10"])
        assert {"cam_08", "cam_10"} <= set(held.roles)
        away.append(float(np.linalg.norm(rig.cameras["cam_08"].pose.center - held.pose.apply(middle[None])[0])))
    assert max(away) > 1.15 * min(away)


def test_impossible_wishes_are_refused_in_a_sentence() -> None:
    rig = rig_models("640x480", 0)
    with pytest.raises(SimulationError, match="no camera cam_11"):
        BoardPlaces(CHESS, rig, 0).towards(["cam_11"])
    with pytest.raises(SimulationError, match="no camera named"):
        BoardPlaces(CHESS, rig, 0).towards(())
    with pytest.raises(SimulationError, match="no place over the plate where cam_01 sees the whole board"):
        BoardPlaces(Chessboard(10, 7, 0.08), rig, 0).towards(["cam_01"])
