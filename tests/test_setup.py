from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tools.bench import LONG, SHORT
from tools.checks import test_step as step_of_the_tests
from tools.setup import (
    ROOT,
    SetupError,
    SystemPackage,
    absent,
    fingerprint,
    install_line,
    library_loads,
    python_for,
    read_system_packages,
)

PACKAGES = read_system_packages((ROOT / "tools/system-packages.txt").read_text(encoding="utf-8"))


def test_a_new_enough_python_goes_on_itself() -> None:
    assert python_for((3, 11), lambda name: None) is None


def test_an_old_python_hands_over_to_a_newer_one_on_the_path() -> None:
    assert python_for((3, 9), {"python3.12": "/usr/bin/python3.12"}.get) == "/usr/bin/python3.12"


def test_without_a_new_enough_python_the_next_step_is_said() -> None:
    with pytest.raises(SetupError, match=r"3\.11 or newer is needed, found 3\.9: install"):
        python_for((3, 9), lambda name: None)


def test_the_list_of_system_packages_names_a_library_each() -> None:
    assert SystemPackage("libusb-1.0-0", "libusb-1.0.so.0", "cameras") in PACKAGES
    assert {package.need for package in PACKAGES} == {"cameras", "window", "x11"}
    assert all(".so." in package.library for package in PACKAGES)


def test_a_library_is_missing_when_the_loader_does_not_find_it() -> None:
    assert not library_loads("libnothing-of-that-name.so.9")
    missing = absent(PACKAGES, lambda library: library != "libEGL.so.1")
    assert [package.name for package in missing] == ["libegl1"]


def test_the_line_that_installs_is_complete() -> None:
    line = install_line(PACKAGES[:2], root_user=False)
    names = f"{PACKAGES[0].name} {PACKAGES[1].name}"
    assert line == f"sudo apt-get update && sudo apt-get install -y --no-install-recommends {names}"
    assert "sudo" not in install_line(PACKAGES, root_user=True)


def test_set_up_runs_again_when_pins_place_or_python_change(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("a", encoding="utf-8")
    pins = tmp_path / "constraints.txt"
    pins.write_text("b==1", encoding="utf-8")
    first = fingerprint(tmp_path, "3.11.2")
    assert fingerprint(tmp_path, "3.11.2") == first
    assert fingerprint(tmp_path, "3.12.3") != first
    pins.write_text("b==2", encoding="utf-8")
    assert fingerprint(tmp_path, "3.11.2") != first


def test_the_tests_leave_out_what_needs_hardware_and_in_short_what_is_slow() -> None:
    assert "not hardware and not slow" in step_of_the_tests(slow=False, processors=2)
    assert "not hardware" in step_of_the_tests(slow=True, processors=64)
    assert step_of_the_tests(slow=False, processors=64)[-3] == "4"


RUN_SILENT = """
import sys
from pathlib import Path
import tools.talking_process as talking
talking.SILENCE_S = 0.2
code = "import sys, time; print('begun', flush=True); time.sleep(0.5); print('done'); sys.exit(3)"
sys.exit(talking.run_talking([sys.executable, "-c", code], "waiting", Path.cwd()))
"""


def test_a_silent_program_is_reported_and_its_exit_code_passed_on() -> None:
    done = subprocess.run([sys.executable, "-c", RUN_SILENT], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stderr
    lines = done.stdout.splitlines()
    assert lines[-1] == "done"
    # A slow machine is reported before "begun" too.
    assert lines[lines.index("begun") + 1].startswith("  … waiting: still at it")


def test_every_benchmark_has_its_short_form_or_is_known_to_have_none() -> None:
    assert SHORT.keys() | LONG == {path.stem for path in (ROOT / "benchmarks").glob("[a-z]*.py")}
