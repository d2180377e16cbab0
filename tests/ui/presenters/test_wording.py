"""Figures as people read them."""

from __future__ import annotations

import pytest

from ui.presenters.wording import Wording


@pytest.mark.parametrize(
    ("kg", "text"),
    [
        (0.0184, "18.4 g"),
        (0.0, "0.0 g"),
        (-0.00001, "0.0 g"),
        (-0.0021, "−2.1 g"),
        (1.23456, "1.2346 kg"),
        (12.3, "12.300 kg"),
    ],
)
def test_weight_has_the_unit_that_reads_best(kg: float, text: str) -> None:
    assert Wording().weight(kg) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.9987, "99.9 %"), (0.99999, "> 99.9 %"), (0.00001, "< 0.1 %"), (1.0, "100.0 %"), (0.0, "0.0 %")],
)
def test_share_is_never_more_certain_than_it_is(share: float, text: str) -> None:
    assert Wording().percent(share) == text


def test_german_figures_have_a_comma() -> None:
    words = Wording(decimal_point=",")
    assert words.weight(0.0184) == "18,4 g"
    assert words.percent(0.5) == "50,0 %"


def test_size_is_three_edges_in_millimetres() -> None:
    assert Wording().size((0.1881, 0.1549, 0.1402)) == "188 × 155 × 140 mm"
