"""The gates that a look at a part must pass before it counts as a capture."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from station.captures.measures import ViewMeasures, measure_view
from station.captures.quality_report import Gate, GateResult, QualityReport
from station.results import PartLocation, PlateState
from station.settings import CaptureSection
from station.workflow.status import CapturedPart

_LEAST_PIXELS = 50
"""A view that sees less of the part says nothing of its sharpness and light."""
_MIRRORED = 1
"""So many views may be burnt out or black: a shiny part mirrors a lamp into one; wrong light spoils more."""
_CUT = 0.02
"""A view cuts the part when so much of the mask's outline lies on the picture's edge; less is a stray pixel."""
_WEIGHT_STEPS = 3.0
"""A weight may be off by so many steps of the scale, however light the part is."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much a look is like the capture of its class that it is most like.

    ``value`` is 1 for the same pose, ``capture_id`` that capture; ``symmetric`` says that the part looks the same when
    it is turned by one rotation.
    """

    value: float
    capture_id: str
    symmetric: bool = False


@dataclass(frozen=True, slots=True)
class ClassWeight:
    """What a class weighs: by the part master (``None`` where it does not say) and by its captures so far, kg."""

    nominal_kg: float | None = None
    captured_kg: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Expected:
    """What a look is held against besides its own pictures.

    ``roles`` are the views that should be there, ``doubts`` sentences against the calibration in use, ``likeness`` is
    ``None`` where the class has no capture to be like.
    """

    roles: Sequence[str]
    has_scale: bool = True
    weight: ClassWeight = ClassWeight()
    likeness: Likeness | None = None
    doubts: tuple[str, ...] = ()


def judge(part: CapturedPart, limits: CaptureSection, expected: Expected) -> QualityReport:
    """Hold a look against all gates; takes some ten milliseconds for ten views.

    Where no one whole part was seen there is no mask to measure by, and that gate is the only one.
    """
    location = part.location
    if location is None or location.state is not PlateState.OK:
        said = part.message or "The plate could not be looked at."
        return QualityReport(part.capture_id, (GateResult(Gate.WHOLE, passed=False, hard=True, sentence=said),))
    views = measure_views(part, location)
    hard = frozenset(limits.hard)
    results = [GateResult(Gate.WHOLE, passed=True, hard=True), *_of_frameset(part, limits, expected, hard)]
    results += _of_pictures(views, limits, hard)
    results += _of_weight(part, limits, expected, hard)
    if expected.likeness is not None:
        results.append(_duplicate(expected.likeness, limits, hard))
    results.append(_calibration(expected.doubts, hard))
    return QualityReport(part.capture_id, tuple(results))


def measure_views(part: CapturedPart, location: PartLocation) -> dict[str, ViewMeasures]:
    """Return the figures of every view in which the part is seen, by role."""
    found: dict[str, ViewMeasures] = {}
    for role, mask in location.mask.items():
        frame = part.frameset.frames[role]
        measures = measure_view(frame.color, frame.depth, mask, location.roi[role])
        if measures is not None:
            found[role] = measures
    return found


def _of_frameset(
    part: CapturedPart, limits: CaptureSection, expected: Expected, hard: frozenset[str]
) -> list[GateResult]:
    missing = tuple(role for role in expected.roles if role not in part.frameset.frames)
    skew = part.frameset.skew_ms
    late = skew > limits.max_skew_ms
    return [
        GateResult(
            Gate.VIEWS,
            passed=not missing,
            hard="views" in hard,
            value=float(len(missing)),
            limit=0.0,
            roles=missing,
            sentence=f"No picture of {_listed(missing)}. Check the camera and its cable." if missing else "",
        ),
        GateResult(
            Gate.SKEW,
            passed=not late,
            hard="skew" in hard,
            value=skew,
            limit=limits.max_skew_ms,
            sentence=f"The views lie {skew:.0f} ms apart, {limits.max_skew_ms:.0f} ms are allowed. Look again; when it "
            "stays, check the cameras on the health page."
            if late
            else "",
        ),
    ]


def _of_pictures(views: Mapping[str, ViewMeasures], limits: CaptureSection, hard: frozenset[str]) -> list[GateResult]:
    large = {role: view for role, view in views.items() if view.pixels >= _LEAST_PIXELS}
    found: list[GateResult] = []

    def worst(
        gate: Gate, of: Callable[[ViewMeasures], float], limit: float, said: str, *, least: bool, spared: int = 0
    ) -> None:
        """Hold the worst view against a limit, or the next worst where some are spared."""
        values = {role: of(view) for role, view in large.items() if not math.isnan(of(view))}
        if not values:
            return
        spared = min(spared, len(values) - 1)
        short = tuple(role for role, value in sorted(values.items()) if (value < limit if least else value > limit))
        value = sorted(values.values(), reverse=not least)[spared]
        passed = len(short) <= spared
        sentence = "" if passed else f"{_listed(short)}: {said.format(value=value, share=100.0 * value)}"
        found.append(GateResult(gate, passed, gate in hard, value, limit, short, sentence=sentence))

    def counted(gate: Gate, short: tuple[str, ...], limit: int, said: str) -> None:
        passed = len(short) <= limit
        sentence = "" if passed else f"{_listed(short)}: {said}"
        found.append(GateResult(gate, passed, gate in hard, float(len(short)), float(limit), short, sentence=sentence))

    blurred = "the part's edges are blurred ({value:.2f}). Clean the lens, or let the part lie still."
    burnt = "{share:.0f} % of the part is burnt out. Shade the light, or lay the part otherwise."
    dark = "{share:.0f} % of the part is black. Light it better."
    small = "the part fills {share:.0f} % of its square. Look whether the mask is right."
    worst(Gate.SHARPNESS, lambda view: view.sharpness, limits.min_sharpness, blurred, least=True)
    worst(Gate.BURNT, lambda view: view.burnt, limits.max_burnt, burnt, least=False, spared=_MIRRORED)
    worst(Gate.DARK, lambda view: view.dark, limits.max_dark, dark, least=False, spared=_MIRRORED)
    worst(Gate.SHARE, lambda view: view.share, limits.min_share, small, least=True)
    cut = tuple(role for role, view in sorted(views.items()) if view.cut > _CUT)
    counted(Gate.INSIDE, cut, limits.max_cut_views, "the picture's edge cuts the part. Lay it in the plate's middle.")
    blind = tuple(role for role, view in sorted(large.items()) if view.depth < limits.min_depth)
    counted(Gate.DEPTH, blind, limits.max_views_without_depth, "no depth on the part. Check projector and glass.")
    return found


def _of_weight(
    part: CapturedPart, limits: CaptureSection, expected: Expected, hard: frozenset[str]
) -> list[GateResult]:
    if not expected.has_scale:
        return []
    said = "" if part.weight_stable else "The scale is not at rest. Take the hands off the plate."
    if part.scale_kg is None:
        said = "The scale says nothing. Check its line."
    found = [GateResult(Gate.STABLE, passed=not said, hard="stable" in hard, sentence=said)]
    kg = part.weight_kg
    known = _known_weights(expected.weight)
    if kg is not None and known:
        # The reference that it fits worst says most: both must agree with the part on the plate.
        name, reference = max(known.items(), key=lambda item: abs(kg - item[1]) / item[1])
        off = abs(kg - reference) / reference
        limit = max(limits.max_weight_off, _WEIGHT_STEPS * (part.scale_step_kg or 0.0) / reference)
        sentence = (
            f"The part weighs {1000.0 * kg:.1f} g, {name} {1000.0 * reference:.1f} g: {off:.0%} off. "
            "Check that it is the part that was chosen."
        )
        passed = off <= limit
        found.append(GateResult(Gate.WEIGHT, passed, "weight" in hard, off, limit, sentence="" if passed else sentence))
    return found


def _known_weights(weight: ClassWeight) -> dict[str, float]:
    known: dict[str, float] = {}
    if weight.nominal_kg:
        known["by the part master"] = weight.nominal_kg
    usable = [kg for kg in weight.captured_kg if kg > 0.0]
    if usable:
        known["the class's captures"] = statistics.median(usable)
    return known


def _duplicate(likeness: Likeness, limits: CaptureSection, hard: frozenset[str]) -> GateResult:
    passed = likeness.value < limits.max_likeness
    said = "Turn it, or lay it otherwise."
    if likeness.symmetric:
        said = "It looks the same when it is turned, so that turning cannot help: keep it with this reason."
    return GateResult(
        Gate.DUPLICATE,
        passed=passed,
        hard="duplicate" in hard,
        value=likeness.value,
        limit=limits.max_likeness,
        subject=likeness.capture_id,
        symmetric=likeness.symmetric,
        sentence="" if passed else f"The part lies as in the capture {likeness.capture_id}. {said}",
    )


def _calibration(doubts: tuple[str, ...], hard: frozenset[str]) -> GateResult:
    return GateResult(
        Gate.CALIBRATION,
        passed=not doubts,
        hard="calibration" in hard,
        value=float(len(doubts)),
        limit=0.0,
        sentence=" ".join(doubts),
    )


def _listed(roles: Sequence[str]) -> str:
    return ", ".join(roles)
