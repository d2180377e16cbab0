"""What ails the station, in the user's words: a sentence for each thing, with what to do."""

from __future__ import annotations

from datetime import datetime, timedelta

from calibration.watch.daily import DailyCheck
from calibration.watch.trend import CameraTrend
from calibration.watch.verdicts import CameraVerdict, DepthState, DepthVerdict, Standing, WatchReport
from station.acquisition.picture_health import Finding, Symptom
from station.acquisition.rig_figures import RigFigures
from station.cameras.supervisor import CameraState, CameraStatus
from station.cameras.telemetry import Heat
from station.frames import ROLES
from ui.presenters.operator_view import Tone
from ui.presenters.tiles import role_label
from ui.presenters.wording import Wording

_FINE_DEPTH = (DepthState.OK, DepthState.UNCHECKED)


def warnings(report: WatchReport | None, trends: tuple[CameraTrend, ...], limit_mm: float, words: Wording) -> list[str]:
    """Return one sentence for each thing that makes recognition doubtful or soon will."""
    translate = words.translate
    found: list[str] = []
    known = report.cameras if report else {}
    if report is not None and report.plate.moved:
        found.append(
            translate("Health", "The plate lies {mm} mm from its place. Put it back, or calibrate the rig.").format(
                mm=words.number(report.plate.moved_mm, 1)
            )
        )
    for role, verdict in sorted(known.items()):
        if verdict.standing is Standing.KNOCKED:
            text = translate("Health", "Camera {camera} was moved by {mm} mm and {turned}°. Calibrate it again.")
            found.append(
                text.format(
                    camera=role_label(role),
                    mm=words.number(verdict.moved_mm, 1),
                    turned=words.number(verdict.turned_deg, 2),
                )
            )
        elif verdict.standing is Standing.EXCHANGED:
            text = translate("Health", "Camera {camera} is another device than the calibrated one. Calibrate it.")
            found.append(text.format(camera=role_label(role)))
    for role, depth in sorted(report.depth.items() if report else ()):
        if depth.state not in _FINE_DEPTH:
            found.append(_depth_sentence(role, depth, words))
    for trend in trends:
        knocked = role_knocked(known.get(trend.role))
        if trend.warning and not knocked:
            found.append(_trend_sentence(trend, limit_mm, words))
    return found


def camera_sentence(status: CameraStatus, words: Wording) -> str:
    """Return what is to be said of a camera that gives no pictures; else nothing; one may start for a while."""
    translate = words.translate
    if status.hangs_s:
        return _hanging_sentence(status, words)
    match status.state:
        case CameraState.STALLED:
            text = translate("Health", "Camera {camera} sends no pictures. It is opened again if that lasts.")
        case CameraState.RECONNECTING:
            text = translate("Health", "Camera {camera} is away and is looked for. Check its cable and its plug.")
        case CameraState.FAILED:
            text = translate("Health", "Camera {camera} does not come back. Unplug it and plug it in again.")
        case CameraState.STOPPED:
            text = translate("Health", "Camera {camera} is switched off. Start the station again.")
        case _:
            return ""
    return text.format(camera=role_label(status.role))


def _hanging_sentence(status: CameraStatus, words: Wording) -> str:
    translate = words.translate
    if not status.waits_for:
        text = translate("Health", "Camera {camera} has been opening for {seconds} s. Unplug it for a while.")
    elif status.waits_for in ROLES:
        text = translate("Health", "Camera {camera} waits for camera {other}, which has been opening for {seconds} s.")
    else:
        text = translate("Health", "Camera {camera} waits: listing the cameras hangs for {seconds} s. Unplug them.")
    other = role_label(status.waits_for) if status.waits_for in ROLES else ""
    return text.format(camera=role_label(status.role), other=other, seconds=words.number(status.hangs_s, 0))


