"""The life of one camera under its supervisor, with a camera that does as it is told."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from station.cameras.source import CameraAbsentError, Deliver, EndOfReplay
from station.cameras.supervisor import CameraState, CameraSupervisor
from station.errors import CameraError
from station.frames import CameraInfo, Frame, TimeDomain
from station.geometry import CameraModel, Pose

MODEL = CameraModel(4, 4, 4.0, 4.0, 1.5, 1.5)


class ObedientCamera:
    """Opens, refuses, falls silent and breaks on demand."""

    role = "cam_07"
    serial = "777"

    def __init__(self) -> None:
        self.refusal: CameraError | None = None
        self.fault: CameraError | None = None
        self.opened = 0
        self._deliver: Deliver | None = None
        self._number = 0

    @property
    def info(self) -> CameraInfo:
        return CameraInfo(self.role, self.serial, "", "", "", MODEL, MODEL, Pose.identity(), 15.0)

    def start(self, deliver: Deliver) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.fault = None
        self.opened += 1
        self._deliver = deliver

    def stop(self) -> None:
        self._deliver = None

    def shine(self, skip: int = 0) -> None:
        deadline = time.monotonic() + 5.0
        while self._deliver is None and time.monotonic() < deadline:
            threading.Event().wait(0.005)
        assert self._deliver is not None
        self._number += 1 + skip
        self._deliver(
            Frame(
                self.role,
                np.zeros((4, 4, 3), np.uint8),
                np.zeros((4, 4), np.uint16),
                0.001,
                self._number,
                0.0,
                TimeDomain.SYSTEM,
                time.monotonic_ns(),
            )
        )


@pytest.fixture
def camera() -> ObedientCamera:
    return ObedientCamera()


@pytest.fixture
def supervisor(camera: ObedientCamera):
    supervisor = CameraSupervisor(
        camera, lambda _: None, stall_after_s=0.3, pauses_s=(0.02, 0.02, 0.02), slow_pause_s=30.0
    )
    yield supervisor
    supervisor.stop()
    assert supervisor.status.state is CameraState.STOPPED


def broken(retryable: bool = True) -> CameraError:
    return CameraError("The cable is gone.", where="cam_07", retryable=retryable)


def test_a_camera_that_delivers_is_streaming(camera: ObedientCamera, supervisor: CameraSupervisor) -> None:
    supervisor.start()
    assert supervisor.wait_opened(5.0)
    camera.shine()
    assert supervisor.wait_state(CameraState.STREAMING, 5.0)
    camera.shine(skip=3)
    assert (supervisor.status.frames, supervisor.status.dropped, supervisor.status.reason) == (2, 3, "")


def test_a_silent_camera_is_stalled_and_streams_again_by_itself(
    camera: ObedientCamera, supervisor: CameraSupervisor
) -> None:
    supervisor.start()
    camera.shine()
    assert supervisor.wait_state(CameraState.STALLED, 5.0)
    assert "No frame for" in supervisor.status.reason
    camera.shine()
    assert supervisor.wait_state(CameraState.STREAMING, 5.0)
    assert camera.opened == 1


def test_a_camera_that_closed_itself_is_opened_again(camera: ObedientCamera, supervisor: CameraSupervisor) -> None:
    supervisor.start()
    camera.shine()
    camera.fault = broken()
    assert supervisor.wait_state(CameraState.RECONNECTING, 5.0)
    assert "cable is gone" in supervisor.status.reason
    camera.fault = None
    camera.shine()
    assert supervisor.wait_state(CameraState.STREAMING, 5.0)
    assert supervisor.status.restarts >= 1


def test_a_camera_that_stays_away_has_failed_until_somebody_retries(
    camera: ObedientCamera, supervisor: CameraSupervisor
) -> None:
    camera.refusal = broken()
    supervisor.start()
    assert not supervisor.wait_opened(5.0)
    assert supervisor.wait_state(CameraState.FAILED, 5.0)
    camera.refusal = None
    supervisor.retry()
    camera.shine()
    assert supervisor.wait_state(CameraState.STREAMING, 5.0)


def test_a_camera_that_is_not_connected_is_looked_for_and_never_given_up(camera: ObedientCamera) -> None:
    supervisor = CameraSupervisor(camera, lambda _: None, stall_after_s=0.3, pauses_s=(0.02, 0.02), slow_pause_s=0.02)
    asked: list[CameraState] = []
    many = threading.Event()

    def refuse(_: Deliver) -> None:
        asked.append(supervisor.status.state)
        if len(asked) == 20:
            many.set()
        raise CameraAbsentError("The camera is not connected.", where="cam_07", retryable=True)

    start, camera.start = camera.start, refuse  # type: ignore[method-assign]
    supervisor.start()
    assert many.wait(5.0)
    assert set(asked[1:]) == {CameraState.RECONNECTING}
    assert supervisor.status.restarts == 0
    camera.start = start  # type: ignore[method-assign]
    camera.shine()
    assert supervisor.wait_state(CameraState.STREAMING, 5.0)
    supervisor.stop()


def test_a_camera_that_was_away_has_all_its_attempts_again(camera: ObedientCamera) -> None:
    supervisor = CameraSupervisor(
        camera, lambda _: None, stall_after_s=0.3, pauses_s=(0.02, 0.02, 0.02), slow_pause_s=0.02
    )
    answers: list[CameraError] = [CameraAbsentError("Absent.", retryable=True)] * 10 + [broken()] * 3
    states: list[CameraState] = []
    start = camera.start

    def answer(deliver: Deliver) -> None:
        states.append(supervisor.status.state)
        if answers:
            raise answers.pop(0)
        start(deliver)

    camera.start = answer  # type: ignore[method-assign]
    supervisor.start()
    camera.shine()
    assert supervisor.wait_state(CameraState.STREAMING, 5.0)
    assert set(states[1:]) == {CameraState.RECONNECTING}
    supervisor.stop()


def test_a_try_that_is_asked_for_during_another_follows_it_at_once(camera: ObedientCamera) -> None:
    supervisor = CameraSupervisor(camera, lambda _: None, stall_after_s=0.3, pauses_s=(30.0,))
    trying, goes_on = threading.Event(), threading.Event()
    start = camera.start

    def slowly(deliver: Deliver) -> None:
        if not trying.is_set():
            trying.set()
            assert goes_on.wait(5.0)
            raise CameraAbsentError("Absent.", retryable=True)
        start(deliver)

    camera.start = slowly  # type: ignore[method-assign]
    supervisor.start()
    assert trying.wait(5.0)
    supervisor.retry()
    goes_on.set()
    camera.shine()
    assert supervisor.wait_state(CameraState.STREAMING, 5.0)
    supervisor.stop()


def test_restarts_count_what_was_opened_again_and_not_what_was_tried(camera: ObedientCamera) -> None:
    supervisor = CameraSupervisor(camera, lambda _: None, stall_after_s=0.3, pauses_s=(0.02,) * 9)
    supervisor.start()
    camera.shine()
    for _ in range(3):
        assert supervisor.wait_state(CameraState.STREAMING, 5.0)
        camera.refusal = camera.fault = broken()
        assert supervisor.wait_state(CameraState.RECONNECTING, 5.0)
        threading.Event().wait(0.1)
        camera.refusal = None
        camera.shine()
    assert supervisor.wait_state(CameraState.STREAMING, 5.0)
    assert supervisor.status.restarts == camera.opened - 1 == 3
    supervisor.stop()


def test_a_trouble_no_retry_can_help_fails_at_once(camera: ObedientCamera, supervisor: CameraSupervisor) -> None:
    camera.refusal = broken(retryable=False)
    supervisor.start()
    assert supervisor.wait_state(CameraState.FAILED, 5.0)
    assert supervisor.status.restarts == 0


def test_a_recording_at_its_end_is_not_started_again(camera: ObedientCamera, supervisor: CameraSupervisor) -> None:
    supervisor.start()
    camera.shine()
    camera.fault = EndOfReplay("The recording is over.")
    assert supervisor.wait_state(CameraState.ENDED, 5.0)
    assert camera.opened == 1


def test_a_fault_that_nobody_foresaw_is_a_trouble_and_the_camera_is_tried_again(
    camera: ObedientCamera,
    supervisor: CameraSupervisor,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    start, faults = camera.start, [ZeroDivisionError("seven by nought")]

    def faulty(deliver: Deliver) -> None:
        if faults:
            raise faults.pop()
        start(deliver)

    monkeypatch.setattr(camera, "start", faulty)
    supervisor.start()
    camera.shine()
    assert supervisor.wait_state(CameraState.STREAMING, 5.0)
    record = next(r for r in caplog.records if r.exc_info)
    assert "seven by nought" in str(record.exc_info)
    assert vars(record)["role"] == "cam_07"


def test_a_camera_that_did_not_close_is_closed_before_it_is_opened_again(
    camera: ObedientCamera, supervisor: CameraSupervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    stop, start = camera.stop, camera.start

    def stubborn() -> None:
        calls.append("stop")
        stop()
        if calls.count("stop") == 1:
            raise CameraError("The camera's thread did not end.")

    def noted(deliver: Deliver) -> None:
        calls.append("start")
        start(deliver)

    monkeypatch.setattr(camera, "stop", stubborn)
    monkeypatch.setattr(camera, "start", noted)
    supervisor.start()
    camera.shine()
    camera.fault = broken()
    assert supervisor.wait_state(CameraState.RECONNECTING, 5.0)
    camera.fault = None
    camera.shine()
    assert supervisor.wait_state(CameraState.STREAMING, 5.0)
    assert calls == ["start", "stop", "stop", "start"]
