"""Python packages told by their metadata, and what child processes say of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from station.doctor import Machine, Status, packages
from station.doctor.machine import ask_child, library_loads, providers, version_of
from station.settings import RecognitionSection, Settings
from tests.station.doctor.machines import TORCH, VERSIONS, answering, case_of, complete, write


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return complete(tmp_path)


def test_an_old_python_fails(machine: Machine) -> None:
    assert packages.python(case_of(replace(machine, python=(3, 10, 14)))).status is Status.FAIL
    assert packages.python(case_of(replace(machine, python=(3, 11, 0)))).status is Status.OK


@pytest.mark.parametrize(
    ("found", "status", "words"),
    [
        ([], Status.FAIL, "No package"),
        (["opencv-python-headless"], Status.OK, "5.0.0.93, and it alone"),
        (["opencv-python"], Status.WARN, "plugins of its own"),
        (["opencv-contrib-python", "opencv-python-headless"], Status.FAIL, "2 packages bring cv2"),
    ],
)
def test_one_package_alone_may_bring_cv2(found: list[str], status: Status, words: str, machine: Machine) -> None:
    check = packages.opencv(case_of(replace(machine, providers=lambda module: found if module == "cv2" else [])))
    assert check.status is status
    assert words in check.found
    if len(found) > 1:
        assert " ".join(found) in check.fix


def test_a_library_that_the_window_lacks_is_named(machine: Machine) -> None:
    dead = replace(machine, ask=answering(qt="ImportError: libEGL.so.1: cannot open shared object file"))
    check = packages.qt(case_of(dead))
    assert check.status is Status.FAIL
    assert "libEGL.so.1" in check.fix


def test_on_a_display_the_libraries_of_x11_are_asked_for(machine: Machine) -> None:
    without = replace(machine, loads=lambda name: "cursor" not in name)
    assert packages.qt(case_of(without)).status is Status.OK
    check = packages.qt(case_of(replace(without, environment={"DISPLAY": ":0"})))
    assert check.status is Status.FAIL
    assert "libxcb-cursor.so.0" in check.found


def test_foreign_plugins_and_packages_of_qt_are_a_warning(machine: Machine) -> None:
    sent = replace(machine, environment={"QT_QPA_PLATFORM_PLUGIN_PATH": "/opt/cv2/qt/plugins"})
    check = packages.qt(case_of(sent))
    assert (check.status, "/opt/cv2/qt/plugins" in check.found) == (Status.WARN, True)
    both = replace(machine, version_of={**VERSIONS, "PyQt5": "5.15"}.get)
    check = packages.qt(case_of(both))
    assert (check.status, check.fix) == (Status.WARN, "Uninstall PyQt5.")
    assert packages.qt(case_of(replace(machine, version_of=lambda name: None))).status is Status.WARN


@pytest.mark.parametrize(
    ("torch", "driver", "device", "status", "words"),
    [
        (TORCH, True, "auto", Status.OK, "A GPU, 24 GiB, CUDA 13.0."),
        ({**TORCH, "cuda": False, "built": ""}, True, "auto", Status.WARN, "a build for the CPU"),
        ({**TORCH, "cuda": False}, True, "auto", Status.WARN, "built for CUDA 13.0"),
        ({**TORCH, "cuda": False}, True, "cuda", Status.FAIL, "built for CUDA 13.0"),
        ({**TORCH, "cuda": False, "built": ""}, False, "auto", Status.WARN, "No CUDA GPU"),
        ({**TORCH, "cuda": False, "built": ""}, False, "cuda", Status.FAIL, "No CUDA GPU"),
    ],
)
def test_the_gpu_is_told_from_torch_and_the_driver(
    torch: dict[str, Any], driver: bool, device: str, status: Status, words: str, machine: Machine
) -> None:
    if driver:
        write(machine.root, "proc/driver/nvidia/version", "NVRM version: 590.1\n")
    settings = Settings(recognition=RecognitionSection.model_validate({"device": device}))
    about, cuda = packages.model_and_gpu(case_of(replace(machine, ask=answering(torch=torch)), settings))
    assert about.status is Status.OK
    assert cuda.status is status
    assert words in cuda.found


def test_a_torch_that_does_not_load_fails_once(machine: Machine) -> None:
    torch, cuda = packages.model_and_gpu(case_of(replace(machine, ask=answering(torch="undefined symbol: iJIT"))))
    assert (torch.status, cuda.status) == (Status.FAIL, Status.WARN)
    assert "iJIT" in torch.found


def test_a_child_process_answers_in_json_or_with_the_reason() -> None:
    assert ask_child("print('talk'); print('{\"a\": 1}')", 30.0).data == {"a": 1}
    for code, words in (
        ("import absent_of_all", "absent_of_all"),
        ("import os; os.abort()", "ended with"),
        ("print([1])", "ended with 0"),
        ("print('{')", "ended with 0"),
    ):
        answer = ask_child(code, 30.0)
        assert answer.data is None
        assert words in answer.trouble
    hung = ask_child("import signal; signal.pause()", 0.5)
    assert (hung.data, "within" in hung.trouble) == (None, True)


def test_the_machine_itself_is_asked_without_importing() -> None:
    assert library_loads("libc.so.6")
    assert not library_loads("lib-that-is-not-there.so.9")
    assert version_of("numpy")
    assert version_of("a-package-that-is-not-there") is None
    assert "numpy" in providers("numpy")
    assert providers("module_that_is_not_there") == ()
