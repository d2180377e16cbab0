"""Whatever a camera delivers, framesets go on, and what was lost on the way is counted and said."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from station.acquisition import Rig, matching_troubles
from station.acquisition import rig as rig_module
from station.cameras.source import Deliver
from station.errors import CameraError
from station.frames import CameraInfo, Frame, TimeDomain
from station.geometry import CameraModel, Pose

MODEL = CameraModel(4, 4, 4.0, 4.0, 1.5, 1.5)
FPS = 30


class ScriptedCamera:
    """A camera whose every frame is given by hand, in the thread of whoever gives it."""

    serial = "1"
    fault: CameraError | None = None

    def __init__(self, role: str) -> None:
        self.role = role
        self.opened = threading.Event()
        self._deliver: Deliver | None = None
        self._number = 0

    @property
    def info(self) -> CameraInfo:
        return CameraInfo(self.role, self.serial, "", "", "", MODEL, MODEL, Pose.identity(), FPS)

    def start(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self.opened.set()

    def stop(self) -> None:
        """Nothing is open."""

    def shine(self, time_ms: float | None = None) -> None:
        assert self._deliver is not None
        self._number += 1
        stamp = time.time() * 1e3 if time_ms is None else time_ms
        color, depth = np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4), np.uint16)
        now_ns = time.monotonic_ns()
        self._deliver(Frame(self.role, color, depth, 0.001, self._number, stamp, TimeDomain.GLOBAL, now_ns))


@contextmanager
def running(*cameras: ScriptedCamera) -> Iterator[Rig]:
    rig = Rig(cameras, fps=FPS)
    begun = threading.Thread(target=lambda: rig.start(timeout_s=20.0))
    begun.start()
    try:
        for camera in cameras:
            assert camera.opened.wait(20.0)
            camera.shine()
        begun.join(20.0)
        yield rig
    finally:
        rig.stop()


def shine_until_matched(rig: Rig, *cameras: ScriptedCamera) -> bool:
    before, pause = rig.matched, threading.Event()
    for _ in range(20 * FPS):
        for camera in cameras:
            camera.shine()
        pause.wait(1.0 / FPS)
        if rig.matched > before + 3:
            return True
    return False


@pytest.mark.parametrize("stamp", [math.nan, math.inf])
def test_a_stamp_that_is_no_number_costs_its_frame_alone_and_is_said(
    stamp: float, caplog: pytest.LogCaptureFixture
) -> None:
    one, two = ScriptedCamera("cam_01"), ScriptedCamera("cam_02")
    with running(one, two) as rig:
        assert shine_until_matched(rig, one, two)
        assert rig.matching.sentences() == ()
        two.shine(stamp)
        two.shine(stamp)
        assert shine_until_matched(rig, one, two)
        frameset = rig.next_frameset(timeout_s=5.0)
        assert frameset is not None
        assert rig.matching.faults == 2
        (sentence,) = rig.matching.sentences()
        assert sentence.startswith("Matching the cameras' pictures met a fault, 2 times so far, and goes on.")
    assert [record.role for record in caplog.records if "Matching met a fault" in record.message] == ["cam_02"]  # type: ignore[attr-defined]


def test_pictures_that_come_too_fast_are_said_for_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    one = ScriptedCamera("cam_01")
    monkeypatch.setattr(rig_module, "_INBOX", 5)
    with running(one) as rig:
        assert shine_until_matched(rig, one)
        held, release = threading.Event(), threading.Event()
        take = rig._matcher.take

        def slow(now_ns: int):  # the matcher's thread stands still, as on a computer with too much to do
            held.set()
            release.wait(20.0)
            return take(now_ns)

        monkeypatch.setattr(rig._matcher, "take", slow)
        one.shine()
        assert held.wait(20.0)
        for _ in range(8):
            one.shine()
        release.set()
        assert rig.overflow == rig.matching.overflow == 3
        (sentence,) = rig.matching.sentences()
        assert sentence.startswith("Pictures come faster than they can be matched: 3 were left out so far.")
        monkeypatch.setattr(matching_troubles, "_LATELY_NS", 0)
        assert (rig.matching.sentences(), rig.overflow) == ((), 3)
