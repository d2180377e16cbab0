"""``station import`` and ``station export`` on a small data directory."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from station.cli.main import app
from station.errors import CaptureRefusedError, DatasetError
from tests.recognition.small_tree import write_tree


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tree(tmp_path_factory.mktemp("foreign"), train=1, valid=0)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("station")
    file = folder / "station.toml"
    file.write_text(f'[station]\ndata_dir = "{(folder / "data").as_posix()}"\n')
    return file


def run(config: Path, *arguments: str, fails: int = 0) -> Result:
    result = CliRunner().invoke(app, [*arguments, "--config", str(config)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == fails, result.output
    return result


def test_an_import_is_tried_done_and_done_again(tree: Path, config: Path) -> None:
    dry = run(config, "import", str(tree), "--dry-run").stdout
    assert "4 found: 4 would be imported" in dry
    assert "red_block: The class is new." in dry
    assert "they were copied, not measured" in dry
    assert run(config, "captures", "search").stdout == "Nothing found.\n"
    assert "4 found: 4 imported, 0 were there already" in run(config, "import", str(tree)).stdout
    assert "red block" in run(config, "parts", "search", "N-red").stdout
    again = json.loads(run(config, "import", str(tree), "--json").stdout)
    assert (len(again["already"]), again["imported"], again["dry"]) == (4, {}, False)
    assert "Everything is whole." in run(config, "captures", "verify").stdout


def test_the_space_that_the_settings_keep_free_is_kept_free(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More is free than is kept free without a setting, less than is asked for."""
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=5_000_000_000))
    config = tmp_path / "station.toml"
    config.write_text(f'[station]\ndata_dir = "{(tmp_path / "data").as_posix()}"\nleast_free_gb = 9\n')
    with pytest.raises(CaptureRefusedError, match=r"has 5\.0 GB free, captures need 9\.0 GB to spare"):
        run(config, "import", str(tree))
    assert not list((tmp_path / "data/captures").rglob("capture.json"))


def test_something_that_cannot_be_imported_ends_with_one(config: Path, tmp_path: Path) -> None:
    (tmp_path / "bolt").mkdir()
    (tmp_path / "bolt" / "broken.png").write_bytes(b"x")
    said = run(config, "import", str(tmp_path), fails=1).stdout
    assert "bolt/broken.png: not imported." in said


def test_the_station_is_exported_in_every_form(tree: Path, config: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    said = run(config, "export", str(tree), "--out", str(out), "--class", "red_block", "--split", "train").stdout
    assert said.startswith("1 captures in 42 files")
    assert (out / "sets" / "red_block" / "train_data" / "0" / "0" / "cam_10" / "10_depth.png").is_file()
    table = tmp_path / "captures.csv"
    report = json.loads(run(config, "export", str(tree), "--format", "csv", "--out", str(table), "--json").stdout)
    assert (report["captures"], report["files"]) == (4, 1)
    assert len(table.read_text().splitlines()) == 5
    run(config, "export", str(tree), "--format", "coco", "--out", str(tmp_path / "coco"), "--class", "red_block")
    assert (tmp_path / "coco" / "annotations" / "instances_train.json").is_file()
    with pytest.raises(DatasetError, match="never overwrites"):
        run(config, "export", str(tree), "--format", "csv", "--out", str(table))


def kept(sets: Path) -> int:
    """Return how many captures are in their places."""
    return sum(not path.parent.name.startswith(".") for path in sets.glob("*/*/*/*/capture.json"))


def test_an_import_that_is_killed_goes_on_and_nothing_is_half_there(tree: Path, tmp_path: Path) -> None:
    config = tmp_path / "station.toml"
    config.write_text(f'[station]\ndata_dir = "{(tmp_path / "data").as_posix()}"\n')
    command = [sys.executable, "-m", "station", "import", str(tree), "--config", str(config)]
    sets = tmp_path / "data" / "captures" / "sets"
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as importing:
        deadline = time.monotonic() + 60
        while importing.poll() is None and time.monotonic() < deadline and not kept(sets):
            time.sleep(0.002)
        importing.kill()
    there = kept(sets)
    assert there >= 1
    done = json.loads(run(config, "import", str(tree), "--json").stdout)
    assert (len(done["already"]), len(done["imported"])) == (there, 4 - there)
    assert "4 captures" in run(config, "captures", "verify").stdout
