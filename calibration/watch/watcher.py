"""The thread that checks captures against the calibration in use, beside recognition and never in its way."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC

from calibration.frame_corners import frame_corners
from calibration.watch.baseline import Baseline
from calibration.watch.rig_watch import RigWatch
from calibration.watch.trend import TrendStore
from calibration.watch.verdicts import WatchReport
from station.boards import FrameBoard
from station.errors import StationError
from station.frames import FrameSet
from station.geometry import RigCalibration

_log = logging.getLogger(__name__)

WAITING = 2
"""Captures that may wait to be checked; ten views of 1280x720 hold 46 MB."""
EMPTY_EVERY_S = 60.0
"""Pictures of the empty plate come every few seconds; so often one of them is checked."""


@dataclass(frozen=True, slots=True, eq=False)
class _Offer:
    frameset: FrameSet
    calibration: RigCalibration
    capture_id: str


class CalibrationWatch:
    """Checks what it is offered in a thread named ``CalibrationWatch``; a ``CalibrationCheck`` for the workflow.

    At most two captures wait. One more takes the place of the oldest that waits: the newest says most about where the
    cameras stand now, and what is lost is one check of many.

    Args:
        board: the plate's frame.
        store: takes every check and keeps the baselines; ``None`` keeps nothing.
        serials: gives the serial numbers of the devices now, by role; an exchanged camera is not compared.
        unfit: gives the roles whose pictures are no good now, as through a dirty lens, which moves the corners it
            blurs; such a camera is not checked.
        on_report: called in the thread after each check; must return quickly.
    """

    def __init__(
        self,
        board: FrameBoard,
        store: TrendStore | None = None,
        *,
        serials: Callable[[], Mapping[str, str]] | None = None,
        unfit: Callable[[], Collection[str]] = frozenset,
        on_report: Callable[[WatchReport], None] | None = None,
    ) -> None:
        self._board = board
        self._store = store
        self._serials = serials
        self._unfit = unfit
        self._on_report = on_report
        self._changed = threading.Condition()
        self._waiting: deque[_Offer] = deque()
        self._busy = False
        self._stopping = False
        self._passed_over = 0
        self._empty_at_s = float("-inf")
        self._empty_of = ""
        self._report: WatchReport | None = None
        self._rig: RigWatch | None = None
        self._rig_id = ""
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread."""
        if self._thread is not None:
            raise StationError("The calibration watch is started already.")
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="CalibrationWatch")
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Stop the thread and wait for it; what waits is not checked. Raises StationError when it does not end."""
        with self._changed:
            self._stopping = True
            self._waiting.clear()
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(timeout_s)
            if self._thread.is_alive():
                raise StationError("The calibration watch does not end.", todo="Restart the program.")
        self._thread = None

    def offer(self, frameset: FrameSet, calibration: RigCalibration, capture_id: str) -> None:
        """Take a capture to check, at once; an empty id is a picture of the empty plate, taken once a minute."""
        calibration_id = calibration.id
        now_s = time.monotonic()
        frameset = _without(frameset, self._unfit())
        with self._changed:
            if not capture_id:
                if calibration_id == self._empty_of and now_s - self._empty_at_s < EMPTY_EVERY_S:
                    return
                self._empty_at_s, self._empty_of = now_s, calibration_id
                capture_id = f"empty-{frameset.taken_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
            if len(self._waiting) >= WAITING:
                self._waiting.popleft()
                self._passed_over += 1
            self._waiting.append(_Offer(frameset, calibration, capture_id))
            self._changed.notify_all()

    def warnings(self, calibration_id: str) -> tuple[str, ...]:
        """Return what is to be said against answers with this calibration; cheap, from any thread."""
        report = self._report
        return report.warnings if report is not None and report.calibration_id == calibration_id else ()

    @property
    def report(self) -> WatchReport | None:
        """The newest check, ``None`` before the first."""
        return self._report

    @property
    def passed_over(self) -> int:
        """Captures that were not checked, because others waited."""
        return self._passed_over

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until nothing waits and nothing is being checked; return whether that came in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and not self._busy, timeout_s)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._waiting or self._stopping)
                if self._stopping:
                    return
                offer = self._waiting.popleft()
                self._busy = True
            try:
                self._check(offer)
            except Exception:
                # A fault of the check must not end the watch: the next capture is checked again.
                _log.exception("A capture could not be checked against the calibration")

    def _check(self, offer: _Offer) -> None:
        calibration_id = offer.calibration.id
        if self._rig is None or self._rig_id != calibration_id:
            self._rig = RigWatch(offer.calibration, self._board, self._kept(offer.calibration))
            self._rig_id = calibration_id
        learned = self._rig.baselines
        serials = self._serials() if self._serials else None
        report = self._rig.check(offer.frameset, offer.capture_id, serials=serials, at=offer.frameset.taken_at)
        self._tell(report)
        self._keep(report, learned)
        if self._on_report is not None:
            self._on_report(report)

    def _tell(self, report: WatchReport) -> None:
        before = self._report.warnings if self._report else ()
        self._report = report
        for warning in report.warnings:
            if warning not in before:
                _log.warning("%s", warning)

    def _kept(self, calibration: RigCalibration) -> dict[str, Baseline]:
        """Return what was learned of these very cameras before."""
        if self._store is None:
            return {}
        try:
            bodies = self._store.baselines(calibration.id)
        except StationError as error:
            _log.warning("%s", error)
            return {}
        corners = len(frame_corners(self._board).points)
        cameras = ((role, bodies.get((role, camera.serial))) for role, camera in calibration.cameras.items())
        read = {role: Baseline.from_json(body, corners) for role, body in cameras if body is not None}
        return {role: baseline for role, baseline in read.items() if baseline is not None}

    def _keep(self, report: WatchReport, learned: Mapping[str, Baseline]) -> None:
        if self._store is None or self._rig is None:
            return
        cameras = self._rig.calibration.cameras
        new = [
            (role, cameras[role].serial, baseline.to_json())
            for role, baseline in self._rig.baselines.items()
            if baseline is not learned[role]
        ]
        try:
            self._store.add(report)
            if new:
                self._store.keep_baselines(report.calibration_id, new)
        except StationError as error:
            _log.warning("A check of the calibration was not written down: %s", error)


def _without(frameset: FrameSet, roles: Collection[str]) -> FrameSet:
    """Return the frameset as if these cameras had given no frame."""
    gone = tuple(role for role in frameset.frames if role in roles)
    if not gone:
        return frameset
    frames = {role: frame for role, frame in frameset.frames.items() if role not in gone}
    return replace(frameset, frames=frames, missing=(*frameset.missing, *gone))
