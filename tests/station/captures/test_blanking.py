"""What is stored of a room: nothing but the space above the plate, and all of that."""

from dataclasses import replace
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest

from station.captures.blanking import blank_outside, visible_pixels
from station.errors import DatasetError
from station.frames import Frame, FrameSet, TimeDomain
from station.geometry import CameraCalibration, CameraModel, Pose, RigCalibration, WorkVolume

VOLUME = WorkVolume()
SIZE = (320, 240)


def looking(
    origin: tuple[float, float, float], target: tuple[float, float, float], **model: float
) -> CameraCalibration:
    """Return a camera at ``origin`` that looks at ``target``."""
    z = np.subtract(target, origin)
    z = z / np.linalg.norm(z)
    x = np.cross((0.0, 0.0, -1.0) if abs(z[2]) < 0.99 else (0.0, 1.0, 0.0), z)
    x /= np.linalg.norm(x)
    rotation = np.stack([x, np.cross(z, x), z])
    distortion = tuple(model.get(name, 0.0) for name in ("k1", "k2", "p1", "p2", "k3"))
    focal = model.get("focal", 226.0)
    camera = CameraModel(*SIZE, focal, focal * 1.01, 161.3, 118.2, distortion)  # type: ignore[arg-type]
    return CameraCalibration("cam_01", "s", camera, Pose(rotation, -rotation @ np.array(origin)))


CAMERAS = {
    "from above": looking((0.2, 0.2, 0.8), (0.24, 0.19, 0.0)),
    "from a side": looking((0.69, 0.23, 0.16), (0.24, 0.19, 0.05)),
    "distorted": looking((-0.35, 0.21, 0.6), (0.24, 0.19, 0.1), k1=0.12, k2=-0.25, p1=0.001, p2=-0.002, k3=0.1),
    "barrel": looking((0.5, -0.3, 0.7), (0.24, 0.19, 0.1), k1=-0.2, k2=0.05),
    "far off": looking((2.5, 2.0, 1.5), (0.24, 0.19, 0.1), focal=300.0),
}


def touched_by_points_of_the_volume(camera: CameraCalibration) -> np.ndarray:
    """Return (H, W) bool by another way: a cloud of points all through the box, projected by OpenCV."""
    axes = [np.linspace(*edge, 140) for edge in (VOLUME.x, VOLUME.y, VOLUME.z)]
    faces = []
    for axis, edge in enumerate((VOLUME.x, VOLUME.y, VOLUME.z)):
        others = np.meshgrid(*(axes[a] for a in range(3) if a != axis))
        for end in edge:
            face = np.empty((others[0].size, 3))
            face[:, axis] = end
            for a, values in zip((a for a in range(3) if a != axis), others, strict=True):
                face[:, a] = values.ravel()
            faces.append(face)
    points = np.concatenate(faces)
    in_front = camera.pose.apply(points)[:, 2] > 0.02
    pixels, _ = cv2.projectPoints(
        points[in_front][:, None],
        cv2.Rodrigues(camera.pose.rotation)[0],
        camera.pose.translation,
        camera.model.matrix,
        camera.model.dist_coeffs,
    )
    touched = np.zeros(SIZE[::-1], bool)
    u, v = np.rint(pixels[:, 0]).astype(int).T
    inside = (u >= 0) & (u < SIZE[0]) & (v >= 0) & (v < SIZE[1])
    touched[v[inside], u[inside]] = True
    return touched


@pytest.mark.parametrize("name", CAMERAS)
def test_every_pixel_that_shows_the_volume_is_kept_and_no_other(name: str) -> None:
    touched = touched_by_points_of_the_volume(CAMERAS[name])
    seen = visible_pixels(CAMERAS[name], VOLUME)
    assert touched.any()
    assert not np.any(touched & ~seen)
    near = cv2.dilate(touched.astype(np.uint8), np.ones((7, 7), np.uint8)).astype(bool)
    assert not np.any(seen & ~near)
    assert not seen.all() or name == "from a side"


def test_a_camera_that_looks_away_sees_nothing_and_one_inside_sees_all() -> None:
    assert not visible_pixels(looking((0.2, 0.2, 0.8), (0.2, 0.2, 2.0)), VOLUME).any()
    assert visible_pixels(looking((0.2, 0.2, 0.1), (0.9, 0.2, 0.4)), VOLUME).all()


def noise(role: str, size: tuple[int, int] = SIZE) -> Frame:
    rng = np.random.default_rng(3)
    color = rng.integers(1, 256, (size[1], size[0], 3), dtype=np.uint8)
    depth = rng.integers(1, 60000, (size[1], size[0]), dtype=np.uint16)
    return Frame(role, color, depth, 0.001, 1, 0.0, TimeDomain.GLOBAL, 0)


def test_colour_and_depth_are_black_outside_and_untouched_inside() -> None:
    camera = CAMERAS["from above"]
    calibration = RigCalibration({"cam_01": camera}, "test", "2026-01-01T00:00:00Z")
    frames = {"cam_01": noise("cam_01"), "cam_02": noise("cam_02", (64, 48))}
    frameset = FrameSet(frames, (), 0.0, datetime(2026, 1, 1, tzinfo=UTC), 0)
    blanked = blank_outside(frameset, calibration, VOLUME)
    seen = visible_pixels(camera, VOLUME)
    known, unknown = blanked.frames["cam_01"], blanked.frames["cam_02"]
    assert np.array_equal(known.color[seen], frames["cam_01"].color[seen])
    assert np.array_equal(known.depth[seen], frames["cam_01"].depth[seen])
    assert not known.color[~seen].any()
    assert not known.depth[~seen].any()
    assert not unknown.color.any()
    assert not unknown.depth.any()
    assert (unknown.color.shape, unknown.depth.shape) == ((48, 64, 3), (48, 64))
    assert not known.color.flags.writeable
    assert not known.depth.flags.writeable
    assert replace(blanked, frames=frames) == frameset
    assert (known.color.dtype, known.depth.dtype) == (np.uint8, np.uint16)


def test_a_picture_of_another_size_than_calibrated_is_refused() -> None:
    calibration = RigCalibration({"cam_01": CAMERAS["from above"]}, "test", "2026-01-01T00:00:00Z")
    frameset = FrameSet({"cam_01": noise("cam_01", (64, 48))}, (), 0.0, datetime(2026, 1, 1, tzinfo=UTC), 0)
    with pytest.raises(DatasetError, match="64×48 pixels, its calibration 320×240"):
        blank_outside(frameset, calibration, VOLUME)
