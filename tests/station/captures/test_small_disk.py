"""A real file system of a few megabytes that is really full, or may only be read, or whose folders are closed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.station.captures.small_disk import NOT_PERMITTED

ROOT = Path(__file__).parents[3]


def _run(folder: Path, what: str, turns: int, *spaces: str) -> None:
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, *spaces, "true"], check=False, capture_output=True).returncode:
        pytest.skip("this system lets nobody have file systems of his own")
    program = [sys.executable, "-m", "tests.station.captures.small_disk", str(folder), what, str(turns)]
    done = subprocess.run(
        [unshare, *spaces, *program], cwd=ROOT, check=False, capture_output=True, text=True, timeout=1100
    )
    if done.returncode == NOT_PERMITTED:
        pytest.skip("this system lets nobody mount a small file system")
    assert done.returncode == 0, done.stderr[-3000:]
    print(done.stdout)


@pytest.mark.parametrize("turns", [10, pytest.param(300, marks=pytest.mark.slow)])
@pytest.mark.timeout(1200)
def test_captures_on_a_disk_that_is_full(tmp_path: Path, turns: int) -> None:
    _run(tmp_path, "captures", turns, "-Urm")


@pytest.mark.slow
def test_what_lies_beside_the_captures_on_a_disk_that_is_full(tmp_path: Path) -> None:
    _run(tmp_path, "neighbours", 0, "-Urm")


def test_a_disk_that_may_only_be_read(tmp_path: Path) -> None:
    _run(tmp_path, "read_only", 0, "-Urm")


def test_folders_that_are_closed_to_the_program(tmp_path: Path) -> None:
    _run(tmp_path, "closed", 0, "-U")
