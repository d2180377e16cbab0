"""A solved rig with everything that is needed to judge it before it is accepted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibration.comparison import Comparison
from calibration.cross_check import CrossCheck
from calibration.findings import View
from calibration.held_out import HeldOut
from calibration.solution import RigSolution
from station.geometry import Array, RigCalibration


@dataclass(frozen=True, slots=True, eq=False)
class SolvedRig:
    """The outcome of one solve: what would be accepted, and how good it is.

    ``held_out`` is measured on placements that the solve did not use, ``None`` where there were too few;
    ``comparison`` is against the active calibration, ``None`` without one. ``worst`` are the (placement, role) views
    with the largest errors, worst first. ``second`` is what OpenCV's own solve says, ``None`` where it says nothing.
    """

    calibration: RigCalibration
    solution: RigSolution
    held_out: HeldOut | None
    comparison: Comparison | None
    worst: tuple[View, ...]
    second: CrossCheck | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ViewPicture:
    """One camera's picture of one placement, to look at.

    ``image`` is (H, W, 3) RGB. ``detected`` (N, 2) are the found corners in px, ``expected`` (N, 2) where the
    solved rig says they are, ``None`` before a solve or for a view that was left out.
    """

    image: NDArray[np.uint8]
    detected: Array
    expected: Array | None
