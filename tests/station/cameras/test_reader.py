"""The thread of one camera ends with a reason, whatever goes wrong in it."""

from __future__ import annotations

import threading

import pytest

from station.cameras.reader import FrameReader


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
