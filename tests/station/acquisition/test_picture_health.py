"""What pictures tell of their cameras: figures of pictures, and judgements on figures."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from station.acquisition.picture_health import Finding, Look, PictureJudge, Symptom, look_at
from station.acquisition.rig_health import RigHealth
from station.cameras.supervisor import CameraState, CameraStatus
from station.frames import ROLES, CameraInfo, Frame, TimeDomain
from station.geometry import CameraModel, Pose
from station.simulation.camera_faults import smeared, tinted

HALF_S = 500_000_000
MODEL = CameraModel(64, 48, 60.0, 60.0, 32.0, 24.0)
INFO = CameraInfo("cam_01", "1", "D415", "5.16", "3.2", MODEL, MODEL, Pose.identity(), 15.0)
USUAL = Look(0, 0, 20.0, TimeDomain.GLOBAL, 0, 0, 0.9, 0.0, 0.0, 100.0, 15.0, "3.2", 0.4)


class Bench:
    """Ten healthy cameras that are looked at every half second; ``odd`` says how cam_03 differs."""

    def __init__(self, roles: tuple[str, ...] = ROLES) -> None:
        self.judge = PictureJudge()
        self.roles = roles
        self.tick = 0

    def look(self, odd: Mapping[str, object] | None = None, *, away: str = "") -> list[Symptom]:
        """Take one look and return the symptoms of cam_03; no other camera may have any."""
        self.tick += 1
        usual = replace(
            USUAL,
            number=self.tick * 7,
            arrival_ns=self.tick * HALF_S,
            color_mark=self.tick,
            depth_mark=self.tick,
        )
        looks = {role: usual for role in self.roles if role != away}
        if "cam_03" in looks:
            looks["cam_03"] = replace(usual, **(odd or {}))
        found = self.judge.judge(looks)
        assert {one.role for one in found} <= {"cam_03"}
        return [one.symptom for one in found]


@pytest.mark.parametrize(
    ("odd", "symptom"),
    [
        ({"depth_share": 0.05}, Symptom.NO_DEPTH),
        ({"delay_ms": 160.0}, Symptom.LATE),
        ({"red": 0.2}, Symptom.TINTED),
        ({"blue": -0.2}, Symptom.TINTED),
        ({"sharpness": 20.0}, Symptom.BLURRED),
    ],
)
def test_what_three_looks_in_a_row_show_is_named_and_is_over_with_the_first_good_one(
    odd: dict[str, object], symptom: Symptom
) -> None:
    bench = Bench()
    assert [bench.look(odd) for _ in range(3)] == [[], [], [symptom]]
    assert bench.look() == []
    assert bench.look(odd) == []


@pytest.mark.parametrize(
    ("odd", "symptom"), [({"usb": "2.1"}, Symptom.SLOW_USB), ({"domain": TimeDomain.DERIVED}, Symptom.CLOCK)]
)
def test_what_is_certain_is_named_at_once(odd: dict[str, object], symptom: Symptom) -> None:
    bench = Bench()
    assert bench.look(odd) == [symptom]
    assert bench.look() == []


def test_a_picture_that_stays_the_same_for_two_seconds_is_frozen_while_others_change() -> None:
    bench = Bench()
    assert [bench.look({"color_mark": 5}) for _ in range(5)] == [[], [], [], [], [Symptom.FROZEN]]
    assert bench.look() == []


def test_depth_alone_can_freeze_but_depth_that_is_not_there_is_not_frozen() -> None:
    bench = Bench()
    assert [bench.look({"depth_mark": 5}) for _ in range(5)][-1] == [Symptom.FROZEN]
    bench = Bench()
    assert [bench.look({"depth_mark": 5, "depth_share": 0.0}) for _ in range(8)][-1] == [Symptom.NO_DEPTH]


def test_when_all_pictures_repeat_no_camera_is_frozen() -> None:
    judge = PictureJudge()
    for tick in range(10):
        looks = {  # exposed one after the other, as they are on the rig
            role: replace(USUAL, number=tick, arrival_ns=tick * HALF_S + place * 1_000_000)
            for place, role in enumerate(ROLES)
        }
        assert judge.judge(looks) == ()


def test_a_camera_that_was_away_begins_anew() -> None:
    bench = Bench()
    for _ in range(4):
        bench.look({"color_mark": 5})
    bench.look(away="cam_03")
    assert [bench.look({"color_mark": 5}) for _ in range(4)] == [[], [], [], []]


def test_with_a_clock_of_its_own_a_camera_is_late_against_itself_and_may_drift() -> None:
    bench = Bench()
    own = {"domain": TimeDomain.HARDWARE}
    for tick in range(400):  # 100 ppm
        assert bench.look({**own, "delay_ms": 7.0 + tick * 0.05}) == []
    late = [bench.look({**own, "delay_ms": 7.0 + 20.0 + 200.0}) for _ in range(3)]
    assert late == [[], [], [Symptom.LATE]]


def test_two_cameras_alone_say_nothing_of_each_others_colour() -> None:
    bench = Bench(("cam_01", "cam_03"))
    assert [bench.look({"red": 0.5, "sharpness": 1.0}) for _ in range(5)][-1] == []


@pytest.mark.parametrize("symptom", list(Symptom))
def test_every_symptom_has_a_sentence_that_names_the_camera(symptom: Symptom) -> None:
    said = Finding("cam_03", symptom, 2.1).sentence
    assert said.startswith("cam_03: ")
    assert said.endswith(".")
    assert "{" not in said


def frame(color: np.ndarray, depth: np.ndarray, number: int = 1, role: str = "cam_01") -> Frame:
    return Frame(role, color, depth, 0.001, number, 1000.0, TimeDomain.GLOBAL, 1_030_000_000)


def scene(width: int = 640) -> np.ndarray:
    """Return a grey picture of hard-edged squares with noise."""
    rng = np.random.default_rng(1)
    squares = np.kron(rng.integers(60, 180, (15, width // 32)), np.ones((32, 32)))
    noisy = squares[..., None] + rng.normal(0.0, 2.0, (*squares.shape, 3))
    return np.clip(noisy, 0, 255).astype(np.uint8)


def test_figures_of_a_picture() -> None:
    color = scene()
    depth = np.full(color.shape[:2], 700, np.uint16)
    depth[:, :320] = 0
    look = look_at(frame(color, depth), INFO)
    assert look.depth_share == 0.5
    assert look.delay_ms == pytest.approx(30.0)
    assert (look.red, look.blue) == (pytest.approx(0.0, abs=0.01), pytest.approx(0.0, abs=0.01))
    warm = look_at(frame(tinted(color), depth), INFO)
    assert (warm.red, warm.blue) == (pytest.approx(math.log(1.3), abs=0.02), pytest.approx(math.log(0.72), abs=0.02))
    soft = look_at(frame(smeared(color), depth), INFO)
    assert soft.sharpness < 0.2 * look.sharpness
    assert look.color_mark != soft.color_mark
    assert look.depth_mark == soft.depth_mark
    black = look_at(frame(np.zeros_like(color), depth), INFO)
    assert math.isnan(black.red)
    assert (look_at(frame(np.full_like(color, 255), depth), INFO).brightness, black.brightness) == (1.0, 0.0)


def test_a_camera_that_goes_on_losing_pictures_is_told_of_until_it_is_well_for_seconds() -> None:
    bench = Bench()
    lost, told = 0, []
    for tick in range(60):
        # Seven pictures a look, of which two are lost for a while.
        lost += 2 if 20 <= tick < 35 else 0
        told.append(Symptom.LOSSY in bench.look({"lost": lost}))
    assert not any(told[:20])
    assert 1 <= told[20:35].index(True) <= 6
    assert all(told[27:35])
    assert not any(told[48:])


def test_a_few_lost_pictures_are_no_trouble_of_the_camera() -> None:
    bench = Bench()
    assert bench.look({"lost": 0}) == []
    for _ in range(12):
        assert bench.look({"lost": 4}) == []


def test_a_large_coloured_part_is_no_tint() -> None:
    color, depth = scene(), np.full((480, 640), 600, np.uint16)
    grey = look_at(frame(color, depth), INFO)
    color[:, :250] = (200, 120, 30)
    painted = look_at(frame(color, depth), INFO)
    assert (painted.red, painted.blue) == (pytest.approx(grey.red, abs=0.05), pytest.approx(grey.blue, abs=0.05))


class StandingRig:
    """One camera whose newest frame stays what the test puts there."""

    roles = ("cam_01",)
    infos: Mapping[str, CameraInfo] = {"cam_01": INFO}

    def __init__(self) -> None:
        self.number = 0
        self.fault = False

    def states(self) -> Mapping[str, CameraStatus]:
        return {"cam_01": CameraStatus("cam_01", "1", CameraState.STREAMING, "", 15.0, self.number, 7, 0)}

    def preview(self, role: str) -> Frame | None:
        if self.fault:
            raise ZeroDivisionError
        self.number += 1
        depth = np.zeros((48, 64), np.uint16)
        shown = frame(np.full((48, 64, 3), self.number % 200, np.uint8), depth, self.number)
        return replace(shown, arrival_ns=time.monotonic_ns())


def test_the_watch_tells_what_it_sees_outlives_an_odd_picture_and_ends(caplog: pytest.LogCaptureFixture) -> None:
    rig = StandingRig()
    watch = RigHealth(rig, period_s=0.01)
    rig.fault = True
    watch.start()
    rig.fault = False
    assert watch.wait(lambda found: [one.symptom for one in found] == [Symptom.NO_DEPTH], 10.0)
    assert watch.sentences() == (watch.findings[0].sentence,)
    assert "cam_01: It measures depth on 0 %" in caplog.text
    assert (watch.looks["cam_01"].depth_share, watch.looks["cam_01"].lost) == (0.0, 7)
    watch.stop()
    assert "rig-health" not in {thread.name for thread in threading.enumerate()}
