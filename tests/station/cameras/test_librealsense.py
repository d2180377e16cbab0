"""Camera models of the SDK become the station's, whatever distortion model the factory wrote."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from station.cameras.librealsense import camera_model
from station.errors import CameraError

rs = pytest.importorskip("pyrealsense2")

COEFFICIENTS = [0.08, -0.12, 0.0012, -0.0009, 0.03]


def intrinsics(model: Any, coefficients: list[float]) -> Any:
    value = rs.intrinsics()
    value.width, value.height, value.fx, value.fy, value.ppx, value.ppy = 640, 480, 608.0, 607.5, 322.25, 238.5
    value.model, value.coeffs = model, coefficients
    return value


def seen_by_the_sdk(value: Any, points: np.ndarray) -> np.ndarray:
    return np.array([rs.rs2_project_point_to_pixel(value, list(point)) for point in points])


GRID = np.array([[x, y, 1.0] for x in np.linspace(-0.5, 0.5, 9) for y in np.linspace(-0.35, 0.35, 7)])


def test_browns_model_is_taken_as_it_is() -> None:
    model = camera_model(intrinsics(rs.distortion.brown_conrady, COEFFICIENTS), rs)
    np.testing.assert_allclose(model.distortion, COEFFICIENTS, rtol=1e-6)
    assert (model.width, model.height, model.fx, model.cy) == (640, 480, 608.0, 238.5)


@pytest.mark.parametrize("name", ["brown_conrady", "modified_brown_conrady", "inverse_brown_conrady"])
def test_points_are_seen_where_the_sdk_sees_them(name: str) -> None:
    value = intrinsics(getattr(rs.distortion, name), COEFFICIENTS)
    model = camera_model(value, rs)
    assert model.distorted
    assert np.abs(model.project(GRID) - seen_by_the_sdk(value, GRID)).max() < 0.1


def test_no_coefficients_mean_no_distortion_whatever_the_model_is_called() -> None:
    assert not camera_model(intrinsics(rs.distortion.inverse_brown_conrady, [0.0] * 5), rs).distorted


def test_a_fisheye_lens_is_refused_by_name() -> None:
    with pytest.raises(CameraError, match="kannala_brandt4"):
        camera_model(intrinsics(rs.distortion.kannala_brandt4, COEFFICIENTS), rs)
