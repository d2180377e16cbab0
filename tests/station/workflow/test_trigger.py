"""The picture watch on synthetic pictures: still, moved, as empty, as captured."""

from dataclasses import replace

import numpy as np
import pytest

from station.frames import Frame
from station.geometry import CameraModel, Pose, RigCalibration, WorkVolume
from station.workflow.trigger import PictureWatch, Sight, watched_regions
from tests.station.workflow.bench_rig import BenchRig, Thing

MS = 1_000_000


class Film:
    """Feeds a watch with pictures of the bench at 15 frames a second on a clock of its own."""

    def __init__(self, roles: tuple[str, ...] = BenchRig.roles) -> None:
        self.rig = BenchRig()
        self.watch = PictureWatch(watched_regions(self.rig.calibration, WorkVolume()), change=4.0, still_s=0.3)
        self.now_ns = 10_000_000_000
        self.roles = roles

    def frames(self) -> dict[str, Frame]:
        found = {role: self.rig.preview(role) for role in self.roles}
        return {role: replace(f, arrival_ns=self.now_ns) for role, f in found.items() if f is not None}

    def roll(self, seconds: float) -> Sight:
        for _ in range(round(seconds * 15)):
            self.now_ns += 66 * MS
            self.watch.see(self.frames().values(), self.now_ns)
        return self.watch.sight(self.now_ns)


def test_nothing_is_still_before_there_were_pictures_for_long_enough() -> None:
    film = Film()
    assert film.watch.sight(film.now_ns) == Sight(still=False, unlike_empty=None, unlike_capture=False)
    assert not film.roll(0.25).still
    assert film.roll(0.25).still


def test_noise_is_still_and_a_part_that_comes_is_not() -> None:
    film = Film()
    assert film.roll(1.0).still
    film.rig.thing = Thing()
    assert not film.roll(0.1).still
    assert film.roll(0.5).still


@pytest.mark.parametrize("edge", [0.012, 0.03, 0.2])
def test_a_part_is_unlike_the_empty_plate_however_small(edge: float) -> None:
    film = Film()
    film.roll(0.5)
    film.watch.learn_empty(film.frames())
    assert film.roll(0.5).unlike_empty is False
    film.rig.thing = Thing(edge=edge)
    assert film.roll(0.5).unlike_empty is True
    film.rig.thing = None
    assert film.roll(0.5).unlike_empty is False


def test_a_slow_push_is_motion_although_neighbouring_pictures_are_alike() -> None:
    film = Film()
    film.rig.thing = Thing(x=0.15)
    film.roll(1.0)
    moving = []
    for _ in range(60):
        film.rig.thing = replace(film.rig.thing, x=film.rig.thing.x + 0.001)
        moving.append(film.roll(0.07).still)
    assert not any(moving[10:])
    assert film.roll(0.5).still


def test_a_pushed_or_exchanged_part_is_unlike_the_capture_and_the_same_is_not() -> None:
    film = Film()
    film.rig.thing = Thing()
    film.roll(0.5)
    film.watch.mark_capture(film.frames())
    assert not film.roll(0.5).unlike_capture
    film.rig.thing = Thing(x=0.26)
    assert film.roll(0.5).unlike_capture
    film.rig.thing = Thing()
    assert not film.roll(0.5).unlike_capture
    film.rig.thing = None
    assert film.roll(0.5).unlike_capture


def test_a_camera_that_changes_its_exposure_is_no_motion() -> None:
    film = Film()
    film.rig.thing = Thing()
    film.roll(0.5)
    film.watch.learn_empty(film.frames())
    film.rig.light = 1.15
    sight = film.roll(0.2)
    assert sight.still
    assert sight.unlike_empty is False


def test_drifting_light_does_not_add_up_to_a_change() -> None:
    film = Film()
    film.rig.thing = Thing(grey=100)
    film.roll(0.5)
    film.watch.mark_capture(film.frames())
    for _ in range(10):
        film.rig.thing = replace(film.rig.thing, grey=film.rig.thing.grey + 2)
        film.roll(0.5)
        film.now_ns += 4_500 * MS
        sight = film.roll(0.5)
        assert sight.still
        assert not sight.unlike_capture


def test_a_camera_that_falls_silent_is_left_out_and_all_silent_is_not_still() -> None:
    film = Film()
    film.roll(1.0)
    film.roles = film.roles[:1]
    assert film.roll(2.0).still
    assert not film.watch.sight(film.now_ns + 2_000 * MS).still


def test_people_beside_the_plate_are_not_watched() -> None:
    regions = watched_regions(BenchRig().calibration, WorkVolume())
    assert set(regions) == set(BenchRig.roles)
    for region in regions.values():
        x0, y0, x1, y1 = region.box
        assert 0 <= x0 < x1 <= 320
        assert 0 <= y0 < y1 <= 240
        assert region.blocks.any()
    film = Film()
    region = film.watch._regions["cam_08"]
    frames = film.frames()
    film.roll(1.0)
    for n in range(10):
        film.now_ns += 66 * MS
        frames = film.frames()
        color = np.array(frames["cam_08"].color)
        color[: region.box[1]] = 25 * n
        film.watch.see([replace(frames["cam_08"], color=color)], film.now_ns)
    assert film.watch.sight(film.now_ns).still


def test_a_camera_that_does_not_see_the_plate_is_not_watched() -> None:
    calibration = BenchRig().calibration
    away = calibration.cameras["cam_07"]
    upwards = replace(away, pose=Pose(np.eye(3), -away.pose.center))
    changed = RigCalibration({**calibration.cameras, "cam_07": upwards}, "test", "")
    assert "cam_07" not in watched_regions(changed, WorkVolume())


def test_a_calibration_of_another_image_size_falls_back_to_the_whole_picture() -> None:
    calibration = BenchRig().calibration
    large = {
        role: replace(c, model=CameraModel(1280, 960, 1520.0, 1520.0, 639.5, 479.5))
        for role, c in calibration.cameras.items()
    }
    film = Film()
    regions = watched_regions(RigCalibration(large, "test", ""), WorkVolume())
    film.watch = PictureWatch(regions, change=4.0, still_s=0.3)
    assert film.roll(1.0).still
    film.rig.thing = Thing()
    assert not film.roll(0.1).still
