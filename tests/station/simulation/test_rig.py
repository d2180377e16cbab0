"""The simulated rig's true geometry and the one it hands over."""

from __future__ import annotations

import numpy as np
import pytest

from station.frames import ROLES
from station.simulation.rig import handed_over, rig_models


def test_ten_cameras_with_twelve_digit_serials_look_at_the_plate() -> None:
    rig = rig_models("1280x720", 3)
    assert tuple(sorted(rig.cameras)) == ROLES
    serials = {camera.serial for camera in rig.cameras.values()}
    assert len(serials) == 10
    assert all(len(serial) == 12 and serial.isdigit() for serial in serials)
    for camera in rig.cameras.values():
        middle = camera.pose.apply(np.array([[0.24, 0.192, 0.0]]))
        (u, v), z = camera.model.project(middle)[0], middle[0, 2]
        assert 0 < u < 1280
        assert 0 < v < 720
        assert 0.2 < z < 1.2
        assert 902 <= camera.model.fx <= 913


def test_640x480_is_the_middle_of_1280x720_scaled_by_two_thirds() -> None:
    large, small = rig_models("1280x720", 3).cameras["cam_04"], rig_models("640x480", 3).cameras["cam_04"]
    points = large.pose.apply(np.array([[0.1, 0.1, 0.0], [0.4, 0.3, 0.05], [0.24, 0.2, 0.2]]))
    expected = (large.model.project(points) - [160.0, 0.0] + 0.5) * 2.0 / 3.0 - 0.5
    np.testing.assert_allclose(small.model.project(points), expected, atol=1e-9)
    assert (small.model.width, small.model.height) == (640, 480)


def test_the_handed_over_geometry_errs_by_what_is_promised() -> None:
    truth = rig_models("640x480", 1)
    moved, turned = [], []
    for seed in range(40):
        for role, camera in handed_over(truth, seed).cameras.items():
            true = truth.cameras[role]
            moved += list(camera.pose.center - true.pose.center)
            difference = camera.pose.rotation @ true.pose.rotation.T
            turned.append(np.degrees(np.arccos(np.clip((np.trace(difference) - 1.0) / 2.0, -1.0, 1.0))))
    assert np.std(moved) == pytest.approx(0.0003, rel=0.1)
    assert np.sqrt(np.mean(np.square(turned))) == pytest.approx(0.05, rel=0.1)


def test_the_same_seed_gives_the_same_rig() -> None:
    assert rig_models("640x480", 5).id == rig_models("640x480", 5).id
    assert rig_models("640x480", 5).id != rig_models("640x480", 6).id
    assert handed_over(rig_models("640x480", 5), 1).id != rig_models("640x480", 5).id
