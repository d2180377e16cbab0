"""What a calibration's file may hold: old files stay readable, and what cannot be a camera is refused."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from station.errors import CalibrationError
from station.geometry import PLATE_WORLD, RigCalibration
from station.simulation.rig import rig_models

TRUTH = rig_models("1280x720", 5)


def stored() -> dict[str, Any]:
    return copy.deepcopy(TRUTH.to_json())


def test_a_file_from_before_the_world_was_noted_is_read_and_has_the_same_id() -> None:
    data = stored()
    assert data.pop("world") == PLATE_WORLD
    data.pop("devices")
    found = RigCalibration.from_json(data)
    assert (found.id, found.world) == (TRUTH.id, "")
    found.require_plate_world()


def test_world_and_devices_survive_their_file_and_leave_the_id_alone() -> None:
    data = {**stored(), "world": "cam_03", "devices": {"cam_02": "Intel RealSense D455"}}
    found = RigCalibration.from_json(data)
    assert found.id == TRUTH.id
    assert found.cameras["cam_02"].device == "Intel RealSense D455"
    assert found.cameras["cam_01"].device == ""
    assert RigCalibration.from_json(found.to_json()).to_json() == found.to_json()
    with pytest.raises(CalibrationError, match="is cam_03 and not the plate"):
        found.require_plate_world()


def _model(key: str, value: object) -> Callable[[dict[str, Any]], None]:
    return lambda camera: camera["model"].update({key: value})


def _pose(place: int, value: float) -> Callable[[dict[str, Any]], None]:
    def change(camera: dict[str, Any]) -> None:
        camera["world_to_camera"][place] = value

    return change


def _mirrored(camera: dict[str, Any]) -> None:
    camera["world_to_camera"][:3] = [-value for value in camera["world_to_camera"][:3]]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_model("fx", float("nan")), "fx is nan px"),
        (_model("fy", -920.0), "fy is -920 px"),
        (_model("fx", 1.0), "fx is 1 px"),
        (_model("fy", 1e9), "fy is 1e"),
        (_model("cx", float("inf")), "cx is inf px"),
        (_model("cy", 5000.0), "cy is 5000 px"),
        (_model("width", 0), "its picture is 0×720"),
        (_model("width", 10**7), "its picture is 10000000×720"),
        (_model("distortion", [0.0, float("nan"), 0.0, 0.0, 0.0]), "k2 is nan"),
        (_pose(3, float("nan")), "not finite"),
        (_pose(3, 412.0), "poses are in metres"),
        (_pose(0, 3.0), "no rotation"),
        (_mirrored, "no rotation"),
    ],
)
def test_no_such_camera_is_refused_in_one_sentence(change: Callable[[dict[str, Any]], None], words: str) -> None:
    data = stored()
    change(data["cameras"]["cam_04"])
    with pytest.raises(CalibrationError, match=words) as told:
        RigCalibration.from_json(data, where="rig.json")
    assert str(told.value).startswith("rig.json: Its camera cam_04 cannot be used.")


def test_a_role_that_leads_elsewhere_is_refused() -> None:
    data = stored()
    data["cameras"]["../../escape"] = data["cameras"].pop("cam_04")
    with pytest.raises(CalibrationError, match=r"rig\.json: '\.\./\.\./escape' cannot be the name of a camera"):
        RigCalibration.from_json(data, where="rig.json")
