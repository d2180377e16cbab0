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
        title = translate("Calibration", "Calibrated {when}").format(when=moment(active.created_at, words))
        detail = translate("Calibration", "{count} cameras  ·  {id}  ·  {source}").format(
            count=len(active.cameras), id=active.id, source=active.source
        )
        tone = Tone.IDLE
    return StartView(title, detail, tone, tuple(_row(one, active, words) for one in reversed(stored)))


def _row(stored: StoredCalibration, active: StoredCalibration | None, words: Wording) -> StoredRow:
    translate = words.translate
    in_use = active is not None and stored.id == active.id
    title = moment(stored.created_at, words)
    if in_use:
        title = translate("Calibration", "{when}  ·  active now").format(when=title)
    detail = translate("Calibration", "{count} cameras  ·  {id}  ·  {source}").format(
        count=len(stored.cameras), id=stored.id, source=stored.source
    )
    return StoredRow(stored.id, title, detail, in_use)
