"""Depth moved into the geometry of the colour picture."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import cv2
import numpy as np

from station.frames import CameraInfo, DepthImage, Frame, FrameSet

_WORKERS = 4


def register_depth(depth: DepthImage, depth_scale: float, info: CameraInfo) -> DepthImage:
    """Return ``depth`` (h, w) uint16 as the colour camera of ``info`` would have seen it, (H, W) uint16, read-only.

    The scale of ``depth_scale`` metres a step stays; pixels that nothing falls on are 0. Where two points fall on one
    pixel the nearer one counts. Holes that come from a colour picture finer than depth are closed by OpenCV's dilation.
    """
    color = info.color
    moved = cv2.registerDepth(
        info.depth.matrix,
        color.matrix,
        color.dist_coeffs,
        info.depth_to_color.matrix,
        depth.astype(np.float32) * np.float32(depth_scale),
        (color.width, color.height),
        depthDilation=color.fx > info.depth.fx,
    )
    steps = np.nan_to_num(np.asarray(moved, dtype=np.float32) / np.float32(depth_scale), posinf=0.0, neginf=0.0)
    registered = np.clip(np.rint(steps), 0, 65535).astype(np.uint16)
    registered.flags.writeable = False
    return registered


def register_frame(frame: Frame, info: CameraInfo) -> Frame:
    """Return the frame with its depth in the colour geometry; the frame itself when it is there already."""
    if info.registered:
        return frame
    return replace(frame, depth=register_depth(frame.depth, frame.depth_scale, info))


def register_frameset(frameset: FrameSet, infos: Mapping[str, CameraInfo]) -> FrameSet:
    """Return the frameset with every depth in its colour geometry; unchanged where all are already.

    ``infos`` holds what each camera says of itself, by role.
    """
    if all(infos[role].registered for role in frameset.frames):
        return frameset

    def moved(frame: Frame) -> Frame:
        return register_frame(frame, infos[frame.role])

    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="register") as pool:
        return replace(frameset, frames={f.role: f for f in pool.map(moved, frameset.frames.values())})
