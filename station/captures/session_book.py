"""What a capture session knows of its class: the plan, what is kept and on its way, and what can be undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from station.captures.class_history import CaptureIndex, ClassHistory, KnownCapture
from station.captures.place import Place
from station.captures.plan import ask_for, plan_places
from station.captures.quality_report import Gate
from station.captures.record import Split
from station.captures.session_state import Deed, SessionState
from station.captures.session_values import KeptCapture, PlaceState, PlannedPlace, Prompt, SplitProgress

_MISSED = 100
"""So many captures of the class, the newest, are looked through for those that a crash kept from being noted."""
_SPLITS: tuple[Split, ...] = ("train", "valid", "test")


@dataclass(slots=True, eq=False)
class SessionBook:
    """One session's state and its class's history; for one thread.

    ``on_way`` are captures that are being saved; the history has them too, so that the next look is compared with them.
    """

    state: SessionState
    history: ClassHistory
    on_way: dict[str, KnownCapture] = field(default_factory=dict[str, KnownCapture])
    last: KeptCapture | None = None

    # -- the plan -----------------------------------------------------------------------------------------------------

    def next_place(self) -> Place | None:
        """Return the first place of the plan that is neither kept, on its way nor skipped; ``None`` when it is full."""
        return next((one.place for one in self.plan() if one.state is PlaceState.NEXT), None)

    def plan(self) -> tuple[PlannedPlace, ...]:
        """Return the places of the plan and how they stand."""
        kept = self.history.places
        on_way = {known.place: capture_id for capture_id, known in self.on_way.items()}
        skipped = self.state.skipped
        found: list[PlannedPlace] = []
        following = True
        for place in plan_places(self.state.class_id, self.state.size, kept.keys()):
            if place in on_way:
                found.append(PlannedPlace(place, PlaceState.SAVING, on_way[place]))
            elif place in kept:
                found.append(PlannedPlace(place, PlaceState.KEPT, kept[place]))
            elif place.folder in skipped:
                found.append(PlannedPlace(place, PlaceState.SKIPPED))
            else:
                found.append(PlannedPlace(place, PlaceState.NEXT if following else PlaceState.OPEN))
                following = False
        return tuple(found)

    def progress(self, plan: tuple[PlannedPlace, ...]) -> tuple[SplitProgress, ...]:
        """Return how far each split of the plan is."""
        places = [place for place, capture_id in self.history.places.items() if capture_id not in self.on_way]
        found: list[SplitProgress] = []
        for split in _SPLITS:
            states = [one.state for one in plan if one.place.split == split]
            found.append(
                SplitProgress(
                    split=split,
                    wanted=len(states),
                    kept=states.count(PlaceState.KEPT),
                    skipped=states.count(PlaceState.SKIPPED),
                    saving=states.count(PlaceState.SAVING),
                    in_class=sum(place.split == split for place in places),
                )
            )
        return tuple(found)

    def prompt(self) -> Prompt:
        """Return what to do for the next place, as the part lies after the last capture of this session."""
        return ask_for(self.next_place(), self._before())

    def _before(self) -> Place | None:
        if self.on_way:
            return next(reversed(self.on_way.values())).place
        for deed in reversed(self.state.done):
            if deed.kind == "kept" and (known := self.history.get(deed.subject)) is not None:
                return known.place
        return None

    @property
    def newest_id(self) -> str | None:
        """The capture that was taken last in this session, kept or on its way."""
        if self.on_way:
            return next(reversed(self.on_way))
        return next((deed.subject for deed in reversed(self.state.done) if deed.kind == "kept"), None)

    # -- deeds --------------------------------------------------------------------------------------------------------

    def send(self, capture_id: str, known: KnownCapture) -> None:
        """A capture is given to the store."""
        self.on_way[capture_id] = known
        self.history.add(capture_id, known)

    def kept(self, capture_id: str, place: Place) -> None:
        """The store has acknowledged a capture; what was undone before cannot be done again."""
        known = self.on_way.pop(capture_id)
        self.history.add(capture_id, KnownCapture(place, known.weight_kg, known.pose))
        self.last = KeptCapture(capture_id, place)
        self._do(Deed(kind="kept", subject=capture_id), afresh=True)

    def lost(self, capture_id: str) -> None:
        """A capture was not kept: its place is open again."""
        self.on_way.pop(capture_id, None)
        self.history.remove(capture_id)

    def skip(self, place: Place) -> None:
        """Leave a place out."""
        self._do(Deed(kind="skipped", subject=place.folder), afresh=True)

    def undone(self) -> None:
        """The last deed was taken back."""
        deed = self.state.done[-1]
        if deed.kind == "kept":
            self.history.remove(deed.subject)
            if self.last is not None and self.last.capture_id == deed.subject:
                self.last = None
        self._change(done=self.state.done[:-1], undone=(*self.state.undone, deed))

    def redone(self, known: KnownCapture | None = None) -> None:
        """The deed that was taken back last was done again; ``known`` is the capture that it brought back."""
        deed = self.state.undone[-1]
        if known is not None:
            self.history.add(deed.subject, known)
            self.last = KeptCapture(deed.subject, known.place)
        self._do(deed, afresh=False)
        self._change(undone=self.state.undone[:-1])

    def override_always(self, reasons: Mapping[Gate, str]) -> None:
        """Let reasons hold for every further capture of the session."""
        self._change(overrides={**self.state.overrides, **reasons})

    def agree_with(self, index: CaptureIndex) -> None:
        """Bring the deeds in line with the catalog, after a crash or when others have changed the class meanwhile.

        Captures of this session that were kept but not noted any more are added, in the order in which they were taken.
        Nothing may be on its way.
        """
        states = {
            deed.subject: entry.state
            for deed in (*self.state.done, *self.state.undone)
            if deed.kind == "kept" and (entry := index.get(deed.subject)) is not None
        }
        done = [deed for deed in self.state.done if deed.kind == "skipped" or states.get(deed.subject) == "kept"]
        undone = [deed for deed in self.state.undone if deed.kind == "skipped" or states.get(deed.subject) == "trash"]
        noted = {deed.subject for deed in self.state.done} | {deed.subject for deed in self.state.undone}
        begun = self.state.started_at.isoformat()[:19]
        page = index.search(class_id=self.state.class_id, limit=_MISSED)
        missed = [
            entry.capture_id
            for entry in sorted(page.entries, key=lambda entry: (entry.taken_at, entry.capture_id))
            if entry.kept_from == "capture_page" and entry.taken_at[:19] >= begun and entry.capture_id not in noted
        ]
        done += [Deed(kind="kept", subject=capture_id) for capture_id in missed]
        self._change(done=tuple(done), undone=tuple(undone))

    def _do(self, deed: Deed, *, afresh: bool) -> None:
        self._change(done=(*self.state.done, deed), undone=() if afresh else self.state.undone)

    def _change(self, **values: object) -> None:
        self.state = self.state.model_copy(update=values)
