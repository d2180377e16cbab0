"""The machine's load: what a card's program says, and what the system itself says."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from station import machine_load
from station.machine_load import GpuAsker, GpuLoad, MachineWatch, gpu_loads

MIB = 1024 * 1024
ANSWER = """\
NVIDIA H200, 37, 1024, 4096, 51
Card, the second, [N/A], [N/A], 4096, [Not Supported]

nonsense
"""


def test_each_line_is_a_card_and_what_it_does_not_tell_is_none() -> None:
    first, second = gpu_loads(ANSWER)
    assert first == GpuLoad("NVIDIA H200", 0.37, 1024 * MIB, 4096 * MIB, 51.0)
    assert first.memory_share == 0.25
    assert second == GpuLoad("Card, the second", None, None, 4096 * MIB, None)
    assert second.memory_share is None


def test_cards_are_asked_through_a_program_that_may_fail() -> None:
    says = [sys.executable, "-c", f"print({ANSWER!r})"]
    assert [gpu.name for gpu in GpuAsker(says).ask()] == ["NVIDIA H200", "Card, the second"]
    assert GpuAsker([sys.executable, "-c", "print('Card, 1, 1, 1, 1'); raise SystemExit(9)"]).ask() == ()
    assert GpuAsker([]).ask() == ()
    absent = GpuAsker(["/nowhere/nvidia-smi"])
    assert absent.ask() == () == absent.ask()


def test_the_watch_tells_what_the_system_tells_and_ends(tmp_path: Path) -> None:
    watch = MachineWatch(tmp_path, gpus=GpuAsker([sys.executable, "-c", f"print({ANSWER!r})"]), period_s=0.02)
    assert watch.latest is None
    watch.start()
    assert watch.wait_round(20.0)
    load = watch.latest
    watch.stop()
    assert load is not None
    assert load.memory_total == psutil.virtual_memory().total
    assert 0 < load.own_memory < load.memory_used < load.memory_total
    assert 0.0 <= load.cpu <= 1.0
    assert load.disk_total == psutil.disk_usage(str(tmp_path)).total
    assert [gpu.busy for gpu in load.gpus] == [0.37, None]
    assert "machine-load" not in {thread.name for thread in threading.enumerate()}


def test_a_disk_that_is_gone_takes_no_other_figure_with_it(tmp_path: Path) -> None:
    watch = MachineWatch(tmp_path / "gone", gpus=GpuAsker([]), period_s=0.02)
    watch.start()
    assert watch.wait_round(20.0)
    watch.stop()
    assert watch.latest is not None
    assert (watch.latest.disk_free, watch.latest.disk_total, watch.latest.gpus) == (None, None, ())


def test_figures_that_no_new_ones_follow_are_told_no_more(tmp_path: Path) -> None:
    asked, release = threading.Event(), threading.Event()

    class Cards(GpuAsker):
        def ask(self) -> tuple[GpuLoad, ...]:
            if watch.latest is not None:
                asked.set()
                release.wait(20.0)
            return ()

    watch = MachineWatch(tmp_path, gpus=Cards([]), period_s=0.001, kept_s=1.5)
    watch.start()
    try:
        assert asked.wait(20.0)
        assert watch.latest is not None
        until_s = time.monotonic() + 20.0
        while watch.latest is not None:
            assert time.monotonic() < until_s
            release.wait(0.01)
    finally:
        release.set()
        watch.stop()


def test_a_program_that_cannot_even_be_killed_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that waits for a hanging card in the kernel outlives SIGKILL, as this one pretends to."""
    begun: list[subprocess.Popen[str]] = []

    class Stuck(subprocess.Popen[str]):
        def __init__(self, *args: object, **more: object) -> None:
            super().__init__(*args, **more)  # type: ignore[call-overload]
            begun.append(self)

        def kill(self) -> None:
            """Nothing ends it."""

    monkeypatch.setattr(machine_load, "_ANSWER_S", 0.1)
    monkeypatch.setattr(machine_load, "_KILLED_S", 0.1)
    monkeypatch.setattr(subprocess, "Popen", Stuck)
    gpus = GpuAsker([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        began_s = time.monotonic()
        assert gpus.ask() == gpus.ask() == ()
        assert time.monotonic() - began_s < 20.0
        assert len(begun) == 1
    finally:
        for one in begun:
            subprocess.Popen.terminate(one)
            one.wait(20.0)
    monkeypatch.setattr(machine_load, "_ANSWER_S", 20.0)
    monkeypatch.setattr(gpus, "_command", [sys.executable, "-c", f"print({ANSWER!r})"])
    assert len(gpus.ask()) == 2
