"""``station recognize`` prints one JSON object a part, with every key, and reads only what it may."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from station.captures.mvip import find_captures
from station.cli.main import app
from station.frames import ROLES
from station.geometry import CameraCalibration, CameraModel, Pose, RigCalibration

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = ROOT.parent / "shared/data/mvip_sample"
CLASS = SAMPLE / "sets/bosch_0_120_489_435"
NAMES = ("test_data/2", "train_data/0/6")
KEYS = [
    "capture_id", "taken_at", "status", "message", "weight_kg", "weight_source", "size_m", "views_used",
    "views_missing", "views_without_depth", "roi", "skew_ms", "unknown", "unknown_score", "unknown_threshold",
    "nearest", "strange", "ranked", "prediction_set", "set_coverage", "weight_trust", "views", "timings_ms",
    "model", "calibration",
]  # fmt: skip
RECORDING = ROOT.parent / "shared/data/recordings/single_depth_color_640x480.bag"
needs_recording = pytest.mark.skipif(
    not RECORDING.is_file(), reason=f"../shared/data/recordings/{RECORDING.name} is not here"
)
needs_sample = pytest.mark.skipif(not SAMPLE.is_dir(), reason="../shared/data/mvip_sample is not here")


def recognise(*arguments: str, code: int = 0) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "station", "recognize", *arguments],
        capture_output=True,
        text=True,
        timeout=240,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.timeout(300)
def test_simulated_parts_are_lines_with_every_key_and_the_truth() -> None:
    lines = recognise("--source", "sim", "--count", "2", "--seed", "5")
    assert len(lines) == 2
    for line in lines:
        assert list(line) == [*KEYS, "truth"]
        assert line["status"] == "ok"
        assert line["weight_source"] == "scale"
        assert len(line["ranked"]) == 5
        assert line["prediction_set"][0] == line["ranked"][0]["class"]
        assert list(line["views"]) == [role for role in ROLES if role in line["views_used"]]
        for said in line["views"].values():
            assert 0.0 <= said["of_first"] <= said["probability"] <= 1.0
        for ranked in line["ranked"]:
            # a class too light for the scale has no weight to compare with
            assert ranked["weight"] is None or ranked["weight_fits"] is (ranked["weight"]["deviation"] <= 3.5)
            assert ranked["size_fits"] is (ranked["size"]["deviation"] <= 3.0)
        assert set(line["timings_ms"]) == {"match", "roi", "preprocess", "forward", "judgement", "total"}
        assert line["truth"]["class"]


@pytest.mark.timeout(300)
def test_a_held_out_part_without_weight() -> None:
    (line,) = recognise("--source", "sim", "--count", "1", "--seed", "6", "--held-out", "--weight", "none")
    assert line["weight_kg"] is None
    assert line["weight_source"] is None
    assert line["truth"]["class"] not in [ranked["class"] for ranked in line["ranked"]]


def bare_tree(folder: Path, names: tuple[str, ...]) -> Path:
    """Copy captures into a tree of their own, without masks, HHA pictures and the class's ``meta.json``."""
    for name in names:
        for picture in sorted((CLASS / name).rglob("*")):
            if picture.is_file() and not picture.name.endswith(("_mask_gen.png", "_hha.png")):
                target = folder / "sets" / "something" / name / picture.relative_to(CLASS / name)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(picture, target)
    return folder


def whole_tree(folder: Path, names: tuple[str, ...]) -> Path:
    """Copy captures and their class with everything that is there."""
    for name in names:
        shutil.copytree(CLASS / name, folder / "sets" / "something" / name)
    shutil.copyfile(CLASS / "meta.json", folder / "sets" / "something" / "meta.json")
    return folder


def alike(lines: list[dict[str, Any]], others: list[dict[str, Any]], count: int) -> None:
    assert len(lines) == count
    for line, other in zip(lines, others, strict=True):
        for key in set(KEYS) - {"timings_ms", "taken_at"}:
            assert line[key] == other[key], key
        assert line["views_without_depth"] == ["cam_05"]
        assert len(line["views_used"]) == 10
        assert line["unknown"] is True


@needs_sample
@pytest.mark.timeout(300)
def test_a_real_capture_is_recognised_from_its_pictures_alone(tmp_path: Path) -> None:
    whole = recognise("--source", "replay", "--path", str(whole_tree(tmp_path / "whole", NAMES)))
    alike(whole, recognise("--source", "replay", "--path", str(bare_tree(tmp_path / "bare", NAMES))), len(NAMES))


