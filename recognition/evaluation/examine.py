"""One evaluation from a model and a tree to a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

import station
from recognition.confidence.judgement import Judgement
from recognition.engine import device_for
from recognition.evaluation.answers import Answered, summary
from recognition.evaluation.by_class import (
    class_figures,
    confusion,
    head_rate,
    super_class_figures,
    super_classes_of,
)
from recognition.evaluation.disturbing import left_out, missing_cameras, wrong_weights
from recognition.evaluation.material import Chosen, Prepared, Workshop, choose
from recognition.evaluation.questions import Display, Questions, Steps, network_alone, probabilities_of, questions
from recognition.evaluation.remarks import remarks
from recognition.evaluation.report import SCHEMA, DataFacts, ModelFacts, Report, Views
from recognition.evaluation.views import cameras
from recognition.evaluation.worth import (
    SetFigures,
    calibration,
    confidences,
    conformal_sets,
    risk_of_answers,
    stated_sets,
)
from recognition.registry import ModelFolder
from recognition.training.joined_trees import captures_of, class_folders
from station.captures.manifest import MANIFEST_FILE, read_manifest
from station.captures.mvip import CapturePath
from station.errors import DatasetError


@dataclass(frozen=True, slots=True)
class Findings:
    """The report, and the captures (N) that its pictures are cut from, in the order of the ``answers``.

    ``of_class`` has a capture of every class of the trees, of whatever split.
    """

    report: Report
    answers: tuple[Answered, ...]
    captures: tuple[Path, ...]
    of_class: Mapping[str, Path]


@dataclass(frozen=True, slots=True)
class Examination:
    """What to evaluate, and how.

    ``unknown_classes`` are the classes whose captures the model must call unknown, ``None`` for all of the tree that it
    does not know. ``draws`` is how often cameras are taken away at random from every capture, after ``seed``.
    """

    folder: ModelFolder
    model_path: Path
    data: tuple[Path, ...]
    split: str
    crops: Path
    unknown_classes: tuple[str, ...] | None = None
    seed: int = 1
    draws: int = 5
    device: str = "auto"
    workers: int = 2

    @property
    def _where(self) -> str:
        return ", ".join(map(str, self.data))

    def run(self, display: Display) -> Findings:
        """Show the model the captures and return what was found.

        Raises DatasetError when there is nothing to evaluate or a capture is damaged.
        """
        ids = [known.class_id for known in self.folder.classes]
        captures = captures_of(self.data)
        chosen = choose(captures, self.split, ids, self.unknown_classes, self._where)
        device = device_for(self.device)
        self.folder.model.to(device)
        workshop = Workshop(Judgement(self.folder), self.crops, self.workers, device, display.advance)
        known = workshop.prepare(chosen.known, f"{self.split} captures")
        if known is None:
            raise DatasetError(
                f"None of the {len(chosen.known)} captures of known classes shows a part: their masks are empty.",
                where=self._where,
            )
        strangers = workshop.prepare(chosen.strangers, "captures of unknown classes")
        sets = self._calibrated_sets(workshop, known, captures)
        depthless = workshop.without_depth(known)
        asking = Questions(known, strangers, depthless, Steps(display, questions(known.station, self.draws)))
        report = self._report(chosen, asking, sets)
        return Findings(
            replace(report, remarks=remarks(report)),
            asking.answers,
            tuple(Path(known.cache.samples[row].path) for row in known.rows),
            {str(capture.class_id): capture.path for capture in captures},
        )

    def _calibrated_sets(
        self, workshop: Workshop, known: Prepared, captures: Sequence[CapturePath]
    ) -> tuple[SetFigures, ...]:
        """Return what sets hold that are calibrated on the validation captures, where the model brings no floors."""
        if _promises(self.folder) or self.split == "valid":
            return ()
        valid = [
            capture for capture in captures if capture.split == "valid" and capture.class_id in known.station.class_ids
        ]
        held_out = workshop.prepare(valid, "captures to calibrate on")
        if held_out is None:
            return ()
        floors = probabilities_of(held_out.station), held_out.labels
        return conformal_sets(floors, probabilities_of(known.station), known.labels)

    def _report(self, chosen: Chosen, asking: Questions, sets: tuple[SetFigures, ...]) -> Report:
        known, answers = asking.known, asking.answers
        super_classes = super_classes_of(class_folders((*chosen.known, *chosen.strangers)).of)
        families = [str(name) for name in self.folder.facts.get("super_classes", ())]
        head = head_rate(
            known.station.encoded.ask().super_classes,
            families,
            [super_classes.get(truth, ()) for truth in known.station.truths],
        )
        names = {known.class_id: known.name for known in self.folder.classes}
        views = cameras(known.station, answers, known.labels, asking.steps)
        sure, right = confidences(answers)
        level, behind = self.folder.confidence.level, int(self.folder.confidence.captures)
        return Report(
            schema=SCHEMA,
            created_at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            program=station.__version__,
            model=ModelFacts(self.folder.id, self.folder.name, len(self.folder.classes), self.folder.config.to_json()),
            data=self._data(asking),
            seed=self.seed,
            remarks=(),
            faults=(*known.cache.remarks, *(asking.strangers.cache.remarks if asking.strangers else ())),
            answers=summary(answers),
            calibration=calibration(sure, right),
            selective_risk=risk_of_answers(sure, right),
            network=network_alone(known),
            classes=class_figures(answers, names, super_classes),
            super_classes=super_class_figures(answers, super_classes, head),
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

    def _data(self, asking: Questions) -> DataFacts:
        known, strangers = asking.known, asking.strangers
        encoded = known.station.encoded
        manifest = self.model_path / MANIFEST_FILE
        learned = {line.content_hash for line in read_manifest(manifest).lines} if manifest.exists() else None
        return DataFacts(
            trees=tuple(map(str, self.data)),
            split=self.split,
            captures=len(known.rows),
            classes=len(set(known.station.truths)),
            unknown_captures=0 if strangers is None else len(strangers.rows),
            unknown_classes=0 if strangers is None else len(set(strangers.station.truths)),
            left_out=known.left_out + (0 if strangers is None else strangers.left_out),
            weighed=int((~np.isnan(encoded.weights_kg)).sum()),
            measured=int((~np.isnan(encoded.sizes_m).any(axis=1)).sum()),
            fewer_views=int((~known.station.present.all(axis=1)).sum()),
            learned=None if learned is None else sum(known.cache.samples[row].content in learned for row in known.rows),
        )


def _promises(folder: ModelFolder) -> bool:
    return any(expert.floor > 0.0 for expert in folder.confidence.experts.values())
