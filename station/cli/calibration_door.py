"""The running station's calibrations: begin one, take one into use, go back, print, report and export."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from calibration.board_sheet import paper_size, write_board_pdf
from calibration.collecting.session import CalibrationSession
from calibration.exports.folder import ExportFormat, export_calibration
from calibration.report import RigReport, stored_report
from calibration.report.pdf import write_report
from calibration.store import CalibrationStore, StoredCalibration
from station.boards import FrameBoard, board_from_id
from station.cli.assembly import RunningStation
from station.cli.rig_calibration import ChosenCalibration, chosen
from station.errors import CalibrationError
from station.geometry import RigCalibration

_log = logging.getLogger(__name__)

KEPT_ATTEMPTS = 5
"""Pictures of so many calibrations are kept; a whole one of ten cameras takes some hundred megabytes."""


class StationCalibrations:
    """Changes what the running station recognises with; a ``ui.presenters.sources.CalibrationDoor``.

    Args:
        running: the station at work.
        store: its calibrations.
        pictures: folder of the pictures that calibrations are solved from, one folder for each attempt.
        plate: the plate's frame.
        named: the file that ``[recognition] calibration`` names, which holds again after the next start.
    """

    def __init__(
        self,
        running: RunningStation,
        store: CalibrationStore,
        pictures: Path,
        plate: FrameBoard,
        named: Path | None = None,
    ) -> None:
        self._running = running
        self._store = store
        self._pictures = pictures
        self._plate = plate
        self._named = named
        self._origin = running.begun_with.origin
        self._session: CalibrationSession | None = None
        self._lock = threading.RLock()

    def active(self) -> StoredCalibration | None:
        """Return what the station recognises with now, stored or not; ``None`` when it has no calibration."""
        origin = self._origin
        if origin is None:
            return None
        roles = tuple(sorted(origin.cameras))
        return StoredCalibration(
            origin.id, origin.created_at, origin.source, roles, active=origin.id == self._store.active_id
        )

    def listing(self) -> Sequence[StoredCalibration]:
        """Return all stored calibrations, the oldest first."""
        return self._store.listing()

    def begin(self, board_id: str, only: str | None = None) -> CalibrationSession:
        """Begin a calibration with this board, of all cameras or of the role ``only``; recognition pauses meanwhile.

        A calibration that is still under way is ended first. What the station works with now is kept in the store, so
        that there is a way back to it.
        """
        board = board_from_id(board_id)
        with self._lock:
            self.end()
            if self._origin is not None and self._origin.id != self._store.active_id:
                self._store.add(self._origin)
                self._store.use(self._origin.id)
            folder = self._new_folder()
            session = CalibrationSession(
                self._running.rig, self._store, board, plate=self._plate, folder=folder, only=only
            )
            self._running.workflow.pause()
            self._session = session
            session.start()
            return session

    def end(self) -> None:
        """Stop the calibration under way, if there is one, keep its pictures, and let recognition go on."""
        with self._lock:
            session, self._session = self._session, None
            try:
                if session is not None:
                    session.stop()
            finally:
                self._running.workflow.resume()

    def accept(self, *, even_so: bool = False) -> RigCalibration:
        """Store the solved calibration of the one under way, make it active and let the running station use it.

        Raises CalibrationError without ``even_so`` when something speaks against it (``calibration.acceptance``).
        """
        with self._lock:
            return self._take(self._under_way().accept(even_so=even_so))

    def use(self, calibration_id: str) -> RigCalibration:
        """Make a stored calibration active and let the running station use it.

        Raises CalibrationError when it is not stored or holds for no camera of this rig; then nothing has changed.
        """
        with self._lock:
            self._fitting(self._store.get(calibration_id))
            return self._take(self._store.use(calibration_id))

    def back(self) -> RigCalibration:
        """Return to the calibration that was active before and let the running station use it."""
        with self._lock:
            if len(history := self._store.history) >= 2:
                self._fitting(self._store.get(history[-2]))
            return self._take(self._store.back())

    def write_board(self, board_id: str, path: Path, paper: str) -> int:
        """Write the board's sheet as PDF on ``A4``, ``A3`` or ``WxH`` in mm; return the number of sheets."""
        return write_board_pdf(board_from_id(board_id), path, paper_size(paper))

    def report(self, calibration_id: str | None, path: Path) -> None:
        """Write the PDF report of a stored calibration, or with ``None`` of the solved one under way."""
        write_report(self._report(calibration_id), path, self._plate)

    def export(self, calibration_id: str | None, path: Path, form: str) -> None:
        """Write a stored calibration, or with ``None`` the solved one under way, for other programs into a folder."""
        try:
            format = ExportFormat(form)
        except ValueError as error:
            known = ", ".join(ExportFormat)
            raise CalibrationError(f"{form!r} is no format for a calibration.", todo=f"Choose of {known}.") from error
        export_calibration(self._report(calibration_id).calibration, format, path)

    def _report(self, calibration_id: str | None) -> RigReport:
        if calibration_id is None:
            return self._under_way().report()
        origin = self._origin
        if origin is not None and origin.id == calibration_id and not self._store.holds(calibration_id):
            return RigReport(origin, None)
        return stored_report(self._store, calibration_id)

    def _under_way(self) -> CalibrationSession:
        if self._session is None:
            raise CalibrationError("No calibration is under way.", todo="Begin one.")
        return self._session

    def _fitting(self, origin: RigCalibration) -> ChosenCalibration:
        """Return what a calibration says of this rig; raises CalibrationError when that is nothing."""
        found = chosen(origin, self._running.cameras)
        if found.calibration is None:
            raise CalibrationError(found.remarks[0], todo="Choose another one, or calibrate anew.")
        return found

    def _take(self, origin: RigCalibration) -> RigCalibration:
        """Let the running station use a calibration that is active in the store now."""
        found = self._fitting(origin)
        remarks = found.remarks
        if self._named is not None:
            again = (
                f"{self._named.name} is named in station.toml and is used again after the next start. Take the line "
                "calibration out of [recognition] there."
            )
            remarks = (*remarks, again)
        self._origin = origin
        self._running.workflow.use_calibration(found.calibration, remarks)
        _log.info("Calibration %s is in use.", origin.id)
        return origin

    def _new_folder(self) -> Path:
        """Return a folder for a new attempt; the oldest attempts make room for it."""
        attempts = sorted(path for path in self._pictures.glob("*Z") if path.is_dir())
        for old in attempts[: max(0, len(attempts) - KEPT_ATTEMPTS + 1)]:
            shutil.rmtree(old, ignore_errors=True)
        return self._pictures / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
