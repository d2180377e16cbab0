"""One recognised part as the JSON line that ``station recognize`` prints."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, cast

from station.frames import ROLES
from station.journal import utc_text
from station.results import RankedClass, ViewEvidence
from station.workflow.status import CapturedPart, Outcome

_STAGES = ("match", "roi", "preprocess", "forward", "judgement", "total")


def answer_line(
    part: CapturedPart,
    *,
    weight_source: str | None,
    model_id: str,
    names: Mapping[str, str],
    truth: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return every key of the line, ``None`` where there is nothing; ``truth`` is added when given.

    ``names`` gives the name of each class id.
    """
    location, recognition = part.location, part.recognition
    line: dict[str, Any] = {
        "capture_id": part.capture_id,
        "taken_at": utc_text(part.taken_at),
        "status": part.outcome.value,
        "message": part.message,
        "weight_kg": part.weight_kg,
        "weight_source": weight_source if part.weight_kg is not None else None,
        "size_m": [round(edge, 5) for edge in location.size_m] if location and location.size_m else None,
        "views_used": list(recognition.views_used) if recognition else [],
        "views_missing": [role for role in ROLES if role in part.views_missing],
        "views_without_depth": list(location.views_without_depth) if location else [],
        "roi": {role: list(square) for role, square in sorted(location.roi.items())} if location else {},
        "skew_ms": round(part.frameset.skew_ms, 3),
        "unknown": recognition.unknown if recognition else None,
        "unknown_score": round(recognition.unknown_score, 5) if recognition else None,
        "unknown_threshold": _rounded(recognition.unknown_threshold, 5) if recognition else None,
        "nearest": recognition.nearest if recognition else None,
        "strange": [clue.value for clue in recognition.strange] if recognition else None,
        "ranked": [_ranked(line, names) for line in recognition.ranked[:5]] if recognition else None,
        "prediction_set": list(recognition.prediction_set) if recognition else None,
        "set_coverage": recognition.set_coverage if recognition else None,
        "weight_trust": _rounded(recognition.weight_trust, 5) if recognition else None,
        "views": {role: _view(recognition.per_view[role]) for role in ROLES if role in recognition.per_view}
        if recognition
        else {},
        "timings_ms": {stage: _rounded(part.timings_ms.get(stage)) for stage in _STAGES},
        "model": model_id,
        "calibration": part.calibration_id,
    }
    if truth is not None:
        line["truth"] = dict(truth)
    return line


def unread_line(capture_id: str, message: str, model_id: str) -> dict[str, Any]:
    """Return the line of a capture that could not be read: the same keys, with nothing in them."""
    return {
        "capture_id": capture_id,
        "taken_at": None,
        "status": Outcome.ERROR.value,
        "message": message,
        "weight_kg": None,
        "weight_source": None,
        "size_m": None,
        "views_used": [],
        "views_missing": [],
        "views_without_depth": [],
        "roi": {},
        "skew_ms": None,
        "unknown": None,
        "unknown_score": None,
        "unknown_threshold": None,
        "nearest": None,
        "strange": None,
        "ranked": None,
        "prediction_set": None,
        "set_coverage": None,
        "weight_trust": None,
        "views": {},
        "timings_ms": dict.fromkeys(_STAGES),
        "model": model_id,
        "calibration": None,
    }


def as_json(line: Mapping[str, Any]) -> str:
    """Return the line as JSON; a number that JSON does not have (NaN, infinity) is ``null``."""
    return json.dumps(_sayable(line), ensure_ascii=False, allow_nan=False)


def _sayable(value: Any) -> Any:
    match value:
        case float():
            return value if math.isfinite(value) else None
        case dict():
            return {key: _sayable(inner) for key, inner in cast("dict[str, Any]", value).items()}
        case list() | tuple():
            return [_sayable(inner) for inner in cast("list[Any]", value)]
        case _:
            return value


def _ranked(line: RankedClass, names: Mapping[str, str]) -> dict[str, Any]:
    """Return one class with its evidence: expected weight and edges, and how many usual spreads off they are."""
    return {
        "class": line.class_id,
        "name": names.get(line.class_id, line.class_id),
        "probability": round(line.probability, 6),
        "weight_fits": line.weight_fits,
        "weight": {"expected_kg": round(line.weight.expected_kg, 6), "deviation": round(line.weight.deviation, 2)}
        if line.weight
        else None,
        "size_fits": line.size_fits,
        "size": {
            "expected_m": [round(edge, 5) for edge in line.size.expected_m],
            "deviation": round(line.size.deviation, 2),
        }
        if line.size
        else None,
    }


def _view(said: ViewEvidence) -> dict[str, Any]:
    """Return what one view says alone, and how likely it finds the class that is ranked first."""
    return {
        "class": said.class_id,
        "probability": round(said.probability, 4),
        "of_first": round(said.of_first, 4),
    }


def _rounded(value: float | None, digits: int = 2) -> float | None:
    return None if value is None else round(value, digits)
