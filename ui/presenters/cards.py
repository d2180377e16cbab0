"""The five result cards out of a recognition and the classes' names."""

from __future__ import annotations

from station.results import RankedClass, Recognition
from station.workflow.status import PartStatus
from ui.presenters.fits import size_fit, weight_fit
from ui.presenters.operator_view import CardView
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
        _card(place, line, recognition, names, words, chosen == line.class_id)
        for place, line in enumerate(recognition.ranked[:CARDS], start=1)
    )


def cards_in_question(recognition: Recognition) -> int:
    """Return how many of the first cards come into question: those of the prediction set."""
    return CARDS if recognition.unknown else min(CARDS, len(recognition.prediction_set))


def _card(
    place: int, line: RankedClass, recognition: Recognition, names: PartNames, words: Wording, chosen: bool
) -> CardView:
    number, name = names.title(line.class_id)
    return CardView(
        key=str(place),
        class_id=line.class_id,
        number=number,
        name=name,
        probability=line.probability,
        probability_text=words.percent(line.probability),
        weight=weight_fit(line, recognition.weight_kg, words),
        size=size_fit(line, recognition.size_m, words),
        chosen=chosen,
        in_question=place <= cards_in_question(recognition),
    )
