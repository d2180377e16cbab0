"""Parts of the simulated rig that the locator once took for something else."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import numpy as np

from recognition.roi import RoiLocator
from station.frames import ROLES, Frame, FrameSet, TimeDomain
from station.results import PlateState
from station.simulation.live_scene import LiveScene

SIZE = (640, 480)


def looked_at(scene: LiveScene, number: int) -> FrameSet:
    frames: dict[str, Frame] = {}
    for role in ROLES:
        scene.draw(role, 0.0)
        color, depth = np.empty((SIZE[1], SIZE[0], 3), np.uint8), np.empty((SIZE[1], SIZE[0]), np.uint16)
        scene.expose(role, number, color, depth)
        frames[role] = Frame(role, color, depth, 0.001, number, 0.0, TimeDomain.SYSTEM, time.monotonic_ns())
    return FrameSet(frames, (), 0.0, datetime.now(UTC), time.monotonic_ns())


def test_a_valve_behind_whose_wheel_there_seem_to_be_bodies_is_no_hand() -> None:
    scene = LiveScene("640x480", seed=1)
    locator = RoiLocator()
    locator.learn_empty(looked_at(scene, 0), scene.calibration)
    scene.place("gate_valve_3_4", 962276786, False, None, None)
    assert locator.locate(looked_at(scene, 1), scene.calibration).state is PlateState.OK
