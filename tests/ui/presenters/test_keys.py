"""A scanner and a person at the same keyboard."""

from __future__ import annotations

import pytest

from ui.presenters.keys import GAP_S, KeyKind, KeyReader, Typed


def type_in(reader: KeyReader, text: str, gap_s: float, start_s: float = 0.0) -> tuple[list[Typed], float]:
    done: list[Typed] = []
    now = start_s
    for character in text:
        done += reader.character(character, now)
        now += gap_s
    return done, now - gap_s


def test_scanned_code_is_one_code_and_no_keys() -> None:
    reader = KeyReader()
    done, last = type_in(reader, "15420-3", 0.008)
    assert done == []
    assert reader.enter(last + 0.008) == [Typed(KeyKind.CODE, "15420-3")]


def test_scanner_without_enter_never_presses_answer_keys() -> None:
    reader = KeyReader()
    _, last = type_in(reader, "12345", 0.008)
    assert reader.settle(last + GAP_S) == [Typed(KeyKind.CODE, "12345")]


def test_key_alone_counts_when_nothing_follows() -> None:
    reader = KeyReader()
    assert reader.character("2", 0.0) == []
    assert reader.settle(GAP_S / 2) == []
    assert reader.settle(GAP_S) == [Typed(KeyKind.KEY, "2")]
    assert not reader.waiting


def test_two_keys_under_one_finger_are_no_answer() -> None:
    reader = KeyReader()
    _, last = type_in(reader, "12", 0.01)
    assert reader.settle(last + GAP_S) == [Typed(KeyKind.TEXT, "12")]


def test_slow_typing_gives_single_keys() -> None:
    reader = KeyReader()
    done, last = type_in(reader, "ab", 0.2)
    assert done == [Typed(KeyKind.KEY, "a")]
    assert reader.settle(last + 2 * GAP_S) == [Typed(KeyKind.KEY, "b")]


def test_enter_after_a_pause_is_enter() -> None:
    reader = KeyReader()
    _, last = type_in(reader, "4711", 0.2)
    assert reader.enter(last + 0.2) == [Typed(KeyKind.KEY, "1"), Typed(KeyKind.ENTER)]


@pytest.mark.parametrize("text", ["1", "12", "123"])
def test_enter_right_after_few_characters_ends_them_and_stands_for_itself(text: str) -> None:
    reader = KeyReader()
    _, last = type_in(reader, text, 0.01)
    assert [typed.kind for typed in reader.enter(last + 0.01)][-1] is KeyKind.ENTER
