"""The health page's words and figures, without a window."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from calibration.watch.trend import Trend
from station.acquisition.picture_health import Finding, Symptom
from station.cameras.supervisor import CameraState, CameraStatus
from station.errors import CalibrationError, StorageError
from station.frames import ROLES
from tests.ui.health_stage import ID, NOW, FakeHealth, ill, trend, well
from ui.presenters.health import HealthPresenter
from ui.presenters.health_cells import state_cell
from ui.presenters.health_source import CheckHistory
from ui.presenters.health_view import HealthRow, HealthView
from ui.presenters.health_words import camera_sentence
from ui.presenters.operator_view import MessageView, Tone
from ui.presenters.wording import Wording

PATIENCE_S = 10.0


class Bench:
    """A presenter on the stage's cameras and a clock that the test turns."""

    def __init__(self, stage: Any) -> None:
        self.door = FakeHealth()
        self.cameras = stage.cameras
        self.now_s = 100.0
        self.cameras.number = round(99.5e9)
        self.presenter = HealthPresenter(self.door, self.cameras, lambda: self.now_s, now=lambda: NOW)

    def view(self) -> HealthView:
        self.now_s += 1.0
        return self.presenter.view()

    def until(self, wanted: Callable[[HealthView], bool]) -> HealthView:
        """Pull until the view is as wanted."""
        for _ in range(round(PATIENCE_S / 0.01)):
            self.presenter.pull()
            view = self.presenter.view()
            if wanted(view):
                return view
            threading.Event().wait(0.01)
        raise AssertionError(f"never came: {view}")

    def row(self, role: str) -> HealthRow:
        return next(row for row in self.view().rows if row.role == role)


@pytest.fixture
def bench(stage: Any) -> Iterator[Bench]:
    made = Bench(stage)
    yield made
    made.presenter.close()


def test_all_is_well(bench: Bench) -> None:
    bench.door.told = CheckHistory(replace(trend(), cameras=()), {}, "chess-10x7-25")
    view = bench.until(lambda v: bench.door.read == 1)
    assert view.summary.tone is Tone.GOOD
    assert "40 s ago" in view.summary.text
    assert view.warnings == ()
    assert {row.tone for row in view.rows} == {Tone.GOOD}
    assert [cell.text for cell in view.rows[0].cells] == [
        "streams", "15.0", "0.5 s", "0", "0", "−3.6", "3.2", "36", "91", "88", "42", "8.0", "2.4", "5 h",
    ]  # fmt: skip
    assert len(view.columns) == 1 + len(view.rows[0].cells)
    bench.presenter.switch_table()
    view = bench.view()
    assert [cell.text for cell in view.rows[0].cells] == ["streams", "stands", "0.05", "0.012", "0.42", "–", "−1.2"]
    assert len(view.columns) == 1 + len(view.rows[0].cells)


def test_the_marked_cameras_details_are_no_warning(bench: Bench) -> None:
    bench.presenter.choose("cam_01")
    view = bench.view()
    assert view.message == MessageView(Tone.IDLE, "Colour: exposure 8.0 ms, gain 16, white balance 4600 K.")
    bench.door.report = ill()
    bench.presenter.choose("cam_05")
    message, row = bench.view().message, bench.row("cam_05")
    assert message == MessageView(Tone.WARNING, "too little of the plate's frame is visible")
    assert row.explanation == f"{row.trouble}\n{row.details}"


def test_everything_that_is_wrong_is_named_once(bench: Bench) -> None:
    bench.door.report = ill()
    view = bench.until(lambda v: bool(v.trend.lines))
    assert view.warnings == (
        "Camera 3 was moved by 2.3 mm and 0.31°. Calibrate it again.",
        "Camera 9 is another device than the calibrated one. Calibrate it.",
        "Camera 7 measures the plate 9 mm too far away.",
        "Camera 8 measures no depth. Check its projector and its glass.",
        "Camera 6 has drifted by 0.7 mm (limit 0.5 mm). Calibrate it again.",
    )
    assert view.summary.tone is Tone.WARNING
    assert view.summary.text.startswith("5 things")
    assert bench.row("cam_03").tone is Tone.ERROR, "the camera's sign tells of the section that is not shown"
    assert not bench.row("cam_03").streams_badly
    bench.presenter.switch_table()
    cells = bench.row("cam_03").cells
    assert (cells[1].text, cells[1].tone, cells[5].text) == ("moved", Tone.ERROR, "2 days ago")
    unchecked = bench.row("cam_05")
    assert unchecked.cells[1].text == "not checked"
    assert "too little of the plate" in unchecked.explanation
    assert bench.row("cam_08").cells[6].text == "dead"
    bench.presenter.choose("cam_05")
    message = bench.view().message
    assert message is not None
    assert "too little of the plate" in message.text


