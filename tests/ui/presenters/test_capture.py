"""The capture page's logic without a window: what is asked, what is said of a look, what may be done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from station.captures.quality_report import Gate, GateResult
from station.captures.session_values import Ask, PlaceState, PlannedPlace, Prompt, SessionSnapshot, Step
from station.errors import PartError
from station.workflow.status import Outcome
from tests.ui.scripted_captures import ALIKE, BOLT, FLANGE, NOT_WHOLE, FakeCaptures, look, report, session, until
from ui.presenters.capture import CapturePresenter
from ui.presenters.capture_source import NewClass
from ui.presenters.capture_view import CaptureCommand, CaptureStep, CaptureView, DotState
from ui.presenters.capture_words import gate_found, gate_title, gate_todo
from ui.presenters.operator_view import Tone
from ui.presenters.wording import Wording

WORDS = Wording()


class Bench:
    """The presenter on a scripted data set."""

    def __init__(self, stage: Any) -> None:
        self.door = FakeCaptures()
        self.work = self.door.work
        self.presenter = CapturePresenter(self.door, stage.workflow, stage.cameras, stage.clock)
        self.presenter.load()

    def view(self) -> CaptureView:
        return self.presenter.view()

    def shows(self, snapshot: SessionSnapshot) -> CaptureView:
        self.work.show(snapshot)
        return self.view()

    def until(self, met: Callable[[CaptureView], bool]) -> CaptureView:
        until(self.presenter.pull, lambda: met(self.presenter.view()))
        return self.view()

    def do(self, command: CaptureCommand) -> CaptureView:
        self.presenter.do(command)
        return self.view()


@pytest.fixture
def bench(stage: Any) -> Iterator[Bench]:
    made = Bench(stage)
    yield made
    made.door.gate.set()
    made.presenter.close()


@pytest.mark.parametrize("ask", [ask for ask in Ask if ask is not Ask.NOTHING])
def test_every_ask_is_a_short_sentence(bench: Bench, ask: Ask) -> None:
    place = session(3).prompt.place
    view = bench.shows(replace(session(3), prompt=Prompt(ask, place, 60.0 if ask is Ask.TURN else 0.0)))
    assert view.step is CaptureStep.SESSION
    assert 3 < len(view.headline) <= 40, "it is to be read in passing"
    assert view.headline.endswith((".", "?"))
    assert view.detail
    if ask is Ask.TURN:
        assert "60" in view.headline


@pytest.mark.parametrize(
    ("degrees", "said", "arrow"),
    [(30.0, "by 30°", 30.0), (180.0, "by 180°", 180.0), (330.0, "back by 30°", -30.0)],
)
def test_a_part_is_turned_the_shorter_way(bench: Bench, degrees: float, said: str, arrow: float) -> None:
    view = bench.shows(replace(session(3), prompt=Prompt(Ask.TURN, session(3).prompt.place, degrees)))
    assert view.headline == f"Turn the part {said}."
    assert view.session is not None
    assert view.session.ring.turn_deg == arrow


@pytest.mark.parametrize("step", [step for step in Step if step is not Step.IDLE])
def test_every_step_has_a_headline(bench: Bench, step: Step) -> None:
    assert bench.shows(replace(session(2), step=step)).headline


@pytest.mark.parametrize("gate", list(Gate))
def test_every_gate_has_a_name_a_figure_and_a_next_step(gate: Gate) -> None:
    wrong = GateResult(gate, passed=False, hard=False, value=0.5, limit=0.2, roles=("cam_03", "cam_10"))
    assert gate_title(gate, WORDS)
    assert gate_found(wrong, WORDS)
    assert gate_todo(wrong, WORDS).startswith("Camera 3, 10: ")
    assert gate_todo(replace(wrong, passed=True), WORDS) == ""


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Outcome.SEVERAL_PARTS, "several parts"),
        (Outcome.OUTSIDE, "beyond the plate"),
        (Outcome.REACHED_INTO, "reached into"),
        (Outcome.EMPTY, "no part"),
        (Outcome.ERROR, "not seen"),
    ],
)
def test_what_is_no_one_whole_part_says_why(bench: Bench, outcome: Outcome, said: str) -> None:
    refused = replace(session(2, step=Step.REFUSED), look=look(outcome), quality=report(NOT_WHOLE))
    view = bench.shows(replace(refused, prompt=Prompt(Ask.MEND)))
    assert view.session is not None
    assert view.tone is Tone.ERROR
    assert view.session.gates[0].found == said
    assert view.headline == view.session.gates[0].todo, "the large sentence is what to do"


def test_a_part_that_stands_too_high_is_told_so(bench: Bench) -> None:
    high = look(Outcome.OUTSIDE, too_high=True)
    view = bench.shows(replace(session(2, step=Step.REFUSED), look=high, quality=report(NOT_WHOLE)))
    assert view.session is not None
    assert view.session.gates[0].found == "too high"


def test_only_what_is_acknowledged_counts(bench: Bench) -> None:
    view = bench.shows(session(4, saving=2))
    assert view.session is not None
    ring = view.session.ring
    assert (ring.text, ring.detail) == ("4 / 22", "2 being written")
    assert ring.kept == pytest.approx(4 / 22)
    assert ring.saving == pytest.approx(2 / 22)
    dots = [dot.state for dot in view.session.plan[0].dots]
    assert dots[:7] == [DotState.KEPT] * 4 + [DotState.SAVING] * 2 + [DotState.NEXT]
    assert view.session.plan[0].text == "4 / 12"
    assert view.message is not None
    assert "does not count yet" in view.message.text


def test_skipped_places_are_not_wanted(bench: Bench) -> None:
    snapshot = session(1)
    skipped = PlannedPlace(snapshot.plan[1].place, PlaceState.SKIPPED)
    view = bench.shows(replace(snapshot, plan=(snapshot.plan[0], skipped, *snapshot.plan[2:])))
    assert view.session is not None
    assert view.session.ring.text == "1 / 21"


def test_the_line_names_the_key_that_takes_back(bench: Bench) -> None:
    view = bench.shows(session(2))
    assert view.message is not None
    assert view.message.text == "Kept: Training, position 1, rotation 2 of 12. Z takes it back."
    view = bench.shows(replace(session(0), can_redo=True))
    assert view.message is not None
    assert view.message.text == "Taken back. Y does it again."


def test_a_session_of_an_earlier_program_says_so(bench: Bench) -> None:
    view = bench.shows(replace(session(7, step=Step.PAUSED), resumed=True, prompt=Prompt(Ask.RESUME)))
    assert view.headline == "This session was interrupted."
    assert view.message is not None
    assert view.message.text.startswith("7 captures are there, whole.")
    assert CaptureCommand.RESUME in view.allowed
    assert CaptureCommand.TAKE not in view.allowed
    bench.do(CaptureCommand.RESUME)
    assert bench.work.told == [("resume", None)]


def test_ending_asks_while_the_plan_is_not_full(bench: Bench) -> None:
    bench.shows(session(3))
    view = bench.do(CaptureCommand.END)
    assert view.message is not None
    assert view.message.text.startswith("The plan is not full.")
    assert bench.work.told == []
    bench.do(CaptureCommand.SKIP)
    assert bench.work.told == [("skip", None)], "any other key is no"
    bench.do(CaptureCommand.END)
    view = bench.do(CaptureCommand.END)
    assert bench.work.told[-1] == ("end", None)
    assert view.step is CaptureStep.CHOOSE


def test_a_full_plan_ends_at_once(bench: Bench) -> None:
    view = bench.shows(session(22, step=Step.DONE))
    assert view.headline == "All captures are there."
    assert "Esc" in view.detail
    bench.do(CaptureCommand.END)
    assert bench.work.told == [("end", None)]


def test_a_full_plan_may_go_on_with_another_position(bench: Bench) -> None:
    assert CaptureCommand.MORE not in bench.shows(session(21)).allowed
    assert CaptureCommand.MORE not in bench.shows(session(21, saving=1, step=Step.DONE)).allowed
    bench.shows(session(22, step=Step.DONE))
    bench.do(CaptureCommand.MORE)
    assert bench.work.told == [("start with", 2)]


def test_a_doubtful_look_is_kept_for_a_reason_only(bench: Bench) -> None:
    doubtful = replace(session(5, step=Step.DOUBTFUL), look=look(), quality=report(ALIKE), can_override=True)
    view = bench.shows(doubtful)
    assert view.session is not None
    assert [one.text for one in view.session.reasons] == ["The part is like that", "The same from every side"]
    assert view.session.gates[0].tone is Tone.WARNING
    assert bench.do(CaptureCommand.KEEP).step is CaptureStep.REASON
    bench.presenter.keep("   ")
    assert bench.view().step is CaptureStep.REASON
    assert bench.work.told == []
    bench.presenter.keep(" it shines ")
    assert bench.work.told == [("override", "it shines")]
    assert bench.view().step is CaptureStep.SESSION


def test_a_reason_may_hold_for_the_rest_of_the_session(bench: Bench) -> None:
    doubtful = replace(session(5, step=Step.DOUBTFUL), look=look(), quality=report(ALIKE), can_override=True)
    bench.shows(doubtful)
    bench.do(CaptureCommand.KEEP)
    assert "rest of this session" in bench.do(CaptureCommand.FOR_ALL).detail
    bench.presenter.keep("it is round")
    assert bench.work.told == [("override for all", "it is round")]
    bench.shows(doubtful)
    bench.do(CaptureCommand.KEEP)
    bench.presenter.keep("it is round")
    assert bench.work.told[-1] == ("override", "it is round"), "asked anew each time"


def test_the_question_for_a_reason_goes_when_the_part_is_moved(bench: Bench) -> None:
    bench.shows(replace(session(5, step=Step.DOUBTFUL), look=look(), quality=report(ALIKE), can_override=True))
    assert bench.do(CaptureCommand.KEEP).step is CaptureStep.REASON
    assert bench.shows(session(5)).step is CaptureStep.SESSION


def test_views_that_fall_short_are_marked(bench: Bench) -> None:
    dark = GateResult(Gate.DARK, passed=False, hard=False, value=0.4, limit=0.2, roles=("cam_03",), sentence="No.")
    view = bench.shows(replace(session(1, step=Step.DOUBTFUL), look=look(), quality=report(dark)))
    assert view.session is not None
    assert [tile.tile.role for tile in view.session.tiles if tile.faulty] == ["cam_03"]


def test_what_the_snapshot_does_not_allow_is_not_done(bench: Bench) -> None:
    bench.shows(session(0))
    for command in (CaptureCommand.UNDO, CaptureCommand.REDO, CaptureCommand.KEEP, CaptureCommand.RESUME):
        bench.do(command)
    assert bench.work.told == []
    bench.do(CaptureCommand.TAKE)
    bench.do(CaptureCommand.PAUSE)
    assert [what for what, _ in bench.work.told] == ["take_now", "pause"]


def test_trouble_stands_before_the_hint(bench: Bench) -> None:
    bench.door.storage_trouble = "The disk has 1.2 GB left. Free some space."
    view = bench.shows(session(2))
    assert view.message is not None
    assert (view.message.tone, view.message.text) == (Tone.WARNING, bench.door.storage_trouble)
    view = bench.shows(replace(session(2), trouble="Not kept: the disk is full."))
    assert view.message is not None
    assert view.message.text.startswith("Not kept")


def test_a_number_that_is_taken_is_said_at_the_form(bench: Bench) -> None:
    bench.until(lambda _: len(bench.presenter.rows) == 3)
    assert bench.do(CaptureCommand.NEW_CLASS).step is CaptureStep.NEW_CLASS
    for told in (NewClass("", "Again"), NewClass("HB-1", "")):
        bench.presenter.create(told)
        assert bench.view().form_trouble == "A number and a name are needed."
    bench.presenter.create(NewClass("HB-0840-ST", "Again"))
    view = bench.until(lambda v: not v.busy and "belongs" in v.form_trouble)
    assert view.step is CaptureStep.NEW_CLASS
    assert "belongs to another class" in view.form_trouble
    bench.presenter.create(NewClass("HB-0840-XX", "Again"))
    view = bench.until(lambda v: v.step is CaptureStep.SESSION)
    assert bench.work.told == [("start", "Again")]
    assert view.form_trouble == ""


def test_the_balance_knows_classes_in_use_only(bench: Bench) -> None:
    bench.door.fill(4, BOLT)
    bench.door.fill(2, FLANGE)
    bench.door.fill(1, "retired_one")
    bench.work.show(session(4))
    view = bench.until(lambda v: v.session is not None and [bar.share > 0 for bar in v.session.balance] == [True, True])
    assert view.session is not None
    assert [(bar.label, bar.text, bar.chosen) for bar in view.session.balance] == [
        ("Hexagon bolt M8 × 40", "4 + 0 + 0", True),
        ("Pipe flange DN 25", "2 + 0 + 0", False),
    ]
    assert view.session.class_detail == "HB-0840-ST\n4 + 0 + 0  ·  18.4 g"


def test_rows_follow_the_newest_question(bench: Bench) -> None:
    bench.presenter.search.find("bolt")
    bench.presenter.search.find("flange")
    bench.until(lambda _: [row.class_id for row in bench.presenter.rows] == [FLANGE])
    assert bench.presenter.rows[0].counts.text == "0 + 0 + 0"


def test_a_hasty_enter_waits_for_what_it_asked_for(bench: Bench) -> None:
    bench.until(lambda _: len(bench.presenter.rows) == 3)
    bench.presenter.search.find("flange")
    bench.presenter.search.choose(BOLT)  # still marked
    bench.until(lambda v: v.step is CaptureStep.SESSION)
    assert bench.work.told == [("start", FLANGE)]


def test_a_scanned_number_begins_its_own_class_only(bench: Bench) -> None:
    bench.until(lambda _: len(bench.presenter.rows) == 3)
    bench.presenter.search.scan("0840")
    view = bench.until(lambda v: v.message is not None)
    assert view.message is not None
    assert view.message.text == "No class has the number 0840. F2 makes a new one."
    assert bench.work.told == []
    bench.presenter.search.scan("dp-0840-ST")
    bench.until(lambda v: v.step is CaptureStep.SESSION)
    assert bench.work.told == [("start", "pin_8x40")]


def test_a_choice_that_comes_too_late_begins_nothing(bench: Bench) -> None:
    bench.until(lambda _: len(bench.presenter.rows) == 3)
    bench.presenter.search.scan("DP-0840-ST")
    bench.do(CaptureCommand.NEW_CLASS)
    bench.until(lambda _: len(bench.presenter.rows) == 1)
    assert bench.work.told == []
    assert bench.view().step is CaptureStep.NEW_CLASS


def test_a_class_without_a_picture_shows_its_newest_capture(bench: Bench) -> None:
    assert bench.presenter.newest_picture(FLANGE) is None
    bench.door.fill(2, FLANGE)
    bench.presenter.load()
    until(bench.presenter.pull, lambda: bench.view() and bench.presenter.newest_picture(FLANGE) is not None)
    assert bench.door.asked_for == ["c0001"]


def test_a_closed_page_may_be_asked_for_a_view_once_more(bench: Bench) -> None:
    bench.shows(session(2))
    bench.presenter.close()
    bench.presenter.use_words(Wording(decimal_point=","))
    assert bench.shows(session(3)).headline == "Turn the part by 30°."


def test_an_error_of_the_disk_is_said(bench: Bench) -> None:
    def fail() -> dict[str, Any]:
        raise PartError("The part master cannot be read.", todo="Check the disk.")

    bench.door.counts = fail  # type: ignore[method-assign]
    bench.presenter.load()
    view = bench.until(lambda v: v.message is not None and v.message.tone is Tone.ERROR)
    assert view.message is not None
    assert "cannot be read" in view.message.text


def test_a_disk_that_hangs_is_not_asked_again_and_again(bench: Bench, stage: Any) -> None:
    bench.until(lambda _: len(bench.presenter.rows) == 3)
    bench.shows(session(1))
    bench.door.gate.clear()
    bench.door.fill(1)
    bench.presenter.show_kept(BOLT)
    bench.until(lambda v: v.review is not None and v.review.count == 1)
    bench.presenter.do(CaptureCommand.TRASH)
    for kept in range(2, 40):
        stage.now_s += 6.0
        bench.shows(session(kept % 20))
    assert len(bench.presenter._errands._under_way) < 5
    bench.door.gate.set()
    assert bench.until(lambda v: not v.busy).message is not None
