"""MT-SICS lines: what a scale says, and what it never says after damage."""

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.scale.guards import WidthGuard
from station.scale.lines import LineAssembler
from station.scale.mt_sics import KCP, MT_SICS, SicsParser
from station.scale.replies import Reply, ReplyKind

TRANSCRIPT = [
    (b"S S     100.00 g", ReplyKind.STABLE, 0.1),
    (b"S D     129.07 g", ReplyKind.DYNAMIC, 0.12907),
    (b"S S      -2.50 g", ReplyKind.STABLE, -0.0025),
    (b"S S     12.345 kg", ReplyKind.STABLE, 12.345),
    (b"S D       1.00 lb", ReplyKind.DYNAMIC, 0.45359237),
    (b"S S      16.00 oz", ReplyKind.STABLE, 0.45359237),
    (b"T S     100.00 g", ReplyKind.TARED, 0.1),
    (b"S S       1.00 ct", ReplyKind.UNKNOWN_UNIT, None),
    (b"S +", ReplyKind.OVERLOAD, None),
    (b"S -", ReplyKind.UNDERLOAD, None),
    (b"S I", ReplyKind.BUSY, None),
    (b"ES", ReplyKind.SYNTAX_ERROR, None),
    (b"ET", ReplyKind.TRANSMISSION_ERROR, None),
    (b"EL", ReplyKind.LOGICAL_ERROR, None),
    (b"Z A", ReplyKind.ZEROED, None),
    (b"Z I", ReplyKind.ZERO_REFUSED, None),
    (b"Z +", ReplyKind.ZERO_REFUSED, None),
    (b"T I", ReplyKind.TARE_REFUSED, None),
    (b'I4 A "0123456789"', ReplyKind.RESET, None),
    (b"", ReplyKind.GARBAGE, None),
    (b"S S", ReplyKind.GARBAGE, None),
    (b"S S     1e3 g", ReplyKind.GARBAGE, None),
    (b"S S     nan g", ReplyKind.GARBAGE, None),
    ("S S     ١٠٠ g".encode(), ReplyKind.GARBAGE, None),
]

weights = st.builds(
    lambda flag, value, unit: f"S {flag} {value:>10} {unit}",
    st.sampled_from("SD"),
    st.decimals(-15000, 15000, places=2).map(str),
    st.sampled_from(["g", "kg", "lb", "oz"]),
)


def parse_line(line: bytes) -> Reply:
    return SicsParser().parse(line)


@pytest.mark.parametrize(("line", "kind", "kg"), TRANSCRIPT)
def test_a_line_says_what_the_manual_says(line: bytes, kind: ReplyKind, kg: float | None) -> None:
    reply = parse_line(line)
    assert reply.kind is kind
    assert reply.kg == (None if kg is None else pytest.approx(kg, abs=1e-9))


def test_commands_end_with_carriage_return_and_line_feed() -> None:
    for protocol in (MT_SICS, KCP):
        commands = [protocol.poll, protocol.stream, protocol.zero, protocol.tare]
        assert commands == [b"SI\r\n", b"SIR\r\n", b"Z\r\n", b"T\r\n"]


def test_kerns_word_on_a_tare_is_understood_by_its_own_parser_only() -> None:
    assert KCP.parser().parse(b"T A").kind is ReplyKind.TARED
    assert MT_SICS.parser().parse(b"T A").kind is ReplyKind.GARBAGE
    for line, kind, kg in TRANSCRIPT:
        assert KCP.parser().parse(line).kind is kind, kg


@given(weights)
def test_a_line_cut_at_its_end_or_its_start_gives_no_weight(line: str) -> None:
    whole = parse_line(line.encode())
    assert whole.kg is not None
    for cut in range(len(line)):
        assert parse_line(line[:cut].encode()).kg is None
    for cut in range(1, len(line)):
        assert parse_line(line[cut:].encode()).kg is None


@given(weights, weights, st.data())
def test_a_line_that_runs_into_the_next_gives_no_weight(first: str, second: str, data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(first) - 1))
    assert parse_line((first[:cut] + second).encode()).kg is None


@given(st.lists(weights, min_size=1, max_size=8), st.data())
def test_bytes_in_any_portions_make_the_same_lines(lines: list[str], data: st.DataObject) -> None:
    stream = "".join(f"{line}\r\n" for line in lines).encode()
    assembler = LineAssembler()
    got: list[bytes] = []
    while stream:
        size = data.draw(st.integers(1, 40))
        got += assembler.feed(stream[:size])
        stream = stream[size:]
    assert got == [line.encode() for line in lines]


@given(weights, st.data())
@settings(max_examples=200)
def test_a_lost_byte_never_becomes_another_weight(line: str, data: st.DataObject) -> None:
    guard = WidthGuard()
    good = parse_line(line.encode())
    assert [guard.admit(good) for _ in range(3)] == [None, good.kg, good.kg]
    lost = data.draw(st.integers(0, len(line) - 1))
    damaged = parse_line((line[:lost] + line[lost + 1 :]).encode())
    assert damaged.kg is None or guard.admit(damaged) in (None, good.kg)
    assert guard.admit(good) == good.kg


def test_a_million_random_bytes_are_neither_a_weight_nor_a_crash() -> None:
    rng = random.Random(7)
    assembler = LineAssembler()
    replies = []
    for _ in range(1000):
        replies += [parse_line(line) for line in assembler.feed(rng.randbytes(1000))]
    assert len(replies) > 500
    assert all(reply.kg is None for reply in replies)


def test_random_bytes_of_the_protocols_own_alphabet_give_only_whole_weights() -> None:
    rng = random.Random(11)
    alphabet = b"SSSD   0123456789.-+gk\r\nTZEIAL"
    assembler = LineAssembler()
    shape = re.compile(r"[ST] [SD] +[+-]?\d{1,8}(\.\d{1,7})? (g|kg)")
    for _ in range(200):
        for line in assembler.feed(bytes(rng.choices(alphabet, k=5000))):
            reply = parse_line(line)
            assert reply.kg is None or shape.fullmatch(reply.text)


def test_an_endless_line_takes_no_memory_and_the_next_line_is_read() -> None:
    assembler = LineAssembler()
    for _ in range(1000):
        assert assembler.feed(b"x" * 1000) == []
    assert assembler.feed(b"\r\nS S     100.00 g\r\n") == [b"S S     100.00 g"]
