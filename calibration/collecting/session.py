"""A calibration under way: one thread that watches the rig's pictures, takes those that count, and solves."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from calibration.collecting.advice import Advice
from calibration.collecting.collector import Collector, CollectSettings
from calibration.collecting.pictures import PictureFolder
from calibration.collecting.result import SolvedRig, ViewPicture
from calibration.collecting.sighting import Sighting
from calibration.collecting.snapshot import CollectSnapshot, Picture, Stage
from calibration.collecting.solving import BackgroundSolve, SolveTask
from calibration.collecting.watching import Watcher, look_at
from calibration.plate_pose import PLACEMENT
from calibration.report import RigReport, report_of, store_report
from calibration.report.residuals import expected_corners
from calibration.store import CalibrationStore
from station.boards import Board, FrameBoard
from station.cameras.supervisor import CameraState, CameraStatus
from station.errors import CalibrationError, StationError
from station.frames import CameraInfo, ColorImage, FrameSet
from station.geometry import CameraModel, RigCalibration

_log = logging.getLogger(__name__)

_FOLLOW_S = 0.1
_WAIT_S = 0.25
"""How long a frameset is waited for before commands are looked at again."""

_PATIENCE_NS = 20_000_000_000
"""A place that the board was not brought to for so long is exchanged for the next one on the list."""

_SILENCE_NS = 2_000_000_000
_JOIN_S = 30.0
_MOST_COMMANDS = 64


class CameraPictures(Protocol):
    """What a calibration needs of the rig; :class:`station.acquisition.rig.Rig` fulfils it."""

    @property
    def roles(self) -> Sequence[str]:
        """The roles of this rig."""
        ...

    @property
    def infos(self) -> Mapping[str, CameraInfo]:
        """What every opened camera says of itself, with its factory intrinsics, by role."""
        ...

    def states(self) -> Mapping[str, CameraStatus]:
        """Return what is known of every camera now, by role."""
        ...

    def next_frameset(self, newer_than_ns: int = 0, timeout_s: float = 5.0) -> FrameSet | None:
        """Return the next frameset captured after ``newer_than_ns``, ``None`` when none came in time."""
        ...


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
        self._rig = rig
        self._store = store
        self._board = board
        self._plate = plate
        self._folder = None if folder is None else PictureFolder(folder)
        self._only = only
        self._collector = Collector(tuple(rig.roles), plate, settings, only)
        self._watcher = Watcher()
        self._stage = Stage.PLATE
        self._models: dict[str, CameraModel] = {}
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
        self._lock = threading.RLock()
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
        self._watcher.close()

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
        found = None if self._folder is None else self._folder.read(role, placement)
        with self._lock:
            sighting = self._sightings(placement).get(role)
            result = self._result
        if found is None or sighting is None:
            return None
        expected = None
        if result is not None and (placement, role) in result.solution.view_rms_px:
            expected = expected_corners(result.solution, sighting.view)
        return ViewPicture(found[0], sighting.view.pixels, expected)

    def report(self) -> RigReport:
        """Return the report of the result; raises CalibrationError when nothing is solved. Reads the disk."""
        with self._lock:
            result = self._result
            views = self._collector.views()
        if result is None:
            raise CalibrationError("There is no result yet.", todo="Solve first.")
        folder = self._folder

        def picture_of(placement: str, role: str) -> ColorImage | None:
            found = None if folder is None else folder.read(role, placement)
            return None if found is None else found[0]

        return report_of(result, views, picture_of=picture_of)

    def accept(self) -> RigCalibration:
        """Store the result and make it the active calibration; raises CalibrationError when nothing is solved."""
        report = self.report()
        store_report(self._store, report)
        self._store.use(report.calibration.id)
        with self._lock:
            self._stage = Stage.ACCEPTED
        self._publish(Advice("accepted"))
        return report.calibration

    def _command(self, command: Callable[[], None]) -> None:
        try:
            self._commands.put_nowait(command)
        except queue.Full:
            _log.warning("The calibration is busy: a command was passed over")
        self._woken.set()

    def _run(self) -> None:
        try:
            self._read_pictures()
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

    # -- looking

    def _look(self) -> None:
        frameset = self._rig.next_frameset(self._newest_ns, _WAIT_S)
        if frameset is None:
            if self._clock_ns() - self._newest_ns > _SILENCE_NS:
                with self._lock:
                    self._collector.forget_sight()
                self._publish(Advice("no_pictures"))
            return
        self._newest_ns = frameset.monotonic_ns
        self._meet_cameras()
        if self._stage is Stage.PLATE:
            self._look_at_plate(frameset)
        else:
            self._look_at_board(frameset)
        self._publish(self._advice())

    def _meet_cameras(self) -> None:
        """Learn the factory models of cameras that were opened since."""
        infos = self._rig.infos
        if self._folder is not None and infos.keys() - self._models.keys():
            self._folder.begin(self._board.id, infos)
        self._models = {role: info.color for role, info in infos.items()}

    def _look_at_plate(self, frameset: FrameSet) -> None:
        seen = self._watcher.look(frameset, self._plate, self._models)
        with self._lock:
            due = self._collector.see_plate(frameset.monotonic_ns, frameset.skew_ms, seen, self._streaming())
            sightings = self._collector.usable
            if self._take_now and not sightings:
                self._trouble = "No camera sees the plate's frame."
            due, self._take_now = (due or self._take_now) and bool(sightings), False
        if due:
            self._take_plate(frameset, sightings)

    def _take_plate(self, frameset: FrameSet, sightings: Mapping[str, Sighting]) -> None:
        pictures = {role: frame.color for role, frame in frameset.frames.items()}
        if self._folder is not None:
            self._folder.remove(PLACEMENT)
            self._folder.save(PLACEMENT, {role: pictures[role] for role in sightings}, frameset.taken_at)
        self._watcher.set_empty(pictures)
        with self._lock:
            self._collector.take_plate(sightings)
            self._begin_board()

    def _look_at_board(self, frameset: FrameSet) -> None:
        seen = self._watcher.look(frameset, self._board, self._models)
        with self._lock:
            due = self._collector.see_board(frameset.monotonic_ns, frameset.skew_ms, seen)
            asked, self._take_now = self._take_now, False
        if due or asked:
            self._take(frameset, asked)

    def _take(self, frameset: FrameSet, asked: bool) -> None:
        seen = self._watcher.look_closely(frameset, self._board, self._models)
        sightings = {role: look.sighting for role, look in seen.items() if look.sighting is not None}
        if not self._collector.enough_eyes(sightings):
            with self._lock:
                self._trouble = _too_few(sightings, self._only) if asked else ""
            return
        name = self._collector.next_name()
        if self._folder is not None:
            self._folder.save(name, {role: frameset.frames[role].color for role in sightings}, frameset.taken_at)
        with self._lock:
            self._collector.take(name, sightings, frameset.taken_at)
            self._patience_from_ns = self._clock_ns()

    # -- commands, run in the session's thread

    def _want_now(self) -> None:
        self._take_now = self._stage in (Stage.PLATE, Stage.BOARD)

    def _set_dropped(self, placement: str, dropped: bool) -> None:
        if self._collector.set_dropped(placement, dropped) and self._folder is not None:
            (self._folder.drop if dropped else self._folder.keep)(placement)

    def _begin_plate(self) -> None:
        if self._stage in (Stage.BOARD, Stage.SOLVED):
            self._stage, self._result = Stage.PLATE, None
            self._collector.forget_sight()
            self._watcher.set_empty({})

    def _begin_board(self) -> None:
        self._stage = Stage.BOARD
        self._collector.forget_sight()
        self._watcher.forget()
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

    # -- resuming

    def _read_pictures(self) -> None:
        """Take up the pictures that lie in the folder from before."""
        if self._folder is None or not self._folder.placements():
            return
        infos = self._rig.infos
        self._folder.begin(self._board.id, infos)
        self._models = {role: info.color for role, info in infos.items()}
        for placement, dropped in self._folder.placements().items():
            if self._stopping.is_set():
                return
            self._read_placement(placement, dropped)
        if self._collector.plate:
            with self._lock:
                self._begin_board()

    def _read_placement(self, placement: str, dropped: bool) -> None:
        assert self._folder is not None
        board = self._plate if placement == PLACEMENT else self._board
        sightings: dict[str, Sighting] = {}
        pictures: dict[str, ColorImage] = {}
        taken_at = datetime.now(UTC)
        for role in self._folder.roles_of(placement):
            found = self._folder.read(role, placement)
            if found is None or role not in self._models:
                continue
            pictures[role], taken_at = found
            sighting = look_at(pictures[role], board, role, self._models[role], placement).sighting
            if sighting is not None:
                sightings[role] = sighting
        with self._lock:
            if placement == PLACEMENT and sightings:
                self._collector.take_plate(sightings)
                self._watcher.set_empty(pictures)
            elif sightings:
                self._collector.take(placement, sightings, taken_at, dropped)
        self._publish(Advice("reading"))

    # -- what is said

    def _streaming(self) -> list[str]:
        states = self._rig.states()
        return [
            role
            for role in self._rig.roles
            if role in self._models and role in states and states[role].state is CameraState.STREAMING
        ]

    def _sightings(self, placement: str) -> Mapping[str, Sighting]:
        if placement == PLACEMENT:
            return self._collector.plate
        for one in self._collector.placements:
            if one.name == placement:
                return one.sightings
        return {}

    def _advice(self) -> Advice:
        if self._stage is Stage.PLATE:
            return self._collector.plate_advice(self._streaming())
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
        return self._models[role].width, self._models[role].height


def _too_few(sightings: Mapping[str, Sighting], only: str | None) -> str:
    if only is not None and only not in sightings:
        return f"The picture was not taken: {only} does not see the board."
    return f"The picture was not taken: {len(sightings)} of the cameras see the board, 2 are needed."
