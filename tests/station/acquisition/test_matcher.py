"""The matcher against an exhaustive one that knows all frames beforehand."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from station.acquisition.clock import CaptureTimes
from station.acquisition.matcher import FrameMatcher, Matched
from station.cameras.clock import DeviceClock
from station.frames import Frame, TimeDomain

PERIOD = 66_666_667
TOLERANCE = PERIOD // 2
DEADLINE = PERIOD * 3 // 2
COLOR, DEPTH = np.zeros((1, 1, 3), np.uint8), np.zeros((1, 1), np.uint16)


@dataclass(frozen=True)
class Shot:
    """One frame as the world knows it: whose, its number, when it was captured and when it arrived, ns."""

    role: str
    number: int
    capture: int
    arrival: int

    def frame(self) -> Frame:
        return Frame(self.role, COLOR, DEPTH, 0.001, self.number, 0.0, TimeDomain.GLOBAL, self.arrival)


@st.composite
def streams(draw: st.DrawFn) -> tuple[list[str], list[Shot]]:
    """Up to four cameras of one rate: phases, jitter, drift, delays, repeats, and frames that are dropped or overtaken.

    At most two in a row are dropped or arrive after a later one, which is as bad.
    """
    roles = [f"cam_{n:02d}" for n in range(1, draw(st.integers(1, 4)) + 1)]
    count = draw(st.integers(3, 25))
    shots: list[Shot] = []
    for index, role in enumerate(roles):
        phase = 0 if index == 0 else draw(st.integers(-PERIOD // 2, PERIOD // 2))
        drift = draw(st.sampled_from([0, 0, 100, -300]))
        seed = draw(st.integers(0, 2**32 - 1))
        rng = np.random.default_rng(seed)
        jitter_share = draw(st.sampled_from([0.0, 0.01, 0.11]))
        drop_share = draw(st.sampled_from([0.0, 0.1, 0.4]))
        overtaken_share = draw(st.sampled_from([0.0, 0.2]))
        gone = 0
        overtaken: Shot | None = None
        for number in range(1, count + 1):
            if 1 < number < count and overtaken is None and gone < 2 and rng.random() < drop_share:
                gone += 1
                continue
            jitter = round(rng.uniform(-1.0, 1.0) * jitter_share * PERIOD)
            capture = 10**9 + phase + number * PERIOD + round(number * PERIOD * drift * 1e-6) + jitter
            arrival = capture + round(rng.uniform(0.0, 0.3) * PERIOD)
            if overtaken is not None:
                shots.append(replace(overtaken, arrival=arrival + round(rng.uniform(0.001, 0.3) * PERIOD)))
                overtaken = None
            elif 1 < number < count and gone < 2 and rng.random() < overtaken_share:
                overtaken = Shot(role, number, capture, arrival)
                gone += 1
                continue
            gone = 0
            shots.append(Shot(role, number, capture, arrival))
            if rng.random() < 0.1:
                shots.append(Shot(role, number, capture, arrival + round(rng.uniform(0.0, 2.0) * PERIOD)))
    shots.sort(key=lambda shot: shot.arrival)
    return roles, shots


def in_time(shots: list[Shot]) -> list[Shot]:
    """Leave out what arrives after a later frame of its camera, or again."""
    newest: dict[str, int] = {}
    kept: list[Shot] = []
    for shot in shots:
        if shot.number > newest.get(shot.role, 0):
            newest[shot.role] = shot.number
            kept.append(shot)
    return kept


def exhaustive(roles: list[str], shots: list[Shot]) -> list[dict[str, int]]:
    """Try every combination of unused frames for every instant of the leader; most cameras first, then nearest."""
    unique = {role: sorted({s.number: s.capture for s in shots if s.role == role}.items()) for role in roles}
    leading = unique[roles[0]]
    instants: list[int] = []
    for position, (number, capture) in enumerate(leading):
        if position:
            before_number, before = leading[position - 1]
            gap = number - before_number
            instants += [capture - round(k * (capture - before) / gap) for k in range(gap - 1, 0, -1)]
        instants.append(capture)
    used = dict.fromkeys(roles, 0)
    framesets: list[dict[str, int]] = []
    for instant in instants:
        choices: list[list[tuple[int, int] | None]] = []
        for role in roles:
            free = [(n, abs(c - instant)) for n, c in unique[role] if n > used[role] and abs(c - instant) <= TOLERANCE]
            choices.append([None, *free])
        best = min(
            itertools.product(*choices),
            key=lambda picks: (sum(p is None for p in picks), sum(p[1] for p in picks if p is not None)),
        )
        chosen = {role: pick[0] for role, pick in zip(roles, best, strict=True) if pick is not None}
        used.update(chosen)
        if chosen:
            framesets.append(chosen)
    return framesets


def run(matcher: FrameMatcher, roles: list[str], shots: list[Shot]) -> list[Matched]:
    matched: list[Matched] = []
    leading = False
    for shot in shots:
        matcher.add(shot.frame(), shot.capture)
        leading = leading or shot.role == roles[0]
        if leading:
            while (found := matcher.take(shot.arrival)) is not None:
                matched.append(found)
    while (found := matcher.take(10**15)) is not None:
        matched.append(found)
    return matched


def new_matcher(roles: list[str]) -> FrameMatcher:
    return FrameMatcher(roles, PERIOD, TOLERANCE, DEADLINE)


def numbers(matched: Matched) -> dict[str, int]:
    return {role: frame.number for role, frame in matched.frameset.frames.items()}


@settings(max_examples=200)
@given(streams())
def test_it_finds_what_an_exhaustive_matcher_finds(world: tuple[list[str], list[Shot]]) -> None:
    roles, shots = world
    matcher = new_matcher(roles)
    matched = run(matcher, roles, shots)
    assert [numbers(m) for m in matched] == exhaustive(roles, in_time(shots))
    for m in matched:
        assert set(m.frameset.missing) == set(roles) - set(m.frameset.frames)
        assert m.frameset.skew_ms <= (2 * TOLERANCE) * 1e-6
        assert m.captured_ns.keys() == m.frameset.frames.keys()
        assert (m.earliest_ns, m.latest_ns) == (min(m.captured_ns.values()), max(m.captured_ns.values()))
    for role in roles:
        own = [s for s in shots if s.role == role]
        unique = {s.number for s in in_time(own)}
        counts = matcher.counts(role)
        assert counts.frames == len(unique)
        assert counts.repeated == len(own) - len(unique)
        assert counts.dropped == max(unique) - min(unique) + 1 - len(unique)


JITTER = 0.02
UTC_MS = 1.8e12
JUMPS_MS = (5_000.0, -5_000.0, 4_292_000.0, -400.0)


@st.composite
def jumping_streams(draw: st.DrawFn) -> tuple[list[str], list[Shot], dict[tuple[str, int], float]]:
    """Three cameras that drop frames, at most two in a row, and whose clocks jump; with what each stamp is off by, ms.

    No frame lies so near to the middle between two instants that jitter decides where it belongs.
    """
    roles = ["cam_01", "cam_02", "cam_03"]
    count = draw(st.integers(20, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shots: list[Shot] = []
    off: dict[tuple[str, int], float] = {}
    for index, role in enumerate(roles):
        phase = 0.0 if index == 0 else draw(st.floats(-0.3, 0.3))
        drift = draw(st.sampled_from([0.0, 60e-6, -60e-6]))
        begins = draw(st.integers(3, count))
        ends = begins + draw(st.integers(1, count))
        jump_ms = draw(st.sampled_from(JUMPS_MS))
        dropped = 0
        for number in range(1, count + 1):
            if 1 < number < count and dropped < 2 and rng.random() < 0.1:
                dropped += 1
                continue
            dropped = 0
            at = phase + number * (1.0 + drift) + rng.uniform(-JITTER, JITTER)
            capture = 10**9 + round(at * PERIOD)
            shots.append(Shot(role, number, capture, capture + round(rng.uniform(0.0, 0.05) * PERIOD)))
            off[role, number] = jump_ms if begins <= number < ends else 0.0
    return roles, sorted(shots, key=lambda shot: shot.arrival), off


@settings(max_examples=200)
@given(jumping_streams())
def test_clocks_that_jump_change_no_frameset(
    world: tuple[list[str], list[Shot], dict[tuple[str, int], float]],
) -> None:
    roles, shots, off = world
    clocks = {role: DeviceClock(PERIOD * 1e-6) for role in roles}
    times = CaptureTimes()
    matcher = FrameMatcher(roles, PERIOD, TOLERANCE, DEADLINE, times.settled)
    matched: list[Matched] = []
    leading = False
    for shot in shots:
        stamp_ms = UTC_MS + shot.capture * 1e-6 + off[shot.role, shot.number]
        told_ms, domain = clocks[shot.role].read(shot.number, stamp_ms, TimeDomain.GLOBAL, shot.arrival)
        frame = replace(shot.frame(), device_time_ms=told_ms, time_domain=domain)
        matcher.add(frame, times.read(frame))
        leading = leading or shot.role == roles[0]
        while leading and (found := matcher.take(shot.arrival)) is not None:
            matched.append(found)
    while (found := matcher.take(10**15)) is not None:
        matched.append(found)
    assert [numbers(m) for m in matched] == exhaustive(roles, shots)
    true_ns = {(shot.role, shot.number): shot.capture for shot in shots}
    for m in matched:
        taken = [true_ns[key] for key in numbers(m).items()]
        # A counted time does not know the jitter of its own frame, nor that of the one it counts from.
        assert abs(m.frameset.skew_ms - (max(taken) - min(taken)) * 1e-6) < 4 * JITTER * PERIOD * 1e-6 + 1.0


def steady(roles: list[str], count: int, phase: int = 0) -> list[Shot]:
    return sorted(
        (
            Shot(role, n, 10**9 + n * PERIOD + index * phase, 10**9 + n * PERIOD + index * phase + 1000)
            for n in range(1, count + 1)
            for index, role in enumerate(roles)
        ),
        key=lambda shot: shot.arrival,
    )


def test_synchronised_cameras_are_given_out_with_the_last_arrival() -> None:
    roles = ["cam_01", "cam_02", "cam_03"]
    matcher = new_matcher(roles)
    for shot in steady(roles, 4, phase=2_000_000):
        matcher.add(shot.frame(), shot.capture)
        found = matcher.take(shot.arrival)
        assert (found is not None) == (shot.role == "cam_03")
        if found is not None:
            assert found.frameset.skew_ms == 4.0
            assert found.frameset.missing == ()


def test_a_dead_camera_is_waited_for_until_the_deadline_and_then_no_more() -> None:
    roles = ["cam_01", "cam_02"]
    matcher = new_matcher(roles)
    shots = [s for s in steady(roles, 20) if s.role == "cam_01" or s.number <= 5]
    waits: list[int] = []
    for shot in shots:
        matcher.add(shot.frame(), shot.capture)
        while (found := matcher.take(shot.arrival)) is not None:
            frame = found.frameset.frames["cam_01"]
            waits.append(shot.arrival - frame.arrival_ns)
            assert found.frameset.missing == (() if frame.number <= 5 else ("cam_02",))
    assert max(waits) <= DEADLINE + PERIOD
    assert waits[-1] == 0


def test_the_next_camera_leads_when_the_leader_dies_and_hands_back_when_it_returns() -> None:
    roles = ["cam_01", "cam_02", "cam_03"]
    matcher = new_matcher(roles)
    shots = [s for s in steady(roles, 40, phase=1_000_000) if s.role != "cam_01" or not 10 <= s.number < 25]
    seen: list[dict[str, int]] = []
    for shot in shots:
        matcher.add(shot.frame(), shot.capture)
        while (found := matcher.take(shot.arrival)) is not None:
            seen.append(numbers(found))
    assert [s["cam_02"] for s in seen[:9]] == list(range(1, 10))
    without = [s for s in seen if "cam_01" not in s]
    assert len(without) >= 9
    assert [s["cam_02"] for s in seen] == sorted({s["cam_02"] for s in seen})
    assert seen[-1] == {"cam_01": 40, "cam_02": 40, "cam_03": 40}
    for found in seen:
        assert len(set(found.values())) == 1


def test_a_camera_whose_counter_starts_anew_is_not_mistaken_for_a_repeat() -> None:
    roles = ["cam_01", "cam_02"]
    matcher = new_matcher(roles)
    first = steady(roles, 6)
    again = [
        Shot(s.role, s.number - 6 if s.role == "cam_02" else s.number, s.capture, s.arrival)
        for s in steady(roles, 12)
        if s.number > 6
    ]
    matched = run(matcher, roles, first + again)
    assert len(matched) == 12
    assert all(not m.frameset.missing for m in matched)
    assert (matcher.counts("cam_02").repeated, matcher.counts("cam_02").dropped) == (0, 0)


def test_nothing_piles_up_while_nobody_takes() -> None:
    roles = ["cam_01", "cam_02"]
    matcher = new_matcher(roles)
    matcher.add(steady(roles, 1)[0].frame(), steady(roles, 1)[0].capture)
    assert matcher.take(0) is None
    for shot in steady(roles, 500)[2:]:
        matcher.add(shot.frame(), shot.capture)
    assert all(len(stream.waiting) <= 16 for stream in matcher._streams.values())
    assert len(matcher._instants) <= 16
