"""Which quantity the health page's plot shows, and its lines over the last ten minutes."""

from __future__ import annotations

from collections.abc import Callable, Set

import numpy as np
from numpy.typing import NDArray

from station.figures import Quantity, Trace
from ui.presenters.health_view import LineLook, PlotKind, RecentLine, RecentView
from ui.presenters.tiles import role_label
from ui.presenters.wording import Wording

_SHARES = (Quantity.DEPTH, Quantity.BRIGHTNESS, Quantity.CPU, Quantity.GPU, Quantity.MEMORY)
_HEADROOM = 1.15
_LEAST_TOP = {Quantity.FPS: 1.0, Quantity.AGE: 1.0, Quantity.LOST: 5.0, Quantity.SHARPNESS: 10.0}
"""The upward axis reaches at least so far, so that rest does not look like noise."""
_LEAST_SKEW_MS = 5.0
_COOL_C, _HOT_C = 20.0, 60.0
_HEAT_LIMIT_C = 55.0


class HealthPlot:
    """What is chosen; ``trace`` gives a quantity over the last ten minutes."""

    def __init__(self, trace: Callable[[Quantity], Trace]) -> None:
        self._trace = trace
        self.kind = PlotKind.RECENT
        self.quantity = Quantity.FPS
        self._made: tuple[object, RecentView] | None = None

    def toggle(self) -> None:
        """Change between the last ten minutes and the drift over days."""
        self.kind = PlotKind.DRIFT if self.kind is PlotKind.RECENT else PlotKind.RECENT

    def step(self, by: int) -> None:
        """Show the next quantity, or with a negative number the one before; from the drift back to the last one."""
        if self.kind is PlotKind.RECENT:
            every = list(Quantity)
            self.quantity = every[(every.index(self.quantity) + by) % len(every)]
        self.kind = PlotKind.RECENT

    def title(self, words: Wording) -> str:
        """Return what is drawn."""
        translate = words.translate
        if self.kind is PlotKind.DRIFT:
            return translate("Health", "Distance from the calibrated place, mm")
        return _name(self.quantity, words)

    def view(self, chosen: str, alarming: Set[str], words: Wording) -> RecentView:
        """Return the lines; the one of the role ``chosen`` is marked, those of ``alarming`` roles warn.

        The same view comes back until there is something new to draw.
        """
        trace = self._trace(self.quantity)
        newest = float(trace.at_s[-1]) if len(trace.at_s) else 0.0
        key = (self.quantity, newest, len(trace.at_s), chosen, frozenset(alarming), words)
        if self._made is None or self._made[0] != key:
            self._made = (key, _view(self.quantity, trace, chosen, alarming, words))
        return self._made[1]


def _view(quantity: Quantity, trace: Trace, chosen: str, alarming: Set[str], words: Wording) -> RecentView:
    shown = trace.values * 100.0 if quantity in _SHARES else trace.values
    if quantity is Quantity.LOST:
        shown = shown - _first_known(shown)
    known = shown[np.isfinite(shown)]
    minutes = (trace.at_s - trace.at_s[-1]) / 60.0 if len(trace.at_s) else trace.at_s
    if not len(known):
        return RecentView((), minutes, 0.0, 1.0, None, _nothing(quantity, words))
    lines: list[RecentLine] = []
    for column, name in enumerate(trace.lines):
        label, look = role_label(name), LineLook.PLAIN
        if quantity.of_machine:
            label, look = _machine_label(quantity, name, words), LineLook.SECOND if column else LineLook.FIRST
        elif name == chosen:
            look = LineLook.MARKED
        elif name in alarming:
            look = LineLook.WARNS
        lines.append(RecentLine(label, look, shown[:, column]))
    low, high = _ends(quantity, float(known.min()), float(known.max()))
    limit = None
    if quantity is Quantity.TEMPERATURE:
        limit = (_HEAT_LIMIT_C, words.translate("Health", "hot from here"))
    return RecentView(tuple(lines), minutes, low, high, limit, "")


def _first_known(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each column's first figure (L,); ``nan`` for a column without any."""
    if not len(values):
        return np.zeros(values.shape[1])
    first = np.isfinite(values).argmax(axis=0)
    return values[first, np.arange(values.shape[1])]


def _ends(quantity: Quantity, least: float, most: float) -> tuple[float, float]:
    if quantity in _SHARES:
        return 0.0, 105.0
    if quantity is Quantity.SKEW:
        reach = max(_LEAST_SKEW_MS, _HEADROOM * max(-least, most))
        return -reach, reach
    if quantity is Quantity.TEMPERATURE:
        return min(_COOL_C, least), max(_HOT_C, _HEADROOM * most)
    return 0.0, max(_LEAST_TOP[quantity], _HEADROOM * most)


def _name(quantity: Quantity, words: Wording) -> str:
    translate = words.translate
    match quantity:
        case Quantity.FPS:
            return translate("Health", "Pictures per second")
        case Quantity.AGE:
            return translate("Health", "Age of the newest picture, s")
        case Quantity.SKEW:
            return translate("Health", "Taken later than the others, ms")
        case Quantity.LOST:
            return translate("Health", "Lost pictures")
        case Quantity.TEMPERATURE:
            return translate("Health", "Temperature, °C")
        case Quantity.DEPTH:
            return translate("Health", "Picture with depth, %")
        case Quantity.SHARPNESS:
            return translate("Health", "Sharpness")
        case Quantity.BRIGHTNESS:
            return translate("Health", "Brightness, %")
        case Quantity.CPU:
            return translate("Health", "Processors, %")
        case Quantity.GPU:
            return translate("Health", "Graphics card, %")
        case Quantity.MEMORY:
            return translate("Health", "Memory, %")


def _machine_label(quantity: Quantity, line: str, words: Wording) -> str:
    translate = words.translate
    if quantity is Quantity.GPU:
        return translate("Health", "load") if line == "busy" else translate("Health", "memory")
    return translate("Health", "total") if line == "all" else translate("Health", "station")


def _nothing(quantity: Quantity, words: Wording) -> str:
    translate = words.translate
    if quantity is Quantity.TEMPERATURE:
        return translate("Health", "These cameras tell no temperature.")
    if quantity is Quantity.GPU:
        return translate("Health", "No graphics card tells its load.")
    return translate("Health", "No figures yet. One comes every second.")
