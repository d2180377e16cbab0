"""Whether weight and size fit a class, as one short sentence with its figure, and a long one with all of them."""

from __future__ import annotations

from station.results import RankedClass
from ui.presenters.operator_view import Fit, FitView
from ui.presenters.wording import Wording

_TIMES = 2.0
"""From this factor on a weight is so many times another one; below, it is so many per cent off."""


def weight_fit(line: RankedClass, measured_kg: float | None, words: Wording) -> FitView:
    """Return how the measured weight fits the class."""
    translate = words.translate
    fit = _fit(line.weight_fits)
    plain = {
        Fit.FITS: translate("Cards", "Weight fits"),
        Fit.DIFFERS: translate("Cards", "Weight differs"),
        Fit.UNCHECKED: translate("Cards", "Weight not checked"),
    }[fit]
    if line.weight is None or measured_kg is None or fit is Fit.UNCHECKED:
        return FitView(fit, plain)
    expected = line.weight.expected_kg
    numbers = translate("Cards", "Weight {measured}, expected {expected}").format(
        measured=words.weight(measured_kg), expected=words.weight(expected)
    )
    off = measured_kg / expected - 1.0
    if fit is Fit.FITS:
        share = words.percent(abs(off))
        return FitView(fit, translate("Cards", "Weight fits to {share}").format(share=share), numbers)
    heavier = off > 0.0
    factor = max(measured_kg / expected, expected / measured_kg)
    if factor >= _TIMES:
        text = translate("Cards", "{factor} × too heavy") if heavier else translate("Cards", "{factor} × too light")
        return FitView(fit, text.format(factor=words.number(factor, 1 if factor < 10.0 else 0)), numbers)
    text = translate("Cards", "{share} too heavy") if heavier else translate("Cards", "{share} too light")
    return FitView(fit, text.format(share=words.percent(abs(off))), numbers)


def size_fit(line: RankedClass, measured_m: tuple[float, float, float] | None, words: Wording) -> FitView:
    """Return how the measured edges fit the class as it lies likest; the edge that is most off is named."""
    translate = words.translate
    fit = _fit(line.size_fits)
    plain = {
        Fit.FITS: translate("Cards", "Size fits"),
        Fit.DIFFERS: translate("Cards", "Size differs"),
        Fit.UNCHECKED: translate("Cards", "Size not checked"),
    }[fit]
    if line.size is None or measured_m is None or fit is Fit.UNCHECKED:
        return FitView(fit, plain)
    numbers = translate("Cards", "Size {measured}, expected {expected}").format(
        measured=words.size(measured_m), expected=words.size(line.size.expected_m)
    )
    edges = sorted(measured_m, reverse=True)
    off, expected = max(
        ((edge - wanted, wanted) for edge, wanted in zip(edges, line.size.expected_m, strict=True)),
        key=lambda one: abs(one[0]),
    )
    off_mm = words.number(max(1.0, abs(off) * 1000.0), 0)
    if fit is Fit.FITS:
        return FitView(fit, translate("Cards", "Size fits to {off} mm").format(off=off_mm), numbers)
    text = (
        translate("Cards", "{off} mm longer than {edge} mm")
        if off > 0.0
        else translate("Cards", "{off} mm shorter than {edge} mm")
    )
    return FitView(fit, text.format(off=off_mm, edge=words.number(expected * 1000.0, 0)), numbers)


def _fit(fits: bool | None) -> Fit:
    if fits is None:
        return Fit.UNCHECKED
    return Fit.FITS if fits else Fit.DIFFERS
