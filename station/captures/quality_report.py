"""What the quality gates say of one look at a part: values for the page and for the capture's record."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass


class Gate(enum.StrEnum):
    """What is asked of a capture before it counts."""

    WHOLE = "whole"
    """One whole part lies on the plate, and nothing reaches over it."""
    VIEWS = "views"
    """Number of expected views that are missing."""
    SKEW = "skew"
    """Milliseconds between the earliest and the latest view."""
    SHARPNESS = "sharpness"
    """Steepness of the part's edges in the least sharp view, 0…1."""
    BURNT = "burnt"
    """Share of the part's pixels that are white, in the worst view but one: a shiny part mirrors a lamp into one."""
    DARK = "dark"
    """Share of the part's pixels that are black, in the worst view but one."""
    SHARE = "share"
    """Share of its square that the part fills, in the worst view."""
    INSIDE = "inside"
    """Number of views in which the part is cut by the picture's edge."""
    DEPTH = "depth"
    """Number of views whose depth does not measure the part."""
    STABLE = "stable"
    """The scale was at rest."""
    WEIGHT = "weight"
    """Deviation from what the class weighs, as a share of it."""
    DUPLICATE = "duplicate"
    """Likeness to the most similar capture of the class, 0…1."""
    CALIBRATION = "calibration"
    """The cameras stand where they were calibrated."""


@dataclass(frozen=True, slots=True)
class GateResult:
    """What one gate found.

    ``value`` and ``limit`` are in the gate's own unit (see :class:`Gate`), ``None`` where there is nothing to measure.
    ``hard`` ones refuse; others warn, and a reason overrides them. ``roles`` are the views that fall short,
    ``subject`` is the capture that a duplicate is like. ``symmetric`` says that the part looks the same however it is
    turned, so that a duplicate cannot be helped. ``sentence`` says what was found and what to do; empty when passed.
    """

    gate: Gate
    passed: bool
    hard: bool
    value: float | None = None
    limit: float | None = None
    roles: tuple[str, ...] = ()
    subject: str = ""
    symmetric: bool = False
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class QualityReport:
    """All gates of one look; those that have nothing to judge by, as the weight without a scale, are not there."""

    capture_id: str
    gates: tuple[GateResult, ...]

    @property
    def refusing(self) -> tuple[GateResult, ...]:
        """The hard gates that are not passed: no reason overrides them."""
        return tuple(one for one in self.gates if one.hard and not one.passed)

    @property
    def warning(self) -> tuple[GateResult, ...]:
        """The soft gates that are not passed."""
        return tuple(one for one in self.gates if not one.hard and not one.passed)

    @property
    def values(self) -> Mapping[str, float]:
        """What was measured, by the gate's name, for the capture's record."""
        return {one.gate.value: one.value for one in self.gates if one.value is not None}

    def of(self, gate: Gate) -> GateResult | None:
        """Return what a gate found, ``None`` where it had nothing to judge by."""
        return next((one for one in self.gates if one.gate is gate), None)
