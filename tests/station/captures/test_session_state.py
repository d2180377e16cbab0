"""The file of an open capture session: what is ended stays ended."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from station.captures.session_state import SessionState, forget_state, read_state, write_state
from station.errors import StorageError
from station.file_calls import OsFiles


def state() -> SessionState:
    return SessionState(class_id="pump", started_at=datetime(2026, 5, 4, tzinfo=UTC), positions=1, valid=5, test=5)


def test_a_session_that_was_ended_is_not_brought_back_by_a_power_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "capture-session.json"
    write_state(file, state())
    synced: list[tuple[Path, bool]] = []
    monkeypatch.setattr(OsFiles, "sync_folder", lambda _, folder: synced.append((folder, file.exists())))
    forget_state(file)
    assert synced == [(tmp_path, False)]
    forget_state(file)
    assert read_state(file) is None


def test_a_disk_that_refuses_to_forget_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: OsFiles, folder: Path) -> None:
        raise OSError(5, "Input/output error", str(folder))

    file = tmp_path / "capture-session.json"
    write_state(file, state())
    monkeypatch.setattr(OsFiles, "sync_folder", refuse)
    with pytest.raises(StorageError, match=r"cannot be removed: Input/output error"):
        forget_state(file)