@needs_sample
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_all_six_real_captures_are_recognised_from_their_pictures_alone(tmp_path: Path) -> None:
    names = tuple(str(c.path.relative_to(CLASS)) for c in find_captures(CLASS))
    whole = recognise("--source", "replay", "--path", str(whole_tree(tmp_path / "whole", names)))
    alike(whole, recognise("--source", "replay", "--path", str(bare_tree(tmp_path / "bare", names))), 6)


@needs_sample
@pytest.mark.timeout(300)
def test_a_damaged_capture_is_a_line_too_and_the_others_are_recognised(tmp_path: Path) -> None:
    tree = bare_tree(tmp_path, NAMES)
    (tree / "stray.bag").touch()
    for picture in (tree / "sets" / "something" / NAMES[0]).rglob("*_rgb.png"):
        picture.write_bytes(b"no picture")
    lines = recognise("--source", "replay", "--path", str(tree), code=1)
    assert [list(line) for line in lines] == [KEYS, KEYS]
    damaged, sound = sorted(lines, key=lambda line: line["ranked"] is not None)
    assert damaged["status"] == "error"
    assert "None of its ten views" in damaged["message"]
    assert damaged["capture_id"].endswith(NAMES[0])
    assert sound["status"] == "ok"


def fails(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "station", "recognize", *arguments],
        capture_output=True,
        text=True,
        timeout=100,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr


def calibrate_beside(folder: Path) -> None:
    """Write the calibration of one camera that looks straight down on the plate."""
    model = CameraModel(640, 480, 613.2, 613.2, 320.0, 240.0)
    down = np.diag([1.0, -1.0, -1.0])
    pose = Pose(down, -down @ np.array([0.24, 0.192, 0.8]))
    camera = CameraCalibration("cam_01", "one", model, pose)
    rig = RigCalibration({"cam_01": camera}, "test", "2026-01-01T00:00:00Z")
    (folder / "calibration.json").write_text(json.dumps(rig.to_json()), encoding="utf-8")


@needs_recording
@pytest.mark.timeout(300)
def test_a_recording_needs_its_calibration_and_without_a_part_it_is_one_sentence(tmp_path: Path) -> None:
    shutil.copyfile(RECORDING, tmp_path / "cam_01.bag")
    arguments = ("--source", "replay", "--path", str(tmp_path))
    assert "no calibration beside the recordings" in fails(*arguments)
    calibrate_beside(tmp_path)
    assert "No part was seen" in fails(*arguments).splitlines()[-1]
    (tmp_path / "cam_02.bag").write_bytes(RECORDING.read_bytes()[:2000])
    assert "cam_02.bag" in fails(*arguments).splitlines()[-1]


@pytest.mark.timeout(300)
def test_a_damaged_recording_is_said_before_its_calibration_is_asked_for(tmp_path: Path) -> None:
    pytest.importorskip("pyrealsense2")
    (tmp_path / "cam_01.bag").write_bytes(b"#ROSBAG V2.0\n" + bytes(100))
    assert "cam_01.bag: The recording cannot be played" in fails("--source", "replay", "--path", str(tmp_path))


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--source", "replay"), "--path"),
        (("--source", "sim", "--weight", "heavy"), "heavy"),
        (("--source", "rig", "--weight", "class"), "class"),
        (("--source", "replay", "--path", "/nowhere"), "nowhere"),
    ],
)
def test_wrong_use_is_one_sentence(arguments: tuple[str, ...], word: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "station", "recognize", *arguments],
        capture_output=True,
        text=True,
        timeout=100,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode in (1, 2)
    assert word in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_simulated_part_that_is_not_recognised_is_a_line_and_costs_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("pyrealsense2")
    monkeypatch.setattr("station.cli.recognize._PART_S", 0.01)
    result = CliRunner().invoke(app, ["recognize", "--source", "sim", "--count", "2", "--seed", "3"])
    assert result.exit_code == 1, result.output
    lines = [json.loads(text) for text in result.stdout.splitlines() if text.startswith("{")]
    assert [line["status"] for line in lines] == ["error", "error"]
    assert all("was not recognised within" in line["message"] for line in lines)
    assert [set(line) - {*KEYS} for line in lines] == [{"truth"}, {"truth"}]
