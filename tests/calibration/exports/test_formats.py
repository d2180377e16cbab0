"""Exported calibrations, read by other hands than those that wrote them, project as the calibration does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml

from calibration.exports import ExportFormat, export_calibration, exported_files
from station.errors import CalibrationError
from station.geometry import Array, CameraModel, RigCalibration
from station.simulation.rig import handed_over, rig_models

Distortion = tuple[float, float, float, float, float]
NONE: Distortion = (0.0, 0.0, 0.0, 0.0, 0.0)
FOUR: Distortion = (-0.0557, 0.0663, 1e-5, -7e-4, 0.0)
FIVE: Distortion = (-0.0557, 0.0663, 1e-5, -7e-4, -0.0213)

Project = Callable[[Array], Array]
"""World points (N, 3) to pixels (N, 2), the first pixel's centre at (0, 0)."""


def rig(distortion: Distortion) -> RigCalibration:
    """Return the simulated rig's calibration with other distortions, and one role that YAML would take for a number."""
    plain = handed_over(rig_models("1280x720", 3), 3)
    cameras = {
        role: replace(camera, model=replace(camera.model, distortion=distortion))
        for role, camera in plain.cameras.items()
    }
    odd = "1e-05"
    cameras[odd] = replace(cameras.pop("cam_10"), role=odd)
    return replace(plain, cameras=cameras, source="40 views\nof chess-10x7-25, world: plate")


@dataclass
class Pinhole:
    """An independent camera in plain numbers."""

    k: Array
    distortion: list[float]
    world_to_camera: Array

    def __call__(self, points: Array) -> Array:
        turn, shift = cv2.Rodrigues(self.world_to_camera[:3, :3])[0], self.world_to_camera[:3, 3]
        pixels, _ = cv2.projectPoints(points, turn, shift, self.k, np.array(self.distortion))
        return np.asarray(pixels, dtype=np.float64).reshape(-1, 2)


def _k(fx: float, fy: float, cx: float, cy: float) -> Array:
    return np.array([[fx, 0.0, cx], [0.0, fy, cy], [0.0, 0.0, 1.0]])


def _turn(w: float, x: float, y: float, z: float) -> Array:
    """Hamilton's formula."""
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def _matrix(turn: Array, shift: list[float]) -> Array:
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = turn, shift
    return matrix


def read_opencv(folder: Path, _: RigCalibration) -> dict[str, Project]:
    storage = cv2.FileStorage(str(folder / "rig.yaml"), cv2.FILE_STORAGE_READ)
    nodes = storage.getNode("cameras")
    found: dict[str, Project] = {}
    for index in range(int(nodes.size())):
        node = nodes.at(index)
        pose = _matrix(node.getNode("rotation").mat(), node.getNode("translation").mat().ravel().tolist())
        distortion = node.getNode("distortion_coefficients").mat().ravel().tolist()
        found[node.getNode("role").string()] = Pinhole(node.getNode("camera_matrix").mat(), distortion, pose)
    return found


def read_ros(folder: Path, _: RigCalibration) -> dict[str, Project]:
    found: dict[str, Project] = {}
    for entry in yaml.safe_load((folder / "extrinsics.yaml").read_text(encoding="utf-8"))["transforms"]:
        assert entry["header"]["frame_id"] == "world"
        role = entry["child_frame_id"].removesuffix("_color_optical_frame")
        info = yaml.safe_load((folder / f"{role}.yaml").read_text(encoding="utf-8"))
        assert info["camera_name"] == role
        assert info["distortion_model"] == "plumb_bob"
        turn, shift = entry["transform"]["rotation"], entry["transform"]["translation"]
        placed = _matrix(_turn(**turn), [shift[axis] for axis in "xyz"])
        assert np.array(info["projection_matrix"]["data"]).reshape(3, 4)[:, 3].tolist() == [0.0, 0.0, 0.0]
        k = np.array(info["camera_matrix"]["data"]).reshape(3, 3)
        found[role] = Pinhole(k, info["distortion_coefficients"]["data"], np.linalg.inv(placed))
    return found


def read_kalibr(folder: Path, calibration: RigCalibration) -> dict[str, Project]:
    chain = yaml.safe_load((folder / "camchain.yaml").read_text(encoding="utf-8"))
    to_camera = np.array(yaml.safe_load((folder / "world.yaml").read_text(encoding="utf-8"))["T_cam0_world"])
    found: dict[str, Project] = {}
    for number, role in enumerate(sorted(calibration.cameras)):
        entry = chain[f"cam{number}"]
        assert (entry["camera_model"], entry["distortion_model"]) == ("pinhole", "radtan")
        assert entry["rostopic"] == f"/{role}/color/image_raw"
        assert entry["cam_overlaps"] == [other for other in range(len(calibration.cameras)) if other != number]
        if number:
            to_camera = np.array(entry["T_cn_cnm1"]) @ to_camera
        found[role] = Pinhole(_k(*entry["intrinsics"]), entry["distortion_coeffs"], to_camera)
    assert len(chain) == len(found)
    return found


