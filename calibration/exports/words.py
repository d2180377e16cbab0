"""How numbers, names and remarks are written, so that every reader takes them for what they are."""

from __future__ import annotations

import json
from collections.abc import Iterable

import numpy as np
from scipy.spatial.transform import Rotation

from station.geometry import PLATE_WORLD, Array, RigCalibration


def number(value: float) -> str:
    """Return a number that reads back bit for bit; YAML 1.1 takes ``1e-05`` for text, so the point is always there."""
    mantissa, letter, exponent = repr(float(value)).partition("e")
    return f"{mantissa if '.' in mantissa else f'{mantissa}.0'}{letter}{exponent}"


def row(values: Iterable[float]) -> str:
    """Return a flow sequence of YAML."""
    return f"[{', '.join(number(value) for value in values)}]"


def quoted(text: str) -> str:
    """Return a text as YAML and JSON both read it."""
    return json.dumps(text)


def origin(calibration: RigCalibration) -> list[str]:
    """Return the remarks that say which calibration this is, each on one line."""
    return [
        f"Calibration {calibration.id} of {calibration.created_at}, from {' '.join(calibration.source.split())}.",
        "Metres and pixels; the centre of the upper left pixel is (0, 0) unless said otherwise.",
        f"World frame: {_world(calibration.world)}.",
    ]


def _world(world: str) -> str:
    if world == PLATE_WORLD:
        return "the plate's, origin at its frame's corner, z up"
    return f"that of {' '.join(world.split())}, no picture showed the plate" if world else "as the source says"


def remarks(lines: Iterable[str]) -> str:
    """Return lines as comments of YAML and of COLMAP's text files."""
    return "".join(f"# {line}\n" for line in lines)


def quaternion(rotation: Array) -> tuple[float, float, float, float]:
    """Return a rotation (3, 3) as the unit quaternion (w, x, y, z) with w ≥ 0."""
    x, y, z, w = np.asarray(Rotation.from_matrix(rotation).as_quat(canonical=True), dtype=np.float64).tolist()
    return w, x, y, z
