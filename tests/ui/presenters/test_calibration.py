"""The calibration page's logic, without a window."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from calibration.collecting import advice
from calibration.collecting.snapshot import CollectSnapshot, Coverage, Stage, Want
from calibration.findings import Finding, FindingKind
from station.cameras.supervisor import CameraState
from station.errors import CalibrationError
from station.frames import ROLES
from tests.ui.scripted_calibration import BOARD, at_board, at_plate, solved
from ui.presenters.calibration import CalibrationPresenter
from ui.presenters.calibration_advice import advice_sentence, advice_texts
from ui.presenters.calibration_result import standing_out, worst_views
from ui.presenters.calibration_view import CalibrationCommand as Command
from ui.presenters.calibration_view import CalibrationStep as Step
from ui.presenters.calibration_view import CalibrationView, SightState
from ui.presenters.calibration_words import finding_sentence, picture_named, refusal_words
from ui.presenters.operator_view import Tone
from ui.presenters.wording import Wording

WORDS = Wording()


@pytest.fixture
def presenter(stage: Any) -> Iterator[CalibrationPresenter]:
    made = CalibrationPresenter(stage.door, stage.cameras, stage.clock)
    yield made
    made.close()


def until(presenter: CalibrationPresenter, met: Callable[[CalibrationView], bool]) -> CalibrationView:
    """Look until the errands brought what is waited for."""
    end = time.monotonic() + 10.0
    while not met(view := presenter.view()):
        assert time.monotonic() < end, view
        time.sleep(0.001)
    return view


def begun(stage: Any, presenter: CalibrationPresenter, snapshot: CollectSnapshot | None = None) -> CalibrationView:
    presenter.view()
    presenter.do(Command.BEGIN)
    until(presenter, lambda view: view.step is Step.PLATE)
    if snapshot is not None:
        stage.door.work.show(snapshot)
    return presenter.view()


def test_start_says_what_is_active_and_lists_the_newest_first(stage: Any, presenter: CalibrationPresenter) -> None:
    presenter.load()
    view = until(presenter, lambda view: view.start is not None and len(view.start.stored) == 2)
    assert view.headline.startswith("Calibrated 2025-12-24")
    assert [row.active for row in view.start.stored] == [True, False]
    assert {Command.BEGIN, Command.PRINT, Command.USE} == view.allowed


def test_start_without_any_calibration_warns_and_offers_none_to_use(
    stage: Any, presenter: CalibrationPresenter
) -> None:
    stage.door.stored.clear()
    presenter.load()
    view = until(presenter, lambda view: view.tone is Tone.WARNING)
    assert view.headline == "The cameras are not calibrated"
    assert Command.USE not in view.allowed


def test_calls_that_take_their_time_are_never_made_in_the_callers_thread(
    stage: Any, presenter: CalibrationPresenter
) -> None:
    stage.door.hold_back = threading.Event()
    presenter.load()
    presenter.view()
    presenter.do(Command.BEGIN)
    view = presenter.view()
    assert view.busy
    assert view.allowed == frozenset()
    stage.door.hold_back.set()
    until(presenter, lambda view: view.step is Step.PLATE)
    assert threading.current_thread().name not in stage.door.threads


def test_board_that_is_none_cannot_begin(stage: Any, presenter: CalibrationPresenter) -> None:
    for board_id in ("chess-10x", "frame-20x16-24-18-ring2-DICT_ARUCO_ORIGINAL", "chess-2x2-10"):
        presenter.board_id = board_id
        assert Command.BEGIN not in presenter.view().allowed
        presenter.do(Command.BEGIN)
    presenter.board_id = BOARD
    presenter.only = "cam_04"
    presenter.view()
    presenter.do(Command.BEGIN)
    until(presenter, lambda view: view.step is Step.PLATE)
    assert stage.door.told == [("begin", BOARD, "cam_04")]


def test_refusal_of_the_station_is_a_sentence(stage: Any, presenter: CalibrationPresenter) -> None:
    stage.door.refusal = CalibrationError("The disk is full.", todo="Free some space.")
    presenter.view()
    presenter.do(Command.BEGIN)
    view = until(presenter, lambda view: not view.busy and view.message.tone is Tone.ERROR)
    assert "The disk is full." in view.message.text
    assert Command.BEGIN in view.allowed


def test_fault_that_nobody_expected_does_not_lock_the_page(stage: Any, presenter: CalibrationPresenter) -> None:
    def fault(board_id: str, only: str | None) -> None:
        raise OSError("the disk is gone")

    stage.door.begin = fault
    presenter.view()
    presenter.do(Command.BEGIN)
    with pytest.raises(OSError, match="the disk is gone"):
        until(presenter, lambda view: not view.busy)
    view = presenter.view()
    assert "the disk is gone" in view.message.text
    assert Command.BEGIN in view.allowed


def test_tiles_say_what_each_camera_sees_and_has(stage: Any, presenter: CalibrationPresenter) -> None:
    stage.cameras.state = {"cam_09": CameraState.FAILED}
    view = begun(stage, presenter, at_board())
    tiles = {tile.role: tile for tile in view.collect.tiles}
    assert tiles["cam_03"].state is SightState.USABLE
    assert (tiles["cam_05"].state, tiles["cam_05"].state_text) == (SightState.REFUSED, "Cut off")
    assert "border" in tiles["cam_05"].explanation
    assert tiles["cam_01"].state is SightState.NONE
    assert (tiles["cam_09"].state, tiles["cam_09"].state_text) == (SightState.LOST, "Missing")
    assert [mark.done for mark in tiles["cam_01"].marks] == [False, True, True]
    assert sum(tiles["cam_01"].cells) == 9
    assert tiles["cam_02"].complete
    assert not tiles["cam_01"].complete
    assert {role for role, tile in tiles.items() if tile.wanted} == {"cam_07", "cam_08"}


def test_matrix_holds_every_pair_once_and_names_the_weak_ones(stage: Any, presenter: CalibrationPresenter) -> None:
    matrix = begun(stage, presenter, at_board()).collect.matrix
    assert len(matrix.pairs) == 45
    assert {(pair.first, pair.second) for pair in matrix.pairs if pair.weak} == {(0, 9), (6, 7)}
    assert matrix.summary == "Still need a common picture: 1–10, 7–8"
    snapshot = at_board()
    counted = {(ROLES[pair.first], ROLES[pair.second]): pair.count for pair in matrix.pairs if pair.count}
    assert counted == snapshot.pairs


def test_picture_that_was_taken_is_said_for_a_moment(stage: Any, presenter: CalibrationPresenter) -> None:
    begun(stage, presenter, at_board(4))
    stage.now_s += 10.0
    assert presenter.view().collect.taken == ""
    stage.door.work.show(at_board(5))
    view = presenter.view()
    assert view.detail == "Picture 5 taken: cameras 6, 7, 8 and 9."
    assert [tile.role for tile in view.collect.tiles if tile.taken] == ["cam_06", "cam_07", "cam_08", "cam_09"]
    stage.now_s += 3.0
    view = presenter.view()
    assert view.collect.taken == ""
    assert view.detail.startswith(("Still wanted", "Every camera"))


def test_picture_that_went_is_not_said_to_be_taken(stage: Any, presenter: CalibrationPresenter) -> None:
    begun(stage, presenter, at_board(5))
    stage.now_s += 10.0
    presenter.view()
    stage.door.work.show(at_board(4))
    assert presenter.view().collect.taken == ""


def test_solve_waits_until_it_may_succeed(stage: Any, presenter: CalibrationPresenter) -> None:
    begun(stage, presenter, at_board(3))
    presenter.do(Command.SOLVE)
    assert "solve" not in stage.door.work.told
    stage.door.work.show(at_board(8))
    presenter.view()
    presenter.do(Command.SOLVE)
    view = presenter.view()
    assert (view.step, view.progress) == (Step.SOLVING, 0.35)
    assert view.detail == "35 % done"
    presenter.do(Command.CANCEL)
    assert presenter.view().step is Step.BOARD


def test_key_of_a_step_that_has_passed_does_nothing(stage: Any, presenter: CalibrationPresenter) -> None:
    """Enter solves; pressed again just as the result comes, it must not accept unseen."""
    begun(stage, presenter, at_board(8))
    presenter.do(Command.SOLVE)
    presenter.view()
    stage.door.work.finish()
    presenter.do(Command.SOLVE)
    presenter.do(Command.ACCEPT)
    assert ("accept",) not in stage.door.told


def test_pictures_are_dropped_and_kept(stage: Any, presenter: CalibrationPresenter) -> None:
    view = begun(stage, presenter, at_board(12))
    assert view.collect.pictures[0].title == "Picture 12"
    assert [row.placement for row in view.collect.pictures if row.dropped] == ["board_004"]
    presenter.toggle_picture("board_004")
    presenter.toggle_picture("board_007")
    assert stage.door.work.told == ["keep board_004", "drop board_007"]
    assert presenter.view().collect.pictures_title == "Pictures: 11  ·  1 dropped"


def at_result(stage: Any, presenter: CalibrationPresenter, **changes: Any) -> CalibrationView:
    begun(stage, presenter, at_board(20))
    stage.door.work.outcome = solved(**changes)
    stage.door.work.finish()
    return presenter.view()


def test_result_gives_bounds_pixels_check_and_comparison_per_camera(
    stage: Any, presenter: CalibrationPresenter
) -> None:
    view = at_result(stage, presenter)
    assert (view.tone, view.headline) == (Tone.GOOD, "Every camera’s place is sure to 0.36 mm")
    assert "0.21 mm, 95 % of the corners under 0.44 mm" in view.detail
    assert view.result.cameras[0].cells == ("0.18", "0.11", "0.29", "31", "0.19", "0.31", "0.021")
    texts = [finding.text for finding in view.result.findings]
    assert texts[0] == "Picture 9: cameras 3 and 4 read the board turned. It was used the right way round."


def test_result_that_lacks_a_camera_is_a_warning_that_names_it(stage: Any, presenter: CalibrationPresenter) -> None:
    view = at_result(stage, presenter, without=("cam_10",), weak=("cam_07",))
    assert view.tone is Tone.WARNING
    assert view.headline == "9 of 10 cameras are solved, sure to 1.62 mm"
    assert "camera 10" in view.message.text
    assert view.result.cameras[9].cells[0] == "not solved"
    assert view.result.cameras[6].tone is Tone.WARNING
    texts = [finding.text for finding in view.result.findings if finding.tone is Tone.WARNING]
    assert texts[1] == "Camera 7: 25 pictures, sure to 1.62 mm. Show the board there more often."


def test_views_of_the_plate_are_shown_only_where_they_stand_out_among_themselves() -> None:
    result = solved()
    plate = {("plate", role): 0.6 for role in ROLES}
    plate["plate", "cam_02"] = 2.0
    errors = {**result.solution.view_rms_px, **plate}
    result = replace(result, solution=replace(result.solution, view_rms_px=errors))
    assert worst_views(result)[:2] == (("plate", "cam_02"), ("board_017", "cam_03"))
    assert [view for view in worst_views(result) if view[0] == "plate"] == [("plate", "cam_02")]
    assert standing_out(result) == {"board_017"}


def test_pictures_that_stand_out_are_dropped_and_solved_again(stage: Any, presenter: CalibrationPresenter) -> None:
    view = at_result(stage, presenter)
    assert [worst.marked for worst in view.result.worst] == [True, False, False, False]
    presenter.toggle_mark("board_004")
    presenter.view()
    presenter.do(Command.DROP_WORST)
    assert stage.door.work.told == ["more", "drop board_004", "drop board_017", "solve"]
    assert presenter.view().step is Step.SOLVING


def test_worst_picture_is_fetched_once_and_given_when_it_is_there(stage: Any, presenter: CalibrationPresenter) -> None:
    at_result(stage, presenter)
    assert presenter.picture("board_017", "cam_03") is None
    until(presenter, lambda _: presenter.picture("board_017", "cam_03") is not None)
    picture = presenter.picture("board_017", "cam_03")
    assert picture is presenter.picture("board_017", "cam_03")


def test_accepted_calibration_is_active_and_there_is_a_way_back(stage: Any, presenter: CalibrationPresenter) -> None:
    at_result(stage, presenter)
    presenter.do(Command.ACCEPT)
    view = until(presenter, lambda view: view.step is Step.ACCEPTED)
    assert stage.door.in_use in view.detail
    until(presenter, lambda _: stage.door.told[-2:] == [("accept",), ("end",)])
    presenter.view()
    presenter.do(Command.BACK)
    view = until(presenter, lambda view: view.step is Step.START)
    assert "is active again" in view.message.text


def test_a_result_that_something_speaks_against_is_accepted_by_a_second_press(
    stage: Any, presenter: CalibrationPresenter
) -> None:
    view = at_result(stage, presenter, without=("cam_05",))
    assert view.tone is Tone.WARNING
    assert view.result.findings[1].text == "The calibration in use has camera 5, this one does not."
    presenter.do(Command.ACCEPT)
    text = presenter.view().message.text
    assert text == "The calibration in use has camera 5, this one does not. Enter again accepts it even so."
    presenter.dismiss()
    presenter.view()
    presenter.do(Command.STOP)
    presenter.view()
    presenter.do(Command.ACCEPT)
    assert "Enter again" in presenter.view().message.text
    assert not [words for words in stage.door.told if words[0].startswith("accept")]
    presenter.do(Command.ACCEPT)
    until(presenter, lambda view: view.step is Step.ACCEPTED)
    assert ("accept even so",) in stage.door.told


def test_giving_up_asks_first(stage: Any, presenter: CalibrationPresenter) -> None:
    begun(stage, presenter, at_board(8))
    presenter.do(Command.STOP)
    assert "Give this calibration up?" in presenter.view().message.text
    presenter.dismiss()
    presenter.do(Command.STOP)
    assert ("end",) not in stage.door.told
    presenter.view()
    presenter.do(Command.STOP)
    until(presenter, lambda view: view.step is Step.START)
    assert stage.door.told[-1] == ("end",)


def test_question_does_not_outlive_its_step(stage: Any, presenter: CalibrationPresenter) -> None:
    begun(stage, presenter, at_board(8))
    presenter.do(Command.STOP)
    stage.door.work.finish()
    assert "Give this" not in presenter.view().message.text


def test_trouble_of_the_session_is_shown(stage: Any, presenter: CalibrationPresenter) -> None:
    begun(stage, presenter, replace(at_board(), trouble="The disk is full. Free some space."))
    message = presenter.view().message
    assert (message.tone, message.text) == (Tone.WARNING, "The disk is full. Free some space.")


def test_report_and_export_say_what_they_are_about(stage: Any, presenter: CalibrationPresenter, tmp_path: Path) -> None:
    at_result(stage, presenter)
    presenter.report(tmp_path / "report.pdf")
    until(presenter, lambda view: not view.busy)
    presenter.do(Command.ACCEPT)
    until(presenter, lambda view: view.step is Step.ACCEPTED)
    presenter.export(tmp_path, "colmap")
    until(presenter, lambda view: not view.busy)
    told = [words for words in stage.door.told if words[0] in ("report", "export")]
    assert told == [
        ("report", "under way", str(tmp_path / "report.pdf")),
        ("export", stage.door.in_use, str(tmp_path), "colmap"),
    ]


def test_every_advice_of_the_session_is_known_here_word_for_word() -> None:
    assert dict(advice_texts(WORDS)) == dict(advice.SENTENCES)


def test_advice_is_filled_in_and_an_unknown_one_is_said_as_it_is() -> None:
    hidden = replace(at_plate(), advice_values={"a": "4", "reason": "cut off: the board reaches the picture's border"})
    assert advice_sentence(hidden, WORDS).startswith("Camera 4 does not see the plate's frame (cut off).")
    assert advice_sentence(replace(hidden, advice_code="new"), WORDS) == hidden.advice
    assert advice_sentence(replace(hidden, advice_values={}), WORDS) == hidden.advice


@pytest.mark.parametrize("kind", list(FindingKind))
def test_every_finding_has_a_sentence(kind: FindingKind) -> None:
    finding = Finding(kind, "", ("cam_02", "cam_05"), (("board_003", "cam_02"), ("plate", "cam_05")))
    sentence = finding_sentence(finding, solved().solution, WORDS)
    assert sentence.endswith((".", "it."))
    assert "cam_" not in sentence
    assert "board_" not in sentence


def test_pictures_and_refusals_are_named_as_people_do() -> None:
    assert [picture_named(name, WORDS) for name in ("board_012", "plate", "odd")] == ["Picture 12", "The plate", "odd"]
    assert refusal_words("blurred: edges are 7.0 px wide, 5 is the limit", WORDS)[0] == "Blurred"
    assert refusal_words("something else", WORDS) == ("Not usable", "something else")


def test_camera_without_any_view_has_no_marks(stage: Any, presenter: CalibrationPresenter) -> None:
    nothing = Coverage(0, (False,) * 12, None, None, (Want.PARTNER, Want.VIEWS))
    view = begun(stage, presenter, replace(at_board(0), coverage=dict.fromkeys(ROLES, nothing)))
    assert view.detail == "Every camera still needs pictures."
    assert not any(mark.done for tile in view.collect.tiles for mark in tile.marks)
    assert view.step is Step.BOARD
    assert presenter.calibrating
    assert stage.door.work.snapshot.stage is Stage.BOARD
