"""What a collection knows and decides: which frameset becomes a picture, and what to do next. No threads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from calibration.collecting.advice import Advice, about, label, places, refused
from calibration.collecting.coverage import Enough, coverage_of
from calibration.collecting.newness import is_new
from calibration.collecting.sighting import Looked, Placement, Sighting
from calibration.collecting.snapshot import Coverage
from calibration.collecting.stillness import Stillness
from calibration.collecting.ties import Pair, ease_of_pairs, lonely, rough_cameras, shared_placements, weak_pairs
from calibration.plate_pose import PLACEMENT
from calibration.views import BoardView
from station.boards import FrameBoard

_BOARD_HEIGHT_M = 0.1
"""Where above the plate's middle the board is expected, when it is judged which cameras can see it together."""


@dataclass(frozen=True, slots=True)
class CollectSettings:
    """When a picture is taken, and when there are enough.

    The board may move by ``still_px`` in ``still_s`` seconds; ``new_share`` is how far it must have been moved since,
    as a fraction of the picture's diagonal, unless it is tilted anew or at another distance. ``tie`` placements must
    join every camera to the others. The plate's picture waits ``plate_s`` seconds for cameras that do not see its
    frame. Two looks begin at least ``pause_s`` apart: the cameras and the window need the processor too.
    """

    still_px: float = 0.3
    still_s: float = 0.4
    new_share: float = 0.05
    tie: int = 3
    plate_s: float = 4.0
    pause_s: float = 0.12
    enough: Enough = field(default_factory=Enough)


