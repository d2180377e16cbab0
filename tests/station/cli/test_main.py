from __future__ import annotations

import signal
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

import station
from station.settings import Settings

WITHOUT = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "PySide6", "pyrealsense2", "serial"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
sys.argv[0] = "station"
from station.__main__ import main
main()
"""


def run(
    *arguments: str, folder: Path, code: str | None = None, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *(["-c", code] if code else ["-m", "station"]), *arguments]
    home = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "none"), "COLUMNS": "200", "TMPDIR": str(folder)}
    path = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(station.__file__).parents[1])}
    return subprocess.run(
        command,
        cwd=folder,
        env={**path, **home, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_version_is_printed(tmp_path: Path) -> None:
    assert run("--version", folder=tmp_path).stdout == f"station {station.__version__}\n"


def test_help_lists_every_command_without_torch_window_cameras_and_scale(tmp_path: Path) -> None:
    done = run("--help", folder=tmp_path, code=WITHOUT)
    assert done.returncode == 0
    for command in ("demo", "operate", "recognize", "simulate", "train", "config"):
        assert f"│ {command} " in done.stdout


def test_a_command_that_needs_an_absent_package_says_so(tmp_path: Path) -> None:
    done = run("train", "--data", ".", "--out", "model", folder=tmp_path, code=WITHOUT)
    assert done.returncode == 1
    assert "torch is not installed and this command needs it. Run: make setup" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments", [["nothing"], ["config", "shwo"], ["simulate", "--no-such-option"], ["config", "check", "--config"]]
)
def test_wrong_use_ends_with_two_and_no_traceback(tmp_path: Path, arguments: list[str]) -> None:
    done = run(*arguments, folder=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "Error" in done.stderr


def test_a_wrong_configuration_ends_with_two_and_one_sentence_each(tmp_path: Path) -> None:
    (tmp_path / "station.toml").write_text("[rig]\nfps = 7\nsise = 3\n", encoding="utf-8")
    done = run("config", "check", folder=tmp_path)
    assert done.returncode == 2
    assert [line.split(": ")[1].split(" is")[0] for line in done.stderr.splitlines()] == ["rig.fps", "rig.sise"]


def test_the_environment_names_the_file(tmp_path: Path) -> None:
    done = run("config", "check", folder=tmp_path, environment={"STATION_CONFIG": str(tmp_path / "none.toml")})
    assert done.returncode == 2
    assert done.stderr.startswith("STATION_CONFIG: ")


def test_a_missing_serial_matters_for_the_real_rig_only(tmp_path: Path) -> None:
    assert run("config", "check", folder=tmp_path).returncode == 0
    done = run("config", "check", "--rig", folder=tmp_path)
    assert done.returncode == 2
    assert "missing cam_01" in done.stderr


def test_what_show_prints_is_a_configuration_of_the_same_values(tmp_path: Path) -> None:
    text = '[station]\nname = "west"\n[[cameras]]\nrole = "cam_02"\nserial = "12345"\n[rig]\ntolerance_ms = 50.0\n'
    (tmp_path / "station.toml").write_text(text, encoding="utf-8")
    shown = run("config", "show", folder=tmp_path)
    assert shown.returncode == 0
    values = tomllib.loads(shown.stdout)
    values["cameras"] = tuple(values["cameras"])
    expected = tomllib.loads(text)
    expected["cameras"] = tuple(expected["cameras"])
    assert Settings.model_validate(values) == Settings.model_validate(expected)


FAULT = """
import sys
from station.cli import configuration
def fail(config): raise {error}
configuration.chosen_settings = fail
sys.argv = ["station", "config", "check"]
from station.__main__ import main
main()
"""


def test_a_fault_nobody_foresaw_is_one_sentence_and_its_traceback_is_kept(tmp_path: Path) -> None:
    done = run(folder=tmp_path, code=FAULT.format(error="ZeroDivisionError('seven by nought')"))
    assert done.returncode == 1
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("The program has a fault it did not foresee (ZeroDivisionError: seven by nought);")
    (kept,) = tmp_path.glob("station-fault-*.txt")
    assert "Traceback" in kept.read_text(encoding="utf-8")


def test_a_station_error_is_its_sentence_and_one(tmp_path: Path) -> None:
    error = "__import__('station.errors').errors.ScaleError('the line is closed.', where='/dev/ttyUSB0')"
    done = run(folder=tmp_path, code=FAULT.format(error=error))
    assert (done.returncode, done.stderr) == (1, "/dev/ttyUSB0: the line is closed.\n")


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_ends_quietly_with_130(tmp_path: Path) -> None:
    interrupt = f"__import__('signal').raise_signal({int(signal.SIGINT)}) or KeyboardInterrupt"
    done = run(folder=tmp_path, code=FAULT.format(error=interrupt))
    assert (done.returncode, done.stderr) == (130, "")
