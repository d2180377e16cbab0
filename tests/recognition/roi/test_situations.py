"""What the locator makes of plates that do not hold one whole part, in the simulated rig's pictures."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import numpy as np
import pytest

from recognition.roi import RoiLocator
from station.frames import ROLES, Frame, FrameSet, TimeDomain
from station.geometry import WorkVolume
from station.results import PartLocation, PlateState
from station.simulation.intruder import reach_in
from station.simulation.live_messages import Intruder
from station.simulation.rig import rig_models
from station.simulation.scene import Body, Placement, SceneRenderer
from station.simulation.sensor import read_frame
from station.simulation.tray import FLOOR_M, tray
from tests.station.simulation.scenes import library

BOX = Placement("box", 0, 0.30, 0.22, 0.5)
BALL = Placement("ball", 0, 0.12, 0.10, 0.0)


@cache
def renderer() -> SceneRenderer:
    return SceneRenderer(library(), rig_models("640x480", 1), room_seed=1)


def picture(*placements: Placement, others: tuple[Body, ...] = (), seed: int = 0) -> FrameSet:
    """All ten views of a plate, with fresh noise."""
    stage = renderer().stage(placements, others=others)
    frames: dict[str, Frame] = {}
    for number, role in enumerate(ROLES):
        seen = read_frame(renderer().view(role, stage, most_samples=1), np.random.default_rng([seed, number]))
        frames[role] = Frame(role, seen.color, seen.depth, 0.001, 1, 0.0, TimeDomain.HARDWARE, 0)
    return FrameSet(frames, (), 0.0, datetime.now(UTC), 0)


@cache
def locator() -> RoiLocator:
    made = RoiLocator()
    made.learn_empty(picture(seed=1), renderer().rig)
    return made


def located(frameset: FrameSet) -> PartLocation:
    return locator().locate(frameset, renderer().rig)


def test_one_part_is_one_part_and_the_empty_plate_empty() -> None:
    assert located(picture(seed=2)).state is PlateState.EMPTY
    assert located(picture(BOX, seed=3)).state is PlateState.OK


@pytest.mark.parametrize("kind", ["arm", "cable"])
@pytest.mark.parametrize("placements", [(), (BOX,)], ids=["empty plate", "with a part"])
def test_what_reaches_in_is_no_part(kind: Intruder, placements: tuple[Placement, ...]) -> None:
    tip = (0.16, 0.12, 0.012 if kind == "cable" else 0.06)
    found = located(picture(*placements, others=(reach_in(kind, tip),), seed=4))
    assert found.state is PlateState.REACHED_INTO


def test_a_hand_on_the_part_is_not_taken_for_part_of_it() -> None:
    found = located(picture(BOX, others=(reach_in("arm", (0.27, 0.21, 0.075)),), seed=5))
    assert found.state is PlateState.REACHED_INTO


def test_two_parts_have_two_boxes_and_two_crops_in_nearly_every_view() -> None:
    found = located(picture(BOX, BALL, seed=6))
    assert found.state is PlateState.SEVERAL_PARTS
    assert len(found.boxes) == len(found.each) == 2
    assert all(len(squares) >= 9 for squares in found.each)  # one may hide the other from a view
    places = sorted(float(box.mean(axis=0)[0]) for box in found.boxes)
    assert places == pytest.approx([0.12, 0.30], abs=0.012)


@pytest.mark.parametrize("beyond_m", [0.03, 0.05])
def test_a_part_beyond_the_plate_is_outside(beyond_m: float) -> None:
    lying = replace(BOX, x=0.06 - beyond_m, y=0.19, yaw=0.0)
    found = located(picture(lying, seed=7))
    assert found.state is PlateState.OUTSIDE
    assert set(found.roi) == set(ROLES)


def test_a_part_higher_than_the_work_volume_is_outside() -> None:
    low = RoiLocator(WorkVolume(z=(0.0, 0.03)))
    low.learn_empty(picture(seed=1), renderer().rig)
    found = low.locate(picture(BOX, seed=11), renderer().rig)
    assert found.state is PlateState.OUTSIDE
    assert found.too_high
    assert "higher" in found.message
    assert not located(picture(BOX, seed=11)).too_high


def test_a_tray_that_was_tared_is_the_empty_plate_and_a_part_in_it_is_one_part() -> None:
    rig, made = renderer().rig, RoiLocator()
    made.learn_tray(picture(others=(tray(),), seed=8), rig)
    assert made.locate(picture(others=(tray(),), seed=9), rig).state is PlateState.EMPTY
    found = made.locate(picture(replace(BALL, x=0.27, y=0.2, lift=FLOOR_M), others=(tray(),), seed=10), rig)
    assert found.state is PlateState.OK
    assert found.boxes[0].mean(axis=0)[:2] == pytest.approx([0.27, 0.2], abs=0.015)
