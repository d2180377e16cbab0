"""What one camera's last checks say together: one wild picture names nobody, two that agree do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calibration.watch.rig_motion import Limits, size_m, turn_rad
from station.geometry import Array

REMEMBERED = 3
"""Checks that speak for a camera."""

LEARNED_LIMITS = Limits(0.0010, np.radians(0.15))
FIRST_LIMITS = Limits(0.0015, np.radians(0.225))
"""Beyond these a camera is named, with a learned baseline and before there is one.

A knock of 2 mm or 0.3° must be named: half of it where only noise is to be told from it, three quarters while the
calibration's own error and the camera's bias are in the figures too.
"""

_FLOOR = np.array([np.radians(0.01)] * 3 + [0.0001] * 3)
"""What warmth and the picture's sampling move a camera in any case, a σ each."""
_FIRST_FLOOR = np.array([np.radians(0.03)] * 3 + [0.0003] * 3)
"""The same with the calibration's own error, before a baseline is learned."""
_INDEPENDENT = 10.0
"""Without a baseline, what lens and print do to the corners pulls many of them alike: they count as so many."""
_PLAIN_NOISE_PX = 0.15
"""Scatter beyond this is not noise but what lens and print do."""
_SURE = 38.3
"""χ² of six unknowns that chance passes once in a million."""
_FIRST_SURE = 22.5
"""Once in a thousand: the larger limits do the rest."""


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """One check of a camera: its twist (6,) from the calibrated pose, the inverse covariance (6, 6), and px errors.

    ``corners`` were used, which scatter by ``sigma_px`` a coordinate; ``learned`` tells whether a baseline was there to
    compare with.
    """

    twist: Array
    information: Array
    corners: int
    sigma_px: float
    learned: bool
    rms_px: float
    best_px: float


@dataclass(frozen=True, slots=True, eq=False)
class Fused:
    """What ``checks`` agreeing checks say: a twist (6,) with its covariance (6, 6)."""

    twist: Array
    covariance: Array
    checks: int
    learned: bool

    @property
    def limits(self) -> Limits:
        """What these checks can tell from standing."""
        return LEARNED_LIMITS if self.learned else FIRST_LIMITS

    @property
    def information(self) -> Array:
        """Inverse of the covariance, (6, 6)."""
        return _inverse(self.covariance)

    @property
    def sure_m(self) -> float:
        """95 % bound of the shift's error, metres: χ² of three along the worst direction."""
        return float(np.sqrt(7.815 * max(np.linalg.eigvalsh(self.covariance[3:, 3:])[-1], 0.0)))

    def knocked(self, twist: Array) -> bool:
        """Whether ``twist`` (the plate's own motion taken out) is large and cannot be chance."""
        distance = float(twist @ np.linalg.solve(self.covariance, twist))
        return self.limits.passed(twist) and distance > (_SURE if self.learned else _FIRST_SURE)


def fuse(checks: Sequence[Measured]) -> Fused | None:
    """Join the newest checks, oldest first, that agree with each other; ``None`` without any.

    A newest check that nothing agrees with waits for the next one: it may be a hand in the picture. Only checks of the
    same kind, with or without a baseline, are joined. Errors that all checks share are not averaged away.
    """
    if not checks:
        return None
    last = [one for one in list(checks)[-REMEMBERED:] if one.learned is checks[-1].learned]
    run = _run(last)
    if len(run) == 1 and len(last) > 1:
        run = _run(last[:-1])
        if len(run) == 1 and len(last) > 2:
            run = [last[-1]]  # all contradict each other: the newest, alone
    information = np.stack([one.information for one in run]).sum(axis=0)
    pull = np.stack([one.information @ one.twist for one in run]).sum(axis=0)
    own = _inverse(information)
    return Fused(own @ pull, own + _shared(run[0]), len(run), run[0].learned)


def _inverse(matrix: Array) -> Array:
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def _shared(one: Measured) -> Array:
    """Return the covariance (6, 6) of errors that all checks of a camera share: more pictures do not lessen them."""
    if one.learned:
        return np.diag(_FLOOR**2)
    systematic = max(1.0 - (_PLAIN_NOISE_PX / one.sigma_px) ** 2, 0.0)
    return np.diag(_FIRST_FLOOR**2) + _inverse(one.information) * systematic * max(one.corners / _INDEPENDENT, 1.0)


def _run(checks: list[Measured]) -> list[Measured]:
    newest = checks[-1]
    run = [newest]
    for one in reversed(checks[:-1]):
        if not _agree(one, newest):
            break
        run.append(one)
    return run


def _agree(one: Measured, other: Measured) -> bool:
    """Whether two checks may have seen the camera at one place: close together, or apart by chance."""
    apart, limits = other.twist - one.twist, LEARNED_LIMITS
    if size_m(apart) <= limits.shift_m / 2 and turn_rad(apart) <= limits.turn_rad / 2:
        return True
    covariance = _inverse(one.information) + _inverse(other.information) + 2.0 * np.diag(_FLOOR**2)
    return float(apart @ np.linalg.solve(covariance, apart)) <= _SURE
