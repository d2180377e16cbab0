"""The virtual scale: its steps, its cell and its voice."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.scale.mt_sics import SicsParser
from station.scale.replies import ReplyKind
from station.simulation.load_cell import LoadCell, readable_kg, settled_kg, step_kg
from station.simulation.scale_voices import SicsVoice


@pytest.mark.parametrize(
    ("kg", "shown"),
    [(0.0, 0.0), (0.00004, 0.0), (0.00006, 0.0001), (0.12344, 0.1234), (2.99996, 3.0), (3.0004, 3.0), (3.0006, 3.001)],
)
def test_a_load_is_shown_in_the_steps_of_its_range(kg: float, shown: float) -> None:
    assert readable_kg(kg) == shown


@given(st.floats(-15, 15))
def test_what_is_shown_is_within_half_a_step_and_stays_as_it_is(kg: float) -> None:
    assert abs(readable_kg(kg) - kg) <= 0.5 * step_kg(kg) * (1 + 1e-6) + 1e-12
    assert readable_kg(readable_kg(kg)) == readable_kg(kg)


def test_a_settled_weight_is_near_the_load_and_the_same_for_the_same_seed() -> None:
    shown = [settled_kg(1.0, 0.4, 0.3, np.random.default_rng(n)) for n in range(200)]
    assert np.max(np.abs(np.array(shown) - 1.0)) < 4e-4
    assert len(set(shown)) > 1
    assert shown[:5] == [settled_kg(1.0, 0.4, 0.3, np.random.default_rng(n)) for n in range(5)]


def settle_s(cell: LoadCell, voice: SicsVoice, at_s: float) -> float:
    """Return how long the voice takes to call the load stable, sampling at 20 Hz."""
    for n in range(1, 100):
        voice.sample(cell.signal_kg(at_s + 0.05 * n))
        if SicsParser().parse(voice.weight_line().strip()).kind is ReplyKind.STABLE:
            return 0.05 * n
    raise AssertionError("never stable")


@pytest.mark.parametrize("load", [0.01, 0.5, 2.5, 12.0])
def test_a_load_settles_in_about_half_a_second(load: float) -> None:
    times = []
    for seed in range(20):
        cell, voice = LoadCell(seed), SicsVoice()
        for n in range(10):
            voice.sample(cell.signal_kg(0.05 * n))
        cell.set_load(load, 0.24, 0.192, 10.0)
        times.append(settle_s(cell, voice, 10.0))
    assert 0.2 <= np.median(times) <= 0.65


def test_the_cell_creeps_and_feels_the_corner() -> None:
    cell = LoadCell(1)
    cell.set_load(10.0, 0.24, 0.192, 0.0)
    early = np.mean([cell.signal_kg(2.0) for _ in range(200)])
    late = np.mean([cell.signal_kg(600.0) for _ in range(200)])
    assert 0.0005 < late - early < 0.003
    corners = []
    for x, y in [(0.02, 0.02), (0.46, 0.02), (0.02, 0.36), (0.46, 0.36)]:
        other = LoadCell(1)
        other.set_load(10.0, x, y, 0.0)
        corners.append(np.mean([other.signal_kg(2.0) for _ in range(200)]))
    assert 0.0005 < max(corners) - min(corners) < 0.004


def test_a_residue_is_left_after_a_heavy_load_and_goes() -> None:
    cell = LoadCell(1)
    cell.set_load(15.0, 0.24, 0.192, 0.0)
    cell.set_load(0.0, 0.24, 0.192, 300.0)
    assert np.mean([cell.signal_kg(302.0) for _ in range(100)]) > 0.001
    assert abs(np.mean([cell.signal_kg(1200.0) for _ in range(100)])) < 0.0001


def voice_with(kg: float) -> SicsVoice:
    voice = SicsVoice()
    for _ in range(5):
        voice.sample(kg)
    return voice


def test_every_command_is_answered_as_the_manual_says() -> None:
    voice = voice_with(0.1)
    assert voice.receive(b"SI\r\n") == b"S S      100.0 g\r\n"
    assert voice.receive(b"S\r\n") == b"S S      100.0 g\r\n"
    assert voice.receive(b"T\r\n") == b"T S      100.0 g\r\n"
    assert voice.receive(b"SI\r\n") == b"S S        0.0 g\r\n"
    assert voice.receive(b"@\r\n").startswith(b"I4 A")
    assert voice.receive(b"SI\r\n") == b"S S      100.0 g\r\n"
    assert voice.receive(b"Z\r\n") == b"Z A\r\n"
    assert voice.receive(b"XYZ\r\n") == b"ES\r\n"
    assert voice_with(5.0).receive(b"SI\r\n") == b"S S       5000 g\r\n"


def test_limits_are_said_and_unrest_refuses_zero_and_tare() -> None:
    assert voice_with(15.2).receive(b"SI\r\n") == b"S +\r\n"
    assert voice_with(-0.5).receive(b"SI\r\n") == b"S -\r\n"
    assert voice_with(1.0).receive(b"Z\r\n") == b"Z +\r\n"
    restless = voice_with(0.1)
    restless.sample(0.2)
    assert restless.receive(b"SI\r\nZ\r\nT\r\nS\r\n") == b"S D      200.0 g\r\nZ I\r\nT I\r\nS I\r\n"


def test_a_command_may_come_byte_by_byte() -> None:
    voice = voice_with(0.1)
    assert [voice.receive(bytes([b])) for b in b"SIR\r\n"][-1] == b"S S      100.0 g\r\n"
    assert voice.streaming
