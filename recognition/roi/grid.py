"""Coarse voxels over the plate: which of them the views agree on, and which of those hang together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from recognition.roi.depth import BACKGROUND, PART, Labels
from recognition.roi.rays import BORDER_M, Floats, ViewRays, homogeneous, project
from station.geometry import WorkVolume

VOXEL_M = 0.010
_RAISED_VIEWS = 3
_WIDE_SHARE = 0.8
_WAIST_SHARE = 0.5
_ARM_M = 0.100
"""No part is so high where it reaches that far beyond the plate; arms are."""
_OWN_VIEWS = 2
_BESIDE_SHARE = 0.3
"""So many views must see such a share of a smaller body beside the larger ones."""
_SLACK_M = 0.015
"""A measured point must lie so far behind a voxel to empty it."""
_AGAINST, _SUPPORT, _RAISED = np.uint32(1), np.uint32(1 << 8), np.uint32(1 << 16)
"""A view's word on a voxel; added up over the views they count in one number, for up to 255 views."""


@dataclass(frozen=True, slots=True, eq=False)
class ViewVoxels:
    """One view's look at all voxels: flat index into its coarse window (one behind its end where unseen), and depth.

    ``reach`` is half a voxel in pixels of that window.
    """

    index: NDArray[np.intp]
    depth: Floats
    reach: int


