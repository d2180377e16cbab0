"""A calibration holds for the cameras it was made for, at every picture size that follows from it."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.fitting import RigCamera, fit_to_rig
from station.frames import ROLES
from station.geometry import RigCalibration
from station.simulation.rig import rig_models

WIDE = rig_models("1280x720", 3)
SMALL = rig_models("640x480", 3)


def cameras(calibration: RigCalibration) -> Mapping[str, RigCamera]:
    return {
        role: RigCamera(camera.serial, (camera.model.width, camera.model.height))
        for role, camera in calibration.cameras.items()
    }


def test_what_was_made_for_the_rig_is_used_as_it_is() -> None:
    fitted = fit_to_rig(WIDE, cameras(WIDE))
    assert fitted.calibration is WIDE
    assert fitted.misfits == ()


def test_another_picture_size_is_derived_and_leads_to_the_same_rays() -> None:
    fitted = fit_to_rig(WIDE, cameras(SMALL)).calibration
    assert fitted is not None
    assert fitted.id != WIDE.id
    assert WIDE.id in fitted.source
    point = np.array([[0.2, 0.15, 0.02]])
    for role, camera in SMALL.cameras.items():
        derived = fitted.cameras[role]
        expected = camera.model.project(camera.pose.apply(point))
        assert derived.model.project(derived.pose.apply(point)) == pytest.approx(expected, abs=1e-6)


def test_a_wider_picture_cannot_be_derived_and_is_refused_by_name() -> None:
    fitted = fit_to_rig(SMALL, cameras(WIDE))
    assert fitted.calibration is None
    assert len(fitted.misfits) == 10
    assert fitted.misfits[2].startswith("cam_03: ")
    assert "wider" in fitted.misfits[2]


@pytest.mark.parametrize(("calibrated", "found"), [("Intel RealSense D455", ""), ("", "Intel RealSense D405")])
def test_sizes_of_a_device_with_another_imager_are_not_derived(calibrated: str, found: str) -> None:
    origin = replace(WIDE, cameras={role: replace(camera, device=calibrated) for role, camera in WIDE.cameras.items()})
    fitted = fit_to_rig(origin, {role: replace(camera, device=found) for role, camera in cameras(SMALL).items()})
    assert fitted.calibration is None
    assert f"picture sizes of a {calibrated or found} follow" in fitted.misfits[0]
    same = fit_to_rig(origin, {role: replace(camera, device=found) for role, camera in cameras(WIDE).items()})
    assert same.calibration is origin
    known = fit_to_rig(WIDE, {role: replace(c, device="Intel RealSense D435I") for role, c in cameras(SMALL).items()})
    assert known.calibration is not None


@given(exchanged=st.sets(st.sampled_from(ROLES), min_size=1), absent=st.sets(st.sampled_from(ROLES)))
def test_exchanged_and_unknown_roles_are_named_and_the_others_keep_theirs(
    exchanged: set[str], absent: set[str]
) -> None:
    rig = {role: RigCamera("other" if role in exchanged else c.serial, c.size) for role, c in cameras(WIDE).items()}
    origin = RigCalibration(
        {role: c for role, c in WIDE.cameras.items() if role not in absent}, WIDE.source, WIDE.created_at
    )
    fitted = fit_to_rig(origin, rig)
    kept = set(ROLES) - exchanged - absent
    assert {sentence.partition(":")[0] for sentence in fitted.misfits} == exchanged | absent
    assert (set(fitted.calibration.cameras) if fitted.calibration else set()) == kept
    for role in kept:
        assert fitted.calibration is not None
        assert fitted.calibration.cameras[role] is WIDE.cameras[role]


def test_a_serial_that_is_not_known_is_not_held_against_a_camera() -> None:
    unknown = {role: RigCamera(None, camera.size) for role, camera in cameras(WIDE).items()}
    assert fit_to_rig(WIDE, unknown).calibration is WIDE
