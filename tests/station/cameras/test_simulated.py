"""A simulated camera goes through the SDK's own sensors, queues and syncer."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from station.cameras.simulated import SimulatedCamera
from station.errors import CameraError
from station.frames import Frame, TimeDomain
from station.geometry import CameraModel

pytest.importorskip("pyrealsense2")

MODEL = CameraModel(160, 120, 150.0, 151.0, 80.25, 59.5, (0.02, -0.01, 0.0005, -0.0003, 0.0))


class Inbox:
    """Frames of one camera, and a wait for a certain number of them."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self._changed = threading.Condition()

    def __call__(self, frame: Frame) -> None:
        with self._changed:
            self.frames.append(frame)
            self._changed.notify_all()

    def wait(self, count: int, timeout_s: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: len(self.frames) >= count, timeout_s)


def shine(camera: SimulatedCamera, inbox: Inbox, count: int) -> None:
    """Push one picture after the other, each of its own grey, until ``count`` frames have come."""
    wanted = len(inbox.frames) + count
    for value in range(1, 200):
        camera.push(
            np.full((120, 160, 3), value, np.uint8), np.full((120, 160), 1000 + value, np.uint16), time.time() * 1000
        )
        if inbox.wait(wanted, 0.02):
            return
    raise AssertionError(f"only {len(inbox.frames)} of {wanted} frames came")


@pytest.fixture
def camera() -> Iterator[SimulatedCamera]:
    camera = SimulatedCamera("cam_03", "000000000003", MODEL, fps=30, stale_after_s=0.4)
    yield camera
    camera.stop()


def test_colour_and_depth_of_a_frame_were_pushed_together(camera: SimulatedCamera) -> None:
    inbox = Inbox()
    camera.start(inbox)
    shine(camera, inbox, 10)
    for frame in inbox.frames:
        assert (frame.color == frame.color[0, 0, 0]).all()
        assert (frame.depth == 1000 + int(frame.color[0, 0, 0])).all()
        assert frame.depth_scale == pytest.approx(0.001)
        assert frame.time_domain is TimeDomain.GLOBAL
        assert not frame.color.flags.writeable
    numbers = [frame.number for frame in inbox.frames]
    assert numbers == sorted(set(numbers))
    assert numbers[0] == 1


def test_the_camera_says_of_itself_what_a_real_one_would(camera: SimulatedCamera) -> None:
    with pytest.raises(CameraError, match="not open"):
        _ = camera.info
    camera.start(Inbox())
    info = camera.info
    assert (info.serial, info.role, info.fps, info.registered) == ("000000000003", "cam_03", 30.0, True)
    np.testing.assert_allclose(info.color.distortion, MODEL.distortion, atol=1e-7)


def test_frame_numbers_go_on_after_the_camera_was_opened_again(camera: SimulatedCamera) -> None:
    first, second = Inbox(), Inbox()
    camera.start(first)
    shine(camera, first, 3)
    camera.stop()
    camera.start(second)
    shine(camera, second, 3)
    assert min(f.number for f in second.frames) > max(f.number for f in first.frames)


def test_an_unplugged_camera_closes_itself_with_a_reason_and_cannot_be_opened(camera: SimulatedCamera) -> None:
    inbox = Inbox()
    camera.start(inbox)
    shine(camera, inbox, 2)
    camera.unplug()
    assert not camera.push(np.zeros((120, 160, 3), np.uint8), np.zeros((120, 160), np.uint16), 0.0)
    reader = camera._opened.reader if camera._opened else None
    assert reader is not None
    reader._thread.join(5.0)
    assert "No frame came within 0.4 s any more" in str(camera.fault)
    assert camera.fault is not None
    assert camera.fault.retryable
    camera.stop()
    with pytest.raises(CameraError, match=r"cam_03 \(serial 000000000003\): The camera is not connected"):
        camera.start(inbox)
    camera.replug()
    camera.start(inbox)
    shine(camera, inbox, 2)


