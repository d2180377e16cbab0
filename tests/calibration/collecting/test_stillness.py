"""A board is still when its corners stay where they were, for long enough and in every camera."""

from __future__ import annotations

import numpy as np
import pytest

from calibration.collecting.stillness import Stillness, motion_px
from calibration.views import BoardView
from tests.calibration.collecting.sightings import before, view

_TENTH = 100_000_000


def _shifted(one: BoardView, by_px: float) -> BoardView:
    pixels = one.pixels + np.array([by_px, 0.0])
    return BoardView(one.role, one.placement, one.board, one.points_m, pixels, one.turns)


def test_motion_is_that_of_the_board_and_not_of_its_noise() -> None:
    resting = [view(before(), noise_px=0.1, seed=seed) for seed in range(20)]
    assert max(motion_px(resting[0], one) for one in resting[1:]) < 0.2
    assert motion_px(resting[0], _shifted(resting[1], 0.6)) > 0.4


def test_a_corner_that_jumps_alone_is_no_motion() -> None:
    first = view(before(), noise_px=0.05)
    pixels = view(before(), noise_px=0.05, seed=1).pixels.copy()
    pixels[7] += 25.0
    assert motion_px(first, BoardView("cam_01", "now", first.board, first.points_m, pixels, first.turns)) < 0.2


def test_a_chessboard_read_turned_has_not_moved() -> None:
    first = view(before())
    turned = BoardView("cam_01", "now", first.board, first.points_m, first.pixels[::-1], first.turns)
    assert motion_px(first, turned) < 1e-9


def test_views_of_other_corners_say_nothing() -> None:
    whole = view(before())
    left = BoardView("cam_01", "now", "charuco", whole.points_m[:4], whole.pixels[:4])
    right = BoardView("cam_01", "now", "charuco", whole.points_m[-4:], whole.pixels[-4:])
    assert motion_px(left, right) == float("inf")


def test_time_passes_while_the_board_rests() -> None:
    stillness = Stillness(0.3, 0.4)
    shares = [stillness.add(k * _TENTH, 5.0, {"cam_01": view(before(), noise_px=0.05, seed=k)}) for k in range(6)]
    assert shares == pytest.approx([0.0, 0.25, 0.5, 0.75, 1.0, 1.0])


def test_a_slow_drift_never_counts_as_rest() -> None:
    stillness = Stillness(0.3, 0.4)
    drifting = [_shifted(view(before()), 0.12 * k) for k in range(40)]
    assert max(stillness.add(k * _TENTH, 5.0, {"cam_01": one}) for k, one in enumerate(drifting)) < 1.0


def test_one_camera_that_sees_it_move_is_enough() -> None:
    stillness = Stillness(0.3, 0.4)
    for k in range(3):
        stillness.add(k * _TENTH, 5.0, {"cam_01": view(before()), "cam_02": view(before(), "cam_02")})
    moved = {"cam_01": view(before()), "cam_02": _shifted(view(before(), "cam_02"), 2.0)}
    assert stillness.add(4 * _TENTH, 5.0, moved) == 0.0


def test_a_camera_that_joins_late_does_not_begin_the_time_anew() -> None:
    stillness = Stillness(0.3, 0.4)
    stillness.add(0, 5.0, {"cam_01": view(before())})
    both = {"cam_01": view(before()), "cam_02": view(before(), "cam_02")}
    assert stillness.add(2 * _TENTH, 5.0, both) == pytest.approx(0.5)


def test_pictures_further_apart_than_the_time_say_nothing() -> None:
    stillness = Stillness(0.3, 0.4)
    assert [stillness.add(k * _TENTH, 450.0, {"cam_01": view(before())}) for k in range(8)] == [0.0] * 8


def test_a_board_that_came_back_begins_anew() -> None:
    stillness = Stillness(0.3, 0.4)
    for k in range(4):
        stillness.add(k * _TENTH, 5.0, {"cam_01": view(before())})
    stillness.reset()
    assert stillness.add(4 * _TENTH, 5.0, {"cam_01": view(before())}) == 0.0
    assert np.isfinite(stillness.add(5 * _TENTH, 5.0, {}))
