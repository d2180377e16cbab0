"""Coarse voxels over the plate: which of them the views agree on, and which of those hang together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from recognition.roi.depth import BACKGROUND, PART, UNKNOWN, Labels
from recognition.roi.rays import Floats, ViewRays, project
from station.geometry import WorkVolume

VOXEL_M = 0.010
STRIDE = 2
"""Every so many pixels of the working grid the coarse labels are taken."""
BORDER_M = 0.040
"""The voxels reach so far beyond the printed frame, to see a part that does."""
_RAISED_VIEWS = 3
_WIDE_SHARE = 0.8
_WAIST_SHARE = 0.5
_ARM_M = 0.100
"""No part is so high where it reaches that far beyond the plate; arms are."""
_SLACK_M = 0.015
"""A measured point must lie so far behind a voxel to empty it."""


@dataclass(frozen=True, slots=True, eq=False)
class ViewVoxels:
    """One view's look at all voxels: flat index into its coarse label grid (0 where unseen), seen or not, depth.

    ``reach`` is half a voxel in pixels of that grid.
    """

    index: NDArray[np.int32]
    seen: NDArray[np.bool_]
    depth: Floats
    reach: int


@dataclass(frozen=True, slots=True, eq=False)
class CoarseView:
    """One view on its coarse grid: labels (h, w), depth (h, w; 0 unknown), and what depth alone says is part."""

    label: Labels
    depth: Floats
    raised: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Component:
    """Voxels that hang together: their lower and upper corner in the world (3,), and how many they are.

    ``raised`` says that the depth of several views sees it stand above the plate. ``leaves`` says that it goes on
    sideways beyond the searched space, ``in_the_air`` that it is higher up there much wider than farther down: a part
    that reaches beyond the plate lies on it, an arm or a cable comes through the air.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    count: int
    raised: bool
    leaves: bool
    in_the_air: bool


class VoxelGrid:
    """Voxels of one calibration's work volume and where every view sees them."""

    def __init__(self, rays: Mapping[str, ViewRays], volume: WorkVolume) -> None:
        """Lay the voxels over the printed frame and project them into every view."""
        spans = (
            (volume.x[0] - BORDER_M, volume.x[1] + BORDER_M),
            (volume.y[0] - BORDER_M, volume.y[1] + BORDER_M),
            (volume.z[0], volume.z[1] + BORDER_M),
        )
        axes = [np.arange(low + VOXEL_M / 2, high, VOXEL_M) for low, high in spans]
        self.origin = np.array([low for low, _ in spans])
        self.shape = (len(axes[0]), len(axes[1]), len(axes[2]))
        points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3).astype(np.float32)
        self.views = {role: _look(view, points) for role, view in rays.items()}

    def parts(self, seen_by: Mapping[str, CoarseView]) -> list[Component]:
        """Return the groups of voxels that the views agree are part, the largest first.

        A view empties a voxel when it sees background there or a surface well behind it. One dissenting view is
        forgiven where many look. Of the voxels left, those on which at least three views (fewer, if there are no more)
        see part are certain; those on which any does join certain ones to one part.
        """
        against, support, raised = self._votes(seen_by)
        possible = (against <= (1 if len(seen_by) >= 6 else 0)) & (support >= 1)
        certain = possible & (support >= min(3, max(1, len(seen_by) // 2)))
        enough = min(_RAISED_VIEWS, max(1, len(seen_by) // 2))
        return self._components(possible, certain, certain & (raised >= enough))

    def _votes(self, seen_by: Mapping[str, CoarseView]) -> tuple[NDArray[np.uint8], ...]:
        count = self.shape[0] * self.shape[1] * self.shape[2]
        against, support, raised = (np.zeros(count, np.uint8) for _ in range(3))
        for role, view in seen_by.items():
            voxels = self.views[role]
            kernel = np.ones((2 * voxels.reach + 1, 2 * voxels.reach + 1), np.uint8)
            part = cv2.dilate((view.label == PART).astype(np.uint8), kernel) > 0
            clear = cv2.erode((view.label == BACKGROUND).astype(np.uint8), kernel) > 0
            high = cv2.dilate(view.raised.astype(np.uint8), kernel) > 0
            state = np.where(clear, np.uint8(BACKGROUND), np.where(part, np.uint8(PART), np.uint8(UNKNOWN)))
            label = state.ravel()[voxels.index]
            label[~voxels.seen] = UNKNOWN
            surface = view.depth.ravel()[voxels.index]
            behind = (surface > voxels.depth + _SLACK_M) & voxels.seen
            against += (label == BACKGROUND) | (behind & (label != PART))
            support += (label == PART) & ~behind
            raised += high.ravel()[voxels.index] & voxels.seen
        return against, support, raised

    def _components(
        self, possible: NDArray[np.bool_], certain: NDArray[np.bool_], raised: NDArray[np.bool_]
    ) -> list[Component]:
        labels, _ = ndimage.label(possible.reshape(self.shape), structure=np.ones((3, 3, 3)))
        flat = labels.ravel()
        places = np.flatnonzero(certain)
        cells = np.stack(np.unravel_index(places, self.shape), axis=1)
        owner = flat[places]
        tall = set(np.unique(flat[raised]).tolist())
        found: list[Component] = []
        for number in np.unique(owner):
            own = cells[owner == number]
            low = self.origin + own.min(axis=0) * VOXEL_M
            high = self.origin + (own.max(axis=0) + 1) * VOXEL_M
            last = np.array(self.shape[:2]) - 1
            outer = own[((own[:, :2] == 0) | (own[:, :2] == last)).any(axis=1)]
            found.append(
                Component(
                    low,
                    high,
                    len(own),
                    raised=int(number) in tall,
                    leaves=len(outer) > 0,
                    in_the_air=len(outer) > 0 and _in_the_air(outer[:, 2]),
                )
            )
        return sorted(found, key=lambda component: -component.count)


def _in_the_air(layers: NDArray[np.intp]) -> bool:
    """Whether cells, given by their layers (n,), are an arm's or a cable's rather than those of a part that lies there.

    They are much fewer somewhere below than where they are many, or many far above the plate: few views see under an
    arm, and its hull hangs down to the plate, mostly growing thin on the way.
    """
    widths = np.bincount(layers)
    most = widths.max()
    highest = int(np.flatnonzero(widths >= _WIDE_SHARE * most)[-1])
    return highest * VOXEL_M >= _ARM_M or bool(widths[: highest + 1].min() <= _WAIST_SHARE * most)


def _look(rays: ViewRays, points: Floats) -> ViewVoxels:
    pixels, depth = project(rays.camera, points)
    at = np.rint(rays.to_working(pixels) / STRIDE)
    height, width = (-(-n // STRIDE) for n in rays.shape)
    seen = (at[:, 0] >= 0) & (at[:, 0] < width) & (at[:, 1] >= 0) & (at[:, 1] < height)
    flat = np.where(seen, at[:, 1] * width + at[:, 0], 0).astype(np.int32)
    typical = float(np.median(depth[seen])) if seen.any() else 1.0
    pixel = rays.camera.model.fx / (rays.step * STRIDE * typical)
    return ViewVoxels(index=flat, seen=seen, depth=depth, reach=max(1, round(0.5 * VOXEL_M * pixel)))
