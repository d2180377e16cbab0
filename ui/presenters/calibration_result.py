"""The solved rig in figures and sentences, and what stands out in it."""

from __future__ import annotations

import statistics
from collections.abc import Collection, Sequence

from calibration.acceptance import doubts
from calibration.collecting.result import SolvedRig
from calibration.findings import Finding, FindingKind, View
from ui.presenters.calibration_view import CameraFigures, ResultView, WorstView
from ui.presenters.calibration_words import doubt_sentence, finding_sentence, picture_named
from ui.presenters.operator_view import MessageView, Tone
from ui.presenters.tiles import role_label
from ui.presenters.wording import NO_VALUE, Wording

WORST_SHOWN = 6
"""So many pictures with large errors are offered."""

STANDS_OUT = 2.5
"""A view whose error is so many times the usual is marked to be dropped."""

SURE_MM = 1.0
"""A camera that is less sure than this is marked in the table."""

PLATE = "plate"
"""The plate's picture is in every solve: it can be taken again, not dropped."""

_QUIET = frozenset({FindingKind.TURNED, FindingKind.GROSS_CORNERS, FindingKind.FOREIGN})
"""What was found and mended by itself."""


def standing_out(result: SolvedRig) -> frozenset[str]:
    """Return the placements with a view whose error stands out."""
    solution = result.solution
    return frozenset(
        view[0]
        for view in worst_views(result)
        if view[0] != PLATE and solution.view_rms_px[view] > STANDS_OUT * solution.rms_px
    )


def worst_views(result: SolvedRig) -> tuple[View, ...]:
    """Return the views with the largest errors, worst first.

    The plate's are among them only where they stand out among themselves: its low, flat views are always a little
    worse than the board's, and it cannot be dropped.
    """
    every = result.solution.view_rms_px
    plate = [error for view, error in every.items() if view[0] == PLATE]
    limit = STANDS_OUT * statistics.median(plate) if plate else 0.0
    errors = {view: error for view, error in every.items() if view[0] != PLATE or error > limit}
    return tuple(sorted(errors, key=lambda view: -errors[view])[:WORST_SHOWN])


def result_tone(result: SolvedRig, roles: Sequence[str]) -> Tone:
    """Return whether the result can be accepted without a second thought."""
    serious = any(finding.kind not in _QUIET for finding in result.solution.findings)
    whole = set(roles) <= set(result.calibration.cameras)
    sure = worst_mm(result) <= SURE_MM and not doubts(result)
    return Tone.GOOD if whole and not serious and sure else Tone.WARNING


def worst_mm(result: SolvedRig) -> float:
    """Return the largest 95 % bound of a solved camera's position, mm."""
    return max((camera.position_mm for camera in result.solution.cameras.values()), default=0.0)


def held_out_sentence(result: SolvedRig, words: Wording) -> str:
    """Return what boards measured that the solve did not use."""
    translate = words.translate
    held = result.held_out
    if held is None:
        return translate("Result", "It was not checked on pictures that were left out of it.")
    text = translate(
        "Result", "Checked on {count} pictures left out of it: {rms} mm, 95 % of the corners under {p95} mm."
    )
    return text.format(count=held.placements, rms=words.number(held.rms_mm, 2), p95=words.number(held.p95_mm, 2))


def result_view(result: SolvedRig, roles: Sequence[str], marked: Collection[str], words: Wording) -> ResultView:
    """Return the result's tables and sentences; ``marked`` placements are those to be dropped."""
    translate = words.translate
    findings = tuple(
        MessageView(
            Tone.IDLE if finding.kind in _QUIET else Tone.WARNING, finding_sentence(finding, result.solution, words)
        )
        for finding in sorted(_together(result.solution.findings), key=lambda finding: finding.kind in _QUIET)
    )
    against = tuple(
        MessageView(Tone.WARNING, doubt_sentence(doubt, result.solution, words))
        for doubt in doubts(result)
        if doubt.finding is None
    )
    findings = tuple(sorted(findings + against, key=lambda message: message.tone is Tone.IDLE))
    return ResultView(
        titles=(
            translate("Result", "Camera"),
            translate("Result", "sure to, mm"),
            translate("Result", "px p50"),
            translate("Result", "px p95"),
            translate("Result", "pictures"),
            translate("Result", "check, mm"),
            translate("Result", "moved, mm"),
            translate("Result", "turned, °"),
        ),
        cameras=tuple(_camera(role, result, words) for role in roles),
        findings_title=translate("Result", "What was found"),
        findings=findings or (MessageView(Tone.GOOD, translate("Result", "Nothing stands out.")),),
        worst_title=translate("Result", "Pictures with the largest errors"),
        worst=_worst(result, marked, words),
    )


def _together(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings with all gross corners in one: there are some in every calibration."""
    gross = [finding for finding in findings if finding.kind is FindingKind.GROSS_CORNERS]
    others = [finding for finding in findings if finding.kind is not FindingKind.GROSS_CORNERS]
    if gross:
        views = tuple(view for finding in gross for view in finding.views)
        roles = tuple(sorted({role for finding in gross for role in finding.roles}))
        others.append(Finding(FindingKind.GROSS_CORNERS, gross[0].text, roles, views))
    return others


def _camera(role: str, result: SolvedRig, words: Wording) -> CameraFigures:
    camera = result.solution.cameras.get(role)
    label = role_label(role)
    if camera is None:
        unsolved = words.translate("Result", "not solved")
        if role in result.calibration.cameras:
            unsolved = words.translate("Result", "unchanged")
            return CameraFigures(label, (unsolved, *[NO_VALUE] * 6), Tone.IDLE)
        return CameraFigures(label, (unsolved, *[NO_VALUE] * 6), Tone.ERROR)
    held = result.held_out.by_role.get(role) if result.held_out else None
    motion = result.comparison.cameras.get(role) if result.comparison else None
    cells = (
        words.number(camera.position_mm, 2),
        words.number(camera.p50_px, 2),
        words.number(camera.p95_px, 2),
        str(camera.views),
        NO_VALUE if held is None else words.number(held, 2),
        NO_VALUE if motion is None else words.number(motion.moved_mm, 2),
        NO_VALUE if motion is None else words.number(motion.turned_deg, 3),
    )
    return CameraFigures(label, cells, Tone.GOOD if camera.position_mm <= SURE_MM else Tone.WARNING)


def _worst(result: SolvedRig, marked: Collection[str], words: Wording) -> tuple[WorstView, ...]:
    shown: list[WorstView] = []
    for placement, role in worst_views(result):
        error = result.solution.view_rms_px[placement, role]
        text = words.translate("Result", "{picture}, camera {camera}")
        title = text.format(picture=picture_named(placement, words), camera=role_label(role))
        detail = f"{words.number(error, 2)} px"
        shown.append(WorstView(placement, role, title, detail, placement in marked))
    return tuple(shown)
