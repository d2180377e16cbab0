"""The faults of the soak: which comes when, by which words the station must name it, and whether it did."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from station.cameras.supervisor import CameraState
from station.cli.assembly import RunningStation
from station.frames import ROLES
from station.simulation.fault_run import FaultBoard
from station.simulation.faults import Fault, FaultName

BACK_S = 15.0
"""So soon after a fault has ended its camera, or the scale, must be at work again: what the station promises."""
_APART = 2
"""No camera is befallen again before so many other faults: each is judged for itself."""

WORDS: Mapping[FaultName, str] = {
    FaultName.UNPLUG: "is not connected",
    FaultName.STALL: "No frame",
    FaultName.DEAD_DEPTH: "It measures depth on",
    FaultName.FROZEN_PICTURE: "Its picture has not changed",
    FaultName.LATE_FRAMES: "later than the others'",
    FaultName.LOST_FRAMES: "of its pictures. Check its cable",
    FaultName.CLOCK_JUMP: "Its clock has jumped",
    FaultName.WHITE_BALANCE: "Its colours are off",
    FaultName.DIRTY_LENS: "of the others' sharpness",
    FaultName.USB_2: "It is connected by USB 2",
    FaultName.SCALE_SILENT: "The scale has been silent",
    FaultName.SCALE_NOISY: "weight jumps about",
    FaultName.SCALE_GARBAGE: "nothing intelligible",
}
"""What must stand in a sentence of the station for the fault to count as named; a sentence of another kind does not."""

_NUMBER = re.compile(r"\b\d[\d.]*")
"""A figure in a sentence, which changes while the trouble stays; the number in a role is none."""

_Item = TypeVar("_Item")
Note = Callable[..., None]
"""Takes an event's name and its values: the raw log."""


def plan(seconds: float, every_s: float, seed: int) -> tuple[Fault, ...]:
    """Return a fault every ``every_s`` seconds, each holding for half of that; the last leaves time to come back.

    Every kind comes once in each round of all kinds and every camera once in each round of all cameras, in an order
    that ``seed`` decides.
    """
    rng = random.Random(f"{seed} faults")
    kinds, roles = _rounds(tuple(WORDS), rng, 0), _rounds(ROLES, rng, _APART)
    faults: list[Fault] = []
    at_s, for_s = 0.0, every_s / 2.0
    while at_s + for_s + BACK_S <= seconds:
        kind = next(kinds)
        faults.append(Fault(at_s=at_s, fault=kind, role=None if kind.of_scale else next(roles), for_s=for_s))
        at_s += every_s
    return tuple(faults)


def _rounds(items: Sequence[_Item], rng: random.Random, apart: int) -> Iterator[_Item]:
    """Yield all items in ever new orders; none again before ``apart`` others."""
    last: list[_Item] = []
    while True:
        order = rng.sample(items, len(items))
        while any(item in last[index:] for index, item in enumerate(order[: len(last)])):
            order = rng.sample(items, len(items))
        yield from order
        last = order[len(order) - apart :]


@dataclass(slots=True)
class Case:
    """What became of one fault; all times are seconds of the run."""

    fault: FaultName
    place: str
    began_s: float
    ended_s: float | None = None
    first_s: float | None = None
    """The place was said to be in trouble, by whatever words."""
    named_s: float | None = None
    sentence: str = ""
    back_s: float | None = None
    """It was at work again, and nothing was said of it any more."""

    @property
    def named(self) -> bool:
        """Whether the station named it, by its own words and while it held."""
        return self.named_s is not None

    @property
    def back(self) -> bool:
        """Whether its place was at work again in time."""
        return self.back_s is not None and self.ended_s is not None and self.back_s - self.ended_s <= BACK_S

    def after_s(self, then_s: float | None, since_s: float | None) -> float | None:
        """Return the seconds between two of its times, ``None`` where one of them never came."""
        return None if then_s is None or since_s is None else round(then_s - since_s, 2)

    def to_json(self) -> dict[str, Any]:
        """Return it with its delays, seconds."""
        return {
            "fault": self.fault.value,
            "place": self.place,
            "at_s": round(self.began_s, 2),
            "noticed_after_s": self.after_s(self.first_s, self.began_s),
            "named_after_s": self.after_s(self.named_s, self.began_s),
            "sentence": self.sentence,
            "back_after_s": self.after_s(self.back_s, self.ended_s),
            "named": self.named,
            "back": self.back,
        }


class FaultWatch:
    """Reads what the operator reads, the station's troubles, and holds it against the faults that are in force."""

    def __init__(self, running: RunningStation, board: FaultBoard, note: Note) -> None:
        self._running = running
        self._board = board
        self._note = note
        self._open: dict[tuple[FaultName, str], Case] = {}
        self._strange: set[str] = set()
        self.cases: list[Case] = []
        self.false_alarms: dict[str, int] = {}
        """How often something was said of a place at which no fault held, nor had held in the last seconds."""

    @property
    def places(self) -> frozenset[str]:
        """What is befallen now, or not yet back."""
        return frozenset(place for _, place in self._open)

    def look(self, now_s: float) -> list[Case]:
        """Look once; return the cases that are closed with that."""
        held = self._board.held
        for fault, place in held - self._open.keys():
            case = self._open[fault, place] = Case(fault, place, now_s)
            self.cases.append(case)
            self._note("fault", fault=fault.value, place=place)
        status = self._running.workflow.status
        closed: list[Case] = []
        for key, case in list(self._open.items()):
            mine = [one for one in status.troubles if _about(case.place, one)]
            if key in held:
                self._name(case, mine, now_s)
                continue
            if case.ended_s is None:
                case.ended_s = now_s
            if not mine and self._works(case.place):
                case.back_s = now_s
            if case.back_s is not None or now_s - case.ended_s > 4 * BACK_S:
                closed.append(self._open.pop(key))
                self._note("closed", **case.to_json())
        self._alarms([one for one in status.troubles if not any(_about(place, one) for place in self.places)])
        return closed

    def _name(self, case: Case, mine: Sequence[str], now_s: float) -> None:
        if mine and case.first_s is None:
            case.first_s = now_s
            self._note("noticed", fault=case.fault.value, place=case.place, sentence=mine[0])
        right = next((one for one in mine if WORDS[case.fault] in one), None)
        if right is not None and case.named_s is None:
            case.named_s, case.sentence = now_s, right
            self._note("named", fault=case.fault.value, place=case.place, sentence=right)

    def _works(self, place: str) -> bool:
        if place == "scale":
            workflow = self._running.workflow
            return not workflow.scale_trouble and workflow.status.weight is not None
        return self._running.rig.states()[place].state is CameraState.STREAMING

    def _alarms(self, strange: Sequence[str]) -> None:
        said = {_NUMBER.sub("#", one): one for one in strange}
        for words in said.keys() - self._strange:
            self.false_alarms[words] = self.false_alarms.get(words, 0) + 1
            self._note("false alarm", sentence=said[words])
        self._strange = set(said)


def _about(place: str, sentence: str) -> bool:
    return ("scale" in sentence.lower()) if place == "scale" else place in sentence