def heat_sentences(figures: RigFigures | None, words: Wording) -> list[str]:
    """Return one sentence for each camera that is hot; one that is warm is marked in the table alone."""
    text = words.translate("Health", "Camera {camera} is hot: {celsius} °C. Give it cooler air.")
    cameras = figures.cameras if figures else {}
    return [
        text.format(camera=role_label(role), celsius=words.number(one.celsius or 0.0, 0))
        for role, one in cameras.items()
        if one.told is not None and one.told.heat is Heat.HOT
    ]


def mute_sentence(figures: RigFigures | None, words: Wording) -> str:
    """Return which devices tell nothing of themselves any more: one that hangs keeps the others from being asked."""
    mute = [role_label(role) for role, one in figures.cameras.items() if one.mute] if figures else []
    text = words.translate("Health", "Heat and exposure of camera {cameras} are not told any more: a camera hangs.")
    return text.format(cameras=", ".join(mute)) if mute else ""


def matching_sentences(figures: RigFigures | None, words: Wording) -> list[str]:
    """Return what went wrong lately on the way from the cameras to the framesets."""
    translate, found = words.translate, list[str]()
    if figures is not None and figures.matching.overflow:
        text = translate("Health", "{count} pictures came faster than they could be used. Close other programs.")
        found.append(text.format(count=figures.matching.overflow))
    if figures is not None and figures.matching.faults:
        text = translate("Health", "The program met a fault with pictures, {count} times, and goes on. Keep the log.")
        found.append(text.format(count=figures.matching.faults))
    return found


def finding_sentence(finding: Finding, words: Wording) -> str:
    """Return what ails a camera that streams."""
    translate = words.translate
    match finding.symptom:
        case Symptom.NO_DEPTH:
            text = translate("Health", "Camera {camera} measures no depth. Check its projector and its glass.")
        case Symptom.FROZEN:
            text = translate("Health", "Camera {camera} shows the same picture for {value} s. Plug it in again.")
        case Symptom.LATE:
            text = translate("Health", "Camera {camera} is {value} ms later than the others. Check its cable.")
        case Symptom.CLOCK:
            text = translate("Health", "The clock of camera {camera} has jumped. Plug it in again if that stays.")
        case Symptom.TINTED:
            text = translate("Health", "Camera {camera} is off in colour by {share} %. Set its white balance anew.")
        case Symptom.BLURRED:
            text = translate("Health", "Camera {camera} has {share} % of the others' sharpness. Clean its glass.")
        case Symptom.SLOW_USB:
            text = translate("Health", "Camera {camera} is connected by USB {usb}. Use a USB 3 port and cable.")
        case Symptom.LOSSY:
            text = translate("Health", "Camera {camera} loses {share} % of its pictures. Check its cable and USB port.")
    return text.format(
        camera=role_label(finding.role),
        value=words.number(finding.value, 0),
        share=words.number(100.0 * finding.value, 0),
        usb=f"{finding.value:.1f}",
    )


def scale_sentence(kind: str, trouble: str, words: Wording) -> str:
    """Return what is wrong with the scale; a trouble without a word of its own as the station says it, in English."""
    if not trouble:
        return ""
    translate = words.translate
    match kind:
        case "silent":
            return translate("Health", "The scale is silent. Check its power, its cable and its port.")
        case "line":
            return translate("Health", "The line to the scale is broken. Check its cable.")
        case "garbage":
            return translate("Health", "The scale sends nothing intelligible. Check its baud rate, protocol and cable.")
        case "taken":
            return translate("Health", "Another program holds the scale's line. Close it.")
        case "restless":
            return translate("Health", "The scale has not come to rest since it was opened. Take hands off the plate.")
        case "doubtful":
            return translate(
                "Health", "The scale talks, but says no weight to believe. Check its cable and its protocol."
            )
        case "restarted":
            return translate(
                "Health", "The scale was switched on anew, its tare is gone. Empty it, or tare the tray again."
            )
        case "busy":
            return translate("Health", "The scale cannot weigh. Look at its display; it may show a menu or warm up.")
        case "unit":
            return translate("Health", "The scale weighs in a unit that is not understood. Set it to g, kg, lb or oz.")
        case "overload":
            return translate("Health", "More lies on the plate than the scale can weigh. Take the load off.")
        case "underload":
            return translate("Health", "The scale is below its zero. Check that the plate lies freely, then zero it.")
        case "impossible":
            return translate("Health", "The scale says more than it can weigh. Check max_kg and the unit of the scale.")
        case "noisy":
            return translate("Health", "The weight jumps about. Keep draughts and vibration away and check the cable.")
        case "drift":
            return translate("Health", "The scale drifts. Let it warm up and look whether something touches the plate.")
        case _:
            return trouble


