"""Figures as people read them."""

from __future__ import annotations

import math

from recognition.evaluation.intervals import Figure
from recognition.evaluation.scores import Rate

NONE = "–"


def percent(share: float) -> str:
    """Return a share in percent."""
    return NONE if math.isnan(share) else f"{100 * share:.1f} %"


def number(value: float) -> str:
    """Return a value with three significant digits."""
    if math.isnan(value):
        return NONE
    return f"{value:.2f}" if abs(value) >= 0.1 or value == 0.0 else f"{value:.2g}"


def points(value: float) -> str:
    """Return a difference of shares in points of percent, with its sign."""
    if math.isnan(value):
        return NONE
    shown = round(100 * value, 1)
    return f"{shown:+.1f}".replace("-", "−") if shown else "0.0"


def of_rate(rate: Rate) -> str:
    """Return a rate with its interval and count in one line."""
    return f"{percent(rate.share)} ({interval_of_rate(rate)})" if rate.count else f"{NONE} (none)"


def interval_of_rate(rate: Rate) -> str:
    """Return interval and count of a rate."""
    return f"{100 * rate.low:.1f} to {100 * rate.high:.1f}, n {rate.count}" if rate.count else "n 0"


def interval(figure: Figure) -> str:
    """Return interval and count of a figure."""
    if math.isnan(figure.low):
        return f"n {figure.count}"
    return f"{number(figure.low)} to {number(figure.high)}, n {figure.count}"


def interval_of_points(figure: Figure) -> str:
    """Return interval and count of a difference of shares."""
    return f"{points(figure.low)} to {points(figure.high)}, n {figure.count}" if figure.count else "n 0"


def interval_of_shares(figure: Figure) -> str:
    """Return interval and count of a figure that is a share."""
    if math.isnan(figure.low):
        return f"n {figure.count}"
    return f"{100 * figure.low:.1f} to {100 * figure.high:.1f}, n {figure.count}"
