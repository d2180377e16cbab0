"""The motion of one camera from the corners of the plate's frame."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.frame_corners import Corners, find_corners, frame_corners
from calibration.watch.baseline import Baseline
from calibration.watch.camera_motion import fit_motion, moved, twist_between
from station.boards import FrameBoard
from station.geometry import Array, CameraModel
from tests.calibration.rendered import looking_at, picture_of

MODEL = CameraModel(1280, 720, 905.0, 906.0, 640.5, 361.0, (0.02, -0.02, 0.0002, 0.0, 0.0))
POSE = looking_at((0.65, -0.01, 0.39), (0.24, 0.19, 0.0))
POINTS = frame_corners(FrameBoard()).points
small = st.floats(-0.02, 0.02)


@settings(max_examples=30, deadline=None)
@given(st.tuples(small, small, small, small, small, small))
def test_a_motion_is_found_again_from_the_corners_it_moves(values: tuple[float, ...]) -> None:
    twist = np.array(values)
    pixels = MODEL.project(moved(POSE, twist).apply(POINTS))
    found = fit_motion(POINTS, pixels, np.ones(len(POINTS)), MODEL, POSE, POSE)
    assert found is not None
    assert found.twist == pytest.approx(twist, abs=1e-6)
    assert twist_between(POSE, found.moved(POSE)) == pytest.approx(twist, abs=1e-6)


def test_the_covariance_is_that_of_the_noise_and_wrong_corners_do_not_count() -> None:
    rng = np.random.default_rng(5)
    twist = np.array([0.001, -0.002, 0.0015, 0.001, 0.0, -0.002])
    clean = MODEL.project(moved(POSE, twist).apply(POINTS))
    distances: list[float] = []
    for _ in range(300):
        pixels = clean + rng.normal(0.0, 0.2, clean.shape)
        pixels[rng.choice(len(pixels), 5, replace=False)] += 9.0
        found = fit_motion(POINTS, pixels, np.ones(len(POINTS)), MODEL, POSE, POSE)
        assert found is not None
        assert found.kept.sum() <= len(POINTS) - 5
        apart = found.twist - twist
        distances.append(float(apart @ found.information @ apart))
    # χ² of six has mean 6; the median of the corners' lengths as σ costs a little.
    assert 5.0 < np.mean(distances) < 8.0


def test_too_few_corners_say_nothing() -> None:
    pixels: Array = MODEL.project(POSE.apply(POINTS))
    assert fit_motion(POINTS[:9], pixels[:9], np.ones(9), MODEL, POSE, POSE) is None


def test_corners_are_found_where_they_are_though_the_camera_is_said_to_stand_elsewhere() -> None:
    model = CameraModel(1280, 720, 905.0, 906.0, 640.5, 361.0)
    picture = picture_of(FrameBoard(), model, POSE)
    picture[200:330, 560:700] = 120  # a part
    said = moved(POSE, np.array([0.004, -0.003, 0.002, 0.002, 0.001, -0.001]))
    corners = find_corners(picture, FrameBoard(), model, said)
    truth = model.project(POSE.apply(POINTS))[corners.index]
    assert len(corners.index) > 40
    apart = np.linalg.norm(corners.pixels - truth, axis=1)
    assert np.median(apart) < 0.1
    assert apart.max() < 1.0  # one that the part hides half
    hidden = (truth > [558, 198]).all(axis=1) & (truth < [702, 332]).all(axis=1)
    assert not hidden.any()


def test_a_baseline_is_learned_corner_by_corner_and_read_again() -> None:
    projected = MODEL.project(POSE.apply(POINTS))
    bias = np.random.default_rng(0).normal(0.0, 1.0, projected.shape)
    index = np.arange(0, 40)
    baseline = Baseline.empty(len(POINTS)).learned(Corners(index, (projected + bias)[index]), projected)
    again = Baseline.from_json(baseline.to_json(), len(POINTS))
    assert again is not None
    assert again.usable
    assert not again.complete
    everything = np.arange(len(POINTS))
    pixels, spread = again.corrected(Corners(everything, projected + bias))
    assert pixels[index] == pytest.approx(projected[index], abs=1e-3)
    assert spread[index].max() < spread[40:].min()
    assert Baseline.from_json("{}", len(POINTS)) is None
    assert Baseline.from_json(baseline.to_json(), 12) is None
