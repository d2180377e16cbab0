from __future__ import annotations

import json
import logging
import logging.handlers
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from station.errors import StorageError
from station.logs import FILE_BYTES, FILES, log_files, log_to_console, log_to_folder


@pytest.fixture(autouse=True)
def _put_back() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    hooks = sys.excepthook, threading.excepthook
    yield
    sys.excepthook, threading.excepthook = hooks
    logging.captureWarnings(False)
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines_of(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_every_line_is_json_with_time_role_and_capture(tmp_path: Path) -> None:
    log_to_console()
    file = log_to_folder(tmp_path / "logs")
    with structlog.contextvars.bound_contextvars(capture_id="20260102-030405"):
        structlog.get_logger("station.test").warning("frame late", role="cam_04", skew_ms=12.5)
    (line,) = lines_of(file)
    assert line["event"] == "frame late"
    assert (line["role"], line["capture_id"], line["level"]) == ("cam_04", "20260102-030405", "warning")
    assert str(line["timestamp"]).endswith("Z")
    assert log_files() == [file]


def test_a_line_of_the_standard_librarys_logging_keeps_its_extras(tmp_path: Path) -> None:
    log_to_console()
    file = log_to_folder(tmp_path)
    logging.getLogger("station.cameras").error("no frame for %s s", 3, extra={"role": "cam_05"})
    (line,) = lines_of(file)
    assert (line["event"], line["role"], line["logger"]) == ("no frame for 3 s", "cam_05", "station.cameras")


def test_a_traceback_goes_to_the_file_and_a_sentence_to_the_console(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log_to_console()
    file = log_to_folder(tmp_path)
    try:
        raise ValueError("an odd value")
    except ValueError:
        structlog.get_logger("station.test").exception("camera lost")
    assert "ValueError: an odd value" in str(lines_of(file)[0]["exception"])
    shown = capsys.readouterr().err
    assert "camera lost" in shown
    assert "Traceback" not in shown


def test_a_fault_that_ends_a_thread_is_a_line_and_its_traceback_is_in_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log_to_console()
    file = log_to_folder(tmp_path)
    thread = threading.Thread(target=lambda: 1 / 0, name="cam_07")
    thread.start()
    thread.join()
    (line,) = lines_of(file)
    assert (line["thread"], line["fault"]) == ("cam_07", "ZeroDivisionError: division by zero")
    assert "Traceback" in str(line["exception"])
    shown = capsys.readouterr().err
    assert "fault in the program" in shown
    assert "Traceback" not in shown


def test_a_librarys_warning_is_in_the_file_and_not_before_the_operator(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        log_to_console()
        file = log_to_folder(tmp_path)
        warnings.warn("use the new function", DeprecationWarning, stacklevel=1)
    assert "use the new function" in str(lines_of(file)[0]["event"])
    assert capsys.readouterr().err == ""


def test_the_console_is_quiet_unless_asked(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_console()
    structlog.get_logger("station.test").info("started")
    assert capsys.readouterr().err == ""
    log_to_console(verbose=True)
    structlog.get_logger("station.test").info("started")
    assert "started" in capsys.readouterr().err


def test_ten_files_of_twenty_megabytes_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (FILE_BYTES, FILES) == (20 * 1024 * 1024, 10)
    monkeypatch.setattr("station.logs.FILE_BYTES", 300)
    log_to_console()
    log_to_folder(tmp_path)
    for number in range(100):
        structlog.get_logger("station.test").warning("a line", number=number)
    assert len(list(tmp_path.iterdir())) == FILES


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file", encoding="utf-8")
    with pytest.raises(StorageError, match=r"log folder cannot be written: .* Check data_dir"):
        log_to_folder(tmp_path / "logs")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a disk that is always full")
def test_a_full_disk_is_said_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log_to_console()
    (tmp_path / "station.jsonl").symlink_to("/dev/full")
    log_to_folder(tmp_path)
    for _ in range(3):
        structlog.get_logger("station.test").info("a line")
    assert capsys.readouterr().err.count("the log cannot be written") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a disk that is always full")
def test_when_there_is_room_again_the_file_says_that_lines_are_lost(tmp_path: Path) -> None:
    log_to_console()
    file = tmp_path / "station.jsonl"
    file.symlink_to("/dev/full")
    log_to_folder(tmp_path)
    structlog.get_logger("station.test").info("lost")
    (handler,) = [h for h in logging.getLogger().handlers if isinstance(h, logging.handlers.RotatingFileHandler)]
    full, handler.stream = handler.stream, (tmp_path / "room.jsonl").open("w", encoding="utf-8")
    structlog.get_logger("station.test").info("kept")
    assert [line["event"] for line in lines_of(tmp_path / "room.jsonl")] == [
        "kept",
        "log lines before the previous one are lost: the file could not be written",
    ]
    with pytest.raises(OSError, match="No space left"):
        full.close()
