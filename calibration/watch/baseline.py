"""What one camera's picture of the plate's frame looked like when it was calibrated: the bias that is always there."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np

from calibration.frame_corners import Corners
from station.geometry import Array

LEARNED_FROM = 5
"""Checks of a new calibration from which the baseline is learned; then it is never changed."""
USED_FROM = 1
_UNKNOWN_SPREAD = 8.0
"""A corner never seen while learning counts with so many times the noise: its own bias is unknown."""


@dataclass(frozen=True, slots=True, eq=False)
class Baseline:
    """Mean error of every corner under the calibration, (K, 2) seen minus projected, from ``counts`` (K,) pictures.

    Lens, print and the way a picture is sampled pull each corner a little and always the same way; what matters is how
    the corners move from there. ``checks`` pictures were learned from.
    """

    errors: Array
    counts: Array
    checks: int = 0

    @staticmethod
    def empty(corners: int) -> Baseline:
        """Return the baseline of a camera that was never checked."""
        return Baseline(np.zeros((corners, 2)), np.zeros(corners))

    @property
    def complete(self) -> bool:
        """Whether it is learned and stays as it is."""
        return self.checks >= LEARNED_FROM

    @property
    def usable(self) -> bool:
        """Whether there is enough to compare with."""
        return self.checks >= USED_FROM

    def learned(self, corners: Corners, projected: Array) -> Baseline:
        """Return the baseline with one picture more; ``projected`` (K, 2) are all corners under the calibration."""
        counts = self.counts.copy()
        counts[corners.index] += 1
        errors = self.errors.copy()
        new = corners.pixels - projected[corners.index]
        errors[corners.index] += (new - errors[corners.index]) / counts[corners.index, None]
        return Baseline(errors, counts, self.checks + 1)

    def corrected(self, corners: Corners) -> tuple[Array, Array]:
        """Return the corners' pixels (n, 2) without their bias, and their relative standard deviations (n,)."""
        if not self.usable:
            return corners.pixels, np.ones(len(corners.index))
        counts = self.counts[corners.index]
        spread = np.where(counts > 0, np.sqrt(1.0 + 1.0 / np.maximum(counts, 1.0)), _UNKNOWN_SPREAD)
        return corners.pixels - self.errors[corners.index], spread

    def to_json(self) -> str:
        """Return it as text, errors in thousandths of a pixel."""
        return json.dumps(
            {
                "checks": self.checks,
                "counts": self.counts.astype(int).tolist(),
                "errors_mpx": np.rint(self.errors * 1e3).astype(int).ravel().tolist(),
            }
        )

    @staticmethod
    def from_json(text: str, corners: int) -> Baseline | None:
        """Rebuild it; ``None`` when it is damaged or of another board, for it can be learned again."""
        try:
            data = json.loads(text)
            errors = np.array(data["errors_mpx"], dtype=np.float64).reshape(-1, 2) / 1e3
            counts = np.array(data["counts"], dtype=np.float64).reshape(-1)
            checks = int(data["checks"])
        except (ValueError, KeyError, TypeError):
            return None
        return Baseline(errors, counts, checks) if len(errors) == len(counts) == corners else None
