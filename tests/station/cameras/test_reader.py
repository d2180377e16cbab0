"""The thread of one camera ends with a reason, whatever goes wrong in it."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from station.cameras.reader import FrameReader
from station.cameras.source import EndOfReplay
from station.frames import Frame, TimeDomain


@pytest.mark.parametrize("fault", [RuntimeError("usb"), ZeroDivisionError("seven by nought"), KeyError("k")])
def test_whatever_ends_the_thread_is_a_retryable_fault_and_closes_the_device(fault: Exception) -> None:
    closed = threading.Event()

    def wait(timeout_ms: int) -> tuple[bool, object]:
        raise fault

    reader = FrameReader("cam_01 (serial 1)", "cam_01", wait, lambda _: None, closed.set, stale_after_s=3.0)
    reader.start(lambda _: None)
    assert closed.wait(5.0)
    reader.stop()
    assert reader.fault is not None
    assert reader.fault.retryable
    assert str(fault) in str(reader.fault)


def test_a_device_that_cannot_be_closed_is_said() -> None:
    def close() -> None:
        raise OSError("no such device")

    reader = FrameReader("cam_01", "cam_01", lambda _: (False, None), lambda _: None, close, stale_after_s=0.0)
    reader.start(lambda _: None)
    reader.stop()
    assert reader.fault is not None


def test_the_last_picture_of_a_recording_that_ends_meanwhile_is_not_lost() -> None:
    color, depth = np.zeros((2, 2, 3), np.uint8), np.zeros((2, 2), np.uint16)
    frame, over = Frame("cam_01", color, depth, 0.001, 1, 0.0, TimeDomain.SYSTEM, 0), threading.Event()
    queue: list[object] = []

    def wait(timeout_ms: int) -> tuple[bool, object]:
        if queue:
            return True, queue.pop()
        if not over.is_set():
            # between this wait in vain and the next the picture comes and the recording ends
            queue.append("frames")
            over.set()
        return False, None

    delivered: list[Frame] = []
    ended = threading.Event()
    reader = FrameReader("cam_01", "cam_01", wait, lambda _: frame, ended.set, stale_after_s=60.0, ended=over.is_set)
    reader.start(delivered.append)
    assert ended.wait(5.0)
    reader.stop()
    assert [one.number for one in delivered] == [1]
    assert isinstance(reader.fault, EndOfReplay)
