"""What cameras have, what they lack, and the one place where the board would help most."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from calibration.collecting.advice import SENTENCES, about, label, places, refused
from calibration.collecting.coverage import Enough, cells_hit, coverage_of, empty_part
from calibration.collecting.newness import is_new
from calibration.collecting.sighting import Placement, board_outline
from calibration.collecting.snapshot import Want
from calibration.collecting.ties import ease_of_pairs, lonely, rough_cameras, shared_placements, weak_pairs
from station.boards import FrameBoard
from station.frames import ROLES
from station.geometry import Pose
from tests.calibration.collecting.sightings import RIG, before, placement, seen_by, sighting

_MIDDLE = np.array([0.24, 0.19, 0.1])
_EASE = ease_of_pairs({role: camera.pose for role, camera in RIG.cameras.items()}, _MIDDLE)


def _taken(pose_shift: float = 0.0) -> Placement:
    sightings = {role: sighting(before(x=pose_shift), role) for role in ("cam_01", "cam_02")}
    return Placement("board_001", sightings, datetime(2026, 1, 1, tzinfo=UTC))


def test_a_sighting_tells_distance_tilt_and_outline() -> None:
    found = sighting(before(0.6, 30.0))
    assert found.tilt_deg == pytest.approx(30.0, abs=0.01)
    assert found.distance_m == pytest.approx(0.6, abs=1e-4)
    flat = sighting(before(0.6))
    assert np.ptp(flat.outline, axis=0) == pytest.approx([9 * 0.025 * 920 / 0.6, 7 * 0.025 * 920 / 0.6], rel=1e-4)
    assert board_outline(FrameBoard())[2] == pytest.approx([0.480, 0.384, 0.0])


def test_cells_are_those_with_corners() -> None:
    assert sum(cells_hit([sighting(before(2.5))])) <= 4  # a small board in the very middle
    left = cells_hit([sighting(before(1.0, x=-0.45))])
    assert any(left[row * 4] for row in range(3))
    assert not any(left[row * 4 + 3] for row in range(3))
    assert empty_part([True] * 11 + [False]) == "lower right"
    assert empty_part([True] * 4 + [False] + [True] * 7) == "left"


def test_a_camera_wants_what_it_lacks_and_nothing_more() -> None:
    enough = Enough(views=3, tilt_deg=25.0, depth_ratio=1.15, cells=2)
    nothing = coverage_of([], enough, partner_missing=True)
    assert nothing.wants == (Want.PARTNER, Want.VIEWS)
    assert nothing.tilts_deg is None
    flat = coverage_of([sighting(before(1.5))] * 3, enough, partner_missing=False)
    assert flat.wants == (Want.TILT, Want.NEAR)
    near = coverage_of([sighting(before(0.3))] * 3, enough, partner_missing=False)
    assert Want.FAR in near.wants
    varied = [sighting(before(0.5, 30.0)), sighting(before(0.8)), sighting(before(0.6, x=0.1))]
    assert coverage_of(varied, enough, partner_missing=False).wants == ()


def test_shared_placements_are_counted_without_dropped_ones() -> None:
    taken = [placement("a", ["cam_01", "cam_02"]), placement("b", ["cam_01", "cam_02", "cam_03"])]
    taken.append(placement("c", ["cam_01", "cam_02"], dropped=True))
    shared = shared_placements(["cam_01", "cam_02", "cam_03"], taken)
    assert shared == {("cam_01", "cam_02"): 2, ("cam_01", "cam_03"): 1, ("cam_02", "cam_03"): 1}


def test_weak_pairs_are_a_tree_between_the_groups() -> None:
    roles = ROLES[:5]
    shared = dict.fromkeys(shared_placements(roles, []), 0)
    assert len(weak_pairs(roles, shared, 3, _EASE)) == 4
    shared[roles[0], roles[1]] = shared[roles[1], roles[2]] = 3
    shared[roles[2], roles[3]] = 2  # nearly tied: this pair is strengthened rather than another
    weak = weak_pairs(roles, shared, 3, _EASE)
    assert len(weak) == 2
    assert weak[0] == (roles[2], roles[3])
    assert roles[4] in weak[1]
    shared[roles[2], roles[3]] = shared[roles[0], roles[4]] = 3
    assert weak_pairs(roles, shared, 3, _EASE) == []


def test_neighbours_are_asked_for_before_cameras_face_to_face() -> None:
    assert _EASE["cam_04", "cam_05"] > 0.9 > 0.3 > _EASE["cam_01", "cam_03"]
    weak = weak_pairs(ROLES, shared_placements(ROLES, []), 3, _EASE)
    assert len(weak) == 9
    assert min(_EASE[pair] for pair in weak) > 0.5


def test_a_camera_that_saw_no_plate_is_placed_by_a_board_that_another_saw_too() -> None:
    on_plate = Pose(np.diag([1.0, -1.0, -1.0]), np.array([0.15, 0.25, 0.1]))
    seen = seen_by(("cam_05", "cam_09"), on_plate)
    plate = seen_by(("cam_05",), Pose.identity())
    rough = rough_cameras(plate, [Placement("board_001", seen, datetime(2026, 1, 1, tzinfo=UTC))])
    assert rough.keys() == {"cam_05", "cam_09"}
    assert np.linalg.norm(rough["cam_09"].center - RIG.cameras["cam_09"].pose.center) < 1e-4


def test_a_lonely_camera_needs_one_good_partner() -> None:
    shared = shared_placements(ROLES, [])
    pair = lonely("cam_03", shared, 3, _EASE)
    assert len(pair) == 1
    assert "cam_03" in pair[0]
    assert lonely("cam_03", {**shared, ("cam_03", "cam_07"): 3}, 3, _EASE) == []


def test_a_board_near_a_taken_one_is_not_new() -> None:
    taken = [_taken()]
    both = {role: sighting(before(x=0.005), role) for role in ("cam_01", "cam_02")}
    assert not is_new(both, taken, 0.05)
    turned = {role: sighting(before(x=0.005, tilt_deg=40.0), role) for role in ("cam_01", "cam_02")}
    assert is_new(turned, taken, 0.05)
    assert is_new({**both, "cam_03": sighting(before(), "cam_03")}, taken, 0.05)
    assert is_new(both, [Placement("x", taken[0].sightings, taken[0].taken_at, dropped=True)], 0.05)
    assert not is_new({"cam_01": sighting(before(x=0.3))}, taken, 0.05)


def test_ties_are_asked_for_first_then_views_then_tilt() -> None:
    roles = ("cam_04", "cam_05", "cam_06")
    enough = Enough(views=2)
    bare = {role: coverage_of([], enough, partner_missing=True) for role in roles}
    shared = shared_placements(roles, [])
    first = places(bare, [("cam_04", "cam_05")], shared, _EASE)
    assert first[0].code == "between"
    assert first[0].roles == ("cam_04", "cam_05")
    assert first[0].sentence == "Hold the board between camera 4 and camera 5."
    again = places(bare, [("cam_04", "cam_05")], {**shared, ("cam_04", "cam_05"): 1}, _EASE)
    assert again[0].sentence == "Hold the board between camera 4 and camera 5, tilted towards camera 4."
    flat = {role: coverage_of([sighting(before(1.2))] * 2, enough, partner_missing=False) for role in roles}
    assert [one.code for one in places(flat, [], shared, _EASE)][:4] == ["tilt", "tilt", "tilt", "nearer"]
    assert places({}, [], {}, {}) == []


def test_refusals_become_advice() -> None:
    assert refused("cam_04", "cut off: the board reaches the picture's border").sentence == "Too close to camera 4."
    assert refused("cam_02", "blurred: edges are 7 px wide").code == "not_sharp"
    assert refused("cam_02", "bent: it is").sentence == "Camera 2 cannot use the board: bent: it is."


def test_every_sentence_can_be_filled() -> None:
    for code in SENTENCES:
        assert "{" not in about(code, "cam_03", "cam_10", reason="x", part="y").sentence
    assert label("cam_10") == "10"
    assert label("left") == "left"
