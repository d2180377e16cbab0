"""What the captures of an evaluation are asked as a whole: the plain answers, unknown parts, agreement of the views."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from recognition.evaluation.answers import Answered
from recognition.evaluation.asking import Station
from recognition.evaluation.consistency import Consistency, consistency
from recognition.evaluation.disturbing import WEIGHT_ERRORS_PERCENT
from recognition.evaluation.material import Prepared
from recognition.evaluation.report import Network
from recognition.evaluation.scores import Floats, ranks_of_truth, rate
from recognition.evaluation.worth import UnknownDetection, calibration, risk_of_answers, unknown_detection
from station.frames import ROLES


class Display(Protocol):
    """Is told of every stage of an evaluation."""

    def say(self, sentence: str) -> None:
        """Print a sentence."""
        ...

    def advance(self, stage: str, done: int, total: int, note: str = "") -> None:
        """Show that ``done`` of ``total`` pieces of a stage are finished."""
        ...


def questions(asked: Station, draws: int) -> int:
    """Return how many steps the asking has: plain, unknown parts, pictures, each camera, what is left out, weights."""
    weighed = not np.isnan(asked.encoded.weights_kg).all()
    return 3 + len(ROLES) + 7 * draws + 6 + (2 * (len(WEIGHT_ERRORS_PERCENT) - 1) if weighed else 0)


class Steps:
    """Counts the questions."""

    def __init__(self, display: Display, total: int) -> None:
        """Begin at none of ``total``."""
        self._display, self._done, self._total = display, 0, total

    def __call__(self) -> None:
        """Count one."""
        self._done += 1
        self._display.advance("asking", self._done, self._total)


class Questions:
    """The prepared captures, those of ``known`` classes and ``strangers``, and the plain ``answers`` to the known."""

    def __init__(self, known: Prepared, strangers: Prepared | None, depthless: Station, steps: Steps) -> None:
        """Ask for the plain answers; ``depthless`` are the known captures without depth."""
        self.known, self.strangers, self.depthless, self.steps = known, strangers, depthless, steps
        self.answers = _all_of(known.station.answers())
        steps()

    def unknown(self) -> tuple[UnknownDetection, ...]:
        """Return how unknown parts are told, with all that was measured and from the pictures alone."""
        if self.strangers is None:
            self.steps()
            return ()
        found = [unknown_detection("all that was measured", self.answers, _all_of(self.strangers.station.answers()))]
        of_known, of_strangers = (
            _all_of(
                asked.answers(
                    weights_kg=np.full_like(asked.encoded.weights_kg, np.nan),
                    sizes_m=np.full_like(asked.encoded.sizes_m, np.nan),
                )
            )
            for asked in (self.known.station, self.strangers.station)
        )
        found.append(unknown_detection("pictures alone", of_known, of_strangers))
        self.steps()
        return tuple(found)

    def consistency(self) -> Consistency:
        """Return how far the views of a capture agree."""
        asked = self.known.station
        numbers = {class_id: number for number, class_id in enumerate(asked.class_ids)}
        said = np.array([numbers[answer.answer] for answer in self.answers], dtype=np.int64)
        return consistency(asked.encoded.views, asked.present, self.known.labels, self.answers, said)


def _all_of(answers: Sequence[Answered | None]) -> tuple[Answered, ...]:
    """Return answers of which none is missing, because captures without any view were left out before."""
    return tuple(answer for answer in answers if answer is not None)


def probabilities_of(asked: Station) -> Floats:
    """Return the station's probabilities (N, C)."""
    numbers = {class_id: number for number, class_id in enumerate(asked.class_ids)}
    found = np.zeros((len(asked), len(numbers)))
    for row, recognition in enumerate(asked.recognitions()):
        for ranked in recognition.ranked if recognition else ():
            found[row, numbers[ranked.class_id]] = ranked.probability
    return found


def network_alone(known: Prepared) -> Network:
    """Return the figures of the fused head alone."""
    logits = known.station.encoded.ask().logits.astype(np.float64)
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: Floats = weights / weights.sum(axis=1, keepdims=True)
    ranks = ranks_of_truth(probabilities, known.labels)
    sure: Floats = probabilities.max(axis=1)
    return Network(
        top1=rate(ranks < 1),
        top3=rate(ranks < 3),
        top5=rate(ranks < 5),
        calibration=calibration(sure, ranks < 1),
        selective_risk=risk_of_answers(sure, ranks < 1),
    )
