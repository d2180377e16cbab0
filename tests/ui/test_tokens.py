"""Themes that can be read."""

from __future__ import annotations

import pytest

from ui.stylesheet import stylesheet
from ui.tokens import CONTRAST, THEMES, Tokens, contrast_ratio

TONES = ("idle", "working", "good", "unknown", "warning", "error")


@pytest.mark.parametrize("tokens", THEMES.values(), ids=str)
def test_text_stands_out_from_every_ground_it_is_written_on(tokens: Tokens) -> None:
    colors = tokens.colors
    least = 7.0 if tokens is CONTRAST else 4.5
    for ground in (colors.window, colors.surface, colors.sunken):
        assert contrast_ratio(colors.text, ground) >= 7.0
        assert contrast_ratio(colors.text_muted, ground) >= least
    for name in TONES:
        tone = colors.tone(name)
        assert contrast_ratio(colors.text, tone.soft) >= 7.0
        assert contrast_ratio(tone.on_strong, tone.strong) >= least
        assert contrast_ratio(tone.strong, tone.soft) >= least
        assert contrast_ratio(tone.strong, colors.surface) >= least


def test_contrast_of_black_and_white_is_twenty_one() -> None:
    assert contrast_ratio("#000000", "#ffffff") == pytest.approx(21.0)


@pytest.mark.parametrize("tokens", THEMES.values(), ids=str)
def test_buttons_keep_the_size_of_a_glove(tokens: Tokens) -> None:
    assert tokens.measures.target >= 44
    assert f"min-height: {tokens.measures.target}px" in stylesheet(tokens, 1.0)
    assert f"min-height: {round(tokens.measures.target * 1.5)}px" in stylesheet(tokens, 1.5)
