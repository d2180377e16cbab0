"""``station captures`` on a small data directory."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from station.captures.manifest import read_manifest
from station.captures.place import Place
from station.cli.captures import app
from station.cli.captures.changing import open_store
from station.config import load_settings
from station.datadir import DataDir
from station.errors import ConfigError, DatasetError, StorageError
from tests.station.captures.tiny_captures import write_tiny, write_tiny_tree


@pytest.fixture
def data(tmp_path: Path) -> Path:
    root = DataDir.lay_out(tmp_path / "data")
    write_tiny_tree(root / "captures")
    (tmp_path / "station.toml").write_text(f'[station]\ndata_dir = "{root.as_posix()}"\n')
    return root


def run(data: Path, *arguments: str, fails: int = 0) -> Result:
    result = CliRunner().invoke(app, [*arguments, "--config", str(data.parent / "station.toml")])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == fails, result.output
    return result


def read(data: Path, *arguments: str, fails: int = 0) -> Any:
    return json.loads(run(data, *arguments, "--json", fails=fails).stdout)


def test_the_first_search_makes_the_index(data: Path) -> None:
    found = read(data, "search", "grey pum", "--split", "train")
    assert [c["capture_id"] for c in found["captures"]] == ["pump-train-2", "pump-train-1", "pump-train-0"]
    assert (found["total"], found["after"]) == (3, None)
    assert "sets/gear/train_data/0/0" in run(data, "search", "--class", "gear").stdout
    assert "Nothing found" in run(data, "search", "wheel").stdout


def test_pages_follow_each_other(data: Path) -> None:
    first = read(data, "search", "--limit", "3")
    second = read(data, "search", "--limit", "3", "--after", first["after"])
    assert len({c["capture_id"] for c in first["captures"] + second["captures"]}) == 5
    assert second["after"] is None
    with pytest.raises(ConfigError, match="--after"):
        run(data, "search", "--after", "yesterday")


def test_stats_count_everything(data: Path) -> None:
    figures = read(data, "stats")
    assert figures["total"] == {"train": 4, "valid": 1, "test": 0}
    assert figures["states"] == {"kept": 5, "review": 1, "trash": 1}
    assert figures["disk"]["trash"]["files"] == 9
    assert read(data, "stats", "--no-disk")["disk"] is None
    shown = run(data, "stats").stdout
    assert "4 train, 1 valid, 0 test" in shown
    assert "2 lack train, valid or test" in shown


def test_a_harmed_capture_ends_verify_with_one(data: Path) -> None:
    run(data, "reindex")
    assert "Everything is whole." in run(data, "verify").stdout
    (data / "captures" / "sets" / "pump" / "valid_data" / "0" / "cam_01" / "01_rgb.png").write_bytes(b"x")
    said = run(data, "verify", fails=1).stdout
    assert "sets/pump/valid_data/0/cam_01/01_rgb.png: Its content is not what was saved." in said
    assert read(data, "verify", fails=1)["findings"][0]["fault"] == "changed"


def test_a_wrong_index_is_mended_by_a_repair(data: Path) -> None:
    run(data, "reindex")
    write_tiny(data / "captures", Place("gear", "test", number=9), "new")
    shutil.rmtree(data / "captures" / "sets" / "pump" / "train_data")
    assert "--repair" in run(data, "verify", fails=1).stdout
    assert "mended" in run(data, "verify", "--repair").stdout
    assert read(data, "verify")["findings"] == []
    with pytest.raises(ConfigError, match="another tree"):
        run(data, "verify", str(data), "--repair")


def test_reindex_tells_what_it_found_and_waits_for_no_running_station(data: Path) -> None:
    (data / "captures" / "notes.txt").write_text("x")
    assert "5 captures of 2 classes, 1 in review, 1 in the trash." in run(data, "reindex").stdout
    assert read(data, "reindex")["strangers"] == ["notes.txt"]
    with DataDir.open(data), pytest.raises(StorageError, match="in use"):
        run(data, "reindex")


def test_another_tree_can_be_verified(data: Path, tmp_path: Path) -> None:
    tree = write_tiny_tree(tmp_path / "other")
    assert read(data, "verify", str(tree))["sound"] is True
    with pytest.raises(DatasetError):
        run(data, "verify", str(tmp_path / "nowhere"))


def test_a_manifest_is_written_and_compared(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "frozen.txt"
    assert "5 captures" in run(data, "manifest", "--out", str(file)).stdout
    assert run(data, "manifest").stdout == file.read_text()
    assert "Nothing changed." in run(data, "manifest", "--since", str(file)).stdout
    write_tiny(data / "captures", Place("gear", "test", number=9), "new")
    changes = read(data, "manifest", "--since", str(file))["changes"]
    assert [line["capture_id"] for line in changes["added"]] == ["new"]
    assert "added       new  gear (test)" in run(data, "manifest", "--since", str(file)).stdout
    (tmp_path / "model").mkdir()
    with pytest.raises(DatasetError, match="has learned from"):
        run(data, "manifest", "--since", str(tmp_path / "model"))
    (tmp_path / "model" / "captures.txt").write_text(file.read_text())
    frozen = json.loads(run(data, "manifest", "--since", str(file), "--json").stdout)
    facts = tmp_path / "model" / "model.json"
    for stated, sentence in (("", "cannot be read"), (frozen["sha256"], "is not the list")):
        facts.write_text(json.dumps({"manifest": {"sha256": stated}}) if stated else "{}")
        with pytest.raises(DatasetError, match=sentence):
            run(data, "manifest", "--since", str(tmp_path / "model"))
    facts.write_text(json.dumps({"manifest": {"sha256": read_manifest(file).hash}}))
    assert "1 added" in run(data, "manifest", "--since", str(tmp_path / "model")).stdout
    with pytest.raises(ConfigError, match="never changed"):
        run(data, "manifest", "--out", str(file))


def test_captures_are_thrown_away_brought_back_relabelled_and_moved(data: Path) -> None:
    assert ".trash/pump-train-1" in run(data, "trash", "pump-train-1", "--why", "blurred").stdout
    assert ".trash/pump-train-1" in run(data, "search", "--state", "trash").stdout
    assert "sets/pump/train_data/0/1" in run(data, "restore", "pump-train-1").stdout
    assert "sets/gear/train_data/0/1" in run(data, "relabel", "pump-train-1", "--to", "gear").stdout
    assert "sets/gear/valid_data/0" in run(data, "move", "pump-train-1", "gear/valid").stdout
    assert "sets/gear/train_data/3/7" in run(data, "move", "pump-train-1", "gear/train_data/3/7").stdout
    rows = read(data, "audit", "pump-train-1")
    assert [row["action"] for row in rows] == ["trash", "restore", "relabel", "move", "move"]
    assert (rows[0]["why"], rows[0]["who"]) == ("blurred", None)
    assert "to sets/gear/valid_data/0" in run(data, "audit").stdout
    assert run(data, "verify").exit_code == 0


def test_who_is_kept_only_where_the_settings_say_so(data: Path) -> None:
    run(data, "trash", "pump-train-1", "--who", "A7")
    config = data.parent / "station.toml"
    config.write_text(config.read_text() + "[privacy]\noperators = true\n")
    run(data, "restore", "pump-train-1", "--who", "A7")
    assert [row["who"] for row in read(data, "audit")] == [None, "A7"]


def test_what_cannot_be_changed_is_told_and_the_rest_is_done(data: Path) -> None:
    said = run(data, "trash", "nobody", "gear-train-0", fails=1)
    assert "There is no capture nobody" in said.output
    assert ".trash/gear-train-0" in said.stdout
    for wrong in (["relabel", "pump-train-0", "--to", "gaer"], ["move", "pump-train-0", "gear"]):
        with pytest.raises(ConfigError):
            run(data, *wrong)
    assert "There is a capture in" in run(data, "move", "pump-train-0", "pump/train_data/0/2", fails=1).output
    assert run(data, "audit", "pump-train-0").stdout == "Nothing was changed so far.\n"


def test_captures_are_changed_with_the_space_that_the_settings_keep_free(tmp_path: Path) -> None:
    (tmp_path / "station.toml").write_text('[station]\ndata_dir = "data"\nleast_free_gb = 0.1\n')
    with open_store(load_settings(tmp_path / "station.toml", tmp_path)) as store:
        assert store._least_free == 100_000_000
