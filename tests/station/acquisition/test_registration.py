"""Depth moved into the colour picture, against planes and boxes whose depth in both cameras is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import cv2
import numpy as np

from station.acquisition.registration import register_depth, register_frameset
from station.frames import CameraInfo, Frame, FrameSet, TimeDomain
from station.geometry import Array, CameraModel, Pose

DEPTH_CAMERA = CameraModel(640, 480, 390.0, 390.0, 321.0, 241.0)
COLOR_CAMERA = CameraModel(640, 480, 610.0, 611.0, 318.0, 243.0, (0.05, -0.08, 0.0005, -0.0004, 0.02))
TURN = np.asarray(cv2.Rodrigues(np.array([[0.004], [-0.006], [0.003]]))[0], dtype=np.float64)
INFO = CameraInfo(
    "cam_01", "1", "", "", "", COLOR_CAMERA, DEPTH_CAMERA, Pose(TURN, np.array([0.015, 0.0004, -0.0002])), 15.0
)


def plane_depth(model: CameraModel, normal: Array, distance: float) -> Array:
    """Depth z of the plane ``normal · X = distance`` at every pixel of a camera, metres, (H, W)."""
    u, v = np.meshgrid(np.arange(model.width, dtype=np.float64), np.arange(model.height, dtype=np.float64))
    pixels = np.stack([u.ravel(), v.ravel()], axis=1).reshape(-1, 1, 2)
    ideal = cv2.undistortPoints(pixels, model.matrix, model.dist_coeffs).reshape(-1, 2)
    z = distance / (ideal @ normal[:2] + normal[2])
    return z.reshape(model.height, model.width)


def moved_plane(normal: Array, distance: float) -> tuple[Array, float]:
    turned = INFO.depth_to_color.rotation @ normal
    return turned, distance + float(turned @ INFO.depth_to_color.translation)


def test_a_tilted_plane_lies_where_the_colour_camera_sees_it() -> None:
    normal = np.array([0.2, -0.35, 0.915])
    seen = np.rint(plane_depth(DEPTH_CAMERA, normal, 0.7) * 1000).astype(np.uint16)
    moved = register_depth(seen, 0.001, INFO)
    truth = plane_depth(COLOR_CAMERA, *moved_plane(normal, 0.7)) * 1000
    inner = (slice(20, -20), slice(20, -20))
    filled = moved[inner] > 0
    assert filled.mean() > 0.99
    error = np.abs(moved[inner].astype(np.float64) - truth[inner])[filled]
    # A depth pixel covers 1.6 colour pixels, over which this plane falls by two millimetres.
    assert np.percentile(error, 95) < 3.0
    assert np.median(error) < 1.5
    assert not moved.flags.writeable


def test_the_nearer_of_two_points_covers_the_farther() -> None:
    seen = np.full((480, 640), 900, np.uint16)
    seen[180:300, 260:380] = 500
    moved = register_depth(seen, 0.001, INFO)
    assert 490 <= int(np.median(moved[200:280, 290:350])) <= 510
    values = moved[moved > 0]
    assert ((np.abs(values.astype(int) - 500) < 20) | (np.abs(values.astype(int) - 900) < 30)).mean() > 0.995


def test_holes_and_other_scales_stay_what_they_are() -> None:
    seen = np.full((480, 640), 7000, np.uint16)
    seen[:, 320:] = 0
    moved = register_depth(seen, 0.0001, INFO)
    assert abs(float(np.median(moved[200:280, 60:200])) - 7000) < 70
    assert (moved[:, 420:] == 0).all()


def frameset(infos: dict[str, CameraInfo]) -> FrameSet:
    frames = {
        role: Frame(
            role,
            np.zeros((480, 640, 3), np.uint8),
            np.full((480, 640), 800, np.uint16),
            0.001,
            1,
            0.0,
            TimeDomain.GLOBAL,
            0,
        )
        for role in infos
    }
    return FrameSet(frames, (), 0.0, datetime.now(UTC), 0)


def test_a_frameset_that_is_registered_already_is_handed_on_untouched() -> None:
    info = replace(INFO, depth=COLOR_CAMERA, depth_to_color=Pose.identity())
    given = frameset({"cam_01": info})
    assert register_frameset(given, {"cam_01": info}) is given


def test_only_the_frames_that_need_it_are_moved() -> None:
    infos = {"cam_01": replace(INFO, depth=COLOR_CAMERA, depth_to_color=Pose.identity()), "cam_02": INFO}
    given = frameset(infos)
    moved = register_frameset(given, infos)
    assert moved.frames["cam_01"] is given.frames["cam_01"]
    assert moved.frames["cam_02"].depth is not given.frames["cam_02"].depth
    assert moved.frames["cam_02"].color is given.frames["cam_02"].color
