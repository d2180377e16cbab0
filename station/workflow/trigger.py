"""When the picture stands still, and whether it is still the one of before: small grey pictures of a few cameras."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import cv2
import numpy as np
from numpy.typing import NDArray

from station.frames import ColorImage, Frame
from station.geometry import CameraCalibration, RigCalibration, WorkVolume

_GRID = (32, 24)
"""Blocks across and down."""
_BLOCK = 4
"""Edge of a block in pixels of the small picture."""
_CAMERAS = 4
_LOW_M = 0.06
"""Only so much height above the plate is watched: higher up a view sees the people behind the plate."""
_RENEW_NS = 5_000_000_000
_STALE_NS = 1_000_000_000
_STRONG = 2.0
"""A captured part has changed where the picture differs by so many times the change that counts as motion."""


@dataclass(frozen=True, slots=True, eq=False)
class _Small:
    """Small grey picture (96, 128) float32 of a region, and its median grey level."""

    pixels: NDArray[np.float32]
    median: float


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """Part of one camera's picture that is watched: a rectangle, and the blocks in it that show the plate.

    ``box`` is (x0, y0, x1, y1) in pixels, ``blocks`` bool of the grid's shape (24, 32).
    """

    box: tuple[int, int, int, int]
    blocks: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Sight:
    """What the pictures say at one instant.

    ``still``: nothing has moved for the wanted time. ``unlike_empty``: differs from the empty plate, ``None`` while
    that is not known. ``unlike_capture``: differs strongly from the moment of the last capture.
    """

    still: bool
    unlike_empty: bool | None
    unlike_capture: bool


def watched_regions(calibration: RigCalibration, volume: WorkVolume) -> dict[str, Region]:
    """Return the region of every camera that sees the plate, the best first: seen large, and from above."""
    found = {
        role: region
        for role, camera in calibration.cameras.items()
        if (region := _plate_region(camera, volume)) is not None
    }
    order = sorted(found, key=lambda role: (-_worth(found[role], calibration.cameras[role], volume), role))
    return {role: found[role] for role in order}


def _worth(region: Region, camera: CameraCalibration, volume: WorkVolume) -> float:
    """Share of the picture that shows the plate, times the squared sine of the elevation it is seen from.

    A low view sees the people behind the plate, and parts hide each other and their shadows in it.
    """
    x0, y0, x1, y1 = region.box
    share = (x1 - x0) * (y1 - y0) * float(np.mean(region.blocks)) / (camera.model.width * camera.model.height)
    line = camera.pose.center - volume.corners.mean(axis=0) * (1.0, 1.0, 0.0)
    return share * float(line[2] ** 2 / (line @ line))


def _plate_region(camera: CameraCalibration, volume: WorkVolume) -> Region | None:
    corners = volume.corners.copy()
    corners[:, 2] = np.clip(corners[:, 2], 0.0, _LOW_M)
    pixels = camera.model.project(camera.pose.apply(corners))
    if not np.isfinite(pixels).all():
        return None
    width, height = camera.model.width, camera.model.height
    x0, y0 = (int(v) for v in np.clip(np.floor(pixels.min(axis=0)), 0, (width, height)))
    x1, y1 = (int(v) for v in np.clip(np.ceil(pixels.max(axis=0)) + 1, 0, (width, height)))
    if x1 - x0 < _GRID[0] or y1 - y0 < _GRID[1]:
        return None
    hull = cv2.convexHull(pixels.astype(np.float32)).reshape(-1, 2)
    scale = np.array([(x1 - x0) / _GRID[0], (y1 - y0) / _GRID[1]])
    inside = np.zeros((_GRID[1], _GRID[0]), np.uint8)
    cv2.fillConvexPoly(inside, np.rint((hull - (x0, y0)) / scale - 0.5).astype(np.int32), 1)
    return Region(box=(x0, y0, x1, y1), blocks=inside.astype(bool))


class PictureWatch:
    """Compares small grey pictures block by block.

    ``regions`` come in order of preference: the first four cameras that deliver are watched. ``change`` is the mean
    grey level change of a block that counts as motion; ``still_s`` how long there must be none. A change of the whole
    picture's brightness is taken out, light that drifts is followed while nothing moves.
    """

    def __init__(self, regions: Mapping[str, Region], *, change: float, still_s: float) -> None:
        self._regions = dict(regions)
        self._change = change
        self._still_ns = round(still_s * 1e9)
        self._now: dict[str, _Small] = {}
        self._anchor: dict[str, _Small] = {}
        self._empty: dict[str, _Small] = {}
        self._captured: dict[str, _Small] = {}
        self._arrived_ns: dict[str, int] = {}
        self._moved_ns: int | None = None
        self._renewed_ns = 0

    @property
    def roles(self) -> tuple[str, ...]:
        """The cameras that can be watched, in order of preference."""
        return tuple(self._regions)

    def see(self, frames: Iterable[Frame], now_ns: int) -> None:
        """Take the newest frames of the cameras, in order of preference, at the monotonic time ``now_ns``.

        Frames that were seen already, stale ones and those of further cameras are passed over.
        """
        fresh = (f for f in frames if f.role in self._regions and now_ns - f.arrival_ns <= _STALE_NS)
        for frame in islice(fresh, _CAMERAS):
            if self._arrived_ns.get(frame.role) == frame.arrival_ns:
                continue
            self._arrived_ns[frame.role] = frame.arrival_ns
            small = _small(frame.color, self._regions[frame.role].box)
            self._now[frame.role] = small
            anchor = self._anchor.get(frame.role)
            if anchor is None or self._differs(frame.role, small, anchor) >= self._change:
                self._anchor[frame.role] = small
                self._moved_ns = max(self._moved_ns or 0, frame.arrival_ns)
        self._follow_light()

    def sight(self, now_ns: int) -> Sight:
        """Return what the pictures say at the monotonic time ``now_ns``."""
        fresh = [role for role, arrived in self._arrived_ns.items() if now_ns - arrived <= _STALE_NS]
        still = bool(fresh) and self._quiet_ns(fresh) >= self._still_ns
        return Sight(
            still=still,
            unlike_empty=self._unlike(self._empty, fresh, self._change) if self._empty else None,
            unlike_capture=self._unlike(self._captured, fresh, _STRONG * self._change),
        )

    def learn_empty(self, frames: Mapping[str, Frame]) -> None:
        """Take these frames, by role, as the pictures of the empty plate."""
        self._empty.update(self._smalls(frames))

    def forget_empty(self) -> None:
        """Know no picture of the empty plate any more."""
        self._empty.clear()

    def mark_capture(self, frames: Mapping[str, Frame]) -> None:
        """Take these frames, by role, as the pictures of the capture."""
        self._captured = self._smalls(frames)

    def _smalls(self, frames: Mapping[str, Frame]) -> dict[str, _Small]:
        return {role: _small(frames[role].color, r.box) for role, r in self._regions.items() if role in frames}

    def _quiet_ns(self, roles: Sequence[str]) -> int:
        """How long nothing has moved, as the pictures that have come can tell."""
        if self._moved_ns is None:
            return -1
        return min(self._arrived_ns[role] for role in roles) - self._moved_ns

    def _unlike(self, reference: Mapping[str, _Small], roles: Sequence[str], change: float) -> bool:
        return any(
            self._differs(role, self._now[role], reference[role]) >= change for role in roles if role in reference
        )

    def _differs(self, role: str, small: _Small, reference: _Small) -> float:
        """Return the largest mean change of a block that shows the plate, grey levels.

        What the quieter blocks show is the camera's noise, and no motion: it is taken off.
        """
        blocks = self._regions[role].blocks
        if not blocks.any():
            return 0.0
        gain = min(max(reference.median / max(small.median, 1.0), 0.5), 2.0)
        change = np.abs(small.pixels * np.float32(gain) - reference.pixels)
        means = change.reshape(_GRID[1], _BLOCK, _GRID[0], _BLOCK).mean(axis=(1, 3))
        seen = means[blocks]
        return float(seen.max() - np.quantile(seen, 0.25))

    def _follow_light(self) -> None:
        """After five quiet seconds take the pictures anew, so that drifting light does not add up to a change."""
        if not self._arrived_ns or self._moved_ns is None:
            return
        newest = max(self._arrived_ns.values())
        if newest - max(self._moved_ns, self._renewed_ns) < _RENEW_NS:
            return
        self._renewed_ns = newest
        self._anchor.update(self._now)
        for role, small in self._now.items():
            reference = self._captured.get(role)
            if reference is not None and self._differs(role, small, reference) < self._change:
                self._captured[role] = small


def _small(color: ColorImage, box: tuple[int, int, int, int]) -> _Small:
    """Return the green channel inside the box as a small picture."""
    x0, y0, x1, y1 = box
    height, width = color.shape[:2]
    if x1 > width or y1 > height:
        # The calibration was made at another image size: the plate's place is unknown, the whole picture is watched.
        x0, y0, x1, y1 = 0, 0, width, height
    size = (_GRID[0] * _BLOCK, _GRID[1] * _BLOCK)
    stride = max(1, (x1 - x0) // (2 * size[0]))
    green = np.ascontiguousarray(color[y0:y1:stride, x0:x1:stride, 1])
    pixels = np.asarray(cv2.resize(green, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
    return _Small(pixels, float(np.median(pixels)))
