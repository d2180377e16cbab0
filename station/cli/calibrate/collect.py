"""``station calibrate collect``: take the pictures of a calibration from the running cameras, without a window."""

from __future__ import annotations

import json
import threading
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from calibration.collecting.session import CalibrationSession
from calibration.collecting.snapshot import CollectSnapshot, Stage
from calibration.report import store_report
from calibration.store import CalibrationStore
from station.acquisition.rig import Rig
from station.boards import FrameBoard, board_from_id
from station.cli.calibrate.collect_display import CollectDisplay
from station.cli.calibrate.options import JsonOption
from station.cli.configuration import ConfigOption, chosen_settings
from station.cli.real_rig import open_real_rig
from station.config import LoadedSettings
from station.datadir import DataDir
from station.errors import CalibrationError, StationError
from station.settings import PlateSection
from station.simulation.board_hand import BoardHand
from station.simulation.live import SimulatedRig

_WAIT_S = 1.0
_HAND_S = 8.0
"""The simulated hand tries the next place when no picture was taken for so long."""


def collect(
    board: Annotated[str, typer.Option("--board", metavar="ID", help="The board that is held before the cameras.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder for the pictures; goes on with what is in it.")
    ] = None,
    only: Annotated[
        str | None, typer.Option("--only", metavar="ROLE", help="Calibrate this camera against the others.")
    ] = None,
    count: Annotated[int | None, typer.Option("--count", min=1, help="End after so many pictures.")] = None,
    auto_solve: Annotated[bool, typer.Option("--auto-solve", help="Solve and store when nothing is missing.")] = False,
    use: Annotated[bool, typer.Option("--use", help="Make what was solved the active calibration.")] = False,
    even_so: Annotated[
        bool, typer.Option("--even-so", help="With --use: also when something speaks against the result.")
    ] = False,
    sim: Annotated[bool, typer.Option("--sim", help="On the simulated rig, whose hand follows the advice.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take the pictures of a calibration: the empty plate first, then the board wherever the advice says.

    Pictures are taken by themselves. It ends when nothing is missing or --count is reached; Ctrl-C keeps the pictures.
    """
    loaded = chosen_settings(config)
    value = board_from_id(board)
    if isinstance(value, FrameBoard):
        raise CalibrationError(
            "The plate's frame is no board to be held.", todo="Name a chessboard or a ChArUco board."
        )
    with ExitStack() as stack:
        # What is found of the simulated rig never becomes the calibration of the real one.
        data = stack.enter_context(DataDir.open(loaded.demo_dir if sim else loaded.data_dir))
        folder = out or data.calibration_pictures / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        store = CalibrationStore(data.calibrations)
        hand = None
        if sim:
            rig, simulation = open_simulated(stack, loaded)
            hand = BoardHand(simulation, value, loaded.settings.simulation.seed)
        else:
            rig = open_rig(stack, loaded)
        plate = (PlateSection() if sim else loaded.settings.plate).frame()
        session = CalibrationSession(rig, store, value, plate=plate, folder=folder, only=only)
        stack.callback(session.stop)
        session.start()
        if hand is not None:
            stack.callback(_Following(session, hand).stop)
        with CollectDisplay() as display:
            interrupted, last = _until_done(session, display, count, auto_solve or use)
        saved, against = _saved(session, store, use, even_so) if last.result is not None else (None, None)
    _tell(last, folder, board, saved, interrupted, as_json)
    if against is not None:
        raise against


def _until_done(
    session: CalibrationSession, display: CollectDisplay, count: int | None, solve: bool
) -> tuple[bool, CollectSnapshot]:
    """Show what happens until the pictures are enough, or solved; return whether Ctrl-C ended it."""
    last = session.snapshot
    asked = False
    try:
        while True:
            snapshot = session.wait_newer(last.sequence, _WAIT_S)
            if snapshot is None:
                continue
            last = snapshot
            display.show(last)
            if last.stage is Stage.SOLVED:
                return False, last
            enough = last.complete or (count is not None and len(last.pictures) >= count)
            if last.stage is Stage.BOARD and asked and last.trouble:
                raise CalibrationError(last.trouble)
            if last.stage is Stage.BOARD and enough and not asked:
                if not solve:
                    return False, last
                asked = True
                session.solve()
    except KeyboardInterrupt:
        return True, last


def _saved(
    session: CalibrationSession, store: CalibrationStore, use: bool, even_so: bool
) -> tuple[str, CalibrationError | None]:
    """Store what was solved and return its id, and why it was not taken into use though it was asked."""
    against: CalibrationError | None = None
    if use:
        try:
            return session.accept(even_so=even_so).id, None
        except CalibrationError as error:
            against = error
    return store_report(store, session.report()), against


def _tell(last: CollectSnapshot, folder: Path, board: str, saved: str | None, interrupted: bool, as_json: bool) -> None:
    result = last.result
    if as_json:
        figures: dict[str, Any] = {
            "folder": str(folder),
            "board": board,
            "pictures": len(last.pictures),
            "complete": last.complete,
            "interrupted": interrupted,
            "cameras": {
                role: {"views": one.views, "wants": [want.value for want in one.wants]}
                for role, one in sorted(last.coverage.items())
            },
            "weak_pairs": [list(pair) for pair in last.weak_pairs],
            "calibration": saved,
            "held_out_mm": None if result is None or result.held_out is None else result.held_out.rms_mm,
            "solution": None if result is None else result.solution.to_json(),
        }
        typer.echo(json.dumps(figures, indent=1))
        return
    typer.echo(f"{len(last.pictures)} pictures in {folder}")
    if result is None or saved is None:
        typer.echo(f"Solve them with: station calibrate solve --images {folder} --board {board}")
        return
    held_out = "" if result.held_out is None else f", {result.held_out.rms_mm:.2f} mm on boards that were left out"
    typer.echo(f"{saved}: {len(result.calibration.cameras)} cameras, {result.solution.rms_px:.2f} px RMS{held_out}")
    for role, camera in sorted(result.solution.cameras.items()):
        typer.echo(f"  {role}: sure to {camera.position_mm:.2f} mm (95 %), {camera.views} views")
    for finding in result.solution.findings:
        typer.echo(f"  ! {finding.text}")


def open_rig(stack: ExitStack, loaded: LoadedSettings) -> Rig:
    """Start the cameras of ``station.toml``; ``stack`` stops them. Raises ConfigError or CameraError."""
    return open_real_rig(stack, loaded, minimum=2).rig


def open_simulated(stack: ExitStack, loaded: LoadedSettings) -> tuple[Rig, SimulatedRig]:
    """Start the simulated rig; ``stack`` stops it."""
    section = loaded.settings.simulation
    simulation = stack.enter_context(SimulatedRig(section, stale_after_s=loaded.settings.rig.stale_after_s))
    rig = Rig(simulation.sources, fps=section.fps)
    stack.callback(rig.stop)
    rig.start()
    return rig, simulation


class _Following:
    """A simulated person who does what the advice says."""

    def __init__(self, session: CalibrationSession, hand: BoardHand) -> None:
        self._session = session
        self._hand = hand
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="simulated hand")
        self._thread.start()

    def stop(self) -> None:
        """Put the board down."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            snapshot = self._session.snapshot
            if snapshot.stage is Stage.BOARD and not snapshot.complete:
                self._show(snapshot)
                self._wait_for_picture(len(snapshot.pictures))
            else:
                self._stopping.wait(0.1)

    def _show(self, snapshot: CollectSnapshot) -> None:
        try:
            if snapshot.advice_roles:
                self._hand.show_to(snapshot.advice_roles)
            else:
                self._hand.show_somewhere()
        except StationError:
            # this camera cannot see the whole board anywhere: the person tries another place
            self._hand.show_somewhere()

    def _wait_for_picture(self, taken: int) -> None:
        """Hold still until the picture is taken, or patience ends."""
        waited = 0.0
        while not self._stopping.is_set() and waited < _HAND_S:
            snapshot = self._session.snapshot
            if len(snapshot.pictures) != taken or snapshot.stage is not Stage.BOARD:
                return
            self._stopping.wait(0.1)
            waited += 0.1
