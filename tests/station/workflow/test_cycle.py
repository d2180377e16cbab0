"""The state machine of one part, as a table and under random events."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.workflow.cycle import Step
from station.workflow.status import Outcome, PartState
from station.workflow.trigger import Sight
from tests.station.workflow.plate import TICK_NS, Plate, recognised, started


def test_the_first_look_learns_the_empty_plate() -> None:
    plate = started()
    assert plate.looks == [None]


def test_a_part_that_lies_there_at_the_start_is_recognised() -> None:
    plate = Plate(part="screw@1", kg=0.5)
    assert plate.run(1.0) is PartState.RECOGNISED
    plate.lift()
    assert plate.run(1.0) is PartState.EMPTY
    assert plate.learned >= 1


@pytest.mark.parametrize(("with_scale", "kg"), [(True, 0.5), (True, 0.0001), (True, 12.0), (False, 0.5)])
def test_a_part_goes_from_empty_to_answered_and_away(with_scale: bool, kg: float) -> None:
    plate = recognised(with_scale, kg)
    assert plate.machine.answerable
    plate.machine.answered(done=True)
    assert plate.run(3.0) is PartState.ANSWERED
    assert len(plate.looks) == 2
    plate.lift()
    plate.tick(still=False, stable=False)
    assert not plate.machine.answerable
    assert plate.run(1.0) is PartState.EMPTY


def test_no_look_while_the_weight_or_the_picture_is_restless() -> None:
    plate = started()
    plate.put("screw@1", 0.5)
    assert plate.run(0.9, still=True, stable=False) is PartState.SETTLING
    assert plate.run(5.0, still=False, stable=True) is PartState.SETTLING
    assert plate.looks == [None]


def test_a_weight_that_never_settles_does_not_hold_the_station_up_and_is_not_used() -> None:
    plate = started()
    plate.put("screw@1", 0.5)
    assert plate.run(2.0, stable=False) is PartState.RECOGNISED
    assert plate.machine.usable_kg is None
    assert plate.run(5.0, stable=False) is PartState.RECOGNISED
    assert len(plate.looks) == 2


@pytest.mark.parametrize(("kg", "usable"), [(0.0019, None), (0.002, 0.002), (0.5, 0.5)])
def test_a_load_under_twenty_steps_is_not_used(kg: float, usable: float | None) -> None:
    assert recognised(kg=kg).machine.usable_kg == usable


def test_a_flicker_of_the_stable_flag_does_not_cost_the_weight() -> None:
    plate = recognised(kg=0.5)
    plate.weigh(stable=False, extra_kg=0.0002)
    assert plate.machine.usable_kg == 0.5
    plate.weigh(stable=False, extra_kg=0.01)
    assert plate.machine.usable_kg is None


@pytest.mark.parametrize("answered", [False, True])
def test_a_part_exchanged_without_an_empty_plate_is_a_new_question(answered: bool) -> None:
    plate = recognised()
    plate.machine.answered(done=answered)
    plate.put("nut@1", 0.3)
    plate.weigh(stable=False)
    assert plate.machine.state is PartState.SETTLING
    assert not plate.machine.answerable
    plate.tick(still=False, stable=False)
    assert plate.run(1.0) is PartState.RECOGNISED
    assert plate.looks[-1] == "nut@1"


@pytest.mark.parametrize("with_scale", [True, False])
def test_a_part_of_equal_weight_is_told_by_its_picture(with_scale: bool) -> None:
    plate = recognised(with_scale)
    plate.machine.answered(done=True)
    plate.put("other@1", 0.5)
    plate.tick(still=False)
    assert plate.run(0.5) is PartState.RECOGNISED
    assert plate.looks[-1] == "other@1"


def test_a_part_pushed_by_hand_is_looked_at_again() -> None:
    plate = recognised()
    plate.machine.answered(done=True)
    plate.put("screw@2", 0.5)
    plate.tick(still=False)
    assert plate.run(0.5) is PartState.RECOGNISED
    assert plate.looks[-1] == "screw@2"


def test_a_hand_that_leans_on_the_plate_leaves_the_answer_as_it_was() -> None:
    plate = recognised()
    plate.machine.answered(done=True)
    plate.weigh(stable=False, extra_kg=1.0)
    assert plate.machine.state is PartState.SETTLING
    assert not plate.machine.answerable
    assert plate.run(0.5) is PartState.ANSWERED
    assert len(plate.looks) == 2


def test_the_same_part_lifted_and_put_back_is_a_new_question() -> None:
    plate = recognised()
    plate.machine.answered(done=True)
    plate.weigh(stable=False, extra_kg=-0.5)
    assert not plate.machine.holds
    assert plate.run(1.0) is PartState.RECOGNISED
    assert len(plate.looks) == 3


def test_a_hand_over_a_heavy_part_does_not_close_the_question_but_over_a_light_one_it_does() -> None:
    heavy, light = recognised(kg=0.5), recognised(kg=0.0005)
    for plate in (heavy, light):
        plate.part = "hand"
        plate.kg += 0.0
        plate.tick(still=False)
    assert heavy.machine.answerable
    assert not light.machine.answerable
    for plate in (heavy, light):
        plate.part = "screw@1"
        assert plate.run(0.5) is PartState.RECOGNISED
        assert len(plate.looks) == 2


def test_a_load_that_is_not_seen_is_waited_for_and_then_not_called_empty() -> None:
    plate = started()
    plate.kg, plate.part = 0.5, "ghost"
    seen = Sight(still=True, unlike_empty=False, unlike_capture=False)
    steps = []
    for _ in range(14):
        plate.now_ns += TICK_NS
        plate.weigh()
        steps.append(plate.machine.step(seen, plate.now_ns))
    assert steps[:9] == [Step.NOTHING] * 9
    assert Step.LOOK in steps
    plate.machine.captured(seen)
    assert not plate.machine.looked(Outcome.EMPTY, answerable=False)
    assert plate.machine.state is PartState.CAPTURED
    plate.machine.step(Sight(still=True, unlike_empty=True, unlike_capture=False), plate.now_ns)
    assert plate.machine.state is PartState.SETTLING


@pytest.mark.parametrize("outcome", [Outcome.SEVERAL_PARTS, Outcome.ERROR])
def test_a_look_without_an_answer_waits_for_a_change_of_the_plate(outcome: Outcome) -> None:
    plate = started()
    plate.put("two", 0.5)
    assert plate.run(3.0, outcome=outcome) is PartState.CAPTURED
    assert len(plate.looks) == 2
    assert not plate.machine.answerable
    plate.put("one", 0.3)
    assert plate.run(1.0) is PartState.RECOGNISED


def test_the_residue_of_a_heavy_part_is_taken_as_zero() -> None:
    plate = recognised(kg=12.0)
    plate.lift()
    plate.offset_kg = 0.003
    assert plate.run(2.0) is PartState.EMPTY
    assert plate.machine.load_kg == pytest.approx(0.0, abs=1e-6)


def test_zero_follows_a_creeping_scale_only_while_the_plate_is_empty() -> None:
    plate = started()
    for _ in range(100):
        plate.offset_kg += 0.00002
        plate.run(0.1)
    assert plate.machine.state is PartState.EMPTY
    assert plate.machine.load_kg == pytest.approx(0.0, abs=0.0002)
    plate.put("screw@1", 0.5)
    plate.run(1.0)
    plate.offset_kg += 0.0003
    plate.run(1.0)
    assert plate.machine.load_kg == pytest.approx(0.5003, abs=0.0002)


def test_a_scale_that_was_not_zero_at_the_start_is_zeroed_by_the_first_empty_look() -> None:
    plate = Plate(offset_kg=0.0012)
    assert plate.run(1.0) is PartState.EMPTY
    assert plate.machine.load_kg == pytest.approx(0.0, abs=1e-6)
    below = Plate(offset_kg=-0.4)
    assert below.run(1.0) is PartState.EMPTY
    assert below.machine.load_kg == pytest.approx(0.0, abs=1e-6)


def test_the_empty_plate_is_learned_again_and_again_and_never_with_a_part_on_it() -> None:
    plate = started()
    before = plate.learned
    plate.run(10.0)
    assert plate.learned - before in (4, 5)
    plate.put("screw@1", 0.0001)
    learned = plate.learned
    plate.run(10.0)
    assert plate.learned == learned


def test_a_scale_that_breaks_leaves_the_question_and_a_part_is_then_told_by_its_picture() -> None:
    plate = recognised()
    plate.with_scale = False
    plate.machine.lose_scale()
    assert plate.run(1.0) is PartState.RECOGNISED
    assert plate.machine.answerable
    plate.part = "nut@1"
    plate.tick(still=False)
    assert not plate.machine.answerable
    assert plate.run(1.0) is PartState.RECOGNISED
    assert plate.machine.usable_kg is None


def test_looking_again_and_zeroing_ask_a_new_question() -> None:
    plate = recognised()
    plate.machine.look_again()
    assert not plate.machine.answerable
    assert plate.run(0.5) is PartState.RECOGNISED
    assert len(plate.looks) == 3


def test_an_undone_answer_is_a_question_again() -> None:
    plate = recognised()
    plate.machine.answered(done=True)
    plate.machine.answered(done=False)
    assert plate.machine.state is PartState.RECOGNISED


def test_a_part_lifted_while_it_is_recognised_is_never_answerable() -> None:
    plate = started()
    plate.put("screw@1", 0.5)
    while plate.machine.step(plate.sight(), plate.now_ns) is not Step.LOOK:
        plate.now_ns += TICK_NS
        plate.weigh()
    plate.captured = plate.part
    plate.machine.captured(plate.sight())
    plate.lift()
    plate.weigh(stable=False)
    plate.machine.looked(Outcome.OK, answerable=True)
    assert not plate.machine.answerable
    assert plate.run(1.0) is PartState.EMPTY


events = st.one_of(
    st.tuples(st.just("put"), st.sampled_from(["a", "b", "c"]), st.integers(0, 2)),
    st.tuples(st.just("lift")),
    st.tuples(st.just("hand"), st.floats(0.01, 2.0)),
    st.tuples(st.just("wait"), st.integers(1, 60)),
    st.tuples(st.just("restless"), st.integers(1, 40)),
    st.tuples(st.just("answer")),
    st.tuples(st.just("undo")),
    st.tuples(st.just("scale"), st.booleans()),
    st.tuples(st.just("outcome"), st.sampled_from([Outcome.OK, Outcome.ERROR, Outcome.SEVERAL_PARTS])),
    st.tuples(st.just("again")),
)
WEIGHTS = {"a": 0.5, "b": 0.5, "c": 0.0004}


@given(st.booleans(), st.lists(events, max_size=40))
@settings(max_examples=400, deadline=None)
def test_whatever_happens_an_answer_belongs_to_the_part_that_lies_there(
    with_scale: bool, happenings: list[tuple[object, ...]]
) -> None:
    plate = Plate(with_scale=with_scale)
    outcome: Outcome | None = None
    for name, *values in happenings:
        if name == "put":
            kind, place = str(values[0]), values[1]
            # The same kind is pushed, its weight stays; another one is exchanged, and no hand is quicker than a scale.
            if plate.part is not None and not plate.part.startswith(kind):
                plate.weigh(stable=False, extra_kg=-plate.kg)
            plate.part = "hand"
            plate.tick(still=False, stable=False)
            plate.put(f"{kind}@{place}", WEIGHTS[kind])
            plate.tick(still=False, stable=False)
        elif name == "lift":
            plate.lift()
            plate.tick(still=False, stable=False)
        elif name == "hand":
            plate.weigh(stable=False, extra_kg=float(str(values[0])))
        elif name in ("wait", "restless"):
            for _ in range(int(str(values[0]))):
                plate.tick(still=name == "wait", stable=name == "wait", outcome=outcome if plate.part else None)
        elif name == "answer":
            if plate.machine.answerable:
                plate.machine.answered(done=True)
        elif name == "undo":
            plate.machine.answered(done=False)
        elif name == "scale":
            plate.with_scale = bool(values[0])
            if not plate.with_scale:
                plate.machine.lose_scale()
        elif name == "outcome":
            outcome = values[0] if isinstance(values[0], Outcome) else None
        else:
            plate.machine.look_again()
        if plate.machine.answerable:
            assert plate.part is not None
            looked_at = plate.looks[-1] or ""
            heavy = plate.with_scale and plate.kg >= 0.002
            # A heavy part that is being pushed is still the same part; a light one is told by its picture alone.
            assert looked_at[0] == plate.part[0] if heavy else looked_at == plate.part
        if plate.machine.state is PartState.ANSWERED:
            assert plate.machine.holds
        if plate.machine.state is PartState.EMPTY:
            assert not plate.machine.holds
    plate.with_scale = True
    plate.offset_kg = 0.0
    plate.lift()
    plate.run(4.0)
    assert plate.machine.state is PartState.EMPTY