@dataclass(frozen=True, slots=True, eq=False)
class CoarseView:
    """One view in its coarse window: labels (h, w), depth (h, w; 0 unknown), and what depth alone says is part."""

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
        points = homogeneous(np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3))
        self.views = {role: _look(view, points) for role, view in rays.items()}

    def parts(self, seen_by: Mapping[str, CoarseView]) -> list[Component]:
        """Return the groups of voxels that the views agree are part, the largest first.

        A view empties a voxel when it sees background there or a surface well behind it. One dissenting view is
        forgiven where many look. Of the voxels left, those on which at least three views (fewer, if there are no more)
        see part are certain; those on which any does join certain ones to one part. A group that only ever stands where
        a larger one hides it is none: nobody saw it, but nobody could see past the larger one, either.
        """
        allowed = 1 if len(seen_by) >= 6 else 0
        states = {role: _state(view, self.views[role].reach) for role, view in seen_by.items()}
        places, against, support, raised = self._votes(seen_by, states, allowed)
        possible = (against <= allowed) & (support >= 1)
        certain = possible & (support >= min(3, max(1, len(seen_by) // 2)))
        enough = min(_RAISED_VIEWS, max(1, len(seen_by) // 2))
        groups = self._groups(places[possible], certain[possible])
        tall = set(places[certain & (raised >= enough)].tolist())
        found = [self._component(group, not tall.isdisjoint(group.tolist())) for group in groups]
        if len(found) < 2:
            return found
        shapes = {role: view.label.shape for role, view in seen_by.items()}
        seen = self._not_hidden(groups, states, shapes)
        return [component for component, own in zip(found, seen, strict=True) if own]

    def _votes(
        self, seen_by: Mapping[str, CoarseView], states: Mapping[str, NDArray[np.uint32]], allowed: int
    ) -> tuple[NDArray[np.intp], ...]:
        """Return voxels (n,) that may be part, and how many views are against it, for it, and see it raised."""
        total = np.zeros(self.shape[0] * self.shape[1] * self.shape[2], np.uint32)
        for role, state in states.items():
            total += state[self.views[role].index]
        places = np.flatnonzero(((total & 0xFF) <= allowed) & ((total & 0xFF00) > 0))
        count = total[places]
        # Few are left; of them the views' depth is asked, too.
        for role, view in seen_by.items():
            index = self.views[role].index[places]
            surface = np.append(view.depth.ravel(), np.float32(0))[index]
            behind = surface > self.views[role].depth[places] + np.float32(_SLACK_M)
            word = states[role][index]
            count[behind & ((word & _SUPPORT) > 0)] -= _SUPPORT
            count[behind & ((word & (_SUPPORT | _AGAINST)) == 0)] += _AGAINST
        return places, *(((count >> shift) & 0xFF).astype(np.intp) for shift in (0, 8, 16))

    def _groups(self, possible: NDArray[np.intp], certain: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
        """Return the certain ones of the voxels (n,) that hang together by the possible ones, the most first."""
        if not certain.any():
            return []
        cells = np.stack(np.unravel_index(possible, self.shape), axis=1)
        first = cells.min(axis=0)
        filled = np.zeros(cells.max(axis=0) - first + 1, np.uint8)
        filled[tuple((cells - first).T)] = 1
        labels, _ = ndimage.label(filled, structure=np.ones((3, 3, 3)))
        owner = labels[tuple((cells - first).T)][certain]
        places = possible[certain]
        return sorted((places[owner == number] for number in np.unique(owner)), key=lambda group: -group.size)

    def _component(self, group: NDArray[np.intp], raised: bool) -> Component:
        cells = np.stack(np.unravel_index(group, self.shape), axis=1)
        last = np.array(self.shape[:2]) - 1
        outer = cells[((cells[:, :2] == 0) | (cells[:, :2] == last)).any(axis=1)]
        return Component(
            low=self.origin + cells.min(axis=0) * VOXEL_M,
            high=self.origin + (cells.max(axis=0) + 1) * VOXEL_M,
            count=len(cells),
            raised=raised,
            leaves=len(outer) > 0,
            in_the_air=len(outer) > 0 and _in_the_air(outer[:, 2]),
        )

    def _not_hidden(
        self,
        groups: list[NDArray[np.intp]],
        states: Mapping[str, NDArray[np.uint32]],
        shapes: Mapping[str, tuple[int, ...]],
    ) -> list[bool]:
        """Tell of groups of voxels, the largest first, whether some views see them beside the larger ones."""
        covered = {role: np.zeros(state.size, np.bool_) for role, state in states.items()}
        told: list[bool] = []
        for group in groups:
            own = 0
            for role, state in states.items():
                index = self.views[role].index[group]
                part = (state[index] & _SUPPORT) > 0
                beside = np.count_nonzero(part & ~covered[role][index])
                own += beside >= max(1.0, _BESIDE_SHARE * np.count_nonzero(part))
            told.append(bool(own >= min(_OWN_VIEWS, len(states))))
            if not told[-1]:
                continue
            for role, hidden in covered.items():
                image = np.zeros(hidden.size, np.uint8)
                image[self.views[role].index[group]] = 1
                edge = 4 * self.views[role].reach + 1
                wide = cv2.dilate(image[:-1].reshape(shapes[role]), np.ones((edge, edge), np.uint8))
                hidden[:-1] |= np.asarray(wide).ravel() > 0
        return told


def _in_the_air(layers: NDArray[np.intp]) -> bool:
    """Whether cells, given by their layers (n,), are an arm's or a cable's rather than those of a part that lies there.

    They are much fewer somewhere below than where they are many, or many far above the plate: few views see under an
    arm, and its hull hangs down to the plate, mostly growing thin on the way.
    """
    widths = np.bincount(layers)
    most = widths.max()
    highest = int(np.flatnonzero(widths >= _WIDE_SHARE * most)[-1])
    return highest * VOXEL_M >= _ARM_M or bool(widths[: highest + 1].min() <= _WAIST_SHARE * most)


def _state(view: CoarseView, reach: int) -> NDArray[np.uint32]:
    """Return what a view says of a voxel whose middle it sees at a pixel (h·w + 1,); the last is for unseen ones."""
    kernel = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    part = np.asarray(cv2.dilate((view.label == PART).view(np.uint8), kernel))
    clear = np.asarray(cv2.erode((view.label == BACKGROUND).view(np.uint8), kernel))
    high = np.asarray(cv2.dilate(view.raised.view(np.uint8), kernel))
    state = np.zeros(view.label.size + 1, np.uint32)
    words = state[:-1].reshape(view.label.shape)
    words += clear
    words += part * _SUPPORT
    words += high * _RAISED
    return state


def _look(rays: ViewRays, points: Floats) -> ViewVoxels:
    sight = project(rays, points, rays.coarse)
    x, y = np.rint(sight.x), np.rint(sight.y)
    height, width = rays.coarse.shape
    seen = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    index = np.where(seen, y * width + x, height * width).astype(np.intp)
    typical = float(np.median(sight.depth[seen])) if seen.any() else 1.0
    return ViewVoxels(index=index, depth=sight.depth, reach=max(1, round(0.5 * VOXEL_M * sight.focal / typical)))
