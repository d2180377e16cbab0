"""A calibration from the empty plate to the accepted result, driven as a person drives it, on rendered pictures."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from calibration import acceptance
from calibration.collecting import solving
from calibration.collecting.collector import CollectSettings
from calibration.collecting.coverage import Enough
from calibration.collecting.session import CalibrationSession
from calibration.collecting.snapshot import CollectSnapshot, Stage
from calibration.store import CalibrationStore
from station.errors import CalibrationError
from station.geometry import PLATE_WORLD, Pose, RigCalibration
from tests.calibration.collecting.scripted import BOARD, PLATE, ScriptedRig, held, true_rig

ROLES = ("cam_04", "cam_05", "cam_08", "cam_09")
SETTINGS = CollectSettings(pause_s=0.0, plate_s=1.0, enough=Enough(views=4, tilt_deg=15.0, depth_ratio=1.05, cells=2))
_PATIENCE_S = 60.0


class Technician:
    """Somebody who reads the snapshots and holds the board."""

    def __init__(self, session: CalibrationSession, rig: ScriptedRig) -> None:
        self.session = session
        self.rig = rig
        self._rng = np.random.default_rng(1)

    def until(self, wanted: Callable[[CollectSnapshot], bool]) -> CollectSnapshot:
        """Wait for a snapshot that pleases."""
        snapshot = self.session.snapshot
        while not wanted(snapshot):
            newer = self.session.wait_newer(snapshot.sequence, _PATIENCE_S)
            assert newer is not None, f"nothing more came after: {snapshot.stage}, {snapshot.advice}"
            snapshot = newer
        return snapshot

    def show_once(self) -> CollectSnapshot:
        """Do what the advice says until one more picture is taken."""
        before = self.session.snapshot
        for _ in range(10):
            self.rig.show(held(self.rig.truth, before.advice_roles or ROLES[:2], self._rng))
            impatient_ns = self.rig.clock_ns() + 4_000_000_000
            snapshot = self.until(partial(self._taken_or_late, len(before.pictures), impatient_ns))
            if len(snapshot.pictures) > len(before.pictures):
                return snapshot
        raise AssertionError(f"no picture was taken: {self.session.snapshot.advice}")

    def _taken_or_late(self, before: int, impatient_ns: int, now: CollectSnapshot) -> bool:
        return len(now.pictures) > before or self.rig.clock_ns() > impatient_ns

    def collect(self, wanted: Callable[[CollectSnapshot], bool]) -> CollectSnapshot:
        """Show the board until the pictures suffice."""
        snapshot = self.until(lambda now: now.stage is Stage.BOARD)
        while not wanted(snapshot):
            snapshot = self.show_once()
        return snapshot

    def solve(self) -> CollectSnapshot:
        """Press Solve and wait."""
        self.session.solve()
        return self.until(lambda now: now.stage is Stage.SOLVED or bool(now.trouble))


@pytest.fixture(scope="module")
def truth() -> RigCalibration:
    return true_rig(ROLES)


@pytest.fixture
def rig(truth: RigCalibration) -> ScriptedRig:
    return ScriptedRig(truth)


@pytest.fixture
def store(tmp_path: Path) -> CalibrationStore:
    return CalibrationStore(tmp_path / "calibrations")


@pytest.fixture
def begin(rig: ScriptedRig, store: CalibrationStore, tmp_path: Path) -> Iterator[Callable[..., Technician]]:
    """Begin a session on the pictures' folder; it is stopped when the test ends."""
    begun: list[CalibrationSession] = []

    def start(only: str | None = None, board: object = BOARD) -> Technician:
        session = CalibrationSession(
            rig,
            store,
            board,  # type: ignore[arg-type]
            plate=PLATE,
            folder=tmp_path / "pictures",
            only=only,
            settings=SETTINGS,
            clock_ns=rig.clock_ns,
        )
        begun.append(session)
        session.start()
        return Technician(session, rig)

    yield start
    for session in begun:
        session.stop()
    assert not [one for one in threading.enumerate() if one.name.lower().startswith("calibration")]


def _errors_mm(found: RigCalibration, truth: RigCalibration) -> list[float]:
    return [
        1e3 * float(np.linalg.norm(camera.pose.center - truth.cameras[role].pose.center))
        for role, camera in found.cameras.items()
    ]


