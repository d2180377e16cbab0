"""The door to a running station's calibrations: what is used, kept, refused, and that recognition rests meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from calibration.collecting.snapshot import Stage
from calibration.fitting import RigCamera
from calibration.store import CalibrationStore
from calibration.watch.watcher import CalibrationWatch
from station.boards import FrameBoard
from station.cli.assembly import RunningStation
from station.cli.calibration_door import KEPT_ATTEMPTS, StationCalibrations
from station.cli.rig_calibration import ChosenCalibration
from station.errors import CalibrationError
from station.frames import CameraInfo
from station.geometry import Pose, RigCalibration
from station.simulation.rig import rig_models
from station.workflow import PartState, Rest
from tests.station.workflow.bench import Bench
from tests.station.workflow.bench_rig import BenchRig
from tests.station.workflow.test_use_calibration import shifted

BOARD = "chess-10x7-25"


class Rig(BenchRig):
    """The bench's cameras, which also say what they are."""

    @property
    def infos(self) -> dict[str, CameraInfo]:
        return {
            role: CameraInfo(role, c.serial, "", "", "", c.model, c.model, Pose.identity(), 15.0)
            for role, c in self.calibration.cameras.items()
        }


class Station:
    """A running workflow that begins with what was handed over, and the door to its calibrations."""

    def __init__(self, folder: Path, named: Path | None = None) -> None:
        self.bench = Bench(folder)
        self.bench.start()
        self.bench.scale.say(0.0)
        handed_over = self.bench.rig.calibration
        self.cameras = {
            role: RigCamera(c.serial, (c.model.width, c.model.height)) for role, c in handed_over.cameras.items()
        }
        self.store = CalibrationStore(folder / "calibrations")
        self.pictures = folder / "pictures"
        running = RunningStation(
            Rig(),  # pyright: ignore[reportArgumentType] - the bench's cameras are all that is asked of
            self.bench.workflow,
            ChosenCalibration(handed_over, handed_over),
            self.cameras,
            FrameBoard(),
            CalibrationWatch(FrameBoard()),
            has_scale=True,
        )
        self.door = StationCalibrations(running, self.store, self.pictures, FrameBoard(), named)

    @property
    def handed_over(self) -> RigCalibration:
        return self.bench.rig.calibration

    def stop(self) -> None:
        self.door.end()
        self.bench.stop()


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    made = Station(tmp_path)
    yield made
    made.stop()


def test_what_was_handed_over_is_in_use_without_being_stored(station: Station) -> None:
    active = station.door.active()
    assert active is not None
    assert (active.id, active.active) == (station.handed_over.id, False)
    assert station.door.listing() == []


def test_a_stored_calibration_is_used_by_the_running_station_and_there_is_a_way_back(station: Station) -> None:
    first, second = shifted(station.handed_over, 0.001), shifted(station.handed_over, 0.002)
    for one in (first, second):
        station.store.add(one)
        assert station.door.use(one.id).id == one.id
        station.bench.wait(lambda s, one=one: s.calibration_id == one.id and s.state is PartState.EMPTY)
    active = station.door.active()
    assert active is not None
    assert (active.id, active.active) == (second.id, True)
    assert station.door.back().id == first.id
    assert station.bench.workflow.status.calibration_id == first.id
    with pytest.raises(CalibrationError, match="no earlier"):
        station.door.back()


def test_one_of_another_rig_is_refused_and_nothing_has_changed(station: Station) -> None:
    other = rig_models("1280x720", 4)
    station.store.add(other)
    with pytest.raises(CalibrationError, match="other cameras"):
        station.door.use(other.id)
    assert station.store.active_id is None
    assert station.bench.workflow.calibration is station.handed_over


def test_recognition_rests_while_a_calibration_is_under_way(station: Station) -> None:
    work = station.door.begin(BOARD)
    assert station.bench.workflow.status.rest is Rest.CALIBRATING
    assert work.snapshot.stage is Stage.PLATE
    with pytest.raises(CalibrationError, match="Solve first"):
        station.door.accept()
    again = station.door.begin(BOARD)
    assert again is not work
    assert station.bench.workflow.status.rest is Rest.CALIBRATING
    station.door.end()
    station.bench.wait(lambda s: s.rest is None and s.state is PartState.EMPTY)
    with pytest.raises(CalibrationError, match="under way"):
        station.door.accept()


def test_a_calibration_that_cannot_begin_leaves_recognition_at_work(station: Station) -> None:
    with pytest.raises(CalibrationError):
        station.door.begin("chess-nonsense")
    with pytest.raises(CalibrationError, match="cam_99"):
        station.door.begin(BOARD, "cam_99")
    assert station.bench.wait(lambda s: s.state is PartState.EMPTY).rest is None


def test_what_was_in_use_is_kept_so_that_there_is_a_way_back_to_it(station: Station) -> None:
    station.door.begin(BOARD)
    assert station.store.active_id == station.handed_over.id
    station.door.end()
    other = shifted(station.handed_over, 0.001)
    station.store.add(other)
    station.door.use(other.id)
    assert station.door.back().id == station.handed_over.id


def test_the_pictures_of_old_attempts_make_room(station: Station) -> None:
    for year in range(2010, 2020):
        (station.pictures / f"{year}0101T000000Z" / "cam_01").mkdir(parents=True)
    station.door.begin(BOARD)
    station.door.end()
    left = sorted(path.name for path in station.pictures.iterdir())
    assert len(left) <= KEPT_ATTEMPTS
    assert left[0] >= "20160101T000000Z"


def test_an_exchanged_camera_stands_among_the_troubles(station: Station) -> None:
    old = station.handed_over
    cameras = {**old.cameras, "cam_08": replace(old.cameras["cam_08"], serial="ANOTHER")}
    stored = RigCalibration(cameras, old.source, old.created_at)
    station.store.add(stored)
    station.door.use(stored.id)
    status = station.bench.wait(lambda s: bool(s.troubles))
    assert "cam_08" in status.troubles[0]
    fitted = station.bench.workflow.calibration
    assert fitted is not None
    assert set(fitted.cameras) == {"cam_07", "cam_09"}


def test_report_export_and_board_are_written(station: Station, tmp_path: Path) -> None:
    handed_over = station.handed_over
    station.door.report(handed_over.id, tmp_path / "handed-over.pdf")
    stored = shifted(handed_over, 0.001)
    station.store.add(stored)
    station.door.report(stored.id, tmp_path / "stored.pdf")
    for name in ("handed-over.pdf", "stored.pdf"):
        assert (tmp_path / name).read_bytes().startswith(b"%PDF")
    station.door.export(stored.id, tmp_path / "export", "opencv")
    assert any((tmp_path / "export").iterdir())
    with pytest.raises(CalibrationError, match="kalibr"):
        station.door.export(stored.id, tmp_path / "export", "word")
    with pytest.raises(CalibrationError, match="under way"):
        station.door.report(None, tmp_path / "none.pdf")
    assert station.door.write_board(BOARD, tmp_path / "board.pdf", "A4") == 1


def test_a_named_file_that_comes_back_with_the_next_start_is_said(tmp_path: Path) -> None:
    station = Station(tmp_path, named=tmp_path / "named.json")
    stored = shifted(station.handed_over, 0.001)
    station.store.add(stored)
    station.door.use(stored.id)
    status = station.bench.wait(lambda s: bool(s.troubles))
    assert "named.json is named in station.toml" in status.troubles[0]
    station.stop()
