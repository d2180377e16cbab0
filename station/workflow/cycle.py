"""The state machine of one part, without threads, clocks or cameras: readings and sights in, the next step out."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

from station.frames import WeightReading
from station.workflow.status import Outcome, PartState, Weighed
from station.workflow.trigger import Sight

USABLE_STEPS = 20
"""A load of fewer steps of the scale is too inaccurate to tell parts apart."""
_BAND = 1e-3
"""A part that lies still weighs the same within this share: creep and noise, but no other part."""
_RESIDUE = 5e-4
"""What a scale may still show of a load after it was taken off."""
_COARSE_FROM_KG = 3.0
_COARSE_FACTOR = 10.0
_ZERO_GAIN = 0.1
_FOLLOWED_STEPS_PER_S = 0.5
"""A zero that runs away no faster than so is followed under a lying part, as weighing instruments do."""


class Step(enum.Enum):
    """What the workflow is to do."""

    NOTHING = enum.auto()
    LOOK = enum.auto()
    """Take the next frameset, then say :meth:`PartCycle.captured` and :meth:`PartCycle.looked`."""
    RENEW = enum.auto()
    """Take a new picture of the empty plate."""
    LEARN = enum.auto()
    """A tray was tared: take what is seen now for the empty plate, then say :meth:`PartCycle.learned_tray`."""
    FORGET = enum.auto()
    """The tray is gone: forget the picture of the empty plate, then say :meth:`PartCycle.forgot_tray`."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the machine waits for what normally comes, seconds.

    ``unseen``: for the picture of a load that the scale feels. ``restless``: for a weight that does not settle while
    the picture stands still. ``renew``: between two pictures of the empty plate. ``reached``: between two looks at a
    plate over which something reaches that does not move.
    """

    unseen_s: float = 1.5
    restless_s: float = 5.0
    renew_s: float = 5.0
    reached_s: float = 2.0


@dataclass(frozen=True, slots=True)
class _Held:
    """The capture that is on the plate: its load above zero, and the state to come back to after a disturbance."""

    load_kg: float | None
    state: PartState
    outcome: Outcome
    answerable: bool


class PartCycle:
    """Empty → settling → captured → recognised → answered.

    A disturbance (the weight leaves its band, or the picture changes strongly) closes the question at once; it opens
    again only when weight and picture come back to what they were and the plate was never without load in between. In
    all other cases the next look is a new question. While a usable weight stays in its band the part cannot have been
    exchanged, so that a hand over the plate alone does not close the question. A weight that wanders slowly under the
    part is the scale's drift, and its zero follows.
    """

    def __init__(self, *, step_kg: float, part_steps: int = 3, patience: Patience | None = None) -> None:
        self._step_kg = step_kg
        self._part_kg = part_steps * step_kg
        self._patience = patience or Patience()
        self._zero_kg = 0.0
        self._weight: WeightReading | None = None
        self._awaits_weight = False
        self._steady: WeightReading | None = None
        self._held: _Held | None = None
        self._heaviest_kg = 0.0
        self._forced = False
        self._seen = False
        self._unseen_ns: int | None = None
        self._restless_ns: int | None = None
        self._renewed_ns: int | None = None
        self._reached_ns: int | None = None
        self._tray_kg: float | None = None
        self._learn_tray = self._forget_tray = False
        self.reached_into = False
        """Whether something reached over the plate at the last look."""
        self.state = PartState.SETTLING

    @property
    def weight(self) -> WeightReading | None:
        """The newest reading, ``None`` without a working scale."""
        return self._weight

    @property
    def load_kg(self) -> float | None:
        """The newest reading above the empty plate's zero."""
        return None if self._weight is None else round(self._weight.kg - self._zero_kg, 6)

    @property
    def usable_kg(self) -> float | None:
        """The load for the model: stable and at least 20 steps, else ``None``."""
        load = self._steady_kg
        return load if load is not None and load >= USABLE_STEPS * self._step_kg * (1 - 1e-9) else None

    @property
    def weighed(self) -> Weighed:
        """What the scale says now, for a look."""
        return Weighed(self.usable_kg, self.load_kg, self._steady is not None, self._step_kg)

    @property
    def _steady_kg(self) -> float | None:
        """The last stable load that the readings since have not left."""
        return None if self._steady is None else round(self._steady.kg - self._zero_kg, 6)

    @property
    def holds(self) -> bool:
        """Whether the last capture is still of what lies on the plate, as far as known."""
        return self._held is not None

    @property
    def answerable(self) -> bool:
        """Whether an answer for the last capture may be taken now."""
        on_plate = self.state in (PartState.CAPTURED, PartState.RECOGNISED, PartState.ANSWERED)
        return on_plate and self._held is not None and self._held.answerable

    def weigh(self, reading: WeightReading) -> None:
        """Take a reading; one outside the part's band closes its question at once."""
        before, self._weight = self._weight, reading
        self._awaits_weight = False
        self._follow_drift(before, reading)
        load = reading.kg - self._zero_kg
        if reading.stable:
            self._steady = reading
        elif self._steady is not None and abs(reading.kg - self._steady.kg) > self._band(load):
            self._steady = None
        self._heaviest_kg = max(self._heaviest_kg, load)
        if reading.stable and self._tray_kg is not None and load < min(-0.5 * self._tray_kg, -self._part_kg):
            self._forget_tray = True
        held = self._held
        if held is None or held.load_kg is None:
            return
        if abs(load - held.load_kg) <= self._band(held.load_kg):
            return
        if self.state is not PartState.SETTLING:
            self._disturb()
        nothing_kg = max(self._part_kg, _RESIDUE * held.load_kg)
        if load < nothing_kg and held.load_kg >= 2.0 * nothing_kg:
            self._held = None

    def _follow_drift(self, before: WeightReading | None, reading: WeightReading) -> None:
        """Move the zero along with a weight that wanders slowly under a part that lies there undisturbed."""
        held = self._held
        if before is None or held is None or held.load_kg is None or self.state is PartState.SETTLING:
            return
        if not (before.stable and reading.stable):
            return
        away_kg = reading.kg - self._zero_kg - held.load_kg
        if abs(away_kg) <= self._band(held.load_kg):
            passed_s = max(reading.monotonic_ns - before.monotonic_ns, 0) / 1e9
            most_kg = _FOLLOWED_STEPS_PER_S * self._step_kg * passed_s
            self._zero_kg += min(max(away_kg, -most_kg), most_kg)

    def lose_scale(self) -> None:
        """The scale says nothing any more."""
        self._weight = self._steady = None
        self._awaits_weight = False

    def zeroed(self) -> None:
        """The scale weighs from another zero: with its next weight, look at the plate anew, as one without a tray."""
        self._zero_kg = 0.0
        self._weight = self._steady = None
        self._awaits_weight = True
        self._forget_tray = self._tray_kg is not None
        self.look_again()

    def tared(self, tray_kg: float) -> None:
        """The scale was tared with a tray of ``tray_kg`` on it: the plate with the tray is the empty one from now on.

        When the scale feels later that the tray is gone, the plate is looked at anew without it.
        """
        self.zeroed()
        self._tray_kg = max(tray_kg, 0.0)
        self._learn_tray, self._forget_tray = True, False

    def learned_tray(self) -> None:
        """The plate with the tray was taken for the empty one."""
        self._learn_tray = self._forced = False
        self._become_empty()

    def forgot_tray(self) -> None:
        """The picture of the empty plate was forgotten: look at the plate anew."""
        self._tray_kg = None
        self._learn_tray = self._forget_tray = False
        self.look_again()

    def look_again(self) -> None:
        """Drop what is known of the plate and look at it as soon as it is still."""
        self._disturb()
        self._held = None
        self._forced = True

    def step(self, sight: Sight, now_ns: int) -> Step:
        """Take what the pictures say at ``now_ns`` and return what is to be done."""
        if self._forget_tray:
            return Step.FORGET
        if self.state is PartState.EMPTY:
            return self._step_empty(sight, now_ns)
        if self.state is PartState.SETTLING:
            return self._step_settling(sight, now_ns)
        unseen = self._held is not None and self._held.outcome is Outcome.EMPTY
        changed = sight.unlike_capture or (unseen and sight.unlike_empty is True)
        if (changed and (sight.still or not self._guarded())) or (sight.still and self._gone(sight)):
            self._disturb()
        return Step.NOTHING

    def captured(self, sight: Sight) -> None:
        """A frameset was taken of what lies on the plate, at a moment when the pictures said ``sight``."""
        self.state = PartState.CAPTURED
        self._forced = False
        self._reached_ns = None
        self._seen = sight.unlike_empty is True
        self._held = _Held(self._steady_kg, PartState.CAPTURED, Outcome.ERROR, answerable=False)

    def looked(self, outcome: Outcome, *, answerable: bool) -> bool:
        """Take the outcome of the look; returns whether the plate is to be learned as empty.

        A plate that the locator finds empty is not believed to be when the scale feels a usable load, or feels any load
        while the pictures see a change. A plate over which something reaches is waited for: no capture is held of it.
        """
        self.reached_into = outcome is Outcome.REACHED_INTO
        if self.reached_into:
            self._held = None
            self._disturb()
            return False
        if outcome is Outcome.EMPTY and not self._feels_load():
            if self.state is PartState.CAPTURED:
                self._become_empty()
                return True
            self._held = None
            return False
        if self._held is not None:
            state = _open_state(outcome)
            self._held = replace(self._held, state=state, outcome=outcome, answerable=answerable)
            if self.state is PartState.CAPTURED:
                self.state = state
        return False

    def renewed(self, now_ns: int) -> None:
        """The picture of the empty plate was taken."""
        self._renewed_ns = now_ns

    def answered(self, *, done: bool) -> None:
        """An answer was given for the part on the plate, or taken back (``done`` is false)."""
        if self._held is None:
            return
        state = PartState.ANSWERED if done else _open_state(self._held.outcome)
        self._held = replace(self._held, state=state)
        if self.state is not PartState.SETTLING:
            self.state = state

    def _step_empty(self, sight: Sight, now_ns: int) -> Step:
        load = self.load_kg
        if (load is not None and load >= self._part_kg) or sight.unlike_empty or not sight.still:
            self._disturb()
            return Step.NOTHING
        if self._weight is not None and self._weight.stable:
            self._zero_kg += _ZERO_GAIN * (self._weight.kg - self._zero_kg)
        if self._renewed_ns is None or now_ns - self._renewed_ns >= self._patience.renew_s * 1e9:
            return Step.RENEW
        return Step.NOTHING

    def _step_settling(self, sight: Sight, now_ns: int) -> Step:
        if not sight.still:
            self._unseen_ns = self._restless_ns = None
            return Step.NOTHING
        if not self._awaits_weight and (self._weight is None or self._weight.stable):
            self._restless_ns = None
        else:
            self._restless_ns = self._restless_ns or now_ns
            if now_ns - self._restless_ns < self._patience.restless_s * 1e9:
                return Step.NOTHING
        if self._forced:
            return Step.LEARN if self._learn_tray else Step.LOOK
        if self._same_part(sight):
            self.state = self._held.state if self._held else self.state
            return Step.NOTHING
        loaded = self.load_kg is not None and self.load_kg >= self._part_kg
        if sight.unlike_empty is False:
            if not loaded:
                self._become_empty()
                return Step.NOTHING
            self._unseen_ns = self._unseen_ns or now_ns
            if now_ns - self._unseen_ns < self._patience.unseen_s * 1e9:
                return Step.NOTHING
        return Step.LOOK if self._worth_a_look(sight, now_ns) else Step.NOTHING

    def _worth_a_look(self, sight: Sight, now_ns: int) -> bool:
        """Whether what reached over the plate may be gone: the picture changed, or some time has passed."""
        if not self.reached_into or sight.unlike_capture:
            return True
        self._reached_ns = self._reached_ns or now_ns
        return now_ns - self._reached_ns >= self._patience.reached_s * 1e9

    def _same_part(self, sight: Sight) -> bool:
        held = self._held
        if held is None or sight.unlike_capture or self._gone(sight):
            return False
        if held.load_kg is None:
            return True
        return self.load_kg is not None and abs(self.load_kg - held.load_kg) <= self._band(held.load_kg)

    def _gone(self, sight: Sight) -> bool:
        """Whether a faint or light part is there no more: the plate looks empty again and the scale agrees."""
        loaded = self.load_kg is not None and self.load_kg >= self._part_kg
        return self._seen and sight.unlike_empty is False and not loaded

    def _guarded(self) -> bool:
        """Whether the weight alone vouches for the part: usable, and in its band since the capture."""
        held = self._held
        if held is None or held.load_kg is None or self._weight is None:
            return False
        return held.load_kg >= USABLE_STEPS * self._step_kg

    def _feels_load(self) -> bool:
        load = self.load_kg
        if load is None:
            return False
        forgiven = max(USABLE_STEPS * self._step_kg, _RESIDUE * self._heaviest_kg)
        return load >= (self._part_kg if self._seen else forgiven)

    def _become_empty(self) -> None:
        self.state = PartState.EMPTY
        self.reached_into = False
        self._held = None
        self._renewed_ns = None
        self._heaviest_kg = 0.0
        if self._weight is not None and self._weight.stable:
            self._zero_kg = self._weight.kg

    def _disturb(self) -> None:
        self.state = PartState.SETTLING
        self._unseen_ns = self._restless_ns = None

    def _band(self, load_kg: float) -> float:
        coarse = _COARSE_FACTOR if load_kg >= _COARSE_FROM_KG else 1.0
        return max(self._part_kg * coarse, _BAND * load_kg)


def _open_state(outcome: Outcome) -> PartState:
    """Return the state of a part that was looked at and is not answered."""
    return PartState.RECOGNISED if outcome in (Outcome.OK, Outcome.OUTSIDE) else PartState.CAPTURED
