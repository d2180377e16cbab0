"""What the operator sees and does, without a window."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from station.errors import StationError, StorageError
from station.results import RankedClass, SizeFit, WeightFit
from station.workflow.status import Verdict
from tests.ui.conftest import ENTRIES
from ui.presenters.fits import size_fit, weight_fit
from ui.presenters.keys import KeyKind, Typed
from ui.presenters.operator import NOTICE_S, OperatorPresenter
from ui.presenters.operator_view import Command, Fit, Sign, Step, Tone, Vote
from ui.presenters.wording import Wording

BEST = "bolt_m8x40"


def test_sure_answer_is_the_headline_and_enter_confirms_it(stage: Any) -> None:
    stage.show("recognised")
    presenter = stage.presenter()
    view = presenter.view()
    assert (view.headline, view.tone, view.sign) == ("Hexagon bolt M8 × 40, steel", Tone.GOOD, Sign.CHECK)
    assert view.detail == "HB-0840-ST  ·  99.9 %  ·  8 of 10 views agree"
    assert (view.cards_title, view.rest_title) == ("The answer", "Unlikely")
    assert [card.in_question for card in view.cards] == [True, False, False, False, False]
    assert view.confirms_first
    presenter.confirm()
    assert stage.workflow.told == [("answer", BEST)]
    assert presenter.view().step is Step.ANSWERED


def test_where_most_views_alone_say_something_else_it_is_said_what_the_answer_rests_on(stage: Any) -> None:
    stage.show("recognised")
    part = stage.workflow.status.part
    views = {role: replace(said, class_id="other") for role, said in part.recognition.per_view.items()}
    stage.workflow.show(part=replace(part, recognition=replace(part.recognition, per_view=views)))
    assert stage.presenter().view().detail.endswith("weight and size say so, 0 of 10 views agree")


def test_cards_say_why(stage: Any) -> None:
    stage.show("recognised")
    first, second, *_, last = stage.presenter().view().cards
    assert (first.key, first.number, first.weight.fit, first.size.fit) == ("1", "HB-0840-ST", Fit.FITS, Fit.FITS)
    assert (first.weight.text, first.size.text) == ("Weight fits to 0.5 %", "Size fits to 1 mm")
    assert first.weight.numbers == "Weight 18.4 g, expected 18.3 g"
    assert (second.weight.text, second.size.text) == ("9.8 % too light", "5 mm shorter than 45 mm")
    assert second.size.numbers == "Size 40 × 13 × 13 mm, expected 45 × 13 × 13 mm"
    assert last.size.text == "Size not checked"


def line(weight: WeightFit | None = None, size: SizeFit | None = None, fits: bool | None = True) -> RankedClass:
    return RankedClass("bolt_m8x40", 0.9, fits, fits, weight, size)


@pytest.mark.parametrize(
    ("measured_kg", "fits", "text"),
    [
        (0.1003, True, "Weight fits to 0.3 %"),
        (0.1, True, "Weight fits to 0.0 %"),
        (0.12, False, "20.0 % too heavy"),
        (0.08, False, "20.0 % too light"),
        (0.25, False, "2.5 × too heavy"),
        (0.004, False, "25 × too light"),
        (None, None, "Weight not checked"),
    ],
)
def test_weight_is_told_in_words_that_a_person_can_check(
    measured_kg: float | None, fits: bool | None, text: str
) -> None:
    assert weight_fit(line(WeightFit(0.1, 1.0), fits=fits), measured_kg, Wording()).text == text


@pytest.mark.parametrize(
    ("measured_m", "fits", "text"),
    [
        ((0.0402, 0.0131, 0.0129), True, "Size fits to 1 mm"),
        ((0.0402, 0.0131, 0.0250), False, "12 mm longer than 13 mm"),
        ((0.0129, 0.0131, 0.0330), False, "7 mm shorter than 40 mm"),
    ],
)
def test_size_names_the_edge_that_is_most_off(measured_m: tuple[float, float, float], fits: bool, text: str) -> None:
    said = size_fit(line(size=SizeFit((0.0400, 0.0130, 0.0130), 1.0), fits=fits), measured_m, Wording())
    assert said.text == text


def test_answers_of_an_older_model_have_no_figures_and_say_so_in_words() -> None:
    assert weight_fit(line(fits=False), 0.1, Wording()).text == "Weight differs"
    assert size_fit(line(fits=True), (0.1, 0.1, 0.1), Wording()).text == "Size fits"


def test_each_view_says_whether_it_agrees(stage: Any) -> None:
    stage.show("recognised")
    tiles = {tile.role: tile for tile in stage.presenter().view().tiles}
    assert [role for role, tile in tiles.items() if tile.vote is Vote.OTHER] == ["cam_04", "cam_07"]
    assert tiles["cam_01"].vote is Vote.SAME
    assert tiles["cam_07"].vote_text == "This view alone says Hexagon bolt M8 × 40, brass (50.0 %)"


@pytest.mark.parametrize("name", ["unknown", "captured", "empty"])
def test_views_do_not_vote_where_no_known_part_is_answered(stage: Any, name: str) -> None:
    stage.show(name)
    assert {tile.vote for tile in stage.presenter().view().tiles} == {Vote.NONE}


def test_one_of_these_stands_over_the_parts_that_come_into_question(stage: Any) -> None:
    stage.show("rivals")
    view = stage.presenter().view()
    assert (view.cards_title, view.rest_title) == ("One of these 2  ·  right 99.5 % of the time", "Unlikely")
    assert [card.in_question for card in view.cards] == [True, True, False, False, False]


def test_where_nothing_is_promised_nothing_is_claimed(stage: Any) -> None:
    stage.show("rivals")
    part = stage.workflow.status.part
    stage.workflow.show(part=replace(part, recognition=replace(part.recognition, set_coverage=None)))
    assert stage.presenter().view().cards_title == "One of these 2"


def test_more_parts_than_cards_are_counted_and_the_search_shows_them(stage: Any) -> None:
    stage.show("many_rivals")
    presenter = stage.presenter()
    view = presenter.view()
    assert view.cards_title.startswith("One of 7: the 5 likeliest, the others with F2")
    assert view.rest_title == ""
    assert all(card.in_question for card in view.cards)
    assert [part.class_id for part in presenter.search("")] == [entry.class_id for entry in ENTRIES]


def test_the_set_stays_where_it_is_when_the_part_is_answered(stage: Any) -> None:
    stage.show("rivals")
    presenter = stage.presenter()
    before = presenter.view()
    presenter.choose(2)
    after = presenter.view()
    assert after.step is Step.ANSWERED
    assert (after.cards_title, after.rest_title) == (before.cards_title, before.rest_title)


def test_a_part_unlike_in_its_weight_alone_is_unknown_and_told_apart(stage: Any) -> None:
    stage.show("unknown_weight")
    view = stage.presenter().view()
    assert view.headline == "Unknown part"
    assert view.detail == "It looks like Hexagon bolt M8 × 40, steel, but does not have its weight."
    assert view.cards[0].weight.text == "20.2 % too heavy"
    assert all(card.in_question for card in view.cards)


def test_a_weight_that_does_not_fit_asks_for_what_else_lies_on_the_scale(stage: Any) -> None:
    stage.show("misfit")
    view = stage.presenter().view()
    assert view.tone is Tone.WARNING
    assert view.message is not None
    assert "scale" in view.message.text


@pytest.mark.parametrize(
    ("name", "tone", "sign"),
    [
        ("uncalibrated", Tone.WARNING, Sign.WARNING),
        ("calibrating", Tone.WORKING, Sign.BOARD),
        ("empty", Tone.IDLE, Sign.PLATE),
        ("settling", Tone.WORKING, Sign.BUSY),
        ("captured", Tone.WORKING, Sign.PART),
        ("rivals", Tone.WORKING, Sign.QUESTION),
        ("misfit", Tone.WARNING, Sign.QUESTION),
        ("unknown", Tone.UNKNOWN, Sign.QUESTION),
        ("answered", Tone.GOOD, Sign.CHECK),
        ("several_parts", Tone.WARNING, Sign.SEVERAL),
        ("outside", Tone.WARNING, Sign.WARNING),
        ("reached_into", Tone.WORKING, Sign.BUSY),
        ("error", Tone.ERROR, Sign.WARNING),
    ],
)
def test_every_state_has_words_and_a_sign(stage: Any, name: str, tone: Tone, sign: Sign) -> None:
    stage.show(name)
    view = stage.presenter().view()
    assert (view.tone, view.sign) == (tone, sign)
    assert view.headline
    assert view.detail


def test_unknown_is_a_full_answer_and_still_offers_classes(stage: Any) -> None:
    stage.show("unknown")
    presenter = stage.presenter()
    view = presenter.view()
    assert view.headline == "Unknown part"
    assert len(view.cards) == 5
    assert not view.confirms_first
    presenter.confirm()
    assert stage.workflow.told == [("answer", Verdict.UNKNOWN)]


def test_a_part_beyond_the_plate_is_answered_and_the_page_says_that_it_is_no_example(stage: Any) -> None:
    stage.show("outside")
    presenter = stage.presenter()
    view = presenter.view()
    assert view.headline == "Hexagon bolt M8 × 40, steel"
    assert len(view.cards) == 5
    assert view.detail.endswith("reaches beyond the plate")
    assert "beyond the plate" in view.message.text
    assert Command.CONFIRM in view.allowed
    presenter.confirm()
    assert stage.workflow.told == [("answer", BEST)]


def test_a_part_that_stands_too_high_is_answered_with_a_mark_of_its_own(stage: Any) -> None:
    stage.show("outside")
    part = stage.workflow.status.part
    stage.workflow.show(part=replace(part, location=replace(part.location, too_high=True)))
    view = stage.presenter().view()
    assert "higher than the work volume" in view.detail
    assert view.message is not None
    assert "lay it flat" in view.message.text


def test_several_parts_have_no_cards_and_nothing_to_confirm(stage: Any) -> None:
    stage.show("several_parts")
    view = stage.presenter().view()
    assert (view.cards, view.allowed) == ((), frozenset())
    assert all(len(tile.squares) == 2 for tile in view.tiles)


def settled(presenter: OperatorPresenter, wanted: str) -> str:
    """The message line when it is ``wanted``, or after two seconds whatever it is then."""
    deadline = time.monotonic() + 2.0
    text = ""
    while wanted not in text and time.monotonic() < deadline:
        message = presenter.view().message
        text = message.text if message else ""
        threading.Event().wait(0.005)
    return text


@pytest.mark.parametrize(("act", "word"), [("zero_scale", "at zero"), ("tare", "tray is tared")])
def test_the_scales_word_comes_when_it_comes_and_outlives_the_part(stage: Any, act: str, word: str) -> None:
    stage.show("recognised")
    presenter = stage.presenter()
    getattr(presenter, act)()
    stage.show("empty")
    assert word in settled(presenter, word)
    assert [told for told, _ in stage.workflow.told] == [act.removesuffix("_scale")]
    presenter.close()


def test_hands_off_is_said_for_as_long_as_the_scale_takes(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    presenter, done = stage.presenter(), threading.Event()
    monkeypatch.setattr(stage.workflow, "tare", lambda: done.wait(10.0))
    presenter.tare()
    stage.now_s += 11.0
    message = presenter.view().message
    assert message is not None
    assert "hands off" in message.text
    done.set()
    assert "tray is tared" in settled(presenter, "tray is tared")
    presenter.close()


def test_a_scale_that_refuses_says_why(stage: Any) -> None:
    presenter = stage.presenter()
    stage.workflow.refusal = StationError("The scale refuses to be tared.", todo="Wait until nothing moves.")
    presenter.tare()
    assert "Wait until nothing moves" in settled(presenter, "Wait until nothing moves")
    presenter.close()


def test_digit_answers_with_that_card(stage: Any) -> None:
    stage.show("rivals")
    presenter = stage.presenter()
    assert presenter.typed(Typed(KeyKind.KEY, "2")) is None
    assert stage.workflow.told == [("answer", "bolt_m8x45")]


def test_digit_without_a_card_says_so(stage: Any) -> None:
    stage.show("recognised")
    presenter = stage.presenter()
    presenter.typed(Typed(KeyKind.KEY, "9"))
    assert presenter.view().message.text == "There is no result 9 to choose."
    assert stage.workflow.told == []


def test_new_part_and_undo(stage: Any) -> None:
    stage.show("recognised")
    presenter = stage.presenter()
    presenter.typed(Typed(KeyKind.KEY, "n"))
    assert presenter.view().headline == "Noted as a new part"
    assert Command.UNDO in presenter.view().allowed
    presenter.undo()
    assert stage.workflow.told == [("answer", Verdict.NEW_PART), ("undo", None)]
    assert presenter.view().step is Step.RECOGNISED


def test_undo_without_an_answer_says_so(stage: Any) -> None:
    presenter = stage.presenter()
    presenter.undo()
    assert "no answer to take back" in presenter.view().message.text


def test_second_enter_does_not_answer_twice(stage: Any) -> None:
    stage.show("recognised")
    presenter = stage.presenter()
    presenter.confirm()
    presenter.view()
    presenter.confirm()
    assert len(stage.workflow.told) == 1
    assert presenter.view().message.text == "This part is answered. Take it off the plate."


@pytest.mark.parametrize("act", ["confirm", "declare_new", "look_again"])
def test_nothing_on_the_plate_refuses_in_a_sentence(stage: Any, act: str) -> None:
    presenter = stage.presenter()
    getattr(presenter, act)()
    if act != "look_again":
        assert presenter.view().message is not None
    assert [what for what, _ in stage.workflow.told if what == "answer"] == []


def test_answer_is_for_the_part_that_was_seen(stage: Any) -> None:
    stage.show("recognised")
    presenter = stage.presenter()
    part = replace(stage.workflow.status.part, capture_id="c2")
    stage.workflow.show(part=part)
    seen: list[str] = []
    stage.workflow.answer = lambda capture_id, verdict: seen.append(capture_id)
    presenter.confirm()
    assert seen == ["c1"]


def test_refused_answer_is_a_sentence(stage: Any) -> None:
    stage.show("recognised")
    stage.workflow.refusal = StationError("That part has left the plate.", todo="Put it on again.")
    presenter = stage.presenter()
    presenter.confirm()
    assert presenter.view().message.text == "That part has left the plate. Put it on again."


def test_notice_goes_after_a_while(stage: Any) -> None:
    presenter = stage.presenter()
    presenter.confirm()
    assert presenter.view().message is not None
    stage.now_s += NOTICE_S
    assert presenter.view().message is None


def test_scan_that_agrees_answers_at_once(stage: Any) -> None:
    stage.show("rivals")
    presenter = stage.presenter()
    presenter.typed(Typed(KeyKind.CODE, "hb-0845-st"))
    assert stage.workflow.told == [("answer", "bolt_m8x45")]


@pytest.mark.parametrize("after", ["confirm", "undo", "dismiss"])
def test_scan_that_contradicts_asks_first(stage: Any, after: str) -> None:
    stage.show("recognised")
    presenter = stage.presenter()
    presenter.scanned("FL-0025-AL")
    assert stage.workflow.told == []
    assert "Pipe flange DN 25" in presenter.view().message.text
    getattr(presenter, after)()
    assert stage.workflow.told == ([("answer", "flange_dn25")] if after == "confirm" else [])


def test_scan_of_a_number_nobody_knows(stage: Any) -> None:
    stage.show("recognised")
    presenter = stage.presenter()
    presenter.scanned("999999")
    assert "999999" in presenter.view().message.text


def test_scan_on_an_empty_plate_asks_for_the_part(stage: Any) -> None:
    presenter = stage.presenter()
    presenter.scanned("BR-6204")
    assert "put the part on the plate" in presenter.view().message.text


def test_search_finds_names_numbers_and_tags(stage: Any) -> None:
    stage.show("recognised")
    presenter = stage.presenter()
    assert presenter.begin_search()
    assert [f.class_id for f in presenter.search("brass bolt")] == ["bolt_m8x40_brass"]
    assert [f.class_id for f in presenter.search("6204")] == ["bearing_6204"]
    assert [f.class_id for f in presenter.search("")][:2] == [BEST, "bolt_m8x45"]
    presenter.choose_class("bearing_6204")
    assert stage.workflow.told == [("answer", "bearing_6204")]


def test_search_begun_for_another_part_answers_nothing(stage: Any) -> None:
    stage.show("recognised")
    presenter = stage.presenter()
    presenter.begin_search()
    stage.workflow.show(part=replace(stage.workflow.status.part, capture_id="c2"))
    presenter.view()
    presenter.choose_class("bearing_6204")
    assert stage.workflow.told == []
    assert "search again" in presenter.view().message.text


@pytest.mark.parametrize(("typed", "text"), [("/", ""), ("f", "f"), ("7a", "7a")])
def test_typing_opens_the_search(stage: Any, typed: str, text: str) -> None:
    stage.show("recognised")
    kind = KeyKind.KEY if len(typed) == 1 else KeyKind.TEXT
    assert stage.presenter().typed(Typed(kind, typed)) == text


def test_all_troubles_are_told(stage: Any) -> None:
    stage.show("journal_full")
    message = stage.presenter().view().message
    assert message.tone is Tone.WARNING
    assert message.text.startswith("Journal: the disk is full")
    assert message.text.endswith("Camera 4 is gone.")


def test_part_master_that_fails_leaves_the_answer_readable(stage: Any) -> None:
    stage.parts.refusal = StorageError("The part master cannot be read.", todo="Check the disk.")
    stage.show("recognised")
    view = stage.presenter().view()
    assert view.headline == BEST
    assert view.message.text == "The part master cannot be read. Check the disk."


@pytest.mark.parametrize(
    ("name", "note"),
    [("recognised", "Stable"), ("settling", "Not still yet"), ("scale_gone", "The scale does not answer")],
)
def test_weight_says_whether_it_can_be_trusted(stage: Any, name: str, note: str) -> None:
    stage.show(name)
    assert stage.presenter().view().weight_note == note


def test_weight_that_the_model_did_not_use(stage: Any) -> None:
    stage.show("recognised")
    stage.workflow.show(part=replace(stage.workflow.status.part, weight_kg=None))
    assert stage.presenter().view().weight_note == "Too light to be used"


def test_views_of_an_unchanged_station_are_equal(stage: Any) -> None:
    stage.show("recognised")
    presenter = stage.presenter()
    assert presenter.view() == presenter.view()
