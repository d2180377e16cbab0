"""What the station reports of its cameras, held against what the simulated rig knows: skew, drops, reconnects."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from station.acquisition import Rig
from station.cameras.supervisor import CameraState
from station.frames import ROLES, FrameSet, TimeDomain
from station.settings import SimulationSection
from station.simulation.faults import FaultName
from station.simulation.live import SimulatedRig

pytest.importorskip("pyrealsense2")

FPS = 15
PERIOD_MS = 1000.0 / FPS
KINDS = (FaultName.UNPLUG, FaultName.CLOCK_JUMP, FaultName.LATE_FRAMES)
LOSSES_PER_S = 4.0


@dataclass(frozen=True)
class Act:
    """At second ``at_s`` a fault begins or ends, or, without a fault, a camera loses ``lost`` frames."""

    at_s: float
    role: str
    fault: FaultName | None = None
    on: bool = False
    lost: int = 0


def script(seed: int, seconds: float) -> list[Act]:
    """Faults on up to three cameras at a time, each in its turn, and lost frames everywhere all the time."""
    rng = random.Random(seed)
    acts: list[Act] = []
    free_from = dict.fromkeys(ROLES, 0.0)
    begins, kind = 0.5, 0
    while begins < seconds - 3.0:
        role = rng.choice([role for role in ROLES if free_from[role] <= begins])
        ends = min(begins + rng.uniform(1.0, 3.0), seconds - 0.5)
        # A clock is trusted again ten frames after it came back, and a jam of late frames dissolves.
        free_from[role] = ends + 2.0
        fault = KINDS[kind % len(KINDS)]
        acts += [Act(begins, role, fault, on=True), Act(ends, role, fault)]
        begins += rng.uniform(0.6, 1.2)
        kind += 1
    at_s = 0.0
    while (at_s := at_s + rng.expovariate(LOSSES_PER_S)) < seconds:
        acts.append(Act(at_s, rng.choice(ROLES), lost=rng.randint(1, 4)))
    return sorted(acts, key=lambda act: act.at_s)


@dataclass
class Bench:
    """A simulated rig, the rig that reads it, and the true capture times of all pictures so far, UTC ms."""

    sim: SimulatedRig
    rig: Rig
    times: dict[str, dict[int, float]] = field(default_factory=lambda: {role: {} for role in ROLES})

    def note_times(self) -> None:
        for role, told in self.sim.truth()["cameras"].items():
            self.times[role].update({int(number): float(time_ms) for number, time_ms in told["times_ms"]})

    def true_skew_ms(self, frameset: FrameSet) -> float:
        taken = [self.times[role][frame.number] for role, frame in frameset.frames.items()]
        return max(taken) - min(taken)

    def play(self, acts: list[Act]) -> None:
        begun = time.monotonic()
        pause = threading.Event()
        noted = 0.0
        for act in acts:
            while (left := begun + act.at_s - time.monotonic()) > 0:
                pause.wait(left)
            if act.fault is None:
                self.sim.lose_frames(act.role, act.lost)
            else:
                self.sim.set_fault(act.role, act.fault, act.on)
            if act.at_s - noted > 5.0:
                noted = act.at_s
                self.note_times()

    def wait_whole(self) -> None:
        """Wait until every camera streams and has given a picture that was taken after all that happened."""
        for role in ROLES:
            assert self.rig.wait_state(role, CameraState.STREAMING, 30.0), self.rig.states()[role]
        now, until = time.monotonic_ns(), time.monotonic() + 20.0
        while time.monotonic() < until:
            frameset = self.rig.next_frameset(now)
            if frameset is not None and not frameset.missing:
                return
        raise AssertionError("a camera gives no picture any more")


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    settings = SimulationSection(size="640x480", fps=FPS, seed=3)
    with SimulatedRig(settings, stale_after_s=1.0) as sim:
        rig = Rig(sim.sources, fps=FPS)
        rig.start()
        try:
            yield Bench(sim, rig)
        finally:
            rig.stop()


class Watcher:
    """Keeps number, domain and skew of every frameset that it gets hold of, not its pictures."""

    def __init__(self, rig: Rig) -> None:
        self.seen: list[FrameSet] = []
        self._rig = rig
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="truth-watch")

    def __enter__(self) -> Watcher:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join(20.0)

    def _run(self) -> None:
        newest: FrameSet | None = None
        while not self._done.is_set():
            matched = self._rig.newest
            if matched is not None and matched.frameset is not newest:
                newest = matched.frameset
                self.seen.append(_without_pictures(newest))
            self._done.wait(0.005)


def _without_pictures(frameset: FrameSet) -> FrameSet:
    color, depth = np.zeros((1, 1, 3), np.uint8), np.zeros((1, 1), np.uint16)
    return replace(frameset, frames={role: replace(f, color=color, depth=depth) for role, f in frameset.frames.items()})


def paused(bench: Bench, frameset: FrameSet) -> bool:
    """Whether the host was so busy that the light itself paused while a camera's time was counted from its frames.

    A camera's counter goes on with time whatever the host does, but the simulated one's does not.
    """
    for role, frame in frameset.frames.items():
        if frame.time_domain is not TimeDomain.DERIVED:
            continue
        times = bench.times[role]
        near = [number for number in times if frame.number - 6 * FPS <= number <= frame.number]
        first = min(near)
        if any(abs(times[n] - times[first] - (n - first) * PERIOD_MS) > 0.5 for n in near):
            return True
    return False


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("seed", "seconds"), [(1, 8.0), pytest.param(2, 90.0, marks=pytest.mark.slow)])
def test_skew_drops_and_reconnects_are_those_that_happened(bench: Bench, seed: int, seconds: float) -> None:
    bench.wait_whole()
    before = bench.sim.truth()["cameras"]
    states = bench.rig.states()
    counts = {role: bench.rig.counts(role).dropped for role in ROLES}
    with Watcher(bench.rig) as watcher:
        bench.play(script(seed, seconds))
        bench.wait_whole()
    bench.note_times()
    after = bench.sim.truth()["cameras"]

    def happened(what: str) -> dict[str, int]:
        return {role: after[role][what] - before[role][what] for role in ROLES}

    now = bench.rig.states()
    assert {role: now[role].dropped - states[role].dropped for role in ROLES} == happened("lost")
    assert {role: bench.rig.counts(role).dropped - counts[role] for role in ROLES} == happened("lost")
    assert {role: now[role].restarts - states[role].restarts for role in ROLES} == happened("opened")
    assert sum(happened("lost").values()) > 2.0 * seconds
    assert sum(happened("opened").values()) >= 1

    judged = [one for one in watcher.seen if not paused(bench, one)]
    wrong = [(one.skew_ms, bench.true_skew_ms(one)) for one in judged if abs(one.skew_ms - bench.true_skew_ms(one)) > 1]
    assert wrong == []
    assert len(judged) > 3.0 * seconds
    domains = [{frame.time_domain for frame in one.frames.values()} for one in judged]
    assert sum(TimeDomain.DERIVED in found for found in domains) > 10
    assert sum(bool(one.missing) for one in judged) > 10
