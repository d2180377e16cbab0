"""The calibration as COLMAP's text model, to start a reconstruction from known cameras."""

from __future__ import annotations

from calibration.exports.words import number, origin, quaternion, remarks
from station.geometry import CameraModel, RigCalibration

_PIXEL_CENTRE = 0.5
"""COLMAP's pixels: the upper left corner of the picture is (0, 0), the centre of its first pixel (0.5, 0.5)."""


def colmap_files(calibration: RigCalibration) -> dict[str, str]:
    """Return ``cameras.txt``, ``images.txt`` and an empty ``points3D.txt``.

    One image per camera, called ``<role>.png``. Poses lead from the world to the camera, quaternions are w x y z.
    PINHOLE without distortion, OPENCV with k1, k2, p1, p2, FULL_OPENCV with k3 too. The principal point is
    shifted by half a pixel, for COLMAP counts from the first pixel's corner.
    """
    about = origin(calibration)
    half = f"COLMAP's pixels begin at the picture's corner: cx and cy are {_PIXEL_CENTRE} larger than in OpenCV."
    cameras = remarks([*about, half, "CAMERA_ID MODEL WIDTH HEIGHT PARAMS[]"])
    images = remarks(
        [*about, "World to camera. IMAGE_ID QW QX QY QZ TX TY TZ CAMERA_ID NAME, then POINTS2D[], here empty"]
    )
    for index, (role, camera) in enumerate(sorted(calibration.cameras.items()), 1):
        kind, parameters = _parameters(camera.model)
        size = f"{camera.model.width} {camera.model.height}"
        cameras += f"{index} {kind} {size} {_words(parameters)}\n"
        pose = (*quaternion(camera.pose.rotation), *camera.pose.translation.tolist())
        images += f"{index} {_words(pose)} {index} {image_name(role)}\n\n"
    points = remarks([*about, "POINT3D_ID X Y Z R G B ERROR TRACK[]; none yet"])
    return {"cameras.txt": cameras, "images.txt": images, "points3D.txt": points}


def image_name(role: str) -> str:
    """Return the name of a camera's picture."""
    return f"{role}.png"


def _parameters(model: CameraModel) -> tuple[str, tuple[float, ...]]:
    pinhole = model.fx, model.fy, model.cx + _PIXEL_CENTRE, model.cy + _PIXEL_CENTRE
    k1, k2, p1, p2, k3 = model.distortion
    if not model.distorted:
        return "PINHOLE", pinhole
    if k3 == 0.0:
        return "OPENCV", (*pinhole, k1, k2, p1, p2)
    return "FULL_OPENCV", (*pinhole, k1, k2, p1, p2, k3, 0.0, 0.0, 0.0)


def _words(values: tuple[float, ...]) -> str:
    return " ".join(number(value) for value in values)
