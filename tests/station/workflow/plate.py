"""Truth of a bench in virtual time, and the state machine that watches it."""

from __future__ import annotations

from dataclasses import dataclass, field

from station.frames import WeightReading
from station.workflow.cycle import PartCycle, Patience, Step
from station.workflow.status import Outcome, PartState
from station.workflow.trigger import Sight

TICK_NS = 50_000_000
PATIENCE = Patience(unseen_s=0.5, restless_s=1.0, renew_s=2.0, reached_s=1.0)


@dataclass
class Plate:
    """Truth of a bench, and a machine that watches it; ``part`` is an id of what lies there and where."""

    with_scale: bool = True
    part: str | None = None
    kg: float = 0.0
    offset_kg: float = 0.0
    now_ns: int = 0
    learned: int = 0
    empty_known: bool = False
    empty_part: str | None = None
    """What lay there when the empty plate was learned: a tray, or nothing."""
    captured: str | None = None
    looks: list[str | None] = field(default_factory=list)
    machine: PartCycle = field(default_factory=lambda: PartCycle(step_kg=0.0001, patience=PATIENCE))

    def sight(self, still: bool = True) -> Sight:
        return Sight(
            still=still,
            unlike_empty=(self.part != self.empty_part) if self.empty_known else None,
            unlike_capture=self.part != self.captured,
        )

    def weigh(self, stable: bool = True, extra_kg: float = 0.0) -> None:
        if self.with_scale:
            kg = (self.kg if self.part else 0.0) + self.offset_kg + extra_kg
            self.machine.weigh(WeightReading(kg, stable, self.now_ns, ""))

    def tick(self, *, still: bool = True, stable: bool = True, outcome: Outcome | None = None) -> Step:
        self.now_ns += TICK_NS
        self.weigh(stable)
        sight = self.sight(still)
        step = self.machine.step(sight, self.now_ns)
        if step is Step.LOOK:
            self.captured = self.part
            self.looks.append(self.part)
            self.machine.captured(sight)
            found = outcome or (Outcome.OK if self.part else Outcome.EMPTY)
            if self.machine.looked(found, answerable=found in (Outcome.OK, Outcome.OUTSIDE)):
                self.learn()
        elif step is Step.RENEW:
            self.learn()
        elif step is Step.LEARN:
            self.empty_part = self.part
            self.machine.learned_tray()
            self.learn()
        elif step is Step.FORGET:
            self.empty_known, self.empty_part = False, None
            self.machine.forgot_tray()
        return step

    def learn(self) -> None:
        self.learned += 1
        self.empty_known = True
        self.machine.renewed(self.now_ns)

    def run(self, seconds: float, **how: object) -> PartState:
        for _ in range(round(seconds / 0.05)):
            self.tick(**how)  # type: ignore[arg-type]
        return self.machine.state

    def put(self, part: str, kg: float) -> None:
        self.part, self.kg = part, kg

    def lift(self) -> None:
        self.part = None


def started(with_scale: bool = True) -> Plate:
    plate = Plate(with_scale=with_scale)
    assert plate.run(1.0) is PartState.EMPTY
    assert plate.learned >= 1
    return plate


def recognised(with_scale: bool = True, kg: float = 0.5) -> Plate:
    plate = started(with_scale)
    plate.put("screw@1", kg)
    plate.tick(still=False, stable=False)
    assert plate.run(1.0) is PartState.RECOGNISED
    assert plate.looks[-1] == "screw@1"
    return plate
