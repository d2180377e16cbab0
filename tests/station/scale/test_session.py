"""One connection to a scale, without a line: what becomes a reading, what a trouble."""

import random

from station.frames import WeightReading
from station.scale.mt_sics import MT_SICS
from station.scale.replies import ReplyKind
from station.scale.sbi import SBI
from station.scale.session import ScaleSession, Trouble

MS = 1_000_000


def session() -> ScaleSession:
    return ScaleSession(MT_SICS, step_kg=0.0001, max_kg=15.0, silent_after_s=2.0, opened_ns=0)


def line(grams: float, flag: str = "S") -> bytes:
    return f"S {flag} {grams:10.1f} g\r\n".encode()


def feed(talk: ScaleSession, *lines: bytes, start_ms: int = 0) -> list[object]:
    return [e for n, part in enumerate(lines) for e in talk.feed(part, (start_ms + 50 * n) * MS)]


def readings(events: list[object]) -> list[WeightReading]:
    return [e for e in events if isinstance(e, WeightReading)]


def troubles(events: list[object]) -> list[str]:
    return [e.key for e in events if isinstance(e, Trouble)]


def test_a_stable_flag_counts_once_the_last_readings_agree() -> None:
    got = readings(feed(session(), *[line(500.0)] * 8))
    assert [r.kg for r in got] == [0.5] * 5
    assert [r.stable for r in got[:2]] == [False, False]
    assert got[-1].stable


def test_a_stable_flag_on_a_jumping_weight_is_not_believed() -> None:
    got = readings(feed(session(), *[line(500.0 + 10 * n) for n in range(10)]))
    assert not any(r.stable for r in got)


def test_a_dynamic_weight_is_not_stable_however_still_it_is() -> None:
    assert not any(r.stable for r in readings(feed(session(), *[line(500.0, "D")] * 10)))


def test_one_damaged_line_among_good_ones_is_no_weight_and_never_stable() -> None:
    talk = session()
    feed(talk, *[line(500.0)] * 8)
    got = readings(feed(talk, line(900.0), line(500.0), start_ms=400))
    assert [(r.kg, r.stable) for r in got] == [(0.5, False), (0.5, True)]


def test_a_weight_from_before_a_gap_in_the_line_is_never_stable_after_it() -> None:
    talk = session()
    feed(talk, *[line(500.0)] * 8)
    got = readings(feed(talk, *[line(900.0)] * 8, start_ms=1900))
    assert [r.kg for r in got] == [0.5, *[0.9] * 7]
    assert not any(r.stable for r in got if r.kg < 0.9)
    assert got[-1].stable


def test_nothing_weighed_before_an_overload_or_a_zero_is_said_after_it() -> None:
    for word in (b"S +\r\n", b"Z A\r\n"):
        talk = session()
        feed(talk, *[line(500.0)] * 8)
        got = readings(feed(talk, word, *[line(0.0)] * 8, start_ms=400))
        assert {r.kg for r in got} == {0.0}


def test_overload_underload_and_the_impossible_are_troubles() -> None:
    talk = session()
    assert troubles(feed(talk, b"S +\r\n", b"S -\r\n")) == ["overload", "underload"]
    assert troubles(feed(talk, *[line(99000.0)] * 5)) == ["impossible", "impossible"]
    assert troubles(feed(session(), *[line(-99000.0)] * 5)) == ["impossible", "impossible"]


def test_a_foreign_unit_is_refused_after_it_is_sure() -> None:
    events = feed(session(), *[b"S S     100.00 ct\r\n"] * 3)
    assert troubles(events) == ["unit"]
    assert not readings(events)


def test_silence_garbage_and_a_busy_scale_are_told_apart() -> None:
    quiet, noisy, busy = session(), session(), session()
    assert quiet.silence(1900 * MS) is None
    noisy.feed(b"\xff\x00\x17\n" * 20, 100 * MS)
    busy.feed(b"S I\r\n", 100 * MS)
    found = [talk.silence(2100 * MS) for talk in (quiet, noisy, busy)]
    assert [t.key for t in found if t] == ["silent", "garbage", "busy"]


def test_a_scale_without_the_streaming_command_is_polled() -> None:
    talk = session()
    assert not talk.needs_polling
    talk.feed(b"ES\r\n", 0)
    assert talk.needs_polling


def test_the_word_on_a_zero_command_is_passed_on() -> None:
    assert feed(session(), b"Z A\r\n", b"Z I\r\n") == [ReplyKind.ZEROED, ReplyKind.ZERO_REFUSED]


def test_random_bytes_between_the_lines_never_change_a_weight() -> None:
    rng = random.Random(3)
    talk = session()
    got: list[WeightReading] = []
    for n in range(2000):
        noise = rng.randbytes(rng.randrange(0, 30)) if rng.random() < 0.5 else b""
        got += readings(list(talk.feed(noise + line(500.0), n * 50 * MS)))
    assert len(got) > 500
    assert {r.kg for r in got} == {0.5}


def test_bytes_lost_doubled_or_flipped_never_move_a_stable_weight_beyond_its_own_unrest() -> None:
    rng = random.Random(5)
    talk = session()
    got: list[WeightReading] = []
    for n in range(20_000):
        sent = bytearray(line(500.0))
        fate = rng.random()
        place = rng.randrange(len(sent))
        if fate < 0.1:
            del sent[place]
        elif fate < 0.2:
            sent.insert(place, sent[place])
        elif fate < 0.3:
            sent[place] ^= 1 << rng.randrange(8)
        elif fate < 0.4:
            del sent[place:]
        got += readings(list(talk.feed(bytes(sent), n * 50 * MS)))
    assert len(got) > 10_000
    assert max(abs(r.kg - 0.5) for r in got if r.stable) <= 0.0003 + 1e-9


def test_bytes_without_an_end_of_line_are_called_unintelligible_and_not_silence() -> None:
    session = ScaleSession(MT_SICS, step_kg=0.0001, max_kg=15.0, silent_after_s=2.0, opened_ns=0)
    assert list(session.feed(bytes(range(0x80, 0x100)), 1)) == []
    trouble = session.silence(3_000_000_000)
    assert trouble is not None
    assert trouble.key == "garbage"


def test_a_scale_that_talks_without_being_believed_is_not_called_silent() -> None:
    moving = ScaleSession(SBI, step_kg=0.0001, max_kg=15.0, silent_after_s=2.0, opened_ns=0)
    feed(moving, b"34.5 g\r\n", *[f"+{1000 + n:9.1f}    \r\n".encode() for n in range(60)])
    changing = session()
    feed(changing, *[f"S S {500.0:{8 + n % 3}.1f} g\r\n".encode() for n in range(60)])
    long_lines = session()
    feed(long_lines, *[b"weight now: " + b"0" * 80 + b" g\r\n"] * 30)
    found = [talk.silence(3000 * MS) for talk in (moving, changing, long_lines)]
    assert [trouble.key if trouble else "" for trouble in found] == ["restless", "doubtful", "garbage"]
    assert all("silent" not in trouble.what for trouble in found if trouble)


def test_what_came_before_the_last_weight_says_nothing_of_the_silence_after_it() -> None:
    talk = session()
    feed(talk, b"\xff\xff\n", b"S I\r\n", *[line(500.0)] * 8, b"S S    5")
    trouble = talk.silence(5000 * MS)
    assert trouble is not None
    assert trouble.key == "silent"
