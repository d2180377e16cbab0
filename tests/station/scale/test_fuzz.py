"""Every protocol under fire: never a wrong weight, never a crash, whatever the line does to the bytes."""

from __future__ import annotations

import random
import zlib
from dataclasses import dataclass

import pytest

from station.frames import WeightReading
from station.scale.mt_sics import KCP, MT_SICS
from station.scale.number_lines import NumberLines, number_lines
from station.scale.protocol import ScaleProtocol
from station.scale.sbi import SBI
from station.scale.session import ScaleSession

MS = 1_000_000
PERIOD_NS = 50 * MS
KG = 1.2345
BITE = 64
"""Random bytes come in portions of this many, as from a line at 9600 baud in 50 ms."""


@dataclass(frozen=True)
class Line:
    """A protocol with valid lines of it, each of which says ``KG``, and the bytes that its lines are made of."""

    protocol: ScaleProtocol
    valid: tuple[bytes, ...]
    alphabet: bytes


def counts(unit: bool) -> ScaleProtocol:
    pattern = r"W:(?P<value>-?[0-9.]+) (?P<unit>[a-z]+)" if unit else r"(?P<value>[+-]?\d+)"
    return number_lines(NumberLines(pattern, 1e-5, 8250.0), window_s=0.6, spread_steps=3.0)


SICS = (
    b"S S     1234.5 g\r\n",
    b"S D     1234.5 g\r\n",
    b"S S     1.2345 kg\r\n",
    b"S S   2.721606 lb\r\n",
    b"S S   43.54570 oz\r\n",
)
LINES = {
    "mt-sics": Line(MT_SICS, SICS, b"SSTD   0123456789.-+gkloz\r\nZEIA"),
    "kcp": Line(KCP, SICS, b"SSTD   0123456789.-+gkloz\r\nZEIA"),
    "sbi": Line(
        SBI,
        (
            b"+   1234.5 g  \r\n",
            b"N     +   1234.5 g  \r\n",
            b"+   1.2345 kg \r\n",
            b"+ 2.721606 lb \r\n",
            b"+ 43.54570 oz \r\n",
        ),
        b"N+-    0123456789.gklboz\r\nHL",
    ),
    "lines": Line(counts(unit=False), (b"131700\r\n", b"131700\n", b"+131700\r"), b"0123456789+-\r\n "),
    "lines with a unit": Line(
        counts(unit=True), (b"W:1234.5 g\r\n", b"W:1.2345 kg\n", b"W:2.721606 lb\r\n"), b"W: 0123456789.-gklboz\r\n"
    ),
}


@pytest.fixture(params=list(LINES))
def line(request: pytest.FixtureRequest) -> Line:
    return LINES[request.param]


def rng_of(line: Line, purpose: str) -> random.Random:
    return random.Random(zlib.crc32(line.valid[0] + purpose.encode()))


class Talk:
    """A connection that is fed every 50 ms."""

    def __init__(self, line: Line) -> None:
        self.session = ScaleSession(line.protocol, step_kg=0.0001, max_kg=15.0, silent_after_s=2.0, opened_ns=0)
        self.now_ns = 0

    def hear(self, data: bytes) -> list[WeightReading]:
        self.now_ns += PERIOD_NS
        return [event for event in self.session.feed(data, self.now_ns) if isinstance(event, WeightReading)]


def test_a_valid_line_says_its_weight(line: Line) -> None:
    for valid in line.valid:
        talk = Talk(line)
        got = [reading for _ in range(20) for reading in talk.hear(valid)]
        assert got
        assert all(reading.kg == pytest.approx(KG, abs=1e-6) for reading in got), valid


