from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from station.captures.names import collides, folder_name, name_key, require_no_collision, suggested_name
from station.errors import DatasetError

TEXTS = st.text(max_size=200)


@pytest.mark.parametrize(
    "name", ["bosch_0_120_489_435", "Lüfterrad", "轴承", "0 986 042", "a.b", "Müßig (neu) #3", "-rf", "ÅÄÖ", "e9"]
)
def test_ordinary_names_stay_as_they_are(name: str) -> None:
    assert folder_name(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "empty"),
        ("a/b", "'/'"),
        ("a\\b", "holds"),
        ("..", "begins with a dot"),
        (".review", "begins with a dot"),
        ("pump ", "begins or ends with a blank"),
        ("pump.", "ends with a dot"),
        ("nul", "device"),
        ("COM3.txt", "device"),
        ("aux .png", "device"),
        ("lpt²", "device"),
        ("cam_01", "tree of captures"),
        ("TEST_DATA", "tree of captures"),
        ("a\x00b", "holds"),
        ("a\nb", "holds"),
        ("a\u202eb", "holds"),
        ("a\u00a0b", "holds"),
        ("a\u200bb", "holds"),
        ("x" * 121, "longer"),
        ("ü" * 61, "longer"),
    ],
)
def test_unsafe_names_are_refused_with_their_reason_and_a_better_one(name: str, why: str) -> None:
    with pytest.raises(DatasetError, match="cannot be the name of a class") as refused:
        folder_name(name)
    assert why in refused.value.what
    assert repr(suggested_name(name)) in str(refused.value)


@given(TEXTS)
@example("...")
@example("CON")
@example("ü" * 100)
@example("\u0344" * 40)
def test_a_suggested_name_is_always_safe_and_stays_when_suggested_again(text: str) -> None:
    name = suggested_name(text)
    assert folder_name(name) == name
    assert suggested_name(name) == name


@given(TEXTS)
def test_an_accepted_name_is_one_plain_step_down(text: str) -> None:
    try:
        name = folder_name(text)
    except DatasetError:
        return
    assert name == unicodedata.normalize("NFC", text)
    assert not {"/", "\\", "\0"} & set(name)
    assert not name.startswith(".")
    assert len(name.encode()) <= 120


@given(TEXTS)
def test_case_and_coding_of_accents_make_no_two_names(text: str) -> None:
    for other in (text.casefold(), text.upper().casefold(), unicodedata.normalize("NFD", text)):
        if name_key(other) == name_key(text) and other != text:
            assert collides(text, [other]) == other
    assert collides(text, [text]) is None


def test_a_collision_names_the_other_folder() -> None:
    assert collides("Pumpe", ["ventil", "pumpe"]) == "pumpe"
    assert collides("Lüfter", ["LU\u0308FTER"]) == "LU\u0308FTER"
    with pytest.raises(DatasetError, match="'pumpe'"):
        require_no_collision("Pumpe", ["pumpe"])
    require_no_collision("pumpe", ["pumpe", "ventil"])
