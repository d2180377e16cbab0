"""A data set and a capture session that say what a test wants, behind the capture page's protocols."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from station.captures.catalog_values import CatalogEntry, Counts, Page, PageKey, State
from station.captures.place import Place
from station.captures.plan import PlanSize, ask_for, plan_places
from station.captures.quality_report import Gate, GateResult, QualityReport
from station.captures.record import CaptureRecord, Override, Split
from station.captures.session_values import KeptCapture, PlaceState, PlannedPlace, SessionSnapshot, Step
from station.errors import DoubtedCaptureError, PartError, StationError
from station.frames import ROLES, Frame, FrameSet, TimeDomain
from station.results import PartLocation, PlateState
from station.workflow.status import CapturedPart, Outcome, Purpose
from ui.presenters.capture_source import CapturePicture, ClassFacts, NewClass

AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
BOLT, FLANGE, PIN = "bolt_m8x40", "flange_dn25", "pin_8x40"
PAGE = 60


def picture(seed: int, width: int = 96) -> CapturePicture:
    """A grey picture with a bright part in it, and the part's mask."""
    color = np.full((width * 3 // 4, width, 3), 70, np.uint8)
    mask = np.zeros(color.shape[:2], np.uint8)
    mask[20:44, 20 + seed % 20 : 60 + seed % 20] = 255
    color[mask > 0] = (180, 160 - seed % 60, 90)
    return CapturePicture(ROLES[seed % len(ROLES)], color, mask)


def look(outcome: Outcome = Outcome.OK, *, capture_id: str = "look-1", too_high: bool = False) -> CapturedPart:
    """A look at the plate with ten small pictures."""
    shown = {role: picture(n) for n, role in enumerate(ROLES)}
    frames = {
        role: Frame(role, one.color, np.full(one.color.shape[:2], 600, np.uint16), 0.001, 1, 0.0, TimeDomain.SYSTEM, 1)
        for role, one in shown.items()
    }
    masks = {role: one.mask for role, one in shown.items() if one.mask is not None}
    state = PlateState(outcome.value) if outcome is not Outcome.ERROR else PlateState.OK
    whole = outcome is Outcome.OK
    location = PartLocation(state, {}, masks if whole else {}, (0.04, 0.03, 0.02), (), (), too_high=too_high)
    return CapturedPart(
        capture_id, AT, FrameSet(frames, (), 3.0, AT, 1), "cal", outcome, "", 0.0184, 0.0184, location,
        weight_stable=True, purpose=Purpose.CAPTURES,
    )  # fmt: skip


def report(*wrong: GateResult) -> QualityReport:
    """The gates of a look: all passed but for ``wrong``."""
    bad = {one.gate for one in wrong}
    good = [
        GateResult(Gate.WHOLE, passed=True, hard=True),
        GateResult(Gate.SHARPNESS, passed=True, hard=False, value=0.6, limit=0.15),
        GateResult(Gate.DEPTH, passed=True, hard=False, value=0.0, limit=2.0),
        GateResult(Gate.STABLE, passed=True, hard=True),
    ]
    return QualityReport("look-1", (*(one for one in good if one.gate not in bad), *wrong))


NOT_WHOLE = GateResult(Gate.WHOLE, passed=False, hard=True, sentence="No.")
ALIKE = GateResult(Gate.DUPLICATE, passed=False, hard=False, value=0.99, limit=0.985, subject="c", sentence="No.")


def session(
    kept: int = 0, *, saving: int = 0, step: Step = Step.WAITING, class_id: str = BOLT, **changes: object
) -> SessionSnapshot:
    """A running session of which the first ``kept`` places hold captures and the next ``saving`` are being written."""
    places = plan_places(class_id, PlanSize(), ())
    plan = []
    for n, place in enumerate(places):
        state = PlaceState.KEPT if n < kept else PlaceState.SAVING if n < kept + saving else PlaceState.OPEN
        plan.append(PlannedPlace(place, PlaceState.NEXT if n == kept + saving else state))
    there = kept + saving
    prompt = ask_for(places[there] if there < len(places) else None, places[there - 1] if there else None)
    last = KeptCapture(f"c{kept}", places[kept - 1]) if kept else None
    made = SessionSnapshot(
        sequence=1, step=step, class_id=class_id, prompt=prompt, plan=tuple(plan), last=last,
        can_undo=kept > 0, can_skip=there < len(places),
    )  # fmt: skip
    return replace(made, **changes)


class FakeWork:
    """Holds one snapshot and writes down what it is told."""

    def __init__(self) -> None:
        self.snapshot = SessionSnapshot()
        self.told: list[tuple[str, object]] = []

    def show(self, snapshot: SessionSnapshot) -> None:
        self.snapshot = replace(snapshot, sequence=self.snapshot.sequence + 1)

    def start(self, class_id: str, positions: int | None = None) -> None:
        self.told.append(("start", class_id) if positions is None else ("start with", positions))
        self.show(session(class_id=class_id))

    def pause(self) -> None:
        self.told.append(("pause", None))

    def resume(self) -> None:
        self.told.append(("resume", None))

    def take_now(self) -> None:
        self.told.append(("take_now", None))

    def override(self, reason: str, *, for_all: bool = False) -> None:
        self.told.append(("override for all" if for_all else "override", reason))

    def skip(self) -> None:
        self.told.append(("skip", None))

    def undo(self) -> None:
        self.told.append(("undo", None))

    def redo(self) -> None:
        self.told.append(("redo", None))

    def end(self) -> None:
        self.told.append(("end", None))
        self.show(SessionSnapshot())


def entry(number: int, class_id: str = BOLT, split: Split = "train", state: State = "kept") -> CatalogEntry:
    """A capture as the catalog knows it; higher numbers are newer."""
    train = split == "train"
    place = Place(class_id, split, position=number // 12, rotation=number % 12) if train else None
    place = place or Place(class_id, split, number=number)
    capture_id = f"c{number:04d}"
    folder = place.folder if state == "kept" else f".{state}/{capture_id}"
    return CatalogEntry(
        capture_id, class_id, split, state, folder, place.position, place.rotation, place.number,
        origin="simulation", taken_at=f"2026-01-05T{number // 60:02d}:{number % 60:02d}:00Z", weight_kg=0.0184,
        overridden=int(number == 3),
    )  # fmt: skip


class FakeCaptures:
    """A data set in memory."""

    def __init__(self) -> None:
        self.work = FakeWork()
        self.storage_trouble = ""
        self.doubts: tuple[str, ...] = ()
        self.reasons: list[str] = []
        self.entries: dict[str, CatalogEntry] = {}
        self.facts_of = {
            BOLT: ClassFacts(BOLT, "HB-0840-ST", "Hexagon bolt M8 × 40", ("steel", "bolt"), 0.0184, Counts()),
            FLANGE: ClassFacts(FLANGE, "FL-0025-AL", "Pipe flange DN 25", ("aluminium",), None, Counts()),
            PIN: ClassFacts(PIN, "DP-0840-ST", "Dowel pin 8 × 40", (), 0.0157, Counts()),
        }
        self.told: list[tuple[object, ...]] = []
        self.refusal: StationError | None = None
        self.damaged: StationError | None = None
        self.gate = threading.Event()
        """Cleared, it keeps changes waiting as a slow disk does."""
        self.gate.set()
        self.asked_for: list[str] = []

    def fill(self, count: int, class_id: str = BOLT, split: Split = "train", state: State = "kept") -> None:
        for number in range(len(self.entries), len(self.entries) + count):
            made = entry(number, class_id, split, state)
            self.entries[made.capture_id] = made

    def classes(self, text: str, limit: int = 50) -> Sequence[ClassFacts]:
        words = text.lower().split()
        found = (one for one in self.facts_of.values() if all(w in f"{one.number} {one.name}".lower() for w in words))
        counts = self.counts()
        return [replace(one, counts=counts.get(one.class_id, Counts())) for one in found][:limit]

    def facts(self, class_id: str) -> ClassFacts | None:
        return self.facts_of.get(class_id)

    def counts(self) -> Mapping[str, Counts]:
        kept = [one for one in self.entries.values() if one.state == "kept"]
        return {
            class_id: Counts(*(sum(one.class_id == class_id and one.split == s for one in kept) for s in _SPLITS))
            for class_id in {one.class_id for one in kept}
        }

    def vocabulary(self) -> Mapping[str, Sequence[str]]:
        return {"Material": ("steel", "brass"), "Shape": ("round",)}

    def new_class(self, told: NewClass) -> str:
        if any(told.number == one.number for one in self.facts_of.values()):
            raise PartError(f"The number {told.number} belongs to another class.", todo="Give another one.")
        self.told.append(("new_class", told))
        class_id = told.name.replace(" ", "_")
        self.facts_of[class_id] = ClassFacts(class_id, told.number, told.name, (), None, Counts())
        return class_id

    def set_reference(self, entry: CatalogEntry) -> None:
        self.told.append(("reference", entry.capture_id))

    def captures(
        self, class_id: str | None, state: State, split: Split | None = None, after: PageKey | None = None
    ) -> Page:
        found = [
            one
            for one in sorted(self.entries.values(), key=lambda one: (one.taken_at, one.capture_id), reverse=True)
            if one.state == state and class_id in (None, one.class_id) and split in (None, one.split)
        ]
        rest = [one for one in found if after is None or (one.taken_at, one.capture_id) < after]
        more = len(rest) > PAGE
        key = (rest[PAGE - 1].taken_at, rest[PAGE - 1].capture_id) if more else None
        return Page(tuple(rest[:PAGE]), key, len(found) if after is None else None)

    def record(self, entry: CatalogEntry) -> CaptureRecord | None:
        if self.damaged is not None:
            raise self.damaged
        reasons = (Override(gate="duplicate", reason="It is round"),) if entry.overridden else ()
        return CaptureRecord(
            capture_id=entry.capture_id, class_id=entry.class_id, split="train", origin="simulation",
            label_source="chosen", taken_at=AT, weight_kg=0.0184, weight_stable=True, size_m=(0.04, 0.03, 0.02),
            calibration_id="a1b2c3d4e5f6a7", overrides=reasons,
        )  # fmt: skip

    def pictures(self, entry: CatalogEntry, width: int) -> Sequence[CapturePicture]:
        return [replace(picture(n), role=role) for n, role in enumerate(ROLES) if role != "cam_07"]

    def thumbnail(self, entry: CatalogEntry, width: int) -> CapturePicture | None:
        self.asked_for.append(entry.capture_id)
        return picture(int(entry.capture_id[1:]))

    def newest(self, class_id: str, width: int) -> CapturePicture | None:
        page = self.captures(class_id, "kept")
        return self.thumbnail(page.entries[0], width) if page.entries else None

    def trash(self, capture_id: str) -> CatalogEntry:
        return self._change("trash", capture_id, state="trash", folder=f".trash/{capture_id}")

    def restore(self, capture_id: str) -> CatalogEntry:
        old = self.entries[capture_id]
        return self._change("restore", capture_id, state="kept", folder=_place(old, old.class_id, old.split).folder)

    def relabel(self, capture_id: str, class_id: str) -> CatalogEntry:
        old = self.entries[capture_id]
        folder = _place(old, class_id, old.split).folder
        return self._change("relabel", capture_id, class_id=class_id, folder=folder)

    def move(self, capture_id: str, split: Split) -> CatalogEntry:
        old = self.entries[capture_id]
        folder = _place(old, old.class_id, split).folder
        return self._change("move", capture_id, split=split, folder=folder)

    def accept(self, capture_id: str, class_id: str, split: Split, reason: str = "") -> CatalogEntry:
        if self.doubts and not reason:
            raise DoubtedCaptureError(self.doubts)
        self.reasons.append(reason)
        old = self.entries[capture_id]
        folder = _place(old, class_id, split).folder
        return self._change("accept", capture_id, state="kept", class_id=class_id, split=split, folder=folder)

    def dismiss(self, capture_id: str) -> CatalogEntry:
        return self._change("dismiss", capture_id, state="trash", folder=f".trash/{capture_id}")

    def _change(self, what: str, capture_id: str, **changes: object) -> CatalogEntry:
        assert self.gate.wait(10.0)
        if self.refusal is not None:
            raise self.refusal
        self.told.append((what, capture_id, *(value for key, value in changes.items() if key in ("class_id", "split"))))
        self.entries[capture_id] = replace(self.entries[capture_id], **changes)
        return self.entries[capture_id]


_SPLITS: tuple[Split, ...] = ("train", "valid", "test")


def _place(old: CatalogEntry, class_id: str, split: str) -> Place:
    number = int(old.capture_id[1:])
    if split == "train":
        return Place(class_id, "train", position=number // 12, rotation=number % 12)
    return Place(class_id, "valid" if split == "valid" else "test", number=number)


def until(pull: Callable[[], object], met: Callable[[], bool]) -> None:
    """Pull until something is so; the errands' thread is waited for, not the clock."""
    for _ in range(1000):
        pull()
        if met():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it never came")
