"""The daily check on running cameras: waits until the board is held still, then holds the rig against it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from calibration.collecting.watching import Watcher
from calibration.views import BoardView
from calibration.watch.daily import LEAST_CAMERAS, DailyCheck, check_board, still
from station.boards import Board
from station.errors import CalibrationError
from station.frames import FrameSet
from station.geometry import RigCalibration

TIMEOUT_S = 30.0
_WAIT_S = 0.5


class FramesetSource(Protocol):
    """What the check needs of the rig; :class:`station.acquisition.rig.Rig` fulfils it."""

    def next_frameset(self, newer_than_ns: int = 0, timeout_s: float = 5.0) -> FrameSet | None:
        """Return the next frameset captured after ``newer_than_ns``, ``None`` when none came in time."""
        ...


def check_when_still(
    rig: FramesetSource,
    calibration: RigCalibration,
    board: Board,
    *,
    timeout_s: float = TIMEOUT_S,
    cancelled: Callable[[], bool] = lambda: False,
) -> DailyCheck:
    """Wait until three cameras see ``board`` held still, and check the calibrated cameras by that one placement.

    A placement that says nothing is passed over. Raises CalibrationError when none was seen within ``timeout_s``, with
    the last placement's reason, or when it was cancelled.
    """
    models = {role: camera.model for role, camera in calibration.cameras.items()}
    until = time.monotonic() + timeout_s
    reason: CalibrationError | None = None
    before: list[BoardView] = []
    newest_ns = 0
    watcher = Watcher()
    try:
        while time.monotonic() < until:
            if cancelled():
                raise CalibrationError("The check was ended.")
            frameset = rig.next_frameset(newest_ns, _WAIT_S)
            if frameset is None:
                continue
            newest_ns = frameset.monotonic_ns
            seen = watcher.look(frameset, board, models)
            now = [look.sighting.view for look in seen.values() if look.sighting is not None]
            if still(before, now):
                try:
                    return check_board(now, calibration)
                except CalibrationError as error:
                    reason = error
            before = now
    finally:
        watcher.close()
    if reason is not None:
        raise reason
    raise CalibrationError(
        f"No {LEAST_CAMERAS} cameras saw the board {board.id} held still within {timeout_s:g} s.",
        todo="Hold it above the middle of the plate, whole and in good light.",
    )
