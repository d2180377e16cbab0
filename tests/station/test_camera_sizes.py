"""One camera's model at its other resolutions."""

from __future__ import annotations

import numpy as np
import pytest

from station.errors import CalibrationError
from station.geometry import CameraModel

WIDE = CameraModel(1280, 720, 920.7, 920.8, 635.6, 373.1, (0.1, -0.2, 1e-3, 5e-4, 0.05))


def test_the_small_picture_is_the_middle_of_the_wide_one_scaled() -> None:
    small = WIDE.for_size(640, 480)
    assert small == WIDE.cropped_and_scaled(160, 0, 960, 720, 2 / 3)
    ray = np.array([[0.1, -0.07, 0.9]])
    np.testing.assert_allclose(small.project(ray), (WIDE.project(ray) - [160.0, 0.0] + 0.5) * 2 / 3 - 0.5, atol=1e-9)


def test_a_published_d435_says_the_same_of_itself() -> None:
    # What librealsense printed for one camera at both sizes; it scales without the half pixel.
    small = WIDE.for_size(640, 480)
    assert (small.fx, small.fy) == pytest.approx((613.8, 613.9), abs=0.05)
    assert (small.cx, small.cy) == pytest.approx((317.1, 248.8), abs=0.25)


def test_a_nearly_wide_picture_goes_there_and_back() -> None:
    middle = WIDE.for_size(848, 480)
    assert (middle.width, middle.height) == (848, 480)
    back = middle.for_size(1280, 720)
    assert (back.fx, back.fy, back.cx, back.cy) == pytest.approx((WIDE.fx, WIDE.fy, WIDE.cx, WIDE.cy))


@pytest.mark.parametrize("size", [(1280, 720), (640, 360), (1920, 1080), (424, 240), (320, 240)])
def test_the_picture_s_middle_stays_its_middle(size: tuple[int, int]) -> None:
    centred = CameraModel(1280, 720, 920.0, 920.0, 639.5, 359.5).for_size(*size)
    assert (centred.cx, centred.cy) == pytest.approx(((size[0] - 1) / 2, (size[1] - 1) / 2))
    assert centred.fx / size[1] == pytest.approx(920.0 / 720.0)


def test_what_was_never_seen_is_refused() -> None:
    with pytest.raises(CalibrationError, match=r"1280×720 cannot be derived from 640×480: .* wider"):
        WIDE.for_size(640, 480).for_size(1280, 720)
    with pytest.raises(CalibrationError, match="no camera model"):
        WIDE.for_size(0, 480)
