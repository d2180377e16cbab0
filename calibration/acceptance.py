"""What speaks against taking a solved rig into use: it may be accepted all the same, but not unseen."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from calibration.collecting.result import SolvedRig
from calibration.comparison import CameraMotion
from calibration.findings import Finding, FindingKind, listed
from station.errors import CalibrationError

LARGEST_BOUND_MM = 2.0
"""A camera less sure of its place than this could stand as far off as one that counts as knocked."""

_SERIOUS = frozenset(
    {
        FindingKind.INTRINSICS_DOUBTED,
        FindingKind.MOVED,
        FindingKind.NOISY,
        FindingKind.SQUARES,
    }
)
"""Findings after which all places may be wrong, whatever their bounds say.

OpenCV's second opinion is none of them: its solve is not robust, and tenths of a millimetre are found.
"""


class DoubtKind(enum.StrEnum):
    """What a doubt is about."""

    LOST = "lost"
    """The active calibration has cameras that the new one lacks."""
    FOUND = "found"
    """The solve itself found that something is wrong."""
    UNSURE = "unsure"
    """The place of a camera is not known well enough."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """One reason: its kind, the English sentence, the cameras.

    ``bound_mm`` is the largest bound for ``UNSURE``, ``finding`` what was found for ``FOUND``.
    """

    kind: DoubtKind
    text: str
    roles: tuple[str, ...] = ()
    bound_mm: float = 0.0
    finding: Finding | None = None


def doubts(solved: SolvedRig) -> tuple[Doubt, ...]:
    """Return what speaks against putting a solved rig in the place of the calibration that it was compared with.

    A camera that stayed where that calibration has it, to the last bit, is not held against a new one.
    """
    found: list[Doubt] = []
    motions: Mapping[str, CameraMotion] = {} if solved.comparison is None else solved.comparison.cameras
    if solved.comparison is not None and (lost := solved.comparison.only_before):
        found.append(Doubt(DoubtKind.LOST, f"It has no {listed(lost)}, which the active calibration has.", lost))
    found += [
        Doubt(DoubtKind.FOUND, finding.text, finding.roles, finding=finding)
        for finding in solved.solution.findings
        if finding.kind in _SERIOUS
    ]
    bounds = {
        role: camera.position_mm
        for role, camera in solved.solution.cameras.items()
        if not (role in motions and motions[role].moved_mm == 0.0)
    }
    # Written so that a bound that is no number counts, too.
    unsure = tuple(sorted(role for role, bound in bounds.items() if not bound <= LARGEST_BOUND_MM))
    if unsure:
        worst = max(bounds[role] for role in unsure)
        text = f"{listed(unsure)}: the place is sure to {worst:.2f} mm only, {LARGEST_BOUND_MM:g} mm are asked."
        found.append(Doubt(DoubtKind.UNSURE, text, unsure, worst))
    return tuple(found)


def require_no_doubts(solved: SolvedRig) -> None:
    """Raise CalibrationError with all doubts in one sentence each, when there are some."""
    if against := doubts(solved):
        raise CalibrationError(
            " ".join(["It is not taken into use.", *(doubt.text for doubt in against)]),
            where=solved.calibration.id,
            todo="Take more pictures, or accept it even so (--even-so).",
        )