def test_from_nothing_to_an_accepted_calibration(
    begin: Callable[..., Technician],
    store: CalibrationStore,
    truth: RigCalibration,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    technician = begin()
    snapshot = technician.collect(lambda now: now.complete)
    assert snapshot.plate == ROLES
    assert snapshot.ready
    assert snapshot.advice_code == "enough"
    assert not snapshot.weak_pairs
    assert all(one.views >= SETTINGS.enough.views and not one.wants for one in snapshot.coverage.values())
    solved = technician.solve()
    assert solved.trouble == ""
    result = solved.result
    assert result is not None
    assert max(_errors_mm(result.calibration, truth)) < 0.5
    assert result.held_out is not None
    assert result.held_out.rms_mm < 0.5
    assert result.comparison is None
    placement, role = result.worst[0]
    shown = technician.session.view_picture(placement, role)
    assert shown is not None
    assert shown.expected is not None
    assert np.median(np.linalg.norm(shown.detected - shown.expected, axis=1)) < 1.0
    with monkeypatch.context() as strict:
        strict.setattr(acceptance, "LARGEST_BOUND_MM", 0.0)
        with pytest.raises(CalibrationError, match="It is not taken into use"):
            technician.session.accept()
        assert store.active_id is None
        technician.session.accept(even_so=True)
    accepted = technician.session.accept()
    assert accepted.world == PLATE_WORLD
    assert technician.session.snapshot.stage is Stage.ACCEPTED
    assert store.active_id == accepted.id
    assert {camera.serial for camera in accepted.cameras.values()} == {c.serial for c in truth.cameras.values()}

    # and one camera alone, after it was moved: the others stay exactly as they are
    technician.session.stop()
    moved = truth.cameras["cam_09"]
    pose = Pose(moved.pose.rotation, moved.pose.translation + np.array([0.004, -0.003, 0.002]))
    technician.rig.move_camera("cam_09", pose)
    for file in (technician.session.folder or Path()).glob("*/*.png"):
        file.unlink()
    again = begin(only="cam_09")
    snapshot = again.collect(lambda now: now.complete)
    assert all(not one.wants for role, one in snapshot.coverage.items() if role != "cam_09")
    solved = again.solve()
    assert solved.result is not None
    alone = solved.result.calibration
    assert (alone.world, alone.cameras["cam_09"].device) == (PLATE_WORLD, "scripted")
    for role in ROLES[:3]:
        assert (alone.cameras[role].pose.matrix == accepted.cameras[role].pose.matrix).all()
        assert alone.cameras[role].serial == accepted.cameras[role].serial
    assert np.linalg.norm(alone.cameras["cam_09"].pose.center - pose.center) < 0.0005
    assert solved.result.comparison is not None
    assert solved.result.comparison.cameras["cam_09"].moved_mm > 4.0


def test_a_hidden_camera_is_named_and_the_plate_taken_without_it(
    begin: Callable[..., Technician], rig: ScriptedRig
) -> None:
    rig.show(None, hidden=["cam_08"])
    technician = begin()
    named = technician.until(lambda now: now.advice_code == "plate_hidden")
    assert named.advice_roles == ("cam_08",)
    assert "Camera 8 does not see the plate's frame (not found" in named.advice
    assert technician.until(lambda now: now.stage is Stage.BOARD).plate == ("cam_04", "cam_05", "cam_09")
    rig.show(None)
    technician.session.retake_plate()
    technician.until(lambda now: now.stage is Stage.PLATE)
    assert technician.until(lambda now: now.stage is Stage.BOARD).plate == ROLES


def test_a_moving_board_is_not_taken_until_it_is_asked_for(begin: Callable[..., Technician], rig: ScriptedRig) -> None:
    technician = begin()
    technician.until(lambda now: now.stage is Stage.BOARD)
    rig.drift_px = 2.0
    rig.show(held(rig.truth, ROLES, np.random.default_rng(0)))
    technician.until(lambda now: now.advice_code == "hold_still")
    start = rig.clock_ns()
    still = technician.until(lambda _: rig.clock_ns() - start > 2_000_000_000)
    assert not still.pictures
    assert still.still < 1.0
    technician.session.take_now()
    assert len(technician.until(lambda now: bool(now.pictures)).pictures) == 1


def test_a_picture_without_a_board_is_not_taken_though_it_is_asked_for(begin: Callable[..., Technician]) -> None:
    technician = begin()
    technician.until(lambda now: now.stage is Stage.BOARD)
    technician.session.take_now()
    snapshot = technician.until(lambda now: bool(now.trouble))
    assert snapshot.trouble == "The picture was not taken: 0 cameras see the board, 2 are needed."


def test_the_same_place_is_taken_once(begin: Callable[..., Technician], rig: ScriptedRig) -> None:
    technician = begin()
    technician.until(lambda now: now.stage is Stage.BOARD)
    technician.show_once()
    start = rig.clock_ns()
    assert len(technician.until(lambda _: rig.clock_ns() - start > 3_000_000_000).pictures) == 1


def test_a_stopped_collection_goes_on_from_its_pictures(begin: Callable[..., Technician], tmp_path: Path) -> None:
    first = begin()
    before = first.collect(lambda now: len(now.pictures) >= 3)
    first.session.drop("board_002")
    before = first.until(lambda now: now.pictures[1].dropped)
    first.session.stop()
    second = begin()
    after = second.until(lambda now: now.stage is Stage.BOARD)
    assert after.plate == before.plate
    assert [(p.placement, p.roles, p.dropped) for p in after.pictures] == [
        (p.placement, p.roles, p.dropped) for p in before.pictures
    ]
    assert after.pairs == before.pairs
    assert after.coverage == before.coverage
    second.show_once()
    assert (tmp_path / "pictures").glob("*/board_004.png")


def test_a_folder_of_another_board_is_said(begin: Callable[..., Technician]) -> None:
    first = begin()
    first.until(lambda now: now.stage is Stage.BOARD)
    first.session.stop()
    other = begin(board=replace(BOARD, columns=9))
    assert "holds pictures of the board charuco-8x6" in other.until(lambda now: bool(now.trouble)).trouble


def test_dropping_and_keeping_changes_what_is_missing(begin: Callable[..., Technician]) -> None:
    technician = begin()
    full = technician.collect(lambda now: len(now.pictures) >= 2)
    technician.session.drop("board_001")
    less = technician.until(lambda now: now.pictures[0].dropped)
    assert sum(less.pairs.values()) < sum(full.pairs.values())
    technician.session.keep("board_001")
    assert technician.until(lambda now: not now.pictures[0].dropped).pairs == full.pairs


def test_a_solve_can_be_cancelled_and_a_failed_one_says_why(
    begin: Callable[..., Technician], monkeypatch: pytest.MonkeyPatch
) -> None:
    technician = begin()
    technician.collect(lambda now: len(now.pictures) >= 1)
    begun = threading.Event()

    def endless(task: solving.SolveTask, cancelled: Callable[[], bool], progress: Callable[[float], None]) -> None:
        progress(0.5)
        begun.set()
        while not cancelled():
            pass
        raise solving.SolveCancelledError("The solve was cancelled.")

    monkeypatch.setattr(solving, "solved_rig", endless)
    technician.session.solve()
    assert begun.wait(_PATIENCE_S)
    assert technician.until(lambda now: now.progress == 0.5).stage is Stage.SOLVING
    technician.session.cancel()
    assert technician.until(lambda now: now.stage is Stage.BOARD).trouble == ""

    def failing(*_: object) -> None:
        raise CalibrationError("The boards do not hang together.")

    monkeypatch.setattr(solving, "solved_rig", failing)
    technician.session.solve()
    assert technician.until(lambda now: bool(now.trouble)).trouble == "The boards do not hang together."
    with pytest.raises(CalibrationError, match="no result"):
        technician.session.accept()


def test_a_rig_that_went_silent_is_said(begin: Callable[..., Technician], rig: ScriptedRig) -> None:
    technician = begin()
    technician.until(lambda now: now.stage is Stage.BOARD)
    rig.silent = True
    assert technician.until(lambda now: now.advice_code == "no_pictures").sights == {}
    rig.silent = False
    technician.until(lambda now: now.advice_code != "no_pictures")


def test_a_camera_that_streams_nothing_is_not_waited_for(begin: Callable[..., Technician], rig: ScriptedRig) -> None:
    rig.dead.add("cam_08")
    assert begin().until(lambda now: now.stage is Stage.BOARD).plate == ("cam_04", "cam_05", "cam_09")


def test_one_camera_alone_needs_a_calibration_of_the_others(rig: ScriptedRig, store: CalibrationStore) -> None:
    with pytest.raises(CalibrationError, match="no calibration of the others"):
        CalibrationSession(rig, store, BOARD, plate=PLATE, folder=None, only="cam_04")
    with pytest.raises(CalibrationError, match="There is no camera cam_99"):
        CalibrationSession(rig, store, BOARD, plate=PLATE, folder=None, only="cam_99")
