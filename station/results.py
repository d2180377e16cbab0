"""What the station finds out about a part: where it lies, how large it is, what it is."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from station.frames import MaskImage
from station.geometry import CameraCalibration

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
    part outside that it stands out of the work volume above. ``cameras`` are those of the calibration by which it was
    found, by role.
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
    cameras: Mapping[str, CameraCalibration] = field(default_factory=dict[str, CameraCalibration], repr=False)


@dataclass(frozen=True, slots=True)
class WeightFit:
    """A class's weight beside the measured one: ``deviation`` in the usual spreads between instances, at least 0."""

    expected_kg: float
    deviation: float


@dataclass(frozen=True, slots=True)
class SizeFit:
    """A class's edges, lying as is likest, beside the measured ones: ``deviation`` in usual spreads, RMS over edges."""

    expected_m: tuple[float, float, float]
    deviation: float


@dataclass(frozen=True, slots=True)
class RankedClass:
    """One line of the ranked list.

    ``class_id`` is the class's folder name, ``weight_fits`` and ``size_fits`` are ``None`` when not checked; ``weight``
    and ``size`` say the same in numbers, and are ``None`` too where the class's own weight or size is not known.
    """

    class_id: str
    probability: float
    weight_fits: bool | None = None
    size_fits: bool | None = None
    weight: WeightFit | None = None
    size: SizeFit | None = None


@dataclass(frozen=True, slots=True)
class ViewEvidence:
    """What one view alone says: its best class, that class's probability, and that of the class ranked first."""

    class_id: str
    probability: float
    of_first: float = 0.0


class Clue(enum.StrEnum):
    """What an answer rests on."""

    PICTURES = "pictures"
    WEIGHT = "weight"
    SIZE = "size"


@dataclass(frozen=True, slots=True)
class Recognition:
    """The answer of the model for one part.

    ``ranked`` holds every known class, likeliest first; ``prediction_set`` those of its head that come into question,
    the truth among them with the share ``set_coverage`` (``None`` where nothing is promised: too few captures to
    promise it from, or cameras missing). ``unknown_score`` is compared with the model's ``unknown_threshold`` (higher
    is stranger), ``nearest`` is the known class that explains the part best, ``strange`` what of the part does not fit
    it. ``embedding`` is (E,) float32; ``timings_ms`` by stage.

    The evidence: ``per_view`` what each view alone says, ``weight_kg`` and ``size_m`` as they were used,
    ``weight_trust`` the probability that the scale weighs this part and nothing else, the views that were used, that
    were missing, and that had no depth of the part.
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
    set_coverage: float | None = None
    unknown_threshold: float | None = None
    nearest: str | None = None
    strange: tuple[Clue, ...] = ()
    weight_kg: float | None = None
    weight_trust: float | None = None
    size_m: tuple[float, float, float] | None = None
    views_missing: tuple[str, ...] = ()
    views_without_depth: tuple[str, ...] = ()