class Collector:
    """The pictures of a calibration and what they amount to.

    ``roles`` are the cameras that take part. With ``only`` one camera is calibrated against the others, and all wants
    are about that one.
    """

    def __init__(
        self, roles: Sequence[str], plate: FrameBoard, settings: CollectSettings | None = None, only: str | None = None
    ) -> None:
        self.roles = tuple(roles)
        self.settings = settings or CollectSettings()
        self.plate: dict[str, Sighting] = {}
        self.placements: list[Placement] = []
        self.still = 0.0
        self.seen: dict[str, Looked] = {}
        self._only = only
        self._middle = np.array([plate.width_m / 2, plate.height_m / 2, _BOARD_HEIGHT_M])
        self._stillness = Stillness(self.settings.still_px, self.settings.still_s)
        self._ease: dict[Pair, float] = {}
        self._new = False
        self._plate_from_ns = 0
        self._plate_most = 0
        self._review()

    def see_plate(self, time_ns: int, skew_ms: float, seen: Mapping[str, Looked], streaming: Sequence[str]) -> bool:
        """Take what the cameras see of the plate; return whether this frameset is its picture.

        It is when all streaming cameras see the frame, or at least half of them after a while of stillness: a low
        camera may never read enough markers, and the board ties it to the others as well.
        """
        self.seen = dict(seen)
        self.still = self._stillness.add(time_ns, skew_ms, self._views())
        count = len(self.usable)
        if self.still < 1.0:
            self._plate_from_ns, self._plate_most = time_ns, 0
            return False
        self._plate_most = max(self._plate_most, count)
        if self.usable.keys() >= set(streaming):
            return count > 1
        waited_s = (time_ns - self._plate_from_ns) * 1e-9
        return waited_s >= self.settings.plate_s and count == self._plate_most and 2 * count >= max(4, len(streaming))

    def see_board(self, time_ns: int, skew_ms: float, seen: Mapping[str, Looked]) -> bool:
        """Take what the cameras see of the board; return whether this frameset should become a picture."""
        self.seen = dict(seen)
        self._new = self.enough_eyes(self.usable) and is_new(self.usable, self.placements, self.settings.new_share)
        self.still = self._stillness.add(time_ns, skew_ms, self._views()) if self._new else 0.0
        if not self._new:
            self._stillness.reset()
        return self.still >= 1.0

    def enough_eyes(self, sightings: Mapping[str, Sighting]) -> bool:
        """Return whether a placement seen like this says anything: two cameras see it, one of them the wanted one."""
        return len(sightings) >= 2 and (self._only is None or self._only in sightings)

    def too_few(self, sightings: Mapping[str, Sighting]) -> str:
        """Return why a placement seen like this is not taken."""
        if self._only is not None and self._only not in sightings:
            return f"The picture was not taken: camera {label(self._only)} does not see the board."
        return f"The picture was not taken: {len(sightings)} cameras see the board, 2 are needed."

    @property
    def usable(self) -> dict[str, Sighting]:
        """What is seen now and can be used."""
        return {role: look.sighting for role, look in self.seen.items() if look.sighting is not None}

    def forget_sight(self) -> None:
        """Forget what is seen now: another board is looked for, or a picture was taken."""
        self.seen, self.still, self._new = {}, 0.0, False
        self._stillness.reset()

    def take_plate(self, sightings: Mapping[str, Sighting]) -> None:
        """Take the plate's picture."""
        self.plate = {role: sighting.named(PLACEMENT) for role, sighting in sightings.items()}
        self.forget_sight()
        self._review()

    def next_name(self) -> str:
        """Return the name of the next placement."""
        numbers = [int(one.name.rpartition("_")[2]) for one in self.placements]
        return f"board_{max(numbers, default=0) + 1:03d}"

    def take(self, name: str, sightings: Mapping[str, Sighting], taken_at: datetime, dropped: bool = False) -> None:
        """Take a placement of the board."""
        named = {role: sighting.named(name) for role, sighting in sightings.items()}
        self.placements.append(Placement(name, named, taken_at, dropped))
        self.forget_sight()
        self._review()

    def set_dropped(self, name: str, dropped: bool) -> bool:
        """Take a placement out of the solve, or back in; return whether that changed anything."""
        for index, one in enumerate(self.placements):
            if one.name == name and one.dropped != dropped:
                self.placements[index] = replace(one, dropped=dropped)
                self._review()
                return True
        return False

    def views(self) -> list[BoardView]:
        """Return all views that a solve uses: the plate's and those of the placements that were not dropped."""
        kept = [one.sightings for one in self.placements if not one.dropped]
        return [sighting.view for sightings in (self.plate, *kept) for sighting in sightings.values()]

    def plate_advice(self, streaming: Sequence[str]) -> Advice:
        """Return what to do for the plate's picture."""
        hidden = [role for role in streaming if role not in self.usable]
        if not hidden:
            return Advice("plate_still")
        look = self.seen.get(hidden[0])
        return about("plate_hidden", hidden[0], reason=look.reason if look and look.reason else "no picture came")

    def board_advice(self, patience: int = 0) -> Advice:
        """Return what to do with the board; ``patience`` goes on to the next place when one cannot be had."""
        usable = self.usable
        place = self.places[patience % len(self.places)] if self.places else None
        wanted = set(place.roles) if place else set(self.roles)
        if self._new and (self.still > 0 or wanted <= usable.keys() or place is None):
            return Advice("hold_still")
        refusals = [role for role, look in self.seen.items() if look.refusal]
        for role in sorted(refusals, key=lambda role: (role not in wanted, role)):
            if role in wanted or not self.enough_eyes(usable):
                return refused(role, self.seen[role].refusal)
        if place is not None:
            alone = next(iter(usable)) if len(usable) == 1 else None
            return about("one_camera", alone) if alone is not None and alone in wanted else place
        return Advice("enough")

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return bool(self.plate) and not self.places

    @property
    def ready(self) -> bool:
        """Whether a solve may succeed for all cameras."""
        kept = sum(not one.dropped for one in self.placements)
        return bool(self.plate) and kept > self.settings.tie and not self.weak

    def _review(self) -> None:
        """Judge the pictures anew after one came or went."""
        tie = self.settings.tie
        kept = [one for one in self.placements if not one.dropped]
        self._ease = ease_of_pairs(rough_cameras(self.plate, kept), self._middle)
        self.shared = shared_placements(self.roles, kept)
        if self._only is None:
            self.weak = weak_pairs(self.roles, self.shared, tie, self._ease)
        else:
            self.weak = lonely(self._only, self.shared, tie, self._ease)
        loose = {role for pair in self.weak for role in pair}
        self.coverage: dict[str, Coverage] = {}
        for role in self.roles:
            sightings = [one.sightings[role] for one in kept if role in one.sightings]
            found = coverage_of(sightings, self.settings.enough, partner_missing=role in loose)
            counts = self._only is None or role == self._only
            self.coverage[role] = found if counts else replace(found, wants=())
        self.places = places(self.coverage, self.weak, self.shared, self._ease)

    def _views(self) -> dict[str, BoardView]:
        return {role: sighting.view for role, sighting in self.usable.items()}
