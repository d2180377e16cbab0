"""What to do next, as a code with values for translation and as an English sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from calibration.collecting.coverage import empty_part
from calibration.collecting.snapshot import Coverage, Want
from calibration.collecting.ties import Pair

SENTENCES: Mapping[str, str] = {
    "reading": "Reading the pictures that were taken before.",
    "no_pictures": "No pictures come from the cameras.",
    "plate_hidden": "Camera {a} does not see the plate's frame ({reason}). Clear it, or take the picture without.",
    "plate_still": "Leave the plate empty: its frame is being photographed.",
    "hold_still": "Hold it still.",
    "one_camera": "Only camera {a} sees the board: hold it so that another one sees it too.",
    "too_close": "Too close to camera {a}.",
    "too_far": "Too far from camera {a}.",
    "too_steep": "Tilt the board towards camera {a}.",
    "not_sharp": "Camera {a} cannot see the board sharply.",
    "refused": "Camera {a} cannot use the board: {reason}.",
    "between": "Hold the board between camera {a} and camera {b}.",
    "between_tilted": "Hold the board between camera {a} and camera {b}, tilted towards camera {a}.",
    "show": "Show the board to camera {a}.",
    "tilt": "Tilt the board more before camera {a}.",
    "nearer": "Hold the board nearer to camera {a}.",
    "farther": "Hold the board farther from camera {a}.",
    "part": "Hold the board where camera {a} sees it at the {part} of its picture.",
    "enough": "Enough pictures: press Solve.",
    "solving": "Solving.",
    "solved": "Look at the result, then accept it or take more pictures.",
    "accepted": "The calibration is in use.",
}
"""The English sentence of every advice code."""

_REFUSED = {"tiny": "too_far", "cut off": "too_close", "grazing": "too_steep", "blurred": "not_sharp"}
_CAMERA_WANTS = {Want.TILT: "tilt", Want.NEAR: "nearer", Want.FAR: "farther"}


@dataclass(frozen=True, slots=True)
class Advice:
    """One advice: its code, what is filled in, and the roles it is about."""

    code: str
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    roles: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The English sentence."""
        return SENTENCES[self.code].format(**self.values)


def label(role: str) -> str:
    """Return what a person calls a camera: ``cam_03`` is 3."""
    number = role.rpartition("_")[2]
    return str(int(number)) if number.isdecimal() else role


def about(code: str, *roles: str, **values: str) -> Advice:
    """Return the advice about cameras: the first is ``a`` in its sentence, the second ``b``."""
    named = dict(zip("ab", map(label, roles), strict=False))
    return Advice(code, {**named, **values}, roles)


def refused(role: str, reason: str) -> Advice:
    """Return what to do about a board that a camera finds and cannot use."""
    code = _REFUSED.get(reason.split(":", 1)[0])
    return about(code, role) if code else about("refused", role, reason=reason)


def places(
    coverage: Mapping[str, Coverage], weak: Sequence[Pair], shared: Mapping[Pair, int], ease: Mapping[Pair, float]
) -> list[Advice]:
    """Return where to hold the board, the most useful place first.

    Ties between cameras come before all else; then cameras with few views, each with the partner that most easily sees
    the same board; then tilt, distance and the empty parts of the pictures.
    """
    found = [_tie(pair, shared[pair]) for pair in weak]
    wanting = sorted((role for role in coverage if coverage[role].wants), key=lambda role: (coverage[role].views, role))
    for role in wanting:
        if Want.VIEWS in coverage[role].wants:
            partner = _partner(role, coverage, ease)
            views = coverage[role].views
            found.append(about("show", role) if partner is None else _tie((role, partner), views))
    for want, code in _CAMERA_WANTS.items():
        found += [about(code, role) for role in wanting if want in coverage[role].wants]
    for role in wanting:
        if Want.CORNERS in coverage[role].wants:
            found.append(about("part", role, part=empty_part(coverage[role].cells)))
    return found


def _tie(pair: Pair, count: int) -> Advice:
    """Ask for the board flat at first, then tilted to either side in turn."""
    first, second = pair
    if count % 3 == 0:
        return about("between", first, second)
    return about("between_tilted", *((first, second) if count % 3 == 1 else (second, first)))


def _partner(role: str, coverage: Mapping[str, Coverage], ease: Mapping[Pair, float]) -> str | None:
    """Return the camera that sees a board together with ``role`` most easily, among equals the one with least views."""
    others = {other: ease.get((min(role, other), max(role, other)), 0.0) for other in coverage if other != role}
    near = [other for other in others if others[other] >= 0.9 * max(others.values())]
    return min(near, key=lambda other: (coverage[other].views, other)) if near else None
