"""``station recognize`` prints one JSON object a part, with every key, and reads only what it may."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = ROOT.parent / "shared/data/mvip_sample"
CLASS = SAMPLE / "sets/bosch_0_120_489_435"
NAMES = ("test_data/2", "train_data/0/6")
KEYS = [
    "capture_id", "taken_at", "status", "message", "weight_kg", "weight_source", "size_m", "views_used",
    "views_missing", "views_without_depth", "roi", "skew_ms", "unknown", "unknown_score", "ranked", "prediction_set",
    "timings_ms", "model", "calibration",
]  # fmt: skip
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
        assert set(line["timings_ms"]) == {"match", "roi", "preprocess", "forward", "total"}
        assert line["truth"]["class"]


@pytest.mark.timeout(300)
def test_a_held_out_part_without_weight() -> None:
    (line,) = recognise("--source", "sim", "--count", "1", "--seed", "6", "--held-out", "--weight", "none")
    assert line["weight_kg"] is None
    assert line["weight_source"] is None
    assert line["truth"]["class"] not in [ranked["class"] for ranked in line["ranked"]]


@needs_sample
@pytest.mark.timeout(300)
def test_a_real_capture_is_recognised_from_its_pictures_alone(tmp_path: Path) -> None:
    bare = tmp_path / "sets" / "something"
    for name in NAMES:
        for picture in sorted((CLASS / name).rglob("*")):
            if picture.is_file() and not picture.name.endswith(("_mask_gen.png", "_hha.png")):
                target = bare / name / picture.relative_to(CLASS / name)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(picture, target)
    whole = [recognise("--source", "replay", "--path", str(CLASS / name))[0] for name in NAMES]
    stripped = recognise("--source", "replay", "--path", str(tmp_path))
    for line, other in zip(whole, stripped, strict=True):
        for key in set(KEYS) - {"capture_id", "timings_ms", "taken_at"}:
            assert line[key] == other[key], key
        assert line["views_without_depth"] == ["cam_05"]
        assert len(line["views_used"]) == 10
        assert line["unknown"] is True


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
