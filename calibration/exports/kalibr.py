"""The calibration as Kalibr's camchain."""

from __future__ import annotations

from calibration.exports.words import origin, quoted, remarks, row
from station.errors import CalibrationError
from station.geometry import Array, RigCalibration

FILE = "camchain.yaml"
WORLD_FILE = "world.yaml"


def kalibr_files(calibration: RigCalibration) -> dict[str, str]:
    """Return ``camchain.yaml`` (cam0 is the first role) and ``world.yaml`` with ``T_cam0_world``, which Kalibr lacks.

    ``T_cn_cnm1`` takes points of camera n-1 to camera n, metres. ``radtan`` has k1, k2, p1, p2 alone: raises
    CalibrationError for a camera with k3.
    """
    roles = sorted(calibration.cameras)
    with_k3 = [role for role in roles if calibration.cameras[role].model.distortion[4] != 0.0]
    if with_k3:
        raise CalibrationError(
            f"Kalibr's radtan model has no k3, and {', '.join(with_k3)} {'has' if len(with_k3) == 1 else 'have'} one.",
            where=calibration.id,
            todo="Export as opencv, ros or colmap, which can hold it.",
        )
    chain = remarks(
        [
            *origin(calibration),
            "T_cn_cnm1 takes points of the camera before to this one. radtan: k1, k2, p1, p2.",
            *(f"cam{number} is {role}." for number, role in enumerate(roles)),
        ]
    )
    for number, role in enumerate(roles):
        camera = calibration.cameras[role]
        model = camera.model
        others = ", ".join(str(other) for other in range(len(roles)) if other != number)
        chain += (
            f"cam{number}:\n"
            f"  cam_overlaps: [{others}]\n"
            "  camera_model: pinhole\n"
            f"  distortion_coeffs: {row(model.distortion[:4])}\n"
            "  distortion_model: radtan\n"
            f"  intrinsics: {row((model.fx, model.fy, model.cx, model.cy))}\n"
            f"  resolution: [{model.width}, {model.height}]\n"
            f"  rostopic: {quoted(f'/{role}/color/image_raw')}\n"
        )
        if number:
            before = calibration.cameras[roles[number - 1]]
            chain += "  T_cn_cnm1:\n" + _matrix((camera.pose @ before.pose.inverse).matrix, "  ")
    first = calibration.cameras[roles[0]].pose.matrix
    world = remarks([*origin(calibration), "Takes points of the world to cam0."]) + "T_cam0_world:\n" + _matrix(first)
    return {FILE: chain, WORLD_FILE: world}


def _matrix(matrix: Array, indent: str = "") -> str:
    return "".join(f"{indent}- {row(line)}\n" for line in matrix.tolist())
