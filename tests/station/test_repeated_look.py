"""A look that hangs keeps nothing from ending, and one that fails is followed by the next."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import station
from station import repeated_look
from station.cameras.return_watch import ReturnWatch
from station.figures import StationFigures
from station.machine_load import GpuAsker, MachineWatch
from station.repeated_look import RepeatedLook
from station.storage_watch import StorageWatch

CHILD_S = 60.0


class Scripted(RepeatedLook):
    """Does the next thing of a list, and after the last one nothing."""

    def __init__(self, *steps: Callable[[], None], hanging: str = "") -> None:
        super().__init__("scripted", 0.001, hanging=hanging)
        self._steps = list(steps)

    def _look(self) -> None:
        if self._steps:
            self._steps.pop(0)()


def odd() -> None:
    raise LookupError("odd")


def other() -> None:
    raise ValueError("other")


def test_a_look_that_fails_is_logged_once_and_the_next_ones_are_made(caplog: pytest.LogCaptureFixture) -> None:
    watch = Scripted(odd, odd, odd, other, lambda: None, odd)
    watch.start()
    try:
        assert watch.wait_round(20.0)
        assert watch.wait_round(20.0)
    finally:
        watch.stop()
    assert [str(record.exc_info[1]) for record in caplog.records if record.exc_info] == ["odd", "other", "odd"]
    assert not watch._thread.is_alive()


def test_a_thread_that_does_not_end_is_said(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeated_look, "_JOIN_S", 0.01)
    release, begun = threading.Event(), threading.Event()

    def hang() -> None:
        begun.set()
        release.wait(20.0)

    for sentence, said in (("", "The thread scripted does not end."), ("A disk hangs.", "A disk hangs.")):
        release.clear()
        begun.clear()
        watch = Scripted(hang, hanging=sentence)
        watch.start()
        assert begun.wait(20.0)
        with caplog.at_level(logging.WARNING):
            watch.stop()
        release.set()
        watch._thread.join(20.0)
        assert caplog.messages[-1] == said


def test_whoever_asks_a_device_that_may_hang_may_be_left_behind_and_nobody_else(tmp_path: Path) -> None:
    watches = (
        StorageWatch(tmp_path, 2.0),
        ReturnWatch(list, list, lambda role: None, period_s=1.0),
        MachineWatch(tmp_path, gpus=GpuAsker([])),
    )
    assert [watch._thread.daemon for watch in watches] == [True, True, True]
    assert not Scripted()._thread.daemon
    assert issubclass(StationFigures, RepeatedLook)


HANGING_DISK = """
import sys, threading
from pathlib import Path
from station import repeated_look
from station.storage_watch import StorageWatch
repeated_look._JOIN_S = 0.05
asked = threading.Event()
def hang(folder):
    asked.set()
    threading.Event().wait()
watch = StorageWatch(Path("."), 2.0, free_bytes=hang)
watch.start()
assert asked.wait(20.0)
watch.stop()
print("ended")
"""


def test_a_dead_network_disk_does_not_keep_the_program_from_ending(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", HANGING_DISK],
        cwd=Path(station.__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=CHILD_S,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "ended\n"), done.stderr
