"""What is active, and the calibrations before it."""

from __future__ import annotations

from collections.abc import Sequence

from calibration.store import StoredCalibration
from ui.presenters.calibration_view import StartView, StoredRow
from ui.presenters.calibration_words import moment
from ui.presenters.operator_view import Tone
from ui.presenters.wording import Wording


def start_view(
    active: StoredCalibration | None, stored: Sequence[StoredCalibration], words: Wording, *, loaded: bool
) -> StartView:
    """Return the active calibration and the stored ones, newest first; ``loaded``: it is known by now."""
    translate = words.translate
    if not loaded:
        title, detail, tone = translate("Calibration", "One moment …"), "", Tone.IDLE
    elif active is None:
        title = translate("Calibration", "The cameras are not calibrated")
        detail = translate("Calibration", "Parts cannot be recognised until a calibration is accepted.")
        tone = Tone.WARNING
    else:
        title = translate("Calibration", "Active: {count} cameras, {when}").format(
            count=len(active.cameras), when=moment(active.created_at, words)
        )
        detail = translate("Calibration", "Calibration {id}  ·  {source}").format(id=active.id, source=active.source)
        tone = Tone.IDLE
    return StartView(title, detail, tone, tuple(_row(one, active, words) for one in reversed(stored)))


def _row(stored: StoredCalibration, active: StoredCalibration | None, words: Wording) -> StoredRow:
    translate = words.translate
    in_use = active is not None and stored.id == active.id
    text = translate("Calibration", "{when}  ·  active now") if in_use else translate("Calibration", "{when}")
    detail = translate("Calibration", "{count} cameras  ·  {id}  ·  {source}").format(
        count=len(stored.cameras), id=stored.id, source=stored.source
    )
    return StoredRow(stored.id, text.format(when=moment(stored.created_at, words)), detail, in_use)
