"""What a weighing cell does to a load: steps, noise, settling, creep, drift, corner error."""

from __future__ import annotations

import math

import numpy as np

MAX_KG = 15.0
FINE_BELOW_KG = 3.0
FINE_STEP_KG = 0.0001
COARSE_STEP_KG = 0.001
PLATE_M = (0.480, 0.384)
"""Width and depth of the weighing plate, metres; the cell sits under its middle."""

_SETTLING_S = 0.035
_SWING_HZ = 2.5
_CREEP = 1.5e-4
_CREEP_S = 90.0
_CORNER = 2.0e-4
_NOISE_STEPS = 0.25


def step_kg(kg: float) -> float:
    """Return the step in which a load of ``kg`` is shown."""
    return FINE_STEP_KG if abs(kg) < FINE_BELOW_KG else COARSE_STEP_KG


def readable_kg(kg: float) -> float:
    """Round a load to what the scale can show: 0.1 g steps below 3 kg, 1 g from there on."""
    step = step_kg(kg)
    return round(round(kg / step) * step, 4)


def corner_error(x: float, y: float, tilt: tuple[float, float]) -> float:
    """Return the relative error of a load at (x, y) metres on the plate.

    Linear in the distance from the middle along ``tilt`` (a unit vector) plus a bow in the distance squared; at most
    2·10⁻⁴ in a corner, as a good single-point cell has.
    """
    u = 2.0 * x / PLATE_M[0] - 1.0
    v = 2.0 * y / PLATE_M[1] - 1.0
    return _CORNER * (0.35 * (u * tilt[0] + v * tilt[1]) + 0.25 * (u * u + v * v))


def settled_kg(kg: float, x: float, y: float, rng: np.random.Generator) -> float:
    """Return what the scale shows for a load that has come to rest at (x, y): corner error, noise and step."""
    angle = rng.uniform(0.0, 2.0 * math.pi)
    true = kg * (1.0 + corner_error(x, y, (math.cos(angle), math.sin(angle))))
    return readable_kg(true + rng.normal(0.0, _NOISE_STEPS * step_kg(kg)))


class LoadCell:
    """The cell over time; every method takes the time in seconds on a clock of the caller's choice."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        angle = self._rng.uniform(0.0, 2.0 * math.pi)
        self._tilt = (math.cos(angle), math.sin(angle))
        self._load_kg = 0.0
        self._from_kg = 0.0
        self._creep_kg = 0.0
        self._changed_s = -math.inf
        self._drift_kg = 0.0
        self._drift_kg_per_s = 0.0
        self._drifts_since_s = 0.0

    def set_load(self, kg: float, x: float, y: float, now_s: float) -> None:
        """Put a load of ``kg`` at (x, y) metres on the plate, in place of what was there."""
        self._creep_kg = self._creep(now_s)
        self._from_kg = self._swinging(now_s)
        self._load_kg = kg * (1.0 + corner_error(x, y, self._tilt))
        self._changed_s = now_s

    def set_drift(self, kg_per_s: float, now_s: float) -> None:
        """Let the zero run away at ``kg_per_s`` from now on; 0 stops it where it has come to."""
        self._drift_kg = self._drift(now_s)
        self._drift_kg_per_s, self._drifts_since_s = kg_per_s, now_s

    def signal_kg(self, now_s: float) -> float:
        """Return what the cell measures: the load with its swing, creep, drift and noise."""
        noise = self._rng.normal(0.0, _NOISE_STEPS * step_kg(self._load_kg))
        return self._swinging(now_s) + self._creep(now_s) + self._drift(now_s) + float(noise)

    def _drift(self, now_s: float) -> float:
        return self._drift_kg + self._drift_kg_per_s * (now_s - self._drifts_since_s)

    def _swinging(self, now_s: float) -> float:
        """Damped swing from the former load to the present one; under one step after about 0.4 s."""
        passed = now_s - self._changed_s
        if passed > 20.0 * _SETTLING_S:
            return self._load_kg
        swing = math.exp(-passed / _SETTLING_S) * math.cos(2.0 * math.pi * _SWING_HZ * passed)
        return self._load_kg + (self._from_kg - self._load_kg) * swing

    def _creep(self, now_s: float) -> float:
        """Creep, which runs towards a share of the load and back when the load is taken off."""
        target = _CREEP * self._load_kg
        passed = now_s - self._changed_s
        return target + (self._creep_kg - target) * math.exp(-passed / _CREEP_S) if passed < math.inf else target