def test_a_knock_that_is_not_written_down_yet_counts_from_its_check(bench: Bench) -> None:
    bench.door.report = ill()
    bench.door.told = CheckHistory(trend(), {}, "chess-10x7-25")
    bench.until(lambda v: bool(v.trend.lines))
    bench.presenter.switch_table()
    assert bench.row("cam_03").cells[5].text == "40 s ago"


def test_a_camera_without_pictures_comes_before_everything(bench: Bench) -> None:
    bench.door.report = ill()
    bench.cameras.state = {"cam_10": CameraState.FAILED}
    view = bench.view()
    assert (view.summary.tone, view.summary.text) == (Tone.ERROR, "Camera 10 gives no pictures.")
    assert view.warnings[0] == "Camera 10 does not come back. Unplug it and plug it in again."
    assert bench.row("cam_10").tone is Tone.ERROR


def test_without_a_calibration_nothing_is_checked(bench: Bench) -> None:
    bench.door.calibration_id = ""
    bench.door.told = None
    view = bench.view()
    assert view.summary.text == "The station is not calibrated."
    assert not view.may_check
    bench.presenter.switch_table()
    assert bench.view().rows[0].cells[1].text == "not checked"
    assert view.trend.note
    bench.presenter.check()
    assert not bench.view().checking


def test_the_check_of_an_earlier_calibration_says_nothing_of_this_one(bench: Bench) -> None:
    bench.until(lambda v: bool(v.trend.lines))
    bench.door.calibration_id = "ffffffffffff"
    bench.door.told = CheckHistory(Trend("ffffffffffff", (), 0.5), {}, "chess-10x7-25")
    view = bench.view()
    assert "ffffffffffff is in use; it was not checked yet" in view.summary.text
    assert view.trend.lines == ()


def test_the_trend_is_read_again_after_a_check_and_not_with_every_look(bench: Bench) -> None:
    bench.until(lambda v: bool(v.trend.lines))
    for _ in range(5):
        bench.view()
        bench.presenter.pull()
    assert bench.door.read == 1
    bench.door.report = replace(well(), capture_id="c3")
    for _ in range(4):
        bench.view()
    bench.until(lambda v: bench.door.read == 2)


def test_a_history_that_cannot_be_read_is_a_sentence(bench: Bench) -> None:
    bench.door.refusal = StorageError("The checks of the calibration cannot be read.", where="checks.sqlite")
    view = bench.until(lambda v: v.message is not None and v.message.tone is Tone.ERROR)
    assert view.message is not None
    assert "checks.sqlite" in view.message.text


def test_cameras_are_marked_one_after_another(bench: Bench) -> None:
    bench.presenter.step(-1)
    assert bench.view().chosen == ROLES[-1]
    bench.presenter.step(1)
    assert bench.view().chosen == ROLES[0]
    bench.presenter.choose(ROLES[0])
    assert bench.view().chosen == bench.view().trend.chosen == ""


@pytest.mark.parametrize(
    ("knocked", "tone", "words"),
    [
        ((), Tone.GOOD, "8 of 10 cameras see the board in one place, within 0.3 mm"),
        (("cam_03", "cam_10"), Tone.ERROR, "camera 3, 10 was moved"),
    ],
)
def test_the_daily_check_says_what_it_found(bench: Bench, knocked: tuple[str, ...], tone: Tone, words: str) -> None:
    bench.until(lambda v: bool(v.trend.lines))
    bench.door.knocked = knocked
    bench.door.waits = True
    bench.presenter.check()
    view = bench.view()
    assert view.checking
    assert view.message is not None
    assert "Hold the board chess-10x7-25 still" in view.message.text
    bench.door.waits = False
    view = bench.until(lambda v: not v.checking and v.message is not None and v.message.tone is tone)
    assert view.message is not None
    assert words in view.message.text


