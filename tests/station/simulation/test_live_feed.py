"""The feeding thread, with cameras that only note what they are given."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Iterator
from typing import Any, cast

import numpy as np
import pytest

from station.cameras.simulated import SimulatedCamera
from station.errors import SimulationError
from station.simulation.live_feed import PictureFeed
from station.simulation.live_messages import receive, send
from station.simulation.live_pictures import PictureLayout, PictureStore

FPS = 50


class NotingCamera:
    """Notes grey and time of every picture; can be made to hold up the feed."""

    def __init__(self, role: str) -> None:
        self.role = role
        self.seen: list[tuple[int, float]] = []
        self.hold = threading.Event()
        self.hold.set()
        self._changed = threading.Condition()

    def push(self, color: np.ndarray, depth: np.ndarray, time_ms: float, *, clock_ahead_ms: float) -> bool:
        assert clock_ahead_ms == 0.0
        self.hold.wait(5.0)
        with self._changed:
            self.seen.append((int(color[0, 0, 0]), time_ms))
            self._changed.notify_all()
        return True

    def wait(self, count: int) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: len(self.seen) >= count, 10.0)


class Bench:
    """A feed, the renderer's end of its pipe, and two noting cameras."""

    def __init__(self) -> None:
        ours, self.renderer = multiprocessing.Pipe()
        self.store, _ = PictureStore.create(PictureLayout(4, 4, 2))
        self.cameras = [NotingCamera("cam_01"), NotingCamera("cam_02")]
        self.loads: list[tuple[float, float, float]] = []
        self.feed = PictureFeed(
            ours,
            self.store,
            cast(list[SimulatedCamera], self.cameras),
            FPS,
            lambda kg, x, y: self.loads.append((kg, x, y)),
        )
        self.ours = ours
        self.feed.start()

    def paint(self, slot: int, variant: int, grey: int) -> None:
        for camera in range(2):
            self.store.color(slot, camera, variant)[:] = grey

    def show(self, slot: int, scene: int) -> dict[str, Any]:
        send(self.renderer, "show", slot=slot, scene=scene)
        return receive(self.renderer)

    def close(self) -> None:
        self.feed.stop()
        for connection in (self.ours, self.renderer):
            connection.close()
        self.store.close()


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.close()


def test_a_scene_is_shown_when_the_renderer_says_so_and_its_variants_in_turn(bench: Bench) -> None:
    bench.paint(0, 0, 10)
    assert bench.show(0, 1) == {"say": "shown", "slot": 0}
    bench.feed.wait_shown(1, 5.0)
    assert bench.cameras[0].wait(3)
    assert {grey for grey, _ in bench.cameras[0].seen} == {10}
    bench.paint(0, 1, 11)
    send(bench.renderer, "more", scene=1, variants=2)
    assert bench.cameras[1].wait(len(bench.cameras[1].seen) + 6)
    assert [grey for grey, _ in bench.cameras[1].seen[-2:]] in ([10, 11], [11, 10])
    bench.paint(1, 0, 20)
    bench.show(1, 2)
    bench.feed.wait_shown(2, 5.0)
    assert bench.cameras[0].seen[-1][0] == 20


def test_a_host_that_is_late_does_not_move_the_exposures(bench: Bench) -> None:
    bench.show(0, 1)
    camera = bench.cameras[1]
    assert camera.wait(5)
    camera.hold.clear()
    threading.Event().wait(0.15)
    camera.hold.set()
    assert camera.wait(25)
    steps = np.diff([time_ms for _, time_ms in camera.seen])
    np.testing.assert_allclose(steps, 1000.0 / FPS, atol=0.01)


def test_the_load_is_passed_on(bench: Bench) -> None:
    send(bench.renderer, "load", kg=1.5, x=0.1, y=0.2)
    bench.show(0, 1)
    assert bench.loads == [(1.5, 0.1, 0.2)]


def test_an_answer_reaches_who_asked_and_a_refusal_is_an_error(bench: Bench) -> None:
    send(bench.renderer, "answer", request=2, truth={"parts": []})
    send(bench.renderer, "answer", request=1, refused="There is no such class.")
    assert bench.feed.wait_answer(2, 5.0)["truth"] == {"parts": []}
    with pytest.raises(SimulationError, match="There is no such class"):
        bench.feed.wait_answer(1, 5.0)


def test_a_renderer_that_is_silent_or_gone_is_named(bench: Bench) -> None:
    with pytest.raises(SimulationError, match=r"did not draw the scene within 0\.05 s"):
        bench.feed.wait_shown(9, 0.05)
    bench.renderer.close()
    with pytest.raises(SimulationError, match="ended by itself"):
        bench.feed.wait_shown(9, 5.0)


def test_a_camera_that_meets_a_fault_is_told_to_who_waits_at_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def push(color: np.ndarray, depth: np.ndarray, time_ms: float, *, clock_ahead_ms: float) -> bool:
        raise ZeroDivisionError("seven by nought")

    monkeypatch.setattr(bench.cameras[0], "push", push)
    send(bench.renderer, "show", slot=0, scene=1)
    with pytest.raises(SimulationError, match="seven by nought"):
        bench.feed.wait_shown(1, 60.0)