def read_colmap(folder: Path, calibration: RigCalibration) -> dict[str, Project]:
    def rows(name: str) -> list[list[str]]:
        lines = (folder / name).read_text(encoding="utf-8").split("\n")
        return [line.split() for line in lines if not line.startswith("#")]

    cameras: dict[str, tuple[Array, list[float]]] = {}
    for camera_id, kind, _width, _height, *words in filter(None, rows("cameras.txt")):
        fx, fy, cx, cy, *distortion = map(float, words)
        assert len(distortion) == {"PINHOLE": 0, "OPENCV": 4, "FULL_OPENCV": 8}[kind]
        cameras[camera_id] = _k(fx, fy, cx - 0.5, cy - 0.5), distortion or [0.0] * 4
    images = rows("images.txt")
    assert not any(images[1::2]), "every second line holds the image's points, and there are none"
    by_name: dict[str, Project] = {}
    for _image_id, *pose, camera_id, name in filter(None, images[::2]):
        w, x, y, z, *shift = map(float, pose)
        k, distortion = cameras[camera_id]
        by_name[name] = Pinhole(k, distortion, _matrix(_turn(w, x, y, z), shift))
    assert not any(filter(None, rows("points3D.txt")))
    return {role: by_name[f"{role}.png"] for role in calibration.cameras}


READERS: Mapping[ExportFormat, Callable[[Path, RigCalibration], dict[str, Project]]] = {
    ExportFormat.OPENCV: read_opencv,
    ExportFormat.ROS: read_ros,
    ExportFormat.KALIBR: read_kalibr,
    ExportFormat.COLMAP: read_colmap,
}


@pytest.mark.parametrize("distortion", [NONE, FOUR, FIVE], ids=["pinhole", "four coefficients", "five coefficients"])
@pytest.mark.parametrize("format", ExportFormat)
def test_a_point_falls_on_the_same_pixel_through_every_format(
    format: ExportFormat, distortion: Distortion, tmp_path: Path
) -> None:
    calibration = rig(distortion)
    if format is ExportFormat.KALIBR and distortion == FIVE:
        with pytest.raises(CalibrationError, match="no k3"):
            export_calibration(calibration, format, tmp_path)
        return
    export_calibration(calibration, format, tmp_path / "new" / "folder")
    read = READERS[format](tmp_path / "new" / "folder", calibration)
    assert set(read) == set(calibration.cameras)
    points = np.random.default_rng(0).uniform([0.0, 0.0, 0.0], [0.48, 0.384, 0.3], size=(50, 3))
    for role, camera in calibration.cameras.items():
        expected = camera.model.project(camera.pose.apply(points))
        assert np.abs(read[role](points) - expected).max() < 1e-6


def test_opencv_reads_back_the_very_same_numbers(tmp_path: Path) -> None:
    calibration = rig(FIVE)
    export_calibration(calibration, ExportFormat.OPENCV, tmp_path)
    storage = cv2.FileStorage(str(tmp_path / "rig.yaml"), cv2.FILE_STORAGE_READ)
    assert storage.getNode("calibration_id").string() == calibration.id
    nodes = storage.getNode("cameras")
    for index, (role, camera) in enumerate(sorted(calibration.cameras.items())):
        node = nodes.at(index)
        assert node.getNode("role").string() == role
        assert node.getNode("serial").string() == camera.serial
        size = int(node.getNode("image_width").real()), int(node.getNode("image_height").real())
        assert size == (camera.model.width, camera.model.height)
        assert np.array_equal(node.getNode("camera_matrix").mat(), camera.model.matrix)
        assert np.array_equal(node.getNode("distortion_coefficients").mat(), camera.model.dist_coeffs)
        assert np.array_equal(node.getNode("rotation").mat(), camera.pose.rotation)
        assert np.array_equal(node.getNode("translation").mat().ravel(), camera.pose.translation)


def test_small_numbers_stay_numbers_in_yaml(tmp_path: Path) -> None:
    calibration = rig((1e-5, 1e-12, 3e-17, -1e-5, 5e-324))
    info = yaml.safe_load(exported_files(calibration, ExportFormat.ROS)["cam_01.yaml"])
    assert info["distortion_coefficients"]["data"] == [1e-5, 1e-12, 3e-17, -1e-5, 5e-324]


def test_a_camera_whose_file_would_be_that_of_the_transforms_is_refused_for_ros() -> None:
    one = rig(NONE)
    clash = replace(one, cameras={"Extrinsics": replace(one.cameras["cam_01"], role="Extrinsics")})
    with pytest.raises(CalibrationError, match=r"Extrinsics cannot be exported for ROS"):
        exported_files(clash, ExportFormat.ROS)
    assert "camchain.yaml" in exported_files(clash, ExportFormat.KALIBR)


def test_no_role_leads_out_of_the_folder() -> None:
    one = rig(NONE)
    for role in ("../../escape", "a/b", "", ".", "a b", "cam\nx: 1"):
        with pytest.raises(CalibrationError, match="name of a camera"):
            replace(one, cameras={role: replace(one.cameras["cam_01"], role=role)})


def test_every_file_says_which_calibration_it_is() -> None:
    calibration = rig(FOUR)
    for format in ExportFormat:
        for text in exported_files(calibration, format).values():
            assert f"# Calibration {calibration.id} of {calibration.created_at}" in text
            assert "40 views of chess-10x7-25" in text


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CalibrationError, match=r"file.*cannot be exported"):
        export_calibration(rig(NONE), ExportFormat.ROS, tmp_path / "file")


def test_the_principal_point_of_colmap_counts_from_the_corner_of_the_picture() -> None:
    model = CameraModel(640, 480, 600.0, 601.0, 319.5, 239.5)
    one = rig(NONE)
    single = replace(one, cameras={"cam_01": replace(one.cameras["cam_01"], model=model)})
    text = exported_files(single, ExportFormat.COLMAP)["cameras.txt"]
    assert "1 PINHOLE 640 480 600.0 601.0 320.0 240.0\n" in text
