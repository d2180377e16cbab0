"""A simulated session is recorded, every frame of ten cameras, and gives the same answers whenever it is replayed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from station.cli.main import app
from station.frames import ROLES

FPS = 6


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_recorded_session_is_recognised_the_same_twice(tmp_path: Path) -> None:
    pytest.importorskip("pyrealsense2")
    config = tmp_path / "station.toml"
    config.write_text(f'[simulation]\nsize = "640x480"\nfps = {FPS}\n', encoding="utf-8")
    out = tmp_path / "recording"
    recorded = CliRunner().invoke(
        app, ["record", "--source", "sim", "--seconds", "14", "--out", str(out), "--config", str(config)]
    )
    assert recorded.exit_code == 0, recorded.output
    said = [json.loads(line) for line in (out / "frames.jsonl").read_text(encoding="utf-8").splitlines()]
    numbers = {role: sorted(line["number"] for line in said if line["role"] == role) for role in ROLES}
    for role, found in numbers.items():
        assert found == list(range(found[0], found[0] + len(found))), role
        assert len(found) > 5 * FPS, role
    answers: list[list[object]] = []
    for speed in (["--full-speed"], ["--full-speed"], []):
        replayed = CliRunner().invoke(app, ["replay", str(out), *speed, "--config", str(config)])
        assert replayed.exit_code == 0, replayed.output
        lines = [json.loads(line) for line in replayed.stdout.splitlines() if line.startswith("{")]
        answers.append([(line["status"], line["ranked"], line["size_m"], line["weight_kg"]) for line in lines])
    assert answers[0]
    assert answers[0] == answers[1] == answers[2]


def test_a_folder_that_is_no_recording_is_a_sentence(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["replay", str(tmp_path)])
    assert "station record" in str(result.exception)
