"""All checks together: on a right machine, on one with nothing, on other systems, and on this one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import fastjsonschema
import pytest

import station
from station.doctor import Check, Machine, Status, examine, exit_code, report
from station.doctor.examination import CHECKS
from station.geometry import RigCalibration
from station.settings import Settings
from station.simulation.rig import handed_over, rig_models
from tests.station.doctor.machines import CONFIGURED, SERIALS, answering, bare, complete

VALID = cast(
    "Callable[[Any], Any]",
    fastjsonschema.compile(json.loads(Path(__file__).with_name("schema.json").read_text(encoding="utf-8"))),
)


def _calibrated(data: Path) -> None:
    """Make a data directory with an active calibration of the configured cameras."""
    plain = handed_over(rig_models("1280x720", 1), 1)
    cameras = {role: replace(camera, serial=SERIALS[role]) for role, camera in plain.cameras.items()}
    rig = RigCalibration(cameras, "a test", "2026-01-01T00:00:00Z")
    (data / "calibrations").mkdir(parents=True)
    (data / "version").write_text("1\n")
    rig.save(data / "calibrations" / f"{rig.id}.json")
    (data / "calibrations" / "active.json").write_text(json.dumps({"schema": 1, "history": ["older", rig.id]}))


def _examined(machine: Machine, settings: Settings, data: Path) -> dict[str, Check]:
    checks = examine(settings, data, "station.toml", machine=machine)
    VALID(report(checks))
    assert len({check.id for check in checks}) == len(checks)
    return {check.id: check for check in checks}


def test_on_a_right_workstation_all_is_well(tmp_path: Path) -> None:
    _calibrated(tmp_path / "data")
    checks = _examined(complete(tmp_path / "root"), CONFIGURED, tmp_path / "data")
    # What the test machine itself lacks in cores, room or speed is no fault of the made-up one.
    own = {"processor", "disk-space", "disk-speed"}
    assert {name: check.found for name, check in checks.items() if check.status != Status.OK and name not in own} == {}
    assert "10 cameras" in checks["cameras"].found
    assert "A GPU" in checks["cuda"].found


def test_on_a_machine_without_anything_each_absent_thing_has_its_sentence(tmp_path: Path) -> None:
    checks = _examined(bare(tmp_path / "root"), Settings(), tmp_path / "data")
    hardware = {
        "cameras",
        "camera-links",
        "firmware",
        "usb-controllers",
        "usb-bandwidth",
        "usbfs-memory",
        "kernel-metadata",
        "udev-rules",
        "calibration",
        "data-directory",
        "clock",
        "cuda",
        "memory",
    }
    assert {checks[name].status for name in hardware} == {Status.WARN}
    assert exit_code(list(checks.values())) == 2, "without torch nothing can be recognised"


@pytest.mark.parametrize("platform", ["win32", "darwin", "freebsd14"])
def test_other_systems_are_examined_to_the_end(platform: str, tmp_path: Path) -> None:
    machine = replace(complete(tmp_path / "root"), platform=platform)
    checks = _examined(machine, CONFIGURED, tmp_path / "data")
    assert not [check.found for check in checks.values() if "The check itself failed" in check.found]
    assert checks["usb-controllers"].status is Status.WARN
    assert checks["cameras"].status is Status.OK


def test_a_configuration_that_cannot_be_read_fails_and_the_rest_goes_on(tmp_path: Path) -> None:
    trouble = "station.toml, line 3: fps is 7.\nstation.toml, line 9: size is small."
    checks = examine(Settings(), tmp_path, "built-in", config_trouble=trouble, machine=complete(tmp_path / "root"))
    VALID(report(checks))
    assert checks[0] == Check("configuration", Status.FAIL, trouble.replace("\n", " "), checks[0].fix)
    assert len(checks) >= 15


def test_a_check_that_fails_in_itself_ends_nothing(tmp_path: Path) -> None:
    def broken_check(case: object) -> Check:
        raise ZeroDivisionError("by the checker")

    (found,) = examine(Settings(), tmp_path, "", machine=bare(tmp_path), checks=[(("a-check",), broken_check)])
    assert found.id == "a-check"
    assert found.status is Status.WARN
    assert "by the checker" in found.found


def test_a_check_keeps_its_ids_when_it_fails_in_itself(tmp_path: Path) -> None:
    def broken_check(case: object) -> Check:
        raise ZeroDivisionError

    machine = bare(tmp_path / "root")
    whole = [check.id for check in examine(Settings(), tmp_path, "", machine=machine)]
    failed = [(ids, broken_check) for ids, _ in CHECKS]
    assert [check.id for check in examine(Settings(), tmp_path, "", machine=machine, checks=failed)] == whole


def test_the_exit_code_tells_the_worst() -> None:
    ok, warn, fail = (Check("one", status, "found.") for status in Status)
    assert exit_code([ok, ok]) == 0
    assert exit_code([ok, warn]) == 1
    assert exit_code([warn, fail, ok]) == 2


def test_a_camera_sdk_that_hangs_or_crashes_is_a_sentence(tmp_path: Path) -> None:
    machine = replace(complete(tmp_path / "root"), ask=answering("it did not answer within 20 s"))
    checks = _examined(machine, CONFIGURED, tmp_path / "data")
    assert checks["camera-sdk"].status is Status.FAIL
    assert "did not answer" in checks["camera-sdk"].found
    assert checks["cameras"].status is Status.FAIL
    assert "10 of 10" in checks["cameras"].found


@pytest.mark.slow
def test_this_machine_is_examined_by_the_command(tmp_path: Path) -> None:
    environment = {**os.environ, "HOME": str(tmp_path), "STATION_CONFIG": "", "COLUMNS": "120"}
    environment["PYTHONPATH"] = str(Path(station.__file__).parents[1])
    command = [sys.executable, "-m", "station", "doctor"]
    said = subprocess.run(
        [*command, "--json"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    found = json.loads(said.stdout)
    VALID(found)
    assert (
        said.returncode
        == {"ok": 0, "warn": 1, "fail": 2}[
            max((check["status"] for check in found["checks"]), key=["ok", "warn", "fail"].index)
        ]
    )
    assert not [check for check in found["checks"] if "The check itself failed" in check["found"]]
    assert not list(tmp_path.rglob(".station-doctor-*"))
