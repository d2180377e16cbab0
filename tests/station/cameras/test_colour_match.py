"""The locked colour shows what the reference camera showed by itself, though it never tells its own settings."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from station.cameras import colour_match
from station.cameras.colour_match import ColourEye, deviation, look_at, match_colour
from station.cameras.realsense import RealSenseCamera
from station.errors import CameraError
from station.settings import CameraEntry, RigSection
from tests.station.cameras.pretended_sdk import SERIALS, World

RIG = RigSection(size="640x480", fps=30, stale_after_s=0.5)


@pytest.fixture(autouse=True)
def quick(world_of_ten: World) -> World:
    world_of_ten.period_s = 0.001
    return world_of_ten


def eye_of(role: str) -> ColourEye:
    return ColourEye(RealSenseCamera(CameraEntry.model_validate({"role": role, "serial": SERIALS[role]}), RIG))


@pytest.mark.parametrize(("light", "kelvin"), [(1.5, 4300.0), (0.9, 5600.0), (12.0, 3100.0)])
def test_the_reference_is_matched_in_any_light(light: float, kelvin: float, world_of_ten: World) -> None:
    device = world_of_ten.devices[SERIALS["cam_01"]]
    device.light, device.kelvin = light, kelvin
    with eye_of("cam_01") as eye:
        colour, left = match_colour(eye, RIG.fps)
    assert colour.exposure_us == pytest.approx(11800.0 / light, rel=0.03, abs=100.0)
    assert colour.gain == 64.0
    assert colour.white_balance_k == pytest.approx(kelvin, rel=0.02)
    assert abs(left.brightness) < 0.1
    assert abs(left.warmth) < 0.03


def test_what_is_too_dark_for_a_frame_period_gets_more_gain(world_of_ten: World) -> None:
    world_of_ten.devices[SERIALS["cam_01"]].light = 0.25
    with eye_of("cam_01") as eye:
        colour, left = match_colour(eye, RIG.fps)
    assert colour.exposure_us == pytest.approx(33300.0, abs=100.0)
    assert colour.gain == pytest.approx(64.0 * 118.0 / (0.25 * 333.0), abs=2.0)
    assert abs(left.brightness) < 0.05


def test_another_camera_with_the_same_colour_shows_how_it_differs(world_of_ten: World) -> None:
    world_of_ten.devices[SERIALS["cam_02"]].light = 1.5 * 1.2
    with eye_of("cam_01") as eye:
        colour, _ = match_colour(eye, RIG.fps)
        reference = eye.look()
    with eye_of("cam_02") as eye:
        found = deviation(eye.locked_look(colour), reference)
    assert found.brightness == pytest.approx(0.2, abs=0.03)
    assert found.warmth == pytest.approx(0.0, abs=0.02)
    assert world_of_ten.devices[SERIALS["cam_02"]].color.options["enable_auto_exposure"] == 0.0


def test_a_picture_that_cannot_be_measured_or_does_not_calm_down_is_refused(
    world_of_ten: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = world_of_ten.devices[SERIALS["cam_01"]]
    monkeypatch.setattr(colour_match, "_SETTLE_S", 0.2)
    rising = (60.0 * 1.004**number for number in itertools.count())
    monkeypatch.setattr(device, "level", lambda: (5.0, 5.0, 5.0))
    with eye_of("cam_01") as eye, pytest.raises(CameraError, match="mean grey level of 5; 20 to 235"):
        match_colour(eye, RIG.fps)
    monkeypatch.setattr(device, "level", lambda: (next(rising),) * 3)
    with eye_of("cam_01") as eye, pytest.raises(CameraError, match=r"did not become calm.*changing light"):
        match_colour(eye, RIG.fps)


def test_a_camera_that_falls_silent_ends_the_match_with_its_reason(
    world_of_ten: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(colour_match, "_FRAME_S", 1.5)
    with eye_of("cam_01") as eye:
        eye.look()
        world_of_ten.devices[SERIALS["cam_01"]].silent = True
        with pytest.raises(CameraError, match=r"cam_01 .*No frame came within 0\.5 s"):
            eye.look()


def test_the_middle_third_is_what_counts() -> None:
    picture = np.zeros((90, 120, 3), np.uint8)
    picture[30:60, 40:80] = (120, 100, 80)
    look = look_at(picture)
    assert look.brightness == pytest.approx(100.0)
    assert look.warmth == pytest.approx(1.5)
