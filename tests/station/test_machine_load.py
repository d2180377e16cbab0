"""The machine's load: what a card's program says, and what the system itself says."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import psutil

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
