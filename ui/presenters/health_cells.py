"""The health page's table: its columns and every camera's cells, in two sections."""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime

from calibration.watch.verdicts import CameraVerdict, DepthState, DepthVerdict, Standing
from station.acquisition.picture_health import Symptom
from station.acquisition.rig_figures import CameraFigures
from station.cameras.supervisor import CameraState, CameraStatus
from station.cameras.telemetry import Heat
from ui.presenters.health_view import HealthCell, HealthColumn, TableSection
from ui.presenters.health_words import elapsed
from ui.presenters.operator_view import Tone
from ui.presenters.tiles import camera_state_text
from ui.presenters.wording import NO_VALUE, Wording

_HEAT = {Heat.NORMAL: Tone.IDLE, Heat.WARM: Tone.WARNING, Heat.HOT: Tone.ERROR}
_SEEN = {
    Symptom.FROZEN: "fps",
    Symptom.LATE: "age",
    Symptom.CLOCK: "skew",
    Symptom.SLOW_USB: "usb",
    Symptom.NO_DEPTH: "depth",
    Symptom.BLURRED: "sharpness",
    Symptom.LOSSY: "lost",
}
"""The cell in which a symptom is marked; colour has none."""
_MINUTE_S, _HOUR_S, _DAY_S = 60.0, 3600.0, 86400.0


def columns(section: TableSection, words: Wording) -> tuple[HealthColumn, ...]:
    """Return the table's columns."""
    translate = words.translate
    first = (
        HealthColumn(translate("Health", "Camera"), 0.7, words=True),
        HealthColumn(translate("Health", "State"), 1.7, words=True),
    )
    if section is TableSection.PLACE:
        return (
            *first,
            HealthColumn(translate("Health", "Place"), 1.45, words=True),
            HealthColumn(translate("Health", "Moved, mm"), 0.9),
            HealthColumn(translate("Health", "Turned, °"), 0.9),
            HealthColumn(translate("Health", "Error, px"), 0.9),
            HealthColumn(translate("Health", "Since"), 1.15),
            HealthColumn(translate("Health", "Depth, mm"), 0.95),
        )
    return (
        *first,
        HealthColumn(translate("Health", "Pictures/s"), 0.9),
        HealthColumn(translate("Health", "Newest"), 0.8),
        HealthColumn(translate("Health", "Lost"), 0.6),
        HealthColumn(translate("Health", "Restarts"), 0.87),
        HealthColumn(translate("Health", "Skew, ms"), 0.75),
        HealthColumn(translate("Health", "USB"), 0.7),
        HealthColumn(translate("Health", "Heat, °C"), 0.7),
        HealthColumn(translate("Health", "Depth, %"), 0.75),
        HealthColumn(translate("Health", "Sharpness"), 0.9),
        HealthColumn(translate("Health", "Brightness, %"), 1.0),
        HealthColumn(translate("Health", "Exposure, ms"), 0.95),
        HealthColumn(translate("Health", "Filters, ms"), 0.75),
        HealthColumn(translate("Health", "Open for"), 0.75),
    )


def state_cell(status: CameraStatus, words: Wording) -> HealthCell:
    """Return the camera's state, which stands in both sections."""
    streams = status.state in (CameraState.STREAMING, CameraState.ENDED)
    starts = status.state is CameraState.STARTING and not status.hangs_s
    text = words.translate("Health", "streams") if streams else camera_state_text(status.state, words)
    return HealthCell(text, Tone.GOOD if streams else Tone.WORKING if starts else Tone.ERROR)