def test_the_daily_check_can_be_ended_and_closing_ends_it(bench: Bench) -> None:
    bench.door.waits = True
    bench.presenter.check()
    assert bench.view().checking
    bench.presenter.dismiss()
    view = bench.until(lambda v: not v.checking and v.message is not None and "ended" in v.message.text)
    assert view.message is not None
    bench.presenter.check()
    bench.presenter.close()
    with pytest.raises(CalibrationError):
        bench.door.daily_check(lambda: True)


def test_ids_and_days_are_the_stages(bench: Bench) -> None:
    line = bench.until(lambda v: bool(v.trend.lines)).trend.lines[5]
    assert line.warns
    assert dt.datetime.fromtimestamp(line.points[-1][0], dt.UTC) == dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
    assert bench.door.calibration_id == ID


@pytest.mark.parametrize("symptom", list(Symptom))
def test_what_ails_a_camera_that_streams_is_among_the_warnings(bench: Bench, symptom: Symptom) -> None:
    before = bench.view()
    bench.door.findings = (Finding("cam_03", symptom, 2.1),)
    view = bench.view()
    assert len(view.warnings) == len(before.warnings) + 1
    assert "amera 3" in view.warnings[0]
    assert [row.role for row in view.rows if row.tone is Tone.WARNING] == ["cam_03"]
    assert "{" not in view.warnings[0]
    assert view.summary.tone is Tone.WARNING
    bench.door.findings = ()
    assert bench.view().warnings == before.warnings


def test_what_ails_the_scale_is_among_the_warnings_before_the_first_check_too(bench: Bench) -> None:
    bench.door.report = None
    bench.door.scale_trouble = "The scale has been silent for 2.0 s."
    view = bench.view()
    assert bench.door.scale_trouble in view.warnings
    assert view.summary.tone is Tone.WARNING


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (CameraState.STALLED, "Camera 3 sends no pictures"),
        (CameraState.RECONNECTING, "Camera 3 is away and is looked for"),
        (CameraState.FAILED, "Camera 3 does not come back"),
        (CameraState.STOPPED, "Camera 3 is switched off"),
    ],
)
def test_a_camera_that_gives_nothing_is_named_with_what_to_do(bench: Bench, state: CameraState, words: str) -> None:
    bench.cameras.state = {"cam_03": state}
    view = bench.view()
    assert view.warnings[0].startswith(words)
    assert bench.row("cam_03").streams_badly
    bench.cameras.state = {"cam_03": CameraState.STARTING}
    assert bench.view().warnings == ()


def test_what_two_watches_find_is_said_once(bench: Bench) -> None:
    bench.door.report = ill()
    bench.door.findings = (Finding("cam_08", Symptom.NO_DEPTH, 0.01),)
    said = bench.view().warnings
    assert len(said) == len(set(said))
    assert sum("Camera 8" in one for one in said) == 1


@pytest.mark.parametrize(
    "kind",
    [
        *("silent", "line", "taken", "garbage", "restless", "doubtful", "busy", "restarted", "unit"),
        *("overload", "underload", "impossible", "noisy", "drift"),
    ],
)
def test_the_scales_troubles_are_worded_for_the_page_and_a_strange_one_as_the_station_says_it(
    bench: Bench, kind: str
) -> None:
    bench.door.scale_trouble = "Scale /dev/x: something. Do this."
    assert bench.view().warnings == (bench.door.scale_trouble,)
    bench.door.scale_trouble_kind = kind
    (said,) = bench.view().warnings
    assert said != bench.door.scale_trouble
    assert said.count(". ") == 1, "what, and what to do"
    bench.door.scale_trouble = ""
    assert bench.view().warnings == ()


@pytest.mark.parametrize(
    ("waits_for", "sentence"),
    [
        ("", "Camera 4 has been opening for 20 s. Unplug it for a while."),
        ("cam_03", "Camera 4 waits for camera 3, which has been opening for 20 s."),
        ("listing", "Camera 4 waits: listing the cameras hangs for 20 s. Unplug them."),
    ],
)
def test_a_camera_that_does_not_open_is_said(waits_for: str, sentence: str) -> None:
    starting = CameraStatus("cam_04", "4", CameraState.STARTING, "The long form.", 0.0, 0, 0, 0)
    hanging = replace(starting, hangs_s=20.0, waits_for=waits_for)
    assert camera_sentence(starting, Wording()) == ""
    assert camera_sentence(hanging, Wording()) == sentence
    assert (state_cell(starting, Wording()).tone, state_cell(hanging, Wording()).tone) == (Tone.WORKING, Tone.ERROR)
