"""The acquisition benchmark fails for whatever the station promises and did not keep."""

from __future__ import annotations

import pytest

from benchmarks.acquisition import GROWTH_MB, shortcomings

WELL = {
    "fps": 15,
    "dropped": 0,
    "overflow": 0,
    "framesets_incomplete": 0,
    "skew_ms_p95": 33.3,
    "rss_mb_start": 700.0,
    "rss_mb_end": 700.0 + GROWTH_MB,
}


def test_good_figures_and_memory_that_is_not_told_are_no_shortcoming() -> None:
    assert shortcomings(WELL) == []
    assert shortcomings({**WELL, "rss_mb_start": None, "rss_mb_end": None}) == []


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"dropped": 1}, "1 frames were dropped"),
        ({"overflow": 2}, "2 frames came faster"),
        ({"framesets_incomplete": 3}, "3 framesets lacked a camera"),
        ({"skew_ms_p95": 33.4}, "more than half a period"),
        ({"rss_mb_end": 701.0 + GROWTH_MB}, "resident memory has grown by 65 MB"),
    ],
)
def test_each_shortcoming_is_said(changed: dict[str, float], word: str) -> None:
    (sentence,) = shortcomings({**WELL, **changed})
    assert word in sentence
