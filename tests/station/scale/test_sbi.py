"""Sartorius' print lines: every character in its place, and no weight out of a damaged line."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.scale.lines import LineAssembler
from station.scale.replies import ReplyKind
from station.scale.sbi import SBI, SbiParser

TRANSCRIPT = [
    (b"+   123.56 g  ", ReplyKind.STABLE, 0.12356),
    (b"+  1255.7  g  ", ReplyKind.STABLE, 1.2557),
    (b"    111.255 g ", ReplyKind.GARBAGE, None),
    (b"   111.255 g  ", ReplyKind.STABLE, 0.111255),
    (b"-     2.50 g  ", ReplyKind.STABLE, -0.0025),
    (b"+   12.345 kg ", ReplyKind.STABLE, 12.345),
    (b"+     1.00 lb ", ReplyKind.STABLE, 0.45359237),
    (b"N     +   123.56 g  ", ReplyKind.STABLE, 0.12356),
    (b"N     +   123.56    ", ReplyKind.DYNAMIC, None),
    (b"+     1.00 ct ", ReplyKind.UNKNOWN_UNIT, None),
    (b"+   253    pcs", ReplyKind.UNKNOWN_UNIT, None),
    (b"+   123.5[6]g ", ReplyKind.GARBAGE, None),
    (b"      High    ", ReplyKind.OVERLOAD, None),
    (b"      H       ", ReplyKind.OVERLOAD, None),
    (b"      Low     ", ReplyKind.UNDERLOAD, None),
    (b"Stat        L       ", ReplyKind.UNDERLOAD, None),
    (b"      --      ", ReplyKind.BUSY, None),
    (b"Stat        C       ", ReplyKind.BUSY, None),
    (b"   Err 054    ", ReplyKind.FAULT, None),
    (b"Stat     ERR 054    ", ReplyKind.FAULT, None),
    (b"", ReplyKind.GARBAGE, None),
    (b"+   123.56 g", ReplyKind.GARBAGE, None),
    ("+   ١٢٣.56 g ".encode(), ReplyKind.GARBAGE, None),
]

weights = st.builds(
    lambda name, sign, value, unit: f"{name}{sign}{value:>9} {unit:3}",
    st.sampled_from(["", "N     ", "Qnt   "]),
    st.sampled_from("+- "),
    st.decimals(0, 15000, places=2).map(str),
    st.sampled_from(["g", "kg", "lb", "oz"]),
)


@pytest.mark.parametrize(("line", "kind", "kg"), TRANSCRIPT)
def test_a_line_says_what_the_instructions_say(line: bytes, kind: ReplyKind, kg: float | None) -> None:
    reply = SbiParser().parse(line)
    assert reply.kind is kind
    assert reply.kg == (None if kg is None else pytest.approx(kg, abs=1e-9))


def test_a_moving_weight_has_the_unit_of_the_last_stable_one() -> None:
    parser = SbiParser()
    assert parser.parse(b"+     1.20    ").kg is None
    parser.parse(b"+     1.00 kg ")
    moving = parser.parse(b"+     1.20    ")
    assert (moving.kind, moving.kg) == (ReplyKind.DYNAMIC, 1.2)


@given(weights)
def test_a_line_cut_anywhere_gives_no_weight(line: str) -> None:
    parser = SbiParser()
    whole = parser.parse(line.encode())
    assert whole.kg is not None
    for cut in range(len(line)):
        for piece in (line[:cut], line[cut + 1 :]):
            # What is left of a line with a name may be a whole line without one: the same weight.
            assert parser.parse(piece.encode()).kg in (None, whole.kg)


@given(weights, weights, st.data())
def test_a_line_that_runs_into_the_next_gives_no_weight(first: str, second: str, data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(first) - 1))
    joined = first[:cut] + second
    whole = SbiParser().parse(second.encode()).kg
    # The names of a line are free: 6 stray characters before a short line look like one.
    assert SbiParser().parse(joined.encode()).kg in (None, whole)


def test_a_million_random_bytes_are_neither_a_weight_nor_a_crash() -> None:
    rng = random.Random(7)
    assembler, parser = LineAssembler(), SBI.parser()
    replies = []
    for _ in range(1000):
        replies += [parser.parse(line) for line in assembler.feed(rng.randbytes(1000))]
    assert len(replies) > 500
    assert all(reply.kg is None for reply in replies)
