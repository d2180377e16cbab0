"""The SDK's own filters on pictures of a software device."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from station.cameras.depth_filters import DepthFilters
from station.cameras.software import SoftwareDevice
from station.frames import CameraInfo
from station.geometry import CameraModel, Pose
from station.settings import DepthSection

rs = pytest.importorskip("pyrealsense2")
MODEL = CameraModel(64, 48, 60.0, 60.0, 32.0, 24.0)
INFO = CameraInfo("cam_01", "1", "D415", "5.16", "3.2", MODEL, MODEL, Pose.identity(), 15.0)


def through(filters: DepthFilters | DepthSection, pictures: list[np.ndarray[Any, Any]]) -> list[np.ndarray[Any, Any]]:
    """Push depth pictures through a device and the filters, and return what comes out."""
    if isinstance(filters, DepthSection):
        filters = DepthFilters(rs, filters)
    software = SoftwareDevice(rs, INFO)
    queue = rs.frame_queue(4)
    sensor = software.sensors[0]
    sensor.open(software.profiles[0])
    sensor.start(queue)
    found = []
    for number, picture in enumerate(pictures, start=1):
        software.push_depth(np.ascontiguousarray(picture, np.uint16), number, number * 66.0)
        found.append(np.array(filters(queue.wait_for_frame(5000)).get_data()))
    sensor.stop()
    sensor.close()
    return found


def test_nothing_is_done_by_default() -> None:
    assert not DepthFilters(rs, DepthSection())


def test_depth_outside_the_limits_is_removed() -> None:
    picture = np.full((48, 64), 800, np.uint16)
    picture[0, :3] = (150, 2500, 0)
    (found,) = through(DepthSection(min_m=0.2, max_m=2.0), [picture])
    assert found[0, :4].tolist() == [0, 0, 0, 800]
    (found,) = through(DepthSection(max_m=2.0), [picture])
    assert found[0, :4].tolist() == [150, 0, 0, 800]


def test_noise_is_averaged_edges_are_not_and_a_hole_stays_a_hole() -> None:
    random = np.random.default_rng(3)
    pictures = [np.full((48, 64), 800) + random.integers(-8, 9, (48, 64)) for _ in range(12)]
    for picture in pictures[:-1]:
        picture[0, 0] = 300
    pictures[-1][0, 1] = 0
    found = through(DepthSection(temporal=True), pictures)[-1]
    assert found[1:].std() < 0.65 * pictures[-1][1:].std()
    assert abs(int(found[0, 0]) - 800) < 9  # the part that was there is gone at once
    assert found[0, 1] == 0


def test_holes_take_the_value_beside_them() -> None:
    picture = np.full((48, 64), 800, np.uint16)
    picture[:, 32:] = 900
    picture[10:12, 31:33] = 0
    (left,) = through(DepthSection(hole_filling="left"), [picture])
    assert left[10, 31:33].tolist() == [800, 800]
    (nearest,) = through(DepthSection(hole_filling="nearest"), [picture])
    assert (nearest > 0).all()
    assert nearest[10, 31] == 800


def test_the_cost_is_measured() -> None:
    filters = DepthFilters(rs, DepthSection(max_m=2.0, temporal=True, hole_filling="nearest"))
    assert filters.cost_ms == 0.0
    through(filters, [np.full((48, 64), 800, np.uint16)] * 3)
    assert 0.0 < filters.cost_ms < 1000.0
