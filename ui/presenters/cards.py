"""The five result cards out of a recognition and the classes' names."""

from __future__ import annotations

from station.results import RankedClass
from station.workflow.status import PartStatus
from ui.presenters.operator_view import CardView, Fit, FitView
from ui.presenters.part_names import PartNames
from ui.presenters.wording import Wording

CARDS = 5
"""So many results are offered."""


def result_cards(status: PartStatus, names: PartNames, words: Wording) -> tuple[CardView, ...]:
    """Return the cards of the part that is shown, likeliest first; none before it is recognised."""
    recognition = status.part.recognition if status.part else None
    if recognition is None:
        return ()
    chosen = status.answer.class_id if status.answer else None
    return tuple(
        _card(place, line, names, words, chosen == line.class_id)
        for place, line in enumerate(recognition.ranked[:CARDS], start=1)
    )


def _card(place: int, line: RankedClass, names: PartNames, words: Wording, chosen: bool) -> CardView:
    number, name = names.title(line.class_id)
    translate = words.translate
    weight = {
        Fit.FITS: translate("Cards", "Weight fits"),
        Fit.DIFFERS: translate("Cards", "Weight differs"),
        Fit.UNCHECKED: translate("Cards", "Weight not checked"),
    }
    size = {
        Fit.FITS: translate("Cards", "Size fits"),
        Fit.DIFFERS: translate("Cards", "Size differs"),
        Fit.UNCHECKED: translate("Cards", "Size not checked"),
    }
    weight_fit, size_fit = _fit(line.weight_fits), _fit(line.size_fits)
    return CardView(
        key=str(place),
        class_id=line.class_id,
        number=number,
        name=name,
        probability=line.probability,
        probability_text=words.percent(line.probability),
        weight=FitView(weight_fit, weight[weight_fit]),
        size=FitView(size_fit, size[size_fit]),
        chosen=chosen,
    )


def _fit(fits: bool | None) -> Fit:
    if fits is None:
        return Fit.UNCHECKED
    return Fit.FITS if fits else Fit.DIFFERS
