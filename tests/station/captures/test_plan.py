"""The plan of a class: order, numbers of validation and test, and what is asked of the hand."""

from hypothesis import given
from hypothesis import strategies as st

from station.captures.place import Place
from station.captures.plan import PlanSize, ask_for, plan_places
from station.captures.session_values import Ask


def train(rotation: int, position: int = 0) -> Place:
    return Place("screw", "train", position=position, rotation=rotation)


def valid(number: int) -> Place:
    return Place("screw", "valid", number=number)


def for_test(number: int) -> Place:
    return Place("screw", "test", number=number)


def test_a_new_class_gets_the_published_layout() -> None:
    places = plan_places("screw", PlanSize(), [])
    assert places[:12] == tuple(train(rotation) for rotation in range(12))
    assert places[12:] == (*(valid(n) for n in range(5)), *(for_test(n) for n in range(5, 10)))


def test_positions_follow_one_another() -> None:
    places = plan_places("screw", PlanSize(positions=2, valid=0, test=0), [])
    assert [(p.position, p.rotation) for p in places] == [(p, r) for p in range(2) for r in range(12)]


def test_a_capture_that_was_moved_to_the_other_split_takes_its_number_along() -> None:
    there = [valid(0), valid(1), for_test(2)]
    places = plan_places("screw", PlanSize(), there)
    assert [p.number for p in places if p.split == "valid"] == [0, 1, 3, 4, 10]
    assert [p.number for p in places if p.split == "test"] == [2, 5, 6, 7, 8]


@given(
    st.sets(st.integers(0, 25)), st.sets(st.integers(0, 25)), st.integers(0, 8), st.integers(0, 8), st.integers(1, 3)
)
def test_no_number_is_given_twice_and_filling_ends(
    have_valid: set[int], have_test: set[int], wanted_valid: int, wanted_test: int, positions: int
) -> None:
    size = PlanSize(positions, wanted_valid, wanted_test)
    there = {valid(n) for n in have_valid - have_test} | {for_test(n) for n in have_test}
    filled = 0
    while True:
        places = plan_places("screw", size, there)
        assert len([p for p in places if p.split == "valid"]) == wanted_valid
        assert len([p for p in places if p.split == "test"]) == wanted_test
        numbers = [p.number for p in places if p.split != "train"]
        assert len(set(numbers)) == len(numbers)
        free = [place for place in places if place not in there]
        if not free:
            break
        # What is free must be so in both splits: a number never stands for two captures.
        taken = {p.number for p in there if p.split != "train"}
        assert free[0].split == "train" or free[0].number not in taken
        there.add(free[0])
        filled += 1
    assert filled <= 12 * positions + wanted_valid + wanted_test


def test_the_hand_is_asked_to_turn_by_what_is_left_out() -> None:
    assert ask_for(train(0), None).ask is Ask.PUT
    turn = ask_for(train(3), train(1))
    assert (turn.ask, turn.turn_deg) == (Ask.TURN, 60.0)
    assert ask_for(train(0), train(11)).turn_deg == 30.0
    assert ask_for(train(0, 1), train(11)).ask is Ask.LAY_OTHERWISE
    assert ask_for(valid(0), train(11)).ask is Ask.LAY_ANEW
    assert ask_for(for_test(5), valid(4)).ask is Ask.LAY_ANEW
    assert ask_for(None, for_test(9)).ask is Ask.END
