"""Pictures without their surroundings: black wherever the space above the plate cannot be seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from station.errors import DatasetError
from station.frames import ColorImage, DepthImage, Frame, FrameSet
from station.geometry import Array, CameraCalibration, CameraModel, RigCalibration, WorkVolume

Visible = NDArray[np.bool_]
"""(H, W): whether the work volume can be seen in a pixel."""

_KEPT = 32
"""Outlines that are kept: ten cameras, and those of the calibrations before."""
_WITHIN_PX = 0.5
"""A pixel whose ray, projected again, ends farther off has none: the lens's model does not reach there."""
_TINY = 1e-12


def blank_outside(frameset: FrameSet, calibration: RigCalibration, volume: WorkVolume) -> FrameSet:
    """Return the frameset with colour and depth 0 in every pixel that cannot show the work volume.

    Depth lies in the colour picture's geometry. A camera that the calibration does not know is black altogether: nobody
    can tell what it shows. Raises DatasetError when a picture has another size than the calibrated camera.
    """
    frames: Mapping[str, Frame] = {
        role: _blanked(frame, calibration.cameras.get(role), volume) for role, frame in frameset.frames.items()
    }
    return replace(frameset, frames=frames)


def visible_pixels(camera: CameraCalibration, volume: WorkVolume) -> Visible:
    """Return where the work volume can be seen: (H, W), read-only.

    A pixel counts when the ray through its centre or a neighbour's meets the box in front of the camera; pixels for
    which the lens's model gives no ray count, too.
    """
    pose = tuple(float(value) for value in camera.pose.matrix[:3].ravel())
    return _visible(camera.model, pose, volume)


def _blanked(frame: Frame, camera: CameraCalibration | None, volume: WorkVolume) -> Frame:
    seen: Visible = visible_pixels(camera, volume) if camera else np.zeros(frame.depth.shape, bool)
    for what, (height, width, *_) in (("colour", frame.color.shape), ("depth", frame.depth.shape)):
        if (height, width) != seen.shape:
            raise DatasetError(
                f"The {what} of {frame.role} has {width}×{height} pixels, its calibration"
                f" {seen.shape[1]}×{seen.shape[0]}: what lies outside the work volume cannot be told.",
                todo="Calibrate the rig at the resolution that it works with.",
            )
    color: ColorImage = np.where(seen[..., None], frame.color, np.uint8(0))
    depth: DepthImage = np.where(seen, frame.depth, np.uint16(0))
    color.flags.writeable = depth.flags.writeable = False
    return replace(frame, color=color, depth=depth)


@lru_cache(_KEPT)
def _visible(model: CameraModel, pose: tuple[float, ...], volume: WorkVolume) -> Visible:
    rays, sure = _rays(model)
    world_to_camera = np.array(pose).reshape(3, 4)
    rotation, translation = world_to_camera[:, :3], world_to_camera[:, 3]
    hit = _meets(-rotation.T @ translation, rays @ rotation, volume) | ~sure
    seen = cv2.dilate(hit.reshape(model.height, model.width).astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    seen.flags.writeable = False
    return seen


def _rays(model: CameraModel) -> tuple[Array, Visible]:
    """Return the direction (N, 3) of every pixel's ray in the camera's frame, z = 1, and (N,) whether it is one."""
    u, v = np.meshgrid(np.arange(model.width, dtype=np.float64), np.arange(model.height, dtype=np.float64))
    pixels = np.stack([u.ravel(), v.ravel()], axis=1)
    rays = np.ones((len(pixels), 3))
    rays[:, :2] = cv2.undistortPoints(pixels[:, None], model.matrix, model.dist_coeffs)[:, 0]
    if not model.distorted:
        return rays, np.ones(len(pixels), bool)
    u, v = (model.project(rays) - pixels).T
    return rays, u * u + v * v <= _WITHIN_PX**2


def _meets(origin: Array, directions: Array, volume: WorkVolume) -> Visible:
    """Return (N,) whether rays from ``origin`` (3,) along ``directions`` (N, 3) meet the box (slab method)."""
    enters, leaves = np.zeros(len(directions)), np.full(len(directions), np.inf)
    for axis, (low, high) in enumerate((volume.x, volume.y, volume.z)):
        along = directions[:, axis]
        steps = 1.0 / np.where(np.abs(along) < _TINY, _TINY, along)
        one, other = (low - origin[axis]) * steps, (high - origin[axis]) * steps
        np.maximum(enters, np.minimum(one, other), out=enters)
        np.minimum(leaves, np.maximum(one, other), out=leaves)
    return leaves >= enters
