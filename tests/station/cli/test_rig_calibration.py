"""Which calibration a station begins with."""

from pathlib import Path

import pytest

from calibration.fitting import RigCamera
from calibration.store import CalibrationStore
from station.cli.rig_calibration import calibration_for
from station.errors import CalibrationError
from station.geometry import RigCalibration
from station.simulation.rig import handed_over, rig_models

TRUTH = rig_models("1280x720", 5)
OURS = handed_over(TRUTH, 5)
OTHER_RIG = rig_models("1280x720", 6)


def cameras(calibration: RigCalibration) -> dict[str, RigCamera]:
    return {
        role: RigCamera(camera.serial, (camera.model.width, camera.model.height))
        for role, camera in calibration.cameras.items()
    }


@pytest.fixture
def store(tmp_path: Path) -> CalibrationStore:
    return CalibrationStore(tmp_path / "calibrations")


def test_without_anything_the_station_begins_without_one(store: CalibrationStore) -> None:
    begun = calibration_for(cameras(TRUTH), store)
    assert (begun.calibration, begun.origin, begun.remarks) == (None, None, ())


def test_the_active_one_comes_before_the_one_handed_over(store: CalibrationStore) -> None:
    assert calibration_for(cameras(TRUTH), store, handed_over=OURS).calibration is OURS
    store.add(TRUTH)
    assert calibration_for(cameras(TRUTH), store, handed_over=OURS).calibration is OURS
    store.use(TRUTH.id)
    begun = calibration_for(cameras(TRUTH), store, handed_over=OURS)
    assert begun.calibration is not None
    assert begun.calibration.id == TRUTH.id
    assert begun.calibration is begun.origin


def test_one_of_another_rig_is_passed_over(store: CalibrationStore) -> None:
    store.use(store.add(OTHER_RIG))
    assert calibration_for(cameras(TRUTH), store, handed_over=OURS).calibration is OURS
    begun = calibration_for(cameras(TRUTH), store)
    assert begun.calibration is None
    assert OTHER_RIG.id in begun.remarks[0]


def test_an_exchanged_camera_is_named_and_the_others_keep_theirs(store: CalibrationStore) -> None:
    store.use(store.add(TRUTH))
    begun = calibration_for({**cameras(TRUTH), "cam_04": RigCamera("new", (1280, 720))}, store)
    assert begun.calibration is not None
    assert set(TRUTH.cameras) - set(begun.calibration.cameras) == {"cam_04"}
    assert begun.origin is not None
    assert begun.origin.id == TRUTH.id
    (remark,) = begun.remarks
    assert remark.startswith("cam_04: ")
    assert remark.endswith("Calibrate this camera.")


def test_a_damaged_store_is_said_and_does_not_stop_the_station(store: CalibrationStore, tmp_path: Path) -> None:
    store.use(store.add(TRUTH))
    (tmp_path / "calibrations" / f"{TRUTH.id}.json").write_text("{")
    begun = calibration_for(cameras(TRUTH), store)
    assert begun.calibration is None
    assert "cannot be read" in begun.remarks[0]


def test_a_named_file_comes_first_and_must_be_there(store: CalibrationStore, tmp_path: Path) -> None:
    store.use(store.add(TRUTH))
    OURS.save(tmp_path / "ours.json")
    begun = calibration_for(cameras(TRUTH), store, named=tmp_path / "ours.json")
    assert begun.origin is not None
    assert begun.origin.id == OURS.id
    with pytest.raises(CalibrationError, match=r"nowhere\.json"):
        calibration_for(cameras(TRUTH), store, named=tmp_path / "nowhere.json")
