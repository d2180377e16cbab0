"""The formats by name, and their files in a folder."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from calibration.exports.colmap import colmap_files
from calibration.exports.kalibr import kalibr_files
from calibration.exports.opencv_yaml import opencv_files
from calibration.exports.ros import ros_files
from station.errors import CalibrationError
from station.geometry import RigCalibration


class ExportFormat(StrEnum):
    """What a calibration can be written as."""

    OPENCV = "opencv"
    """One YAML for ``cv2.FileStorage``."""
    ROS = "ros"
    """A ``camera_info`` YAML per camera, and their places for tf."""
    KALIBR = "kalibr"
    """A camchain YAML."""
    COLMAP = "colmap"
    """A text model: cameras, images and no points."""


_WRITERS: dict[ExportFormat, Callable[[RigCalibration], dict[str, str]]] = {
    ExportFormat.OPENCV: opencv_files,
    ExportFormat.ROS: ros_files,
    ExportFormat.KALIBR: kalibr_files,
    ExportFormat.COLMAP: colmap_files,
}


def exported_files(calibration: RigCalibration, format: ExportFormat) -> dict[str, str]:
    """Return the files' texts by name; raises CalibrationError where the format cannot hold the calibration."""
    return _WRITERS[format](calibration)


def export_calibration(calibration: RigCalibration, format: ExportFormat, folder: Path) -> list[Path]:
    """Write the calibration into a folder, made where it is missing, and return the files.

    Raises CalibrationError where the format cannot hold the calibration or the folder cannot be written.
    """
    files = exported_files(calibration, format)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise CalibrationError(
            f"The calibration cannot be exported: {error.strerror or error}.",
            where=str(folder),
            todo="Name a folder that can be written.",
        ) from error
    return [folder / name for name in files]
