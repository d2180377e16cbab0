"""What lies beside the captures, on a disk that refuses any of its calls: the session's note and a migration."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from station import durable_json
from station.captures.session_values import Step
from station.migrations import migrate
from tests.station.captures.refusing_bench import held_to_its_words
from tests.station.captures.refusing_files import RefusingFiles
from tests.station.captures.session_bench import SessionBench
from tests.station.test_migrations import assert_up_to_date, layout_1

ERRORS = (errno.ENOSPC, errno.EACCES, errno.EIO)
_NOTE_CALLS = 6
"""Calls that replace the session's note: create, write, sync, close, rename, sync of the folder."""


@pytest.mark.parametrize(
    "at", [2, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, _NOTE_CALLS + 1) if n != 2)]
)
def test_a_session_whose_note_is_refused_keeps_its_captures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    files = RefusingFiles()
    monkeypatch.setattr(durable_json, "OS_FILES", files)
    bench = SessionBench(tmp_path)
    bench.start()
    try:
        bench.session.start("screw")
        bench.until(lambda s: s.step is Step.WAITING)
        bench.lay(0)
        bench.until(lambda s: s.kept == 1)
        files.arm(at, ERRORS[at % 3], stays=True)
        bench.lay(1)
        said = bench.until(lambda s: bool(s.trouble) and not s.saving)
        assert "The capture session cannot be written" in said.trouble
        assert os.strerror(ERRORS[at % 3]) in said.trouble
        assert (said.kept, said.running) == (2, True)
        files.mend()
        bench.lay(2)
        assert bench.until(lambda s: s.kept == 3).trouble == ""
        files.arm(at, ERRORS[at % 3], stays=True)
        bench.lay(3)
        bench.until(lambda s: s.kept == 4 and bool(s.trouble))
        bench.session.close()  # the program ends while the disk still refuses
        files.mend()
        bench.session = bench.new_session(bench.store)
        bench.session.open()
        assert bench.until(lambda s: s.step is Step.PAUSED).kept == 4
        assert bench.captures() == [f"screw/train_data/0/{n}" for n in range(4)]
    finally:
        bench.stop()


@pytest.mark.parametrize("every", [6, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("stays", [False, True], ids=["once", "stays"])
def test_a_migration_that_the_disk_refuses_is_finished_by_the_next_start(
    tmp_path: Path, every: int, stays: bool
) -> None:
    at, refused = 1, True
    while refused:
        root, files = layout_1(tmp_path / str(at)), RefusingFiles()
        code = ERRORS[at % 3]
        files.arm(at, code, stays=stays)
        error = _migrated(root, files)
        refused = files.refused > 0
        assert (error is not None) == refused
        if error is not None:
            assert os.strerror(code) in held_to_its_words(error).what
        assert_up_to_date(root)
        at += every
    assert at > 12


def _migrated(root: Path, files: RefusingFiles) -> Exception | None:
    try:
        migrate(root, 1, files=files)
    except Exception as error:
        return error
    return None
