"""Plain lines with a number: a lost digit is a number still, and must not become a weight."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.frames import WeightReading
from station.scale.number_lines import NumberLines, NumberParser, number_lines
from station.scale.replies import ReplyKind
from station.scale.session import ScaleSession, Trouble, Wish

MS = 1_000_000
COUNTS = NumberLines(r"(?P<value>[+-]?\d+(\.\d+)?)", 1e-5, offset=8250.0)
NAMED = NumberLines(r"W:\s*(?P<value>-?[0-9.]+)\s*(?P<unit>[a-z]+)", 1.0)


def session(form: NumberLines = COUNTS) -> ScaleSession:
    protocol = number_lines(form, window_s=0.6, spread_steps=3.0)
    return ScaleSession(protocol, step_kg=0.0001, max_kg=15.0, silent_after_s=2.0, opened_ns=0)


def readings(events: list[object]) -> list[WeightReading]:
    return [event for event in events if isinstance(event, WeightReading)]


@pytest.mark.parametrize(
    ("form", "line", "kind", "kg"),
    [
        (COUNTS, b"58250", ReplyKind.DYNAMIC, 0.5),
        (COUNTS, b" +8250.0 ", ReplyKind.DYNAMIC, 0.0),
        (COUNTS, b"8 250", ReplyKind.GARBAGE, None),
        (COUNTS, b"nan", ReplyKind.GARBAGE, None),
        (COUNTS, b"1e5", ReplyKind.GARBAGE, None),
        (COUNTS, b"", ReplyKind.GARBAGE, None),
        (COUNTS, b"\xff8250", ReplyKind.GARBAGE, None),
        (NAMED, b"W: 250.5 g", ReplyKind.DYNAMIC, 0.2505),
        (NAMED, b"W: -1 lb", ReplyKind.DYNAMIC, -0.45359237),
        (NAMED, b"W: 3 stone", ReplyKind.UNKNOWN_UNIT, None),
        (NAMED, b"W: 1.2.3 g", ReplyKind.GARBAGE, None),
        (NAMED, b"250.5 g", ReplyKind.GARBAGE, None),
    ],
)
def test_a_line_is_read_by_its_pattern(form: NumberLines, line: bytes, kind: ReplyKind, kg: float | None) -> None:
    reply = NumberParser(form).parse(line)
    assert reply.kind is kind
    assert reply.kg == (None if kg is None else pytest.approx(kg))


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"])
def test_every_kind_of_line_end_is_understood(end: bytes) -> None:
    talk = session()
    got = readings([e for n in range(20) for e in talk.feed(b"58250" + end, n * 50 * MS)])
    assert {r.kg for r in got} == {0.5}
    assert got[-1].stable
    assert not got[0].stable


@given(st.integers(-300_000, 1_400_000), st.integers(0, 7))
def test_a_single_cut_line_never_changes_the_weight(counts: int, keep: int) -> None:
    talk = session()
    whole = f"{counts}\n".encode()
    got: list[WeightReading] = []
    for n in range(30):
        sent = whole[:keep] + b"\n" if n == 15 else whole
        got += readings(list(talk.feed(sent, n * 50 * MS)))
    assert len({r.kg for r in got}) == 1


def test_a_million_random_bytes_are_neither_a_weight_nor_a_crash() -> None:
    rng = random.Random(7)
    talk = session()
    events: list[object] = []
    for n in range(1000):
        events += talk.feed(rng.randbytes(1000), n * 10 * MS)
    assert not readings(events)


def test_noise_between_the_lines_may_silence_the_scale_but_not_move_it() -> None:
    rng = random.Random(3)
    talk = session()
    got: list[WeightReading] = []
    for n in range(5000):
        noise = rng.randbytes(rng.randrange(1, 8)) if rng.random() < 0.2 else b""
        got += readings(list(talk.feed(noise + b"58250\n", n * 50 * MS)))
    assert len(got) > 1000
    assert {r.kg for r in got if r.stable} == {0.5}


def still(talk: ScaleSession, kg: float, start: int) -> list[object]:
    line = f"{round(kg * 1e5 + 8250)}\n".encode()
    return [e for n in range(20) for e in talk.feed(line, (start + n) * 50 * MS)]


def test_zeros_together_stay_within_four_percent_of_the_range() -> None:
    talk = session()
    said: list[object] = []
    for number in range(4):
        still(talk, 0.25 * (number + 1), 40 * number)
        talk.ask(Wish.ZERO, (40 * number + 19) * 50 * MS)
        said += [e for e in still(talk, 0.25 * (number + 1), 40 * number + 20) if isinstance(e, ReplyKind)]
    assert said == [ReplyKind.ZEROED, ReplyKind.ZEROED, ReplyKind.ZERO_REFUSED, ReplyKind.ZERO_REFUSED]
    assert talk.zero_kg == pytest.approx(0.5)


def test_a_tare_hides_no_overload_and_goes_with_a_zero() -> None:
    talk = session()
    talk.ask(Wish.TARE, 0)
    assert ReplyKind.TARED in still(talk, 12.0, 0)
    assert readings(still(talk, 14.0, 20))[-1].kg == pytest.approx(2.0)
    over = still(talk, 20.0, 40)
    assert not readings(over)[3:]
    assert [e.key for e in over if isinstance(e, Trouble)][-1] == "impossible"
    talk.ask(Wish.ZERO, 60 * 50 * MS)
    assert ReplyKind.ZEROED in still(talk, 0.1, 60)
    assert readings(still(talk, 0.6, 80))[-1].kg == pytest.approx(0.5)


def test_the_first_readings_of_a_connection_are_not_stable_before_the_window_is_full() -> None:
    got = readings(still(session(), 0.5, 0))
    first = next(n for n, reading in enumerate(got) if reading.stable)
    assert got[first].monotonic_ns - got[0].monotonic_ns >= 600 * MS
