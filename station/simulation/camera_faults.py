"""What a fault does to the pictures of one simulated camera on their way from the light to the device."""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from station.frames import ROLES, ColorImage, DepthImage
from station.simulation.faults import FaultName

_LATE_S = 0.4
"""So long after its exposure a late picture arrives."""
_JUMP_MS = 5000.0
_LOST_SHARE = 0.25
_TINT = (1.30, 1.0, 0.72)
"""Gains of red, green and blue of a white balance set for another light."""
_SMEAR_PX = 4.0
"""Blur of a dirty lens, standard deviation in pixels of a picture 640 wide."""
_VEIL = 0.25
"""Share of scattered light in its picture."""

PICTURE_FAULTS = frozenset(
    {
        FaultName.STALL,
        FaultName.DEAD_DEPTH,
        FaultName.FROZEN_PICTURE,
        FaultName.LATE_FRAMES,
        FaultName.LOST_FRAMES,
        FaultName.CLOCK_JUMP,
        FaultName.WHITE_BALANCE,
        FaultName.DIRTY_LENS,
    }
)
"""Those that are done to pictures; the others are done to the plug or to the scale."""


@dataclass(frozen=True, slots=True, eq=False)
class Exposed:
    """One picture: colour (H, W, 3), depth (H, W), capture time in UTC ms, and what its stamp adds to that.

    A ``lost`` one is taken, numbered and never seen.
    """

    color: ColorImage
    depth: DepthImage
    time_ms: float
    clock_ahead_ms: float = 0.0
    lost: bool = False


class CameraFaults:
    """The faults in force, by role; set from any thread, applied in the thread that feeds the cameras."""

    def __init__(self) -> None:
        self._setting = threading.Lock()
        self._held: Mapping[str, frozenset[FaultName]] = MappingProxyType({})
        self._frozen: dict[str, Exposed] = {}
        self._late: dict[str, deque[Exposed]] = {role: deque() for role in ROLES}
        self._luck = random.Random(1)

    def set(self, role: str, fault: FaultName, on: bool) -> None:
        """Begin or end one of :data:`PICTURE_FAULTS` at a camera."""
        with self._setting:
            held = self._held.get(role, frozenset[FaultName]())
            self._held = MappingProxyType({**self._held, role: held | {fault} if on else held - {fault}})

    def on(self, role: str) -> frozenset[FaultName]:
        """Return the faults in force at a camera."""
        return self._held.get(role, frozenset[FaultName]())

    def through(self, role: str, picture: Exposed) -> list[Exposed]:
        """Return what reaches the camera now in place of ``picture``: usually one picture, perhaps none or several.

        Arrays of the result may be those of ``picture``, which are only read.
        """
        faults = self.on(role)
        waiting = self._late[role]
        if FaultName.FROZEN_PICTURE not in faults:
            self._frozen.pop(role, None)
        if FaultName.STALL in faults:
            waiting.clear()
            return []
        if not faults and not waiting:
            return [picture]
        shown = self._altered(role, picture, faults)
        if FaultName.LATE_FRAMES not in faults:
            # The jam dissolves: what waited comes at once, in its order.
            arrived = [*waiting, shown]
            waiting.clear()
            return arrived
        # Copied, because the light's own memory is painted anew meanwhile.
        waiting.append(replace(shown, color=shown.color.copy(), depth=shown.depth.copy()))
        arrived = list[Exposed]()
        while waiting and waiting[0].time_ms <= picture.time_ms - _LATE_S * 1000.0:
            arrived.append(waiting.popleft())
        return arrived

    def _altered(self, role: str, picture: Exposed, faults: frozenset[FaultName]) -> Exposed:
        color, depth = picture.color, picture.depth
        if FaultName.FROZEN_PICTURE in faults:
            frozen = self._frozen.setdefault(role, Exposed(color.copy(), depth.copy(), picture.time_ms))
            color, depth = frozen.color, frozen.depth
        if FaultName.WHITE_BALANCE in faults:
            color = tinted(color)
        if FaultName.DIRTY_LENS in faults:
            color = smeared(color)
        if FaultName.DEAD_DEPTH in faults:
            depth = np.zeros_like(depth)
        return Exposed(
            color,
            depth,
            picture.time_ms,
            clock_ahead_ms=_JUMP_MS if FaultName.CLOCK_JUMP in faults else 0.0,
            lost=FaultName.LOST_FRAMES in faults and self._luck.random() < _LOST_SHARE,
        )


def tinted(color: ColorImage) -> ColorImage:
    """Return the picture (H, W, 3) as a camera shows it whose white balance was set for another light."""
    levels = np.clip(np.rint(np.outer(np.arange(256), _TINT)), 0, 255).astype(np.uint8)
    return _bytes(cv2.LUT(color, levels.reshape(1, 256, 3)))


def smeared(color: ColorImage) -> ColorImage:
    """Return the picture (H, W, 3) as it comes through a lens with grease on it: blurred, under a veil of its light."""
    blurred = _bytes(cv2.GaussianBlur(color, (0, 0), _SMEAR_PX * color.shape[1] / 640.0))
    veil = np.broadcast_to(color.mean(axis=(0, 1)).astype(np.uint8), color.shape)
    return _bytes(cv2.addWeighted(blurred, 1.0 - _VEIL, np.ascontiguousarray(veil), _VEIL, 0.0))


def _bytes(picture: object) -> NDArray[np.uint8]:
    return np.ascontiguousarray(picture, dtype=np.uint8)
