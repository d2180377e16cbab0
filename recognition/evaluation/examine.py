"""One evaluation from a model and a tree to a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import numpy as np

import station
from recognition.engine import device_for
from recognition.evaluation.answers import Answered, summary
from recognition.evaluation.asking import Station
from recognition.evaluation.by_class import (
    class_figures,
    confusion,
    read_super_classes,
    super_class_figures,
)
from recognition.evaluation.consistency import Consistency, consistency
from recognition.evaluation.disturbing import WEIGHT_ERRORS_PERCENT, left_out, missing_cameras, wrong_weights
from recognition.evaluation.material import Chosen, Prepared, Workshop, choose
from recognition.evaluation.remarks import remarks
from recognition.evaluation.report import SCHEMA, DataFacts, ModelFacts, Network, Report, Views
from recognition.evaluation.scores import Floats, ranks_of_truth, rate
from recognition.evaluation.views import cameras
from recognition.evaluation.worth import (
    SetFigures,
    UnknownDetection,
    calibration,
    confidences,
    conformal_sets,
    risk_of_answers,
    stated_sets,
    unknown_detection,
)
from recognition.judgement import Judgement
from recognition.registry import ModelFolder
from station.captures.manifest import MANIFEST_FILE, read_manifest
from station.captures.mvip import CapturePath, find_captures
from station.errors import DatasetError
from station.frames import ROLES

_QUESTIONS = 3 + len(ROLES) + 6 + 2 * (len(WEIGHT_ERRORS_PERCENT) - 1)
"""Steps of the asking, beside the random draws of missing cameras: plain, unknown parts, pictures; each camera, and
what `disturbing` asks."""


class Display(Protocol):
    """Is told of every stage of an evaluation."""

    def say(self, sentence: str) -> None:
        """Print a sentence."""
        ...

    def advance(self, stage: str, done: int, total: int, note: str = "") -> None:
        """Show that ``done`` of ``total`` pieces of a stage are finished."""
        ...


@dataclass(frozen=True, slots=True)
class Findings:
    """The report, and the captures (N) that its pictures are cut from, in the order of the ``answers``."""

    report: Report
    answers: tuple[Answered, ...]
    captures: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Examination:
    """What to evaluate, and how.

    ``unknown_classes`` are the classes whose captures the model must call unknown, ``None`` for all of the tree that it
    does not know. ``draws`` is how often cameras are taken away at random from every capture, after ``seed``.
    """

    folder: ModelFolder
    model_path: Path
    data: Path
    split: str
    crops: Path
    unknown_classes: tuple[str, ...] | None = None
    seed: int = 1
    draws: int = 5
    device: str = "auto"
    workers: int = 2

    def run(self, display: Display) -> Findings:
        """Show the model the captures and return what was found.

        Raises DatasetError when there is nothing to evaluate or a capture is damaged.
        """
        ids = [known.class_id for known in self.folder.classes]
        chosen = choose(self.data, self.split, ids, self.unknown_classes)
        device = device_for(self.device)
        self.folder.model.to(device)
        workshop = Workshop(Judgement(self.folder), self.crops, self.workers, device, display.advance)
        known = workshop.prepare(chosen.known, f"{self.split} captures")
        if known is None:
            raise DatasetError(
                f"None of the {len(chosen.known)} captures of known classes shows a part: their masks are empty.",
                where=str(self.data),
            )
        strangers = workshop.prepare(chosen.strangers, "captures of unknown classes")
        sets = self._calibrated_sets(workshop, known)
        depthless = workshop.without_depth(known)
        asking = _Asking(known, strangers, depthless, _Steps(display, 7 * self.draws))
        return self._found(chosen, asking, sets)

    def _calibrated_sets(self, workshop: Workshop, known: Prepared) -> tuple[SetFigures, ...]:
        """Return what sets hold that are calibrated on the validation captures, where the model brings no floors."""
        if _promises(self.folder) or self.split == "valid":
            return ()
        valid = [
            capture
            for capture in find_captures(self.data)
            if capture.split == "valid" and capture.class_id in known.station.class_ids
        ]
        held_out = workshop.prepare(valid, "captures to calibrate on")
        if held_out is None:
            return ()
        floors = _probabilities(held_out.station), held_out.labels
        return conformal_sets(floors, _probabilities(known.station), known.labels)

    def _found(self, chosen: Chosen, asking: _Asking, sets: tuple[SetFigures, ...]) -> Findings:
        known, answers = asking.known, asking.answers
        super_classes = read_super_classes(_folders((*chosen.known, *chosen.strangers)))
        names = {known.class_id: known.name for known in self.folder.classes}
        views = cameras(known.station, answers, known.labels, asking.steps)
        sure, right = confidences(answers)
        level, behind = self.folder.confidence.level, int(self.folder.confidence.captures)
        report = Report(
            schema=SCHEMA,
            created_at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            program=station.__version__,
            model=ModelFacts(self.folder.id, self.folder.name, len(self.folder.classes), self.folder.config.to_json()),
            data=self._data(asking),
            seed=self.seed,
            remarks=(),
            answers=summary(answers),
            calibration=calibration(sure, right),
            selective_risk=risk_of_answers(sure, right),
            network=_network(known),
            classes=class_figures(answers, names, super_classes),
            super_classes=super_class_figures(answers, super_classes, None),
            confusion=confusion(answers),
            unknown=asking.unknown(),
            prediction_sets=stated_sets(answers, level, behind, _promises(self.folder)),
            calibrated_sets=sets,
            views=Views(asking.consistency(), views.rows, views.dominant, views.sentence),
            missing_cameras=missing_cameras(
                known.station, answers, views.without, views.alone, self.seed, self.draws, asking.steps
            ),
            left_out=left_out(known.station, asking.depthless, answers, asking.steps),
            wrong_weight=wrong_weights(known.station, answers, asking.steps),
        )
        report = replace(report, remarks=remarks(report))
        shown = tuple(Path(known.cache.samples[row].path) for row in known.rows)
        return Findings(report, answers, shown)

    def _data(self, asking: _Asking) -> DataFacts:
        known, strangers = asking.known, asking.strangers
        encoded = known.station.encoded
        manifest = self.model_path / MANIFEST_FILE
        learned = {line.content_hash for line in read_manifest(manifest).lines} if manifest.exists() else None
        return DataFacts(
            tree=str(self.data),
            split=self.split,
            captures=len(known.rows),
            classes=len(set(known.station.truths)),
            unknown_captures=0 if strangers is None else len(strangers.rows),
            unknown_classes=0 if strangers is None else len(set(strangers.station.truths)),
            no_part=known.no_part + (0 if strangers is None else strangers.no_part),
            weighed=int((~np.isnan(encoded.weights_kg)).sum()),
            measured=int((~np.isnan(encoded.sizes_m).any(axis=1)).sum()),
            fewer_views=int((~known.station.present.all(axis=1)).sum()),
            learned=None if learned is None else sum(known.cache.samples[row].content in learned for row in known.rows),
        )


class _Steps:
    """Counts the questions."""

    def __init__(self, display: Display, draws: int) -> None:
        self._display, self._done, self._total = display, 0, _QUESTIONS + draws

    def __call__(self) -> None:
        self._done += 1
        self._display.advance("asking", self._done, self._total)


class _Asking:
    """The prepared captures and the plain answers to them."""

    def __init__(self, known: Prepared, strangers: Prepared | None, depthless: Station, steps: _Steps) -> None:
        self.known, self.strangers, self.depthless, self.steps = known, strangers, depthless, steps
        self.answers = _all_of(known.station.answers())
        steps()

    def unknown(self) -> tuple[UnknownDetection, ...]:
        """Return how unknown parts are told, with all that was measured and from the pictures alone."""
        if self.strangers is None:
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


def _probabilities(asked: Station) -> Floats:
    """Return the station's probabilities (N, C)."""
    numbers = {class_id: number for number, class_id in enumerate(asked.class_ids)}
    found = np.zeros((len(asked), len(numbers)))
    for row, recognition in enumerate(asked.recognitions()):
        for ranked in recognition.ranked if recognition else ():
            found[row, numbers[ranked.class_id]] = ranked.probability
    return found


def _network(known: Prepared) -> Network:
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


def _promises(folder: ModelFolder) -> bool:
    return any(expert.floor > 0.0 for expert in folder.confidence.experts.values())


def _folders(captures: Sequence[CapturePath]) -> dict[str, Path]:
    return {str(c.class_id): c.class_folder for c in captures if c.class_folder is not None}