def role_knocked(verdict: CameraVerdict | None) -> bool:
    """Return whether a camera is known to stand elsewhere."""
    return verdict is not None and verdict.standing is Standing.KNOCKED


def _depth_sentence(role: str, depth: DepthVerdict, words: Wording) -> str:
    translate = words.translate
    if depth.state is DepthState.DEAD:
        text = translate("Health", "Camera {camera} measures no depth. Check its projector and its glass.")
    elif depth.state is DepthState.BIASED:
        text = (
            translate("Health", "Camera {camera} measures the plate {mm} mm too far away.")
            if depth.bias_mm > 0
            else translate("Health", "Camera {camera} measures the plate {mm} mm too near.")
        )
    elif depth.state is DepthState.TILTED:
        text = translate("Health", "Camera {camera} measures the plate tilted by {tilt}°.")
    else:
        text = translate("Health", "Camera {camera} measures depth with {noise} mm of noise.")
    return text.format(
        camera=role_label(role),
        mm=words.number(abs(depth.bias_mm), 0),
        tilt=words.number(depth.tilt_deg, 1),
        noise=words.number(depth.noise_mm, 1),
    )


def _trend_sentence(trend: CameraTrend, limit_mm: float, words: Wording) -> str:
    translate = words.translate
    if trend.newest_mm > limit_mm:
        text = translate("Health", "Camera {camera} has drifted by {mm} mm (limit {limit} mm). Calibrate it again.")
    else:
        text = translate("Health", "Camera {camera} drifts by {slope} mm a day. Tighten its mount.")
    return text.format(
        camera=role_label(trend.role),
        mm=words.number(trend.newest_mm, 1),
        limit=words.number(limit_mm, 1),
        slope=words.number(trend.slope_mm_per_day or 0.0, 2),
    )


def daily_sentence(check: DailyCheck, words: Wording) -> tuple[Tone, str]:
    """Return what the daily check says of the rig."""
    translate = words.translate
    seen, of = len(check.gap_mm), len(check.cameras)
    if check.knocked:
        named = ", ".join(role_label(role) for role in check.knocked)
        text = translate("Health", "Daily check: camera {cameras} was moved. Calibrate it again.")
        return Tone.ERROR, text.format(cameras=named)
    text = translate(
        "Health", "Daily check: {seen} of {of} cameras see the board in one place, within {mm} mm. They stand well."
    )
    return Tone.GOOD, text.format(seen=seen, of=of, mm=words.number(check.worst_mm, 1))


def elapsed(at: datetime, now: datetime, words: Wording) -> str:
    """Return how long ago something was, in one figure."""
    translate = words.translate
    gone = max(now - at, timedelta())
    if gone < timedelta(minutes=1):
        return translate("Health", "{count} s ago").format(count=int(gone.total_seconds()))
    if gone < timedelta(hours=1):
        return translate("Health", "{count} min ago").format(count=int(gone.total_seconds() // 60))
    if gone < timedelta(days=1):
        return translate("Health", "{count} h ago").format(count=int(gone.total_seconds() // 3600))
    return translate("Health", "{count} days ago").format(count=gone.days)
