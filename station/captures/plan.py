"""The guided plan of a class: which captures it wants, in which order, and which of them are there."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import count

from station.captures.place import ROTATIONS, Place
from station.captures.record import Split
from station.captures.session_values import Ask, Prompt

TURN_DEG = 360.0 / ROTATIONS
"""Angle between two rotations of a training position."""


@dataclass(frozen=True, slots=True)
class PlanSize:
    """How many training positions, validation and test captures a class is to have."""

    positions: int = 1
    valid: int = 5
    test: int = 5


def plan_places(class_id: str, size: PlanSize, there: Collection[Place]) -> tuple[Place, ...]:
    """Return the places of a class's plan in the order in which they are filled.

    Training has twelve rotations of each position. Validation and test share one range of numbers: first those of
    validation, then those of test, as in the published tree. ``there`` are the class's captures; where a number is
    taken by the other split, as after a move, the first number beyond the range that is free takes its part.
    """
    train = [
        Place(class_id, "train", position=position, rotation=rotation)
        for position in range(size.positions)
        for rotation in range(ROTATIONS)
    ]
    valid = {place.number for place in there if place.split == "valid" and place.number is not None}
    test = {place.number for place in there if place.split == "test" and place.number is not None}
    beyond = (number for number in count(size.valid + size.test) if number not in valid | test)
    numbers: tuple[tuple[Split, list[int]], ...] = (
        ("valid", _numbers(size.valid, range(size.valid), valid, test, beyond)),
        ("test", _numbers(size.test, range(size.valid, size.valid + size.test), test, valid, beyond)),
    )
    return (*train, *(Place(class_id, split, number=number) for split, those in numbers for number in those))


def _numbers(wanted: int, own: range, have: set[int], others: set[int], beyond: Iterator[int]) -> list[int]:
    """Return the numbers of a split's places: those it has, then free ones of its own range, then ones beyond."""
    chosen = sorted(have)[:wanted]
    chosen += [number for number in own if number not in have and number not in others][: wanted - len(chosen)]
    return sorted(chosen + [next(beyond) for _ in range(wanted - len(chosen))])


def ask_for(place: Place | None, before: Place | None) -> Prompt:
    """Return what to do for the capture at ``place`` after the one at ``before``, which lies on the plate yet.

    ``None`` for ``place`` is a plan that is full; for ``before``, a session that has taken nothing so far.
    """
    if place is None:
        return Prompt(Ask.END)
    if before is None:
        return Prompt(Ask.PUT, place)
    if place.split != "train":
        return Prompt(Ask.LAY_ANEW, place)
    if before.position != place.position or before.rotation is None or place.rotation is None:
        return Prompt(Ask.LAY_OTHERWISE, place)
    steps = (place.rotation - before.rotation) % ROTATIONS
    return Prompt(Ask.TURN, place, TURN_DEG * steps)
