"""What the station finds out about a part: where it lies, how large it is, what it is."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from station.frames import MaskImage

Square = tuple[int, int, int, int]
"""Crop (x0, y0, x1, y1) in pixels of the colour image, x1 and y1 exclusive; may reach beyond the image."""


class PlateState(enum.StrEnum):
    """What lies on the plate."""

    OK = "ok"
    EMPTY = "empty"
    SEVERAL_PARTS = "several_parts"
    OUTSIDE = "outside"
    """One part, but it reaches beyond the plate or the work volume."""
    REACHED_INTO = "reached_into"
    """Something comes in from beyond the plate, as a hand, an arm or a cable."""


@dataclass(frozen=True, slots=True)
class PartLocation:
    """Where the part is, from all cameras together.

    ``roi`` is the square crop (+10 %) per role, ``mask`` the part's pixels per role (full image size),
    ``size_m`` the three edges of the smallest upright box round the lying part, longest first, ``box``
    that box's eight corners in world metres (8, 3), ``boxes`` all boxes when there are several parts; ``each`` are then
    the square crops of the single parts by role, in the order of the boxes, and else empty. ``too_high`` says of a
    part outside that it stands out of the work volume above.
    """

    state: PlateState
    roi: Mapping[str, Square]
    mask: Mapping[str, MaskImage]
    size_m: tuple[float, float, float] | None
    boxes: tuple[NDArray[np.float64], ...]
    views_without_depth: tuple[str, ...]
    message: str = ""
    duration_ms: float = 0.0
    each: tuple[Mapping[str, Square], ...] = ()
    too_high: bool = False


@dataclass(frozen=True, slots=True)
class RankedClass:
    """One line of the ranked list.

    ``class_id`` is the class's folder name, ``weight_fits`` and ``size_fits`` are ``None`` when not checked.
    """

    class_id: str
    probability: float
    weight_fits: bool | None = None
    size_fits: bool | None = None


@dataclass(frozen=True, slots=True)
class ViewEvidence:
    """What one view alone says: its best class and that class's probability."""

    class_id: str
    probability: float


@dataclass(frozen=True, slots=True)
class Recognition:
    """The answer of the model for one part.

    ``ranked`` holds every known class, likeliest first; ``prediction_set`` the shortest head of it whose
    calibrated probability passes the model's level; ``unknown_score`` is compared with the model's
    threshold (higher is stranger); ``embedding`` is (E,) float32; ``timings_ms`` by stage.
    """

    ranked: tuple[RankedClass, ...]
    prediction_set: tuple[str, ...]
    unknown: bool
    unknown_score: float
    embedding: NDArray[np.float32]
    per_view: Mapping[str, ViewEvidence]
    views_used: tuple[str, ...]
    model_id: str
    timings_ms: Mapping[str, float] = field(default_factory=dict[str, float])
