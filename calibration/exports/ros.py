"""The calibration for ROS: ``camera_info`` YAML files as ``camera_info_manager`` reads them, and poses for tf."""

from __future__ import annotations

from calibration.exports.words import number, origin, quaternion, quoted, remarks, row
from station.errors import CalibrationError
from station.geometry import CameraCalibration, RigCalibration

EXTRINSICS_FILE = "extrinsics.yaml"
WORLD = "world"


def optical_frame(role: str) -> str:
    """Return the name of a camera's frame: OpenCV's axes, x right, y down, z into the picture."""
    return f"{role}_color_optical_frame"


def ros_files(calibration: RigCalibration) -> dict[str, str]:
    """Return ``<role>.yaml`` for every camera and ``extrinsics.yaml``, shaped as a ``tf2_msgs/TFMessage``.

    A transform is the camera's place in the world (camera → world), as tf wants it: the inverse of what is stored.
    Raises CalibrationError for a camera whose file would be that of the transforms.
    """
    for role in calibration.cameras:
        if f"{role}.yaml".lower() == EXTRINSICS_FILE:
            raise CalibrationError(
                f"A camera called {role} cannot be exported for ROS: {EXTRINSICS_FILE} holds where the cameras stand.",
                where=calibration.id,
                todo="Give the camera another name, or export as opencv, kalibr or colmap.",
            )
    files = {f"{role}.yaml": _camera_info(calibration, camera) for role, camera in sorted(calibration.cameras.items())}
    files[EXTRINSICS_FILE] = _extrinsics(calibration)
    return files


def _camera_info(calibration: RigCalibration, camera: CameraCalibration) -> str:
    model = camera.model
    projection = [model.fx, 0.0, model.cx, 0.0, 0.0, model.fy, model.cy, 0.0, 0.0, 0.0, 1.0, 0.0]
    return (
        remarks([*origin(calibration), "plumb_bob: k1, k2, p1, p2, k3 as in OpenCV."])
        + f"image_width: {model.width}\n"
        + f"image_height: {model.height}\n"
        + f"camera_name: {quoted(camera.role)}\n"
        + _matrix("camera_matrix", 3, 3, model.matrix.ravel().tolist())
        + "distortion_model: plumb_bob\n"
        + _matrix("distortion_coefficients", 1, 5, list(model.distortion))
        + _matrix("rectification_matrix", 3, 3, [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0])
        + _matrix("projection_matrix", 3, 4, projection)
    )


def _matrix(name: str, rows: int, columns: int, values: list[float]) -> str:
    return f"{name}:\n  rows: {rows}\n  cols: {columns}\n  data: {row(values)}\n"


def _extrinsics(calibration: RigCalibration) -> str:
    text = remarks([*origin(calibration), "Where each camera stands: X_world = R·X_camera + t, as tf2 takes it."])
    text += "transforms:\n"
    for role, camera in sorted(calibration.cameras.items()):
        placed = camera.pose.inverse
        turn = quaternion(placed.rotation)
        shift = dict(zip("xyz", placed.translation.tolist(), strict=True))
        text += (
            f"  - header:\n      frame_id: {quoted(WORLD)}\n"
            f"    child_frame_id: {quoted(optical_frame(role))}\n"
            "    transform:\n"
            f"      translation: {_map(shift)}\n"
            f"      rotation: {_map(dict(zip('wxyz', turn, strict=True)))}\n"
        )
    return text


def _map(values: dict[str, float]) -> str:
    return "{" + ", ".join(f"{name}: {number(value)}" for name, value in values.items()) + "}"