def picture_cells(
    status: CameraStatus,
    age_s: float | None,
    figures: CameraFigures | None,
    symptoms: Set[Symptom],
    words: Wording,
) -> tuple[HealthCell, ...]:
    """Return how the camera streams and what its pictures are like; what ails it is marked in its cell."""
    look = figures.look if figures else None
    told = figures.told if figures else None
    marked = {_SEEN[symptom] for symptom in symptoms if symptom in _SEEN}

    def cell(name: str, value: float | None, digits: int) -> HealthCell:
        tone = Tone.WARNING if name in marked else Tone.IDLE
        return HealthCell(NO_VALUE if value is None else words.number(value, digits), tone)

    mute = figures is not None and figures.mute
    heat = Tone.WARNING if mute else _HEAT[told.heat] if told else Tone.IDLE
    usb = (figures.usb if figures else "") or NO_VALUE
    return (
        cell("fps", status.fps, 1),
        HealthCell(NO_VALUE if age_s is None else _age(age_s, words), Tone.WARNING if "age" in marked else Tone.IDLE),
        HealthCell(str(status.dropped), Tone.WARNING if "lost" in marked else Tone.IDLE),
        HealthCell(str(status.restarts)),
        cell("skew", figures.skew_ms if figures else None, 1),
        HealthCell(usb, Tone.WARNING if "usb" in marked else Tone.IDLE),
        HealthCell(cell("heat", figures.celsius if figures else None, 0).text, heat),
        cell("depth", 100.0 * look.depth_share if look else None, 0),
        cell("sharpness", look.sharpness if look else None, 0),
        cell("brightness", 100.0 * look.brightness if look else None, 0),
        cell("exposure", _thousandth(told.exposure_us) if told else None, 1),
        cell("filters", told.filter_ms if told else None, 1),
        HealthCell(_span(told.uptime_s, words) if told else NO_VALUE),
    )


def place_cells(
    verdict: CameraVerdict | None,
    depth: DepthVerdict | None,
    since: datetime | None,
    now: datetime,
    words: Wording,
) -> tuple[HealthCell, ...]:
    """Return place, distance, angle, pixel error, since when, and what the depth measures."""
    return (*_place_cells(verdict, since, now, words), _depth_cell(depth, words))


def _place_cells(
    verdict: CameraVerdict | None, since: datetime | None, now: datetime, words: Wording
) -> tuple[HealthCell, ...]:
    translate = words.translate
    none = HealthCell(NO_VALUE)
    if verdict is None:
        return (HealthCell(translate("Health", "not checked")), none, none, none, none)
    if verdict.standing is Standing.UNCHECKED:
        return (HealthCell(translate("Health", "not checked"), Tone.WARNING), none, none, none, none)
    if verdict.standing is Standing.EXCHANGED:
        return (HealthCell(translate("Health", "exchanged"), Tone.ERROR), none, none, none, none)
    knocked = verdict.standing is Standing.KNOCKED
    tone = Tone.ERROR if knocked else Tone.GOOD
    return (
        HealthCell(translate("Health", "moved") if knocked else translate("Health", "stands"), tone),
        HealthCell(words.number(verdict.moved_mm, 2)),
        HealthCell(words.number(verdict.turned_deg, 3)),
        HealthCell(words.number(verdict.rms_px, 2)),
        HealthCell(elapsed(since, now, words) if knocked and since else NO_VALUE),
    )


def _depth_cell(depth: DepthVerdict | None, words: Wording) -> HealthCell:
    translate = words.translate
    if depth is None or depth.state is DepthState.UNCHECKED:
        return HealthCell(NO_VALUE)
    if depth.state is DepthState.DEAD:
        return HealthCell(translate("Health", "dead"), Tone.ERROR)
    sign = "+" if depth.bias_mm >= 0.05 else ""
    return HealthCell(
        f"{sign}{words.number(depth.bias_mm, 1)}", Tone.GOOD if depth.state is DepthState.OK else Tone.WARNING
    )


def _age(age_s: float, words: Wording) -> str:
    if age_s < 99.5:
        return f"{words.number(age_s, 1)} s"
    return f"{words.number(age_s / 60.0, 0)} min"


def _span(seconds: float, words: Wording) -> str:
    """Return a time in its largest unit."""
    translate = words.translate
    if seconds < _HOUR_S:
        return translate("Health", "{count} min").format(count=int(seconds // _MINUTE_S))
    if seconds < _DAY_S:
        return translate("Health", "{count} h").format(count=int(seconds // _HOUR_S))
    return translate("Health", "{count} days").format(count=int(seconds // _DAY_S))


def _thousandth(value: float | None) -> float | None:
    return None if value is None else value / 1000.0
