"""One simulated capture: what is drawn for it, its ten pictures, and what is kept beside them."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from station import __version__
from station.boards import FrameBoard
from station.captures.class_meta import ClassMeta
from station.captures.place import ROTATIONS, Place
from station.captures.record import CaptureRecord, SimulatedPlacement, SimulatedTruth, Split
from station.captures.writer import NewCapture
from station.frames import Frame, FrameSet, TimeDomain
from station.simulation.library import PartClass, PartLibrary
from station.simulation.lighting import draw_lighting
from station.simulation.rig import Size, handed_over, rig_models
from station.simulation.scene import Placement, SceneRenderer, draw_placement, true_size_m
from station.simulation.sensor import RenderedView, draw_exposure, read_frame

SPLITS: tuple[Split, ...] = ("train", "valid", "test")
ROOMS = (8, 2, 2)
"""How many workshops, plates and rigs train, valid and test have; no split shares one with another."""

_ROOMS_KEPT = 3
"""Rooms whose backgrounds stay in memory: about 60 MB each at 640×480, 180 MB at 1280×720."""

DEAD_DEPTH = 0.02
"""Share of views whose depth stream is dead, as one camera of the real data set's is."""

_FIRST_DAY = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class CapturePlan:
    """One capture to write: its place, and its number among those of its class and split."""

    place: Place
    number: int

    @property
    def class_id(self) -> str:
        """The class's folder."""
        return self.place.class_id

    @property
    def split(self) -> Split:
        """The split."""
        return self.place.split


