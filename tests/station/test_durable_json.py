"""What is written durably is there whole, and a write that fails leaves what was there before."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from station.durable_json import write_durably, write_json


def test_the_content_replaces_what_was_there_and_nothing_else_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"before": 1})
    write_json(path, {"now": "ü", "list": [1.5, None]})
    assert json.loads(path.read_text(encoding="utf-8")) == {"now": "ü", "list": [1.5, None]}
    assert [file.name for file in tmp_path.iterdir()] == ["a.json"]


def test_a_write_that_fails_on_its_way_leaves_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.bin"
    write_durably(path, b"before")

    def full(_: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_durably(path, b"now")
    assert path.read_bytes() == b"before"
