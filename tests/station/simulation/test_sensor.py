"""The statistics of the simulated depth camera."""

from __future__ import annotations

import numpy as np
import pytest

from station.frames import ROLES
from station.simulation.rig import BASELINE_M
from station.simulation.sensor import (
    DISPARITY_NOISE_PX,
    CleanView,
    Exposure,
    draw_exposure,
    expose,
    measured,
    read_frame,
    stereo_shadow,
)
from tests.station.simulation.scenes import renderer


def _flat(depth_m: float, focal: float, holes: float = 0.0) -> CleanView:
    depth = np.full((240, 320), depth_m, np.float32)
    millimetres, sigma, level = measured(depth, np.full_like(depth, holes), focal, Exposure())
    grey = np.full((240, 320, 3), 120, np.uint8)
    return CleanView(grey, millimetres, sigma, level, np.zeros((240, 320), np.uint8), 1)


@pytest.mark.parametrize("depth_m", [0.4, 0.8, 1.6])
def test_depth_noise_follows_the_disparity_law_and_comes_in_millimetres(depth_m: float) -> None:
    view = _flat(depth_m, 600.0)
    frames = np.stack([read_frame(view, np.random.default_rng(seed)).depth for seed in range(12)])
    assert frames.dtype == np.uint16
    law = 1000.0 * depth_m**2 * DISPARITY_NOISE_PX / (600.0 * BASELINE_M)
    expected = np.sqrt(law**2 + 1.0 / 12.0)
    assert frames.std() == pytest.approx(expected, rel=0.12)
    assert frames.mean() == pytest.approx(1000.0 * depth_m, abs=0.3 * law)


@pytest.mark.parametrize("holes", [0.1, 0.5])
def test_the_chance_of_holes_is_what_was_asked_for(holes: float) -> None:
    view = _flat(0.7, 600.0, holes)
    missing = np.mean([(read_frame(view, np.random.default_rng(seed)).depth == 0).mean() for seed in range(12)])
    assert missing == pytest.approx(holes, abs=0.04)


def test_a_dead_stream_keeps_almost_nothing_and_its_colour() -> None:
    view = _flat(0.7, 600.0)
    frame = read_frame(view, np.random.default_rng(1), depth_dead=True)
    assert (frame.depth == 0).mean() > 0.9
    assert 110 < frame.color.mean() < 130


def test_stereo_shadow_lies_left_of_what_stands_in_front() -> None:
    depth = np.full((40, 320), 0.8, np.float32)
    depth[10:30, 150:200] = 0.5
    hidden = stereo_shadow(depth, 600.0)
    width = 600.0 * BASELINE_M * (1.0 / 0.5 - 1.0 / 0.8)
    assert not hidden[:10].any()
    columns = np.flatnonzero(hidden[20])
    assert columns.max() == 149
    assert len(columns) == pytest.approx(width, abs=2.0)


def test_seven_to_sixteen_per_cent_of_a_typical_view_have_no_depth() -> None:
    scene = renderer()
    rng = np.random.default_rng(3)
    shares = [float((scene.render(role, [], rng, exposure=draw_exposure(rng)).depth == 0).mean()) for role in ROLES]
    assert 0.07 <= float(np.median(shares)) <= 0.16
    assert all(0.04 <= share <= 0.2 for share in shares)


def test_exposure_changes_brightness_and_white_balance() -> None:
    grey = np.full((20, 20, 3), 100, np.uint8)
    bright = expose(grey, Exposure(gain=1.3, balance=(1.1, 1.0, 0.9)))[10, 10].astype(int)
    assert bright[0] > bright[1] > bright[2]
    assert bright[1] > 105
