"""Everything that an evaluation found, and its form as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

from recognition.evaluation.answers import Summary
from recognition.evaluation.by_class import ClassFigures, Confusion, SuperClasses
from recognition.evaluation.consistency import Consistency
from recognition.evaluation.disturbing import LeftOut, Missing, WrongWeight
from recognition.evaluation.scores import Rate
from recognition.evaluation.views import Camera
from recognition.evaluation.worth import Calibration, SelectiveRisk, SetFigures, UnknownDetection

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """Which model was asked, and how it is built."""

    id: str
    name: str
    classes: int
    config: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DataFacts:
    """What it was shown.

    ``captures`` of ``classes`` classes that it knows, ``unknown_captures`` of ``unknown_classes`` that it does not;
    ``left_out`` captures show no part in any view or come twice. Of the captures ``weighed`` have a weight,
    ``measured`` a size, ``fewer_views`` less than ten views, and ``learned`` were in the model's training or
    validation, ``None`` where the model's folder does not say.
    """

    trees: tuple[str, ...]
    split: str
    captures: int
    classes: int
    unknown_captures: int
    unknown_classes: int
    left_out: int
    weighed: int
    measured: int
    fewer_views: int
    learned: int | None


@dataclass(frozen=True, slots=True)
class Network:
    """The fused network's own head, from pictures, weight and size, without the likelihoods that the station adds."""

    top1: Rate
    top3: Rate
    top5: Rate
    calibration: Calibration
    selective_risk: SelectiveRisk


@dataclass(frozen=True, slots=True)
class Views:
    """What the single views say and are worth."""

    consistency: Consistency
    cameras: tuple[Camera, ...]
    dominant: str | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Report:
    """The whole evaluation; ``answers`` are those of the station as it would give them to the operator.

    ``remarks`` say what the captures cannot tell, ``faults`` which views and captures were left out, and why.
    """

    schema: int
    created_at: str
    program: str
    model: ModelFacts
    data: DataFacts
    seed: int
    remarks: tuple[str, ...]
    faults: tuple[str, ...]
    answers: Summary
    calibration: Calibration
    selective_risk: SelectiveRisk
    network: Network
    classes: tuple[ClassFigures, ...]
    super_classes: SuperClasses
    confusion: Confusion
    unknown: tuple[UnknownDetection, ...]
    prediction_sets: SetFigures
    calibrated_sets: tuple[SetFigures, ...]
    views: Views
    missing_cameras: tuple[Missing, ...]
    left_out: tuple[LeftOut, ...]
    wrong_weight: tuple[WrongWeight, ...]

    def to_json(self) -> str:
        """Return the report as JSON; a figure that does not exist is null."""
        return json.dumps(_plain(asdict(self)), indent=1, allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in cast("dict[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in cast("Sequence[Any]", value)]
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    return value
