"""A calibration under way: one thread that watches the rig's pictures, takes those that count, and solves."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from calibration.acceptance import require_no_doubts
from calibration.collecting.advice import Advice
from calibration.collecting.collector import Collector, CollectSettings
from calibration.collecting.result import SolvedRig, ViewPicture
from calibration.collecting.sighting import Sighting
from calibration.collecting.snapshot import CollectSnapshot, Picture, Stage
from calibration.collecting.solving import BackgroundSolve, SolveTask
from calibration.collecting.taking import CameraPictures, Taker
from calibration.plate_pose import PLACEMENT
from calibration.report import RigReport, report_of, store_report
from calibration.report.residuals import expected_corners
from calibration.store import CalibrationStore
from station.boards import Board, FrameBoard
from station.errors import CalibrationError, StationError
from station.frames import ColorImage
from station.geometry import RigCalibration

_log = logging.getLogger(__name__)

_FOLLOW_S = 0.1
_WAIT_S = 0.25
"""How long a frameset is waited for before commands are looked at again."""

_PATIENCE_NS = 20_000_000_000
"""A place that the board was not brought to for so long is exchanged for the next one on the list."""

_SILENCE_NS = 2_000_000_000
_JOIN_S = 30.0
_MOST_COMMANDS = 64


class CalibrationSession:
    """Takes the pictures of a calibration by itself and solves it when asked.

    First the empty ``plate`` is photographed, then ``board`` wherever it is held. Pictures are kept in ``folder``
    (``None``: not at all), and a session on a folder with pictures goes on with them. With ``only`` that
    one camera is solved against the others of the store's active calibration. Commands return at once; what they did
    shows in the :attr:`snapshot`. Threads: the session's own, two that search pictures, and one while solving.
    """

    def __init__(
        self,
        rig: CameraPictures,
        store: CalibrationStore,
        board: Board,
        *,
        plate: FrameBoard,
        folder: Path | None,
        only: str | None = None,
        settings: CollectSettings | None = None,
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """Raise CalibrationError when ``only`` is no camera of the rig or there is no calibration to put it into."""
        if only is not None and only not in rig.roles:
            raise CalibrationError(f"There is no camera {only}.", todo=f"Give one of {', '.join(rig.roles)}.")
        self._active = None if store.active_id is None else store.active()
        if only is not None and self._active is None:
            raise CalibrationError(
                f"{only} cannot be calibrated alone: there is no calibration of the others.",
                todo="Calibrate the whole rig first.",
            )
        self.folder = folder
        """Where the pictures are kept."""
        self._rig = rig
        self._store = store
        self._board = board
        self._only = only
        self._lock = threading.RLock()
        self._collector = Collector(tuple(rig.roles), plate, settings, only)
        self._taker = Taker(rig, self._collector, board, plate, folder, self._lock)
        self._stage = Stage.PLATE
        self._solve: BackgroundSolve | None = None
        self._result: SolvedRig | None = None
        self._trouble = ""
        self._take_now = False
        self._newest_ns = 0
        self._clock_ns = clock_ns
        self._patience_from_ns = clock_ns()
        self._commands: queue.Queue[Callable[[], None]] = queue.Queue(_MOST_COMMANDS)
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._changed = threading.Condition()
        self._snapshot = self._describe(0, Advice("reading"))
        self._thread = threading.Thread(target=self._run, name="Calibration")

    @property
    def snapshot(self) -> CollectSnapshot:
        """The newest snapshot."""
        return self._snapshot

    def wait_newer(self, sequence: int, timeout_s: float) -> CollectSnapshot | None:
        """Wait for a snapshot newer than ``sequence`` and return it, ``None`` when none came in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._snapshot.sequence > sequence, timeout_s)
            return self._snapshot if self._snapshot.sequence > sequence else None

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """End all threads; the pictures stay on disk. Harmless when stopped already."""
        self._stopping.set()
        self._woken.set()
        if self._thread.ident is not None:
            self._thread.join(_JOIN_S)
        solve = self._solve
        if solve is not None:
            solve.cancel()
            solve.join()
        self._taker.close()

    def take_now(self) -> None:
        """Take the next frameset as a picture, though the board is not still or not new; in ``PLATE`` the plate's."""
        self._command(self._want_now)

    def drop(self, placement: str) -> None:
        """Leave a placement out of the next solve."""
        self._command(lambda: self._set_dropped(placement, True))

    def keep(self, placement: str) -> None:
        """Take a dropped placement back in."""
        self._command(lambda: self._set_dropped(placement, False))

    def retake_plate(self) -> None:
        """Go back to the plate and photograph its frame anew."""
        self._command(self._begin_plate)

    def solve(self) -> None:
        """Begin to solve in the background."""
        self._command(self._begin_solve)

    def cancel(self) -> None:
        """Stop the solve and go back to the pictures."""
        self._command(self._cancel_solve)

    def back_to_pictures(self) -> None:
        """Go from the result back to the board, for more pictures."""
        self._command(self._back)

    def view_picture(self, placement: str, role: str) -> ViewPicture | None:
        """Return a taken picture with its corners, ``None`` when it was not kept. Reads the disk."""
        found = self._kept_picture(placement, role)
        with self._lock:
            sighting = self._sightings(placement).get(role)
            result = self._result
        if found is None or sighting is None:
            return None
        expected = None
        if result is not None and (placement, role) in result.solution.view_rms_px:
            expected = expected_corners(result.solution, sighting.view)
        return ViewPicture(found, sighting.view.pixels, expected)

    def report(self) -> RigReport:
        """Return the report of the result; raises CalibrationError when nothing is solved. Reads the disk."""
        with self._lock:
            result = self._result
            views = self._collector.views()
        if result is None:
            raise CalibrationError("There is no result yet.", todo="Solve first.")
        return report_of(result, views, picture_of=self._kept_picture)

    def accept(self, *, even_so: bool = False) -> RigCalibration:
        """Store the result and make it the active calibration.

        Raises CalibrationError when nothing is solved, and without ``even_so`` when something speaks against the result
        (``calibration.acceptance``).
        """
        report = self.report()
        with self._lock:
            result = self._result
        if result is not None and not even_so:
            require_no_doubts(result)
        store_report(self._store, report)
        self._store.use(report.calibration.id)
        with self._lock:
            self._stage = Stage.ACCEPTED
        self._publish(Advice("accepted"))
        return report.calibration

    def _kept_picture(self, placement: str, role: str) -> ColorImage | None:
        pictures = self._taker.pictures
        return None if pictures is None else pictures.read(role, placement)

    def _command(self, command: Callable[[], None]) -> None:
        try:
            self._commands.put_nowait(command)
        except queue.Full:
            _log.warning("The calibration is busy: a command was passed over")
        self._woken.set()

    def _run(self) -> None:
        try:
            self._taker.resume(lambda: self._publish(Advice("reading")), self._stopping.is_set)
            if self._collector.plate:
                with self._lock:
                    self._begin_board()
        except StationError as error:
            self._fail(error)
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                self._step()
            except StationError as error:
                self._fail(error)
            except Exception as error:
                # a fault in a vision library must not end the calibration: it is said, and the next frameset is tried
                _log.exception("A look of the calibration failed")
                self._fail(CalibrationError(f"A look at the pictures failed: {error!r}."))
            self._stopping.wait(max(0.0, self._collector.settings.pause_s - (time.monotonic() - began)))
        if self._solve is not None:
            self._solve.cancel()

    def _fail(self, error: StationError) -> None:
        with self._lock:
            self._trouble = str(error)
        self._publish(self._advice())

    def _step(self) -> None:
        self._woken.clear()
        while True:
            try:
                command = self._commands.get_nowait()
            except queue.Empty:
                break
            with self._lock:
                self._trouble = ""
                command()
                self._publish(self._advice())
        if self._stage is Stage.SOLVING:
            self._follow_solve()
        elif self._stage in (Stage.PLATE, Stage.BOARD):
            self._look()
        else:
            self._woken.wait(_WAIT_S)

    def _look(self) -> None:
        frameset = self._rig.next_frameset(self._newest_ns, _WAIT_S, registered=False)
        if frameset is None:
            if self._clock_ns() - self._newest_ns > _SILENCE_NS:
                with self._lock:
                    self._collector.forget_sight()
                self._publish(Advice("no_pictures"))
            return
        self._newest_ns = frameset.monotonic_ns
        now, self._take_now = self._take_now, False
        at_plate = self._stage is Stage.PLATE
        taken, trouble = (self._taker.look_at_plate if at_plate else self._taker.look_at_board)(frameset, now)
        with self._lock:
            if taken and at_plate:
                self._begin_board()
            elif taken:
                self._patience_from_ns = self._clock_ns()
            if now:
                self._trouble = trouble
        self._publish(self._advice())

    def _want_now(self) -> None:
        self._take_now = self._stage in (Stage.PLATE, Stage.BOARD)

    def _set_dropped(self, placement: str, dropped: bool) -> None:
        pictures = self._taker.pictures
        if self._collector.set_dropped(placement, dropped) and pictures is not None:
            (pictures.drop if dropped else pictures.keep)(placement)

    def _begin_plate(self) -> None:
        if self._stage in (Stage.BOARD, Stage.SOLVED):
            self._stage, self._result = Stage.PLATE, None
            self._collector.forget_sight()
            self._taker.forget()

    def _begin_board(self) -> None:
        self._stage = Stage.BOARD
        self._collector.forget_sight()
        self._patience_from_ns = self._clock_ns()

    def _begin_solve(self) -> None:
        if self._stage not in (Stage.BOARD, Stage.SOLVED):
            return
        infos = self._rig.infos
        views = self._collector.views()
        task = SolveTask(
            views,
            {role: info.color for role, info in infos.items()},
            {role: info.serial for role, info in infos.items()},
            self._board.id,
            self._active,
            self._only,
            {role: info.name for role, info in infos.items()},
        )
        self._stage, self._result = Stage.SOLVING, None
        self._collector.forget_sight()
        self._solve = BackgroundSolve(task, self._woken.set)

    def _follow_solve(self) -> None:
        solve = self._solve
        assert solve is not None
        self._woken.wait(_FOLLOW_S)
        if not solve.ended:
            self._publish(Advice("solving"))
            return
        solve.join()
        with self._lock:
            self._solve = None
            self._trouble, self._result = solve.trouble, solve.result
            if solve.result is None:
                self._begin_board()
            else:
                self._stage = Stage.SOLVED
        self._publish(self._advice())

    def _cancel_solve(self) -> None:
        if self._solve is not None:
            self._solve.cancel()

    def _back(self) -> None:
        if self._stage in (Stage.SOLVED, Stage.ACCEPTED):
            self._result = None
            self._begin_board()

    def _sightings(self, placement: str) -> Mapping[str, Sighting]:
        if placement == PLACEMENT:
            return self._collector.plate
        for one in self._collector.placements:
            if one.name == placement:
                return one.sightings
        return {}

    def _advice(self) -> Advice:
        if self._stage is Stage.PLATE:
            return self._collector.plate_advice(self._taker.streaming)
        if self._stage is Stage.BOARD:
            return self._collector.board_advice(int((self._clock_ns() - self._patience_from_ns) / _PATIENCE_NS))
        return Advice(self._stage.value)

    def _publish(self, advice: Advice) -> None:
        with self._changed:
            with self._lock:
                self._snapshot = self._describe(self._snapshot.sequence + 1, advice)
            self._changed.notify_all()

    def _describe(self, sequence: int, advice: Advice) -> CollectSnapshot:
        collector = self._collector
        return CollectSnapshot(
            sequence=sequence,
            stage=self._stage,
            board_id=self._board.id,
            advice=advice.sentence,
            advice_code=advice.code,
            advice_values=advice.values,
            advice_roles=advice.roles,
            sights={role: look.sight(self._size(role)) for role, look in collector.seen.items()},
            still=collector.still,
            pictures=tuple(
                Picture(one.name, tuple(sorted(one.sightings)), one.taken_at, one.dropped)
                for one in collector.placements
            ),
            plate=tuple(sorted(collector.plate)),
            coverage=dict(collector.coverage),
            pairs=dict(collector.shared),
            weak_pairs=tuple(collector.weak),
            ready=collector.ready,
            complete=collector.complete,
            progress=self._solve.progress if self._solve is not None else 0.0,
            result=self._result,
            trouble=self._trouble,
        )

    def _size(self, role: str) -> tuple[int, int]:
        model = self._taker.models[role]
        return model.width, model.height