def test_a_million_random_bytes_give_no_weight(line: Line) -> None:
    talk, rng = Talk(line), rng_of(line, "bytes")
    for _ in range(1_000_000 // BITE):
        assert talk.hear(rng.randbytes(BITE)) == []
    assert talk.session.silence(talk.now_ns) is not None


@pytest.mark.parametrize("line", [name for name in LINES if name != "lines"], indirect=True)
def test_a_million_random_bytes_of_its_own_alphabet_give_no_weight(line: Line) -> None:
    """A bare number is left out: digits and line ends are valid lines of it, and nothing could tell them from noise."""
    talk, rng = Talk(line), rng_of(line, "alphabet")
    for _ in range(1_000_000 // BITE):
        assert talk.hear(bytes(rng.choices(line.alphabet, k=BITE))) == []


@pytest.mark.parametrize("settled", [True, False], ids=["in a settled line", "right after the line was opened"])
def test_no_truncation_of_a_valid_line_ever_gives_another_weight(line: Line, settled: bool) -> None:
    """Every piece that is left when a line is cut off, or begun late, or loses a stretch in its middle."""
    for valid in line.valid:
        body = valid.rstrip(b"\r\n")
        end = valid[len(body) :]
        pieces = {valid[:cut] for cut in range(len(valid))} | {valid[cut:] for cut in range(1, len(valid) + 1)}
        pieces |= {body[:a] + body[b:] + end for a in range(len(body)) for b in range(a + 1, len(body) + 1)}
        for piece in sorted(pieces):
            talk = Talk(line)
            sent = [valid] * (8 if settled else 0) + [piece] + [valid] * 20
            got = [reading for data in sent for reading in talk.hear(data)]
            assert got, piece
            assert all(reading.kg == pytest.approx(KG, abs=1e-6) for reading in got), (piece, got)
            assert got[-1].stable or b" D " in valid, piece


def test_no_single_damage_to_a_line_ever_gives_another_weight(line: Line) -> None:
    """Every byte lost, doubled, or changed in any of its bits: of all readings, stable or not."""
    for valid in line.valid:
        places = range(len(valid))
        pieces = {valid[:place] + valid[place + 1 :] for place in places}
        pieces |= {valid[: place + 1] + valid[place:] for place in places}
        pieces |= {
            valid[:place] + bytes([valid[place] ^ 1 << bit]) + valid[place + 1 :]
            for place in places
            for bit in range(8)
        }
        for piece in sorted(pieces):
            talk = Talk(line)
            got = [reading for data in ([valid] * 8 + [piece] + [valid] * 12) for reading in talk.hear(data)]
            assert len(got) > 6, piece
            assert all(right(reading) for reading in got), (piece, got)


def test_one_damaged_line_in_four_never_gives_another_weight(line: Line) -> None:
    """Not in three: a line that lost its end takes the next one with it."""
    for valid in line.valid:
        talk, rng = Talk(line), rng_of(line, "one in four")
        got: list[WeightReading] = []
        for _ in range(1200):
            for sent in (damaged(valid, rng) if rng.random() < 0.5 else valid, valid, valid, valid):
                got += talk.hear(sent)
        assert len(got) > 1000
        assert [reading for reading in got if not right(reading)] == [], valid


def test_bytes_lost_doubled_or_changed_never_make_a_wrong_stable_weight(line: Line) -> None:
    """Here several lines running are damaged; two of three that still read as numbers may pass, but never as stable."""
    for valid in line.valid:
        talk, rng = Talk(line), rng_of(line, "damage")
        got = [
            reading for _ in range(4000) for reading in talk.hear(damaged(valid, rng) if rng.random() < 0.2 else valid)
        ]
        assert len(got) > 1000
        assert [reading for reading in got if reading.stable and not right(reading)] == [], valid


def right(reading: WeightReading) -> bool:
    return abs(reading.kg - KG) <= 0.0003 + 1e-9


def damaged(valid: bytes, rng: random.Random) -> bytes:
    sent, place, fate = bytearray(valid), rng.randrange(len(valid)), rng.randrange(4)
    if fate == 0:
        del sent[place]
    elif fate == 1:
        sent.insert(place, sent[place])
    elif fate == 2:
        sent[place] ^= 1 << rng.randrange(8)
    else:
        del sent[place:]
    return bytes(sent)