def plan_captures(class_id: str, counts: tuple[int, int, int]) -> list[CapturePlan]:
    """Return a class's captures: train in positions of twelve rotations, valid and test in one range of numbers.

    Raises DatasetError for a class id that is not safe as a folder.
    """
    train, valid, test = counts
    places = [Place(class_id, "train", position=n // ROTATIONS, rotation=n % ROTATIONS) for n in range(train)]
    plans = [CapturePlan(place, number) for number, place in enumerate(places)]
    plans += [CapturePlan(Place(class_id, "valid", number=n), n) for n in range(valid)]
    plans += [CapturePlan(Place(class_id, "test", number=valid + n), n) for n in range(test)]
    return plans


def weigh(true_kg: float, off_center_m: float, rng: np.random.Generator) -> float:
    """Return what the scale shows: 0.1 g steps below 3 kg and 1 g above, with noise and corner error."""
    step = 0.0001 if true_kg < 3.0 else 0.001
    corner = true_kg * 2e-5 * off_center_m / 0.2 * float(rng.normal())
    shown = true_kg + corner + 0.4 * step * float(rng.normal())
    return round(max(round(shown / step), 0) * step, 4)


class CaptureStudio:
    """Renders planned captures; rooms are drawn when needed and the last few kept."""

    def __init__(self, parts: PartLibrary, size: Size, seed: int, *, rooms: tuple[int, int, int] = ROOMS) -> None:
        self.parts = parts
        self._choice = rooms
        self._size: Size = size
        self._seed = seed
        self._board = FrameBoard()
        self._rooms: dict[int, SceneRenderer] = {}

    def _draw(self, plan: CapturePlan) -> tuple[np.random.Generator, int]:
        """Return a plan's own random numbers and the room they choose first."""
        which = SPLITS.index(plan.split)
        rng = np.random.default_rng([self._seed, zlib.crc32(plan.class_id.encode()), which, plan.number])
        return rng, 100 * which + int(rng.integers(0, self._choice[which]))

    def room_of(self, plan: CapturePlan) -> int:
        """Return the number of the room a capture is taken in; captures of one room are best taken together."""
        return self._draw(plan)[1]

    def _room(self, number: int) -> SceneRenderer:
        if number not in self._rooms:
            while len(self._rooms) >= _ROOMS_KEPT:
                self._rooms.pop(next(iter(self._rooms)))
            seed = self._seed * 1000 + number
            self._rooms[number] = SceneRenderer(
                self.parts, rig_models(self._size, seed), room_seed=seed, board=self._board
            )
        return self._rooms[number]

    def take(self, plan: CapturePlan) -> NewCapture:
        """Render one capture; it depends on the seed and the plan alone."""
        part = self.parts.get(plan.class_id)
        rng, number = self._draw(plan)
        renderer = self._room(number)
        placement = self._place(part, plan, rng)
        light = draw_lighting(np.random.default_rng([self._seed * 1000 + number, 304]), rng)
        stage = renderer.stage([placement], light)
        views: dict[str, RenderedView] = {}
        dead: list[str] = []
        for role in renderer.rig.cameras:
            view = renderer.view(role, stage, draw_exposure(rng))
            is_dead = bool(rng.random() < DEAD_DEPTH)
            views[role] = read_frame(view, rng, depth_dead=is_dead)
            dead += [role] if is_dead else []
        calibration = handed_over(renderer.rig, int(rng.integers(0, 2**31)))
        truth = SimulatedTruth(
            seed=self._seed,
            room=number,
            size_true_m=_rounded(true_size_m(part, placement)),
            placement=SimulatedPlacement(
                pose=placement.pose,
                x=round(placement.x, 6),
                y=round(placement.y, 6),
                yaw=round(placement.yaw, 6),
                scale=round(placement.scale, 6),
                surface_seed=placement.surface_seed,
            ),
        )
        weight = part.weight_kg * float(rng.uniform(0.995, 1.005))
        off_center = float(np.hypot(placement.x - self._board.width_m / 2, placement.y - self._board.height_m / 2))
        taken_at = _FIRST_DAY + timedelta(seconds=int(rng.integers(0, 200 * 86400)))
        record = CaptureRecord(
            capture_id="simulated",
            class_id=plan.class_id,
            split=plan.split,
            position=plan.place.position,
            rotation=plan.place.rotation,
            set_number=plan.place.number,
            origin="simulation",
            label_source="simulated",
            taken_at=taken_at,
            weight_kg=weigh(weight, off_center, rng),
            weight_stable=True,
            serials={role: camera.serial for role, camera in calibration.cameras.items()},
            distortion={role: camera.model.distortion for role, camera in calibration.cameras.items()},
            skew_ms=0.0,
            depth_dead=tuple(dead),
            calibration_id=calibration.id,
            software=__version__,
            simulation=truth,
        )
        # The same seed gives the same bytes, so the id cannot be drawn: it is made of all that was.
        name = "sim-" + hashlib.sha256(record.to_bytes()).hexdigest()[:24]
        masks = {role: view.mask for role, view in views.items()}
        return NewCapture(
            _frameset(views, taken_at), masks, calibration, record.model_copy(update={"capture_id": name})
        )

    def _place(self, part: PartClass, plan: CapturePlan, rng: np.random.Generator) -> Placement:
        if plan.split != "train":
            return draw_placement(part, rng, board=self._board)
        # Training sees rare poses more often than they happen, and the twelve rotations of a position turn evenly.
        yaw = (plan.number % ROTATIONS + float(rng.uniform(-0.5, 0.5))) * 2.0 * np.pi / ROTATIONS
        return draw_placement(part, rng, yaw=yaw, evenness=0.4, board=self._board)


def class_meta(part: PartClass) -> ClassMeta:
    """Return the class's ``meta.json``: MVIP's keys, and the part's number, family, material and neighbours."""
    longest, middle, shortest = (round(edge * 1000.0, 2) for edge in part.size_m)
    beyond = {"family": part.family, "material": part.material, "neighbours": list(part.neighbours)}
    return ClassMeta(
        name=part.name,
        number=part.number,
        super_class=part.super_class,
        description=part.tags,
        weight=round(part.weight_kg, 5),
        size=(longest, middle, shortest),
        background_id="000000",
    ).model_copy(update=beyond)


def _frameset(views: dict[str, RenderedView], taken_at: datetime) -> FrameSet:
    """Return the views as a frameset whose clocks stand still, so that its record depends on no clock."""
    frames = {
        role: Frame(role, view.color, view.depth, 0.001, 0, 0.0, TimeDomain.SYSTEM, 0) for role, view in views.items()
    }
    return FrameSet(frames, missing=(), skew_ms=0.0, taken_at=taken_at, monotonic_ns=0)


def _rounded(edges: tuple[float, float, float]) -> tuple[float, float, float]:
    longest, middle, shortest = (round(edge, 6) for edge in edges)
    return longest, middle, shortest
