"""``station doctor`` in the terminal, with the checks of a made-up machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from station.cli import doctor as command
from station.cli.main import app
from station.doctor import Check, Status
from station.settings import Settings

CHECKS = [
    Check("cameras", Status.OK, "All 10 cameras are connected."),
    Check("clock", Status.WARN, "Nothing keeps it right.", "Run [timedatectl] set-ntp true."),
    Check("libusb", Status.FAIL, "It does not load.", "Install it."),
]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, object]:
    seen: dict[str, object] = {}

    def examine(settings: Settings, data_dir: Path, where: str, *, config_trouble: str) -> list[Check]:
        seen.update(settings=settings, data_dir=data_dir, where=where, trouble=config_trouble)
        return CHECKS

    monkeypatch.setattr(command, "examine", examine)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STATION_CONFIG", raising=False)
    return seen


def test_the_table_says_what_was_found_and_below_it_what_mends_it(asked: dict[str, object]) -> None:
    done = CliRunner().invoke(app, ["doctor"])
    assert done.exit_code == 2
    lines = [line.strip() for line in done.stdout.splitlines()]
    place = next(i for i, line in enumerate(lines) if "clock" in line)
    assert lines[place].split() == ["!", "warn", "clock", "Nothing", "keeps", "it", "right."]
    assert lines[place + 1] == "→ Run [timedatectl] set-ntp true."
    assert "3 checks: 1 ok, 1 to look at, 1 to mend." in done.stdout
    assert asked["trouble"] == ""


def test_json_is_the_report_and_nothing_else(asked: dict[str, object]) -> None:
    done = CliRunner().invoke(app, ["doctor", "--json"])
    assert json.loads(done.stdout) == {
        "schema": 1,
        "checks": [{"id": c.id, "status": c.status, "found": c.found, "fix": c.fix} for c in CHECKS],
    }
    assert done.exit_code == 2


def test_a_wrong_configuration_is_examined_with_the_built_in_settings(asked: dict[str, object], tmp_path: Path) -> None:
    (tmp_path / "station.toml").write_text("[rig]\nfps = 7\n")
    done = CliRunner().invoke(app, ["doctor", "--json"])
    assert json.loads(done.stdout)["schema"] == 1
    assert "fps" in str(asked["trouble"])
    assert asked["settings"] == Settings()


@pytest.mark.parametrize(
    ("encoding", "able"), [("utf-8", True), ("cp1252", False), ("ascii", False), ("nonsense", False)]
)
def test_signs_are_drawn_where_the_terminal_can_write_them(encoding: str, able: bool) -> None:
    assert command._writes_signs(encoding) is able
