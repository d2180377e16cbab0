"""A robot's poses from files: where its tool was in its base when each picture was taken."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np

from station.errors import CalibrationError
from station.geometry import Array, Pose

FIELDS = ("x", "y", "z", "qx", "qy", "qz", "qw")
"""Metres and a unit quaternion, scalar last."""

_FORMS = (
    "Give tool → base, metres and a quaternion: a CSV with the columns name, x, y, z, qx, qy, qz, qw; a JSON object "
    "with these seven by picture name; or a folder with one such .json or .yaml (lines as 'x: 0.1') per picture."
)


def robot_poses(path: Path) -> dict[str, Pose]:
    """Return the poses tool → base by picture name (the file's name without ending).

    Raises CalibrationError when the file cannot be read or a pose is none.
    """
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix.lower() in (".json", ".yaml", ".yml"))
        if not files:
            raise CalibrationError("The folder holds no pose.", where=str(path), todo=_FORMS)
        single = _unique([(file.stem, file) for file in files], path)
        return {name: pose_of_fields(_single(file), f"{file}") for name, file in single.items()}
    try:
        if path.suffix.lower() == ".csv":
            with path.open(encoding="utf-8", newline="") as file:
                rows = _by_name(csv.DictReader(file), path)
        else:
            rows = dict(json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=lambda p: _unique(p, path)))
    except (OSError, KeyError, TypeError, ValueError, csv.Error) as error:
        raise CalibrationError(f"The robot's poses cannot be read: {error!r}.", where=str(path), todo=_FORMS) from error
    return {name: pose_of_fields(row, f"{path}, {name}") for name, row in rows.items()}


def pose_of_fields(fields: Any, where: str) -> Pose:
    """Return the pose of a mapping with :data:`FIELDS`, or of seven numbers in that order; raises CalibrationError."""
    try:
        if isinstance(fields, Mapping):
            numbers = [float(cast("Mapping[str, Any]", fields)[key]) for key in FIELDS]
        else:
            numbers = [float(value) for value in cast("Sequence[Any]", fields)]
            if len(numbers) != len(FIELDS):
                raise ValueError(f"{len(numbers)} numbers instead of {len(FIELDS)}")
    except (KeyError, TypeError, ValueError) as error:
        raise CalibrationError(f"This is no pose of a robot: {error!r}.", where=where, todo=_FORMS) from error
    for key, number in zip(FIELDS, numbers, strict=True):
        if not np.isfinite(number):
            raise CalibrationError(f"{key} is {number} and no finite number.", where=where, todo=_FORMS)
    quaternion = np.array(numbers[3:])
    length = float(np.linalg.norm(quaternion))
    if abs(length - 1.0) > 0.01:
        raise CalibrationError(
            f"The quaternion has length {length:.3f} instead of 1.", where=where, todo="Give it as qx, qy, qz, qw."
        )
    return Pose(_rotation(quaternion / length), np.array(numbers[:3]))


def _by_name(rows: Iterable[dict[str, Any]], path: Path) -> dict[str, Any]:
    return _unique([(str(row["name"]), row) for row in rows], path)


def _unique(pairs: Iterable[tuple[str, Any]], path: Path) -> dict[str, Any]:
    """Return a mapping of the pairs; raises CalibrationError where a name stands twice."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise CalibrationError(f"{name} stands there twice.", where=str(path), todo="Give each pose one name.")
        found[name] = value
    return found


def _single(file: Path) -> Any:
    try:
        text = file.read_text(encoding="utf-8")
        if file.suffix.lower() == ".json":
            return json.loads(text)
        lines = [line.split("#")[0].partition(":") for line in text.splitlines()]
        return {key.strip(): value.strip() for key, colon, value in lines if colon}
    except (OSError, ValueError) as error:
        raise CalibrationError(f"The pose cannot be read: {error}.", where=str(file), todo=_FORMS) from error


def _rotation(quaternion: Array) -> Array:
    """Return the rotation matrix of a unit quaternion x, y, z, w."""
    x, y, z, w = quaternion.tolist()
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
