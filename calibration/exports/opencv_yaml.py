"""The calibration as one YAML file of ``cv2.FileStorage``."""

from __future__ import annotations

import cv2

from calibration.exports.words import origin
from station.geometry import RigCalibration

FILE = "rig.yaml"


def opencv_files(calibration: RigCalibration) -> dict[str, str]:
    """Return the one file's text: the sequence ``cameras`` with a map each, in the order of the roles.

    ``rotation`` (3, 3) and ``translation`` (3, 1) lead from the world to the camera, ``X_cam = R·X_world + t``,
    metres; ``distortion_coefficients`` (1, 5) are k1, k2, p1, p2, k3.
    """
    storage = cv2.FileStorage(FILE, cv2.FILE_STORAGE_WRITE | cv2.FILE_STORAGE_MEMORY | cv2.FILE_STORAGE_FORMAT_YAML)
    for line in origin(calibration):
        storage.writeComment(line)
    storage.writeComment("X_cam = rotation * X_world + translation; distortion is k1, k2, p1, p2, k3.")
    storage.write("calibration_id", calibration.id)
    storage.write("created_at", calibration.created_at)
    storage.startWriteStruct("cameras", cv2.FILE_NODE_SEQ)
    for role, camera in sorted(calibration.cameras.items()):
        storage.startWriteStruct("", cv2.FILE_NODE_MAP)
        storage.write("role", role)
        storage.write("serial", camera.serial)
        storage.write("image_width", camera.model.width)
        storage.write("image_height", camera.model.height)
        storage.write("camera_matrix", camera.model.matrix)
        storage.write("distortion_coefficients", camera.model.dist_coeffs)
        storage.write("rotation", camera.pose.rotation)
        storage.write("translation", camera.pose.translation.reshape(3, 1))
        storage.endWriteStruct()
    storage.endWriteStruct()
    return {FILE: storage.releaseAndGetString()}
