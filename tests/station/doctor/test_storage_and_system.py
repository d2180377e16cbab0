"""Data directory, disk, calibration, scale's port and the computer itself."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections import namedtuple
from dataclasses import replace
from datetime import datetime, tzinfo
from pathlib import Path

import pytest

from station.datadir import DataDir, in_use
from station.doctor import Machine, Status, serial_port, storage, system
from station.doctor.calibration import calibration
from station.doctor.machine import kernel_clock_disciplined
from station.geometry import RigCalibration
from station.settings import RecognitionSection, ScaleSection, Settings, StationSection
from station.simulation.rig import handed_over, rig_models
from tests.station.doctor.machines import CONFIGURED, SERIALS, answering, case_of, complete, write


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(root=tmp_path, platform="linux", ask=answering())


def test_a_data_directory_in_use_is_well_and_stays_in_use(machine: Machine, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    assert not in_use(folder)
    assert storage.data_directory(case_of(machine, data_dir=folder)).status is Status.WARN
    assert not folder.exists(), "nothing is made"
    with DataDir.open(folder):
        found = storage.data_directory(case_of(machine, data_dir=folder))
        assert (found.status, "a station is using it" in found.found) == (Status.OK, True)
        assert in_use(folder)
    assert not in_use(folder)
    found = storage.data_directory(case_of(machine, data_dir=folder))
    assert (found.status, "using" in found.found) == (Status.OK, False)


@pytest.mark.parametrize(
    ("files", "status", "words"),
    [
        ({}, Status.WARN, "is empty"),
        ({"holiday.jpg": ""}, Status.FAIL, "holds other things"),
        ({"version": "99\n"}, Status.FAIL, "layout '99'"),
        ({"version": "one\n"}, Status.FAIL, "layout 'one'"),
    ],
)
def test_a_folder_of_another_kind_is_told(
    files: dict[str, str], status: Status, words: str, machine: Machine, tmp_path: Path
) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    found = storage.data_directory(case_of(machine, data_dir=folder))
    assert (found.status, words in found.found) == (status, True)


def test_a_folder_that_may_not_be_written_fails(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    shut = replace(machine, may_open=lambda path: path != folder)
    found = storage.data_directory(case_of(shut, data_dir=folder))
    assert (found.status, "may not write" in found.found) == (Status.FAIL, True)
    found = storage.data_directory(case_of(shut, data_dir=folder / "below"))
    assert (found.status, "may not make it" in found.found) == (Status.FAIL, True)

    def refused(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", refused)
    found = storage.disk_speed(case_of(machine, data_dir=folder))
    assert (found.status, "Permission denied" in found.found) == (Status.WARN, True)


@pytest.mark.parametrize(
    ("free_gb", "least_gb", "status"),
    [
        (1.9, 2.0, Status.FAIL),
        (5.0, 2.0, Status.WARN),
        (21.0, 2.0, Status.OK),
        (40.0, 50.0, Status.FAIL),
        (60.0, 50.0, Status.WARN),
        (76.0, 50.0, Status.OK),
    ],
)
def test_room_on_the_disk_is_judged(
    free_gb: float, least_gb: float, status: Status, machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    asked: list[Path] = []

    def disk_usage(path: Path) -> object:
        asked.append(path)
        return usage(0, 0, int(free_gb * 1e9))

    monkeypatch.setattr(shutil, "disk_usage", disk_usage)
    settings = Settings(station=StationSection(least_free_gb=least_gb))
    assert storage.disk_space(case_of(machine, settings, data_dir=tmp_path / "a" / "b")).status is status
    assert asked == [tmp_path], "the nearest folder that is there"


def test_the_disks_speed_is_measured_and_nothing_is_left(machine: Machine, tmp_path: Path) -> None:
    found = storage.disk_speed(case_of(machine, data_dir=tmp_path / "not yet" / "there"))
    assert "MB/s" in found.found
    assert list(tmp_path.iterdir()) == []


def _store(folder: Path, serials: dict[str, str]) -> RigCalibration:
    plain = handed_over(rig_models("1280x720", 1), 1)
    cameras = {role: replace(camera, serial=serials[role]) for role, camera in plain.cameras.items()}
    rig = RigCalibration(cameras, "a test", "2026-01-01T00:00:00Z")
    (folder / "calibrations").mkdir(parents=True, exist_ok=True)
    rig.save(folder / "calibrations" / f"{rig.id}.json")
    (folder / "calibrations" / "active.json").write_text(json.dumps({"schema": 1, "history": [rig.id]}))
    return rig


def test_the_active_calibration_is_held_against_the_configured_cameras(machine: Machine, tmp_path: Path) -> None:
    case = case_of(machine, data_dir=tmp_path)
    assert calibration(case).status is Status.WARN
    rig = _store(tmp_path, SERIALS)
    found = calibration(case)
    assert (found.status, f"{rig.id} of 2026-01-01" in found.found) == (Status.OK, True)
    _store(tmp_path, {**SERIALS, "cam_04": "000000000000"})
    found = calibration(case)
    assert found.status is Status.WARN
    assert "not of the cameras that now are cam_04" in found.found


def test_an_active_calibration_that_does_not_know_the_plate_fails(machine: Machine, tmp_path: Path) -> None:
    rig = replace(_store(tmp_path, SERIALS), world="cam_01")
    rig.save(tmp_path / "calibrations" / f"{rig.id}.json")
    found = calibration(case_of(machine, data_dir=tmp_path))
    assert (found.status, "not the plate" in found.found) == (Status.FAIL, True)


def test_a_damaged_calibration_or_pointer_fails(machine: Machine, tmp_path: Path) -> None:
    case = case_of(machine, data_dir=tmp_path)
    rig = _store(tmp_path, SERIALS)
    file = tmp_path / "calibrations" / f"{rig.id}.json"
    file.write_text(file.read_text().replace("world_to_camera", "somewhere", 1))
    assert calibration(case).status is Status.FAIL
    for text in ("{", '{"history": []}', '{"history": 3}', "[]"):
        (tmp_path / "calibrations" / "active.json").write_text(text)
        found = calibration(case)
        assert (found.status, "pointer" in found.found) == (Status.FAIL, True)


def test_the_calibration_that_the_settings_name_is_looked_at(machine: Machine, tmp_path: Path) -> None:
    _store(tmp_path, SERIALS).save(tmp_path / "mine.json")
    settings = CONFIGURED.model_copy(update={"recognition": RecognitionSection(calibration="mine.json")})
    assert calibration(case_of(machine, settings, data_dir=tmp_path)).status is Status.OK
    settings = CONFIGURED.model_copy(update={"recognition": RecognitionSection(calibration="yours.json")})
    assert calibration(case_of(machine, settings, data_dir=tmp_path)).status is Status.FAIL


@pytest.mark.parametrize(
    ("scale", "status", "words"),
    [
        ({"enabled": False}, Status.OK, "No scale is used"),
        ({"port": "socket://192.168.0.20:4001"}, Status.OK, "on the network"),
        ({"port": "/dev/serial/by-id/usb-scale"}, Status.OK, "can be opened."),
        ({"port": "/dev/ttyUSB0"}, Status.OK, "may change with the plug"),
        ({"port": "/dev/ttyUSB7"}, Status.WARN, "Ports there: /dev/serial/by-id/usb-scale."),
    ],
)
def test_the_scales_port_is_looked_at(scale: dict[str, object], status: Status, words: str, tmp_path: Path) -> None:
    machine = complete(tmp_path)
    write(tmp_path, "dev/ttyUSB0", "")
    found = serial_port.scale_port(case_of(machine, Settings(scale=ScaleSection.model_validate(scale))))
    assert (found.status, words in found.found) == (status, True)


def test_a_port_without_the_right_to_open_it_names_the_group(tmp_path: Path) -> None:
    machine = complete(tmp_path)
    shut = replace(machine, may_open=lambda path: path != tmp_path / "dev/serial/by-id/usb-scale")
    found = serial_port.scale_port(case_of(shut))
    assert (found.status, "dialout" in found.fix) == (Status.FAIL, True)
    no_driver = replace(machine, version_of=lambda name: None)
    assert serial_port.scale_port(case_of(no_driver)).status is Status.FAIL
    assert serial_port.scale_port(case_of(replace(machine, platform="win32"))).status is Status.WARN


@pytest.mark.parametrize(
    ("cores", "load", "status"),
    [(8, "0.5", Status.OK), (2, "0.5", Status.WARN), (8, "13.0", Status.WARN), (8, "11.0", Status.OK)],
)
def test_cores_and_load_are_judged(
    cores: int, load: str, status: Status, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    write(machine.root, "proc/loadavg", f"{load} 0.1 0.1 1/200 999\n")
    found = system.processor(case_of(machine))
    assert (found.status, f"{cores} cores" in found.found) == (status, True)


@pytest.mark.parametrize(
    ("total_kb", "free_kb", "status"),
    [(16_000_000, 12_000_000, Status.OK), (4_000_000, 3_000_000, Status.WARN), (16_000_000, 900_000, Status.WARN)],
)
def test_memory_is_judged(total_kb: int, free_kb: int, status: Status, machine: Machine) -> None:
    write(machine.root, "proc/meminfo", f"MemTotal: {total_kb} kB\nMemAvailable: {free_kb} kB\nOdd line\nEmpty:\n")
    assert system.memory(case_of(machine)).status is status


def test_where_the_memory_is_not_told_it_is_a_warning(machine: Machine) -> None:
    assert system.memory(case_of(machine)).status is Status.WARN


@pytest.mark.parametrize(
    ("mark", "kernel", "status"),
    [
        (True, False, Status.OK),
        (False, True, Status.OK),
        (False, False, Status.WARN),
        (False, None, Status.WARN),
    ],
)
def test_a_clock_that_nothing_keeps_is_a_warning(
    mark: bool, kernel: bool | None, status: Status, machine: Machine
) -> None:
    if mark:
        write(machine.root, "run/systemd/timesync/synchronized", "")
    assert system.clock(case_of(replace(machine, clock_disciplined=lambda: kernel))).status is status
    assert system.clock(case_of(replace(machine, platform="win32"))).status is Status.WARN


def test_a_clock_that_was_never_set_fails(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stopped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Stopped:
            return cls(1970, 1, 1, 0, 3, tzinfo=tz)

    monkeypatch.setattr(system, "datetime", Stopped)
    found = system.clock(case_of(replace(machine, clock_disciplined=lambda: True)))
    assert (found.status, "1970-01-01T00:03:00Z" in found.found) == (Status.FAIL, True)


def test_the_kernel_can_be_asked_for_its_clock() -> None:
    assert kernel_clock_disciplined() in (True, False, None)