def test_a_camera_whose_depth_stream_is_dead_goes_on_with_colour() -> None:
    camera = SimulatedCamera("cam_05", "000000000005", MODEL, fps=30)
    inbox = Inbox()
    camera.start(inbox)
    try:
        shine(camera, inbox, 2)
        opened = camera._opened
        assert opened is not None
        before = len(inbox.frames)
        for number in range(1000, 1200):
            opened.device.push_color(np.zeros((120, 160, 3), np.uint8), number, number)
            if inbox.wait(before + 3, 0.02):
                break
        assert (inbox.frames[-1].depth == 0).all()
        assert inbox.frames[-1].number >= 1000
    finally:
        camera.stop()


@pytest.mark.parametrize(
    ("color", "depth"),
    [
        (np.zeros((120, 159, 3), np.uint8), np.zeros((120, 160), np.uint16)),
        (np.zeros((120, 160, 3), np.uint8), np.zeros((120, 160), np.int16)),
        (np.zeros((120, 320, 3), np.uint8)[:, ::2], np.zeros((120, 160), np.uint16)),
    ],
)
def test_a_picture_the_sdk_would_misread_is_refused(
    camera: SimulatedCamera, color: np.ndarray, depth: np.ndarray
) -> None:
    camera.start(Inbox())
    with pytest.raises(CameraError, match="picture is"):
        camera.push(color, depth, 0.0)


def test_lost_pictures_take_their_numbers_with_them_and_are_told_once_they_can_be_missed(
    camera: SimulatedCamera,
) -> None:
    inbox = Inbox()
    color, depth = np.zeros((120, 160, 3), np.uint8), np.zeros((120, 160), np.uint16)

    def push(count: int) -> list[bool]:
        return [camera.push(color, depth, time.time() * 1000) for _ in range(count)]

    camera.start(inbox)
    camera.lose(1)
    assert push(2) == [False, True]
    assert camera.truth()["lost"] == 0, "lost before the first one: missed by nobody"
    camera.lose(3)
    assert push(3) == [False] * 3
    assert camera.truth()["lost"] == 0
    assert push(1) == [True]
    assert (camera.truth()["lost"], camera.truth()["pushed"]) == (3, 2)
    assert inbox.wait(2, 5.0)
    assert [frame.number for frame in inbox.frames] == [2, 6]
    camera.lose(2)
    assert push(1) == [False]
    camera.stop()
    camera.start(inbox)
    assert push(1) == [True]
    assert camera.truth()["lost"] == 3, "lost before it was closed"


def test_a_clock_that_is_ahead_stamps_the_picture_and_not_the_truth(camera: SimulatedCamera) -> None:
    inbox = Inbox()
    camera.start(inbox)
    color, depth = np.zeros((120, 160, 3), np.uint8), np.zeros((120, 160), np.uint16)
    camera.push(color, depth, 1.8e12, clock_ahead_ms=5000.0)
    assert inbox.wait(1, 5.0)
    assert inbox.frames[0].device_time_ms == 1.8e12 + 5000.0
    assert camera.truth()["times_ms"] == [[1, 1.8e12]]


def test_what_was_jammed_for_a_while_comes_at_once_and_whole(camera: SimulatedCamera) -> None:
    inbox = Inbox()
    goes_on = threading.Event()
    first = threading.Event()

    def slow(frame: Frame) -> None:
        inbox(frame)
        first.set()
        assert goes_on.wait(5.0)

    camera.start(slow)
    color, depth = np.zeros((120, 160, 3), np.uint8), np.zeros((120, 160), np.uint16)
    now_ms = time.time() * 1000
    assert camera.push(color, depth, now_ms)
    assert first.wait(5.0)
    for tick in range(1, 14):
        assert camera.push(color, depth, now_ms + tick * 33.3)
    goes_on.set()
    assert inbox.wait(14, 5.0)
    assert [frame.number for frame in inbox.frames] == list(range(1, 15))


def test_opening_and_closing_leaves_no_thread_behind(camera: SimulatedCamera) -> None:
    before = threading.active_count()
    for _ in range(5):
        camera.start(Inbox())
        camera.stop()
    assert threading.active_count() == before
