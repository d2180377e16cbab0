"""What lies on the simulated plate, and its pictures: the scene the render process keeps to itself."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from station.boards import board_from_id
from station.frames import ROLES, ColorImage, DepthImage
from station.geometry import Array, Pose
from station.settings import Size
from station.simulation.held_board import HeldBoard, hand_board
from station.simulation.intruder import Intruder, reach_in
from station.simulation.library import PartClass, PartLibrary
from station.simulation.rig import handed_over, knocked, rig_models
from station.simulation.scene import Body, Placement, SceneRenderer, Stage, draw_placement, true_size_m
from station.simulation.sensor import CleanView, draw_exposure, read_frame
from station.simulation.tray import FLOOR_M, MIDDLE_M, TRAY_KG, tray

_LIFT_M = 0.12
"""A part on its way begins so far above the plate."""
_SLIDE_M = 0.10
"""And so far to the side."""


@dataclass(frozen=True, slots=True)
class LyingPart:
    """One part on the plate: its class, where it lies, the seed it was drawn from and this instance's weight, kg."""

    part: PartClass
    placement: Placement
    seed: int
    weight_kg: float

    def to_json(self) -> dict[str, Any]:
        """Return what is true of it."""
        placement = self.placement
        return {
            "class": placement.class_id,
            "seed": self.seed,
            "pose": placement.pose,
            "x": placement.x,
            "y": placement.y,
            "yaw": placement.yaw,
            "size_m": list(true_size_m(self.part, placement)),
            "weight_kg": self.weight_kg,
        }


def draw_part(
    part: PartClass, seed: int, at: tuple[float, float] | None = None, weight_kg: float | None = None
) -> LyingPart:
    """Draw an instance of ``part`` and how it lies from ``seed``; ``at`` moves it to (x, y), metres.

    Size and weight differ from the nominal ones by up to 0.5 %; ``weight_kg`` makes it of another stuff.
    """
    rng = np.random.default_rng([seed, 505])
    placement = draw_placement(part, rng)
    if at is not None:
        placement = replace(placement, x=at[0], y=at[1])
    kg = part.weight_kg * float(rng.uniform(0.995, 1.005))
    return LyingPart(part, placement, seed, kg if weight_kg is None else weight_kg)


class LiveScene:
    """The scene of one simulated rig, drawn from the rig's seed; the parts library is read when it is first needed."""

    def __init__(self, size: Size, seed: int) -> None:
        truth = rig_models(size, seed)
        self.calibration = handed_over(truth, seed)
        self._seed = seed
        self._truth = truth
        self._library = PartLibrary.load()
        self._renderer = SceneRenderer(self._library, truth, room_seed=seed)
        self._exposures = {
            role: draw_exposure(np.random.default_rng([seed, 606, index])) for index, role in enumerate(ROLES)
        }
        self._parts: tuple[LyingPart, ...] = ()
        self._held: HeldBoard | None = None
        self._stage: Stage | None = None
        self._tray: Body | None = None
        self._reaching: dict[Intruder, Body] = {}
        self._staged: tuple[tuple[Placement, ...], HeldBoard | None, tuple[Body, ...]] = ((), None, ())
        self._staging = threading.Lock()
        self._views: dict[str, CleanView] = {}

    @property
    def load(self) -> tuple[float, float, float]:
        """Weight of all parts and the tray, kg, and their centre of weight on the plate, metres."""
        loads = [(lying.weight_kg, lying.placement.x, lying.placement.y) for lying in self._parts]
        if self._tray is not None:
            loads.append((TRAY_KG, *MIDDLE_M))
        total = sum(kg for kg, _, _ in loads)
        if total == 0.0:
            return 0.0, *MIDDLE_M
        return total, sum(kg * x for kg, x, _ in loads) / total, sum(kg * y for kg, _, y in loads) / total

    def place(
        self, class_id: str, seed: int, add: bool, at: tuple[float, float] | None, weight_kg: float | None
    ) -> None:
        """Put a part down, instead of what lies there or beside it; raises SimulationError for an unknown class.

        It lies in the tray, in its middle unless ``at`` says where, when there is one.
        """
        part = self._library.get(class_id)
        if self._tray is None:
            lying = draw_part(part, seed, at, weight_kg)
        else:
            lying = draw_part(part, seed, at or MIDDLE_M, weight_kg)
            lying = replace(lying, placement=replace(lying.placement, lift=FLOOR_M))
        self._parts = (*self._parts, lying) if add else (lying,)

    def turn(self, degrees: float) -> None:
        """Turn the part that came last about its upright axis."""
        for last in self._parts[-1:]:
            yaw = (last.placement.yaw + math.radians(degrees)) % math.tau
            self._parts = (*self._parts[:-1], replace(last, placement=replace(last.placement, yaw=yaw)))

    def clear(self) -> None:
        """Take all parts away."""
        self._parts = ()

    def put_tray(self, there: bool) -> None:
        """Put the tray on the plate instead of the parts that lie there, or take it away with what is in it."""
        self._parts = ()
        self._tray = tray() if there else None

    @property
    def hand(self) -> Pose | None:
        """Where the board is held, board → world; ``None`` without one."""
        return None if self._held is None else self._held.pose

    def hold(self, board_id: str, pose: Pose) -> None:
        """Hold a board at ``pose``, board → world, instead of the one before; raises StationError for a wrong id."""
        self._held = HeldBoard(hand_board(board_from_id(board_id)), pose)

    def let_go(self) -> None:
        """Take the held board away."""
        self._held = None

    def reach_in(self, kind: Intruder, tip: tuple[float, float, float]) -> None:
        """Let an arm or a cable reach over the plate, its end at ``tip``, metres, instead of the same before."""
        self._reaching = {**self._reaching, kind: reach_in(kind, tip)}

    def withdraw(self, kind: Intruder | None) -> None:
        """Take away the arm, the cable, or with ``None`` all that reaches over the plate."""
        self._reaching = {one: body for one, body in self._reaching.items() if kind not in (None, one)}

    def knock(self, role: str, shift_m: Array, turn_deg: Array) -> None:
        """Move and turn a camera; the geometry that was handed over stays as it is."""
        camera = knocked(self._truth, role, shift_m, turn_deg)
        self._truth = replace(self._truth, cameras={**self._truth.cameras, role: camera})
        self._renderer.move_camera(camera)

    def truth(self) -> Mapping[str, Any]:
        """Return what lies there, its mean grey level (0…255), the held board and the true cameras, as JSON."""
        seen = [view.color[view.mask > 0] for view in self._views.values()] if self._parts else []
        pixels = sum(len(part) for part in seen)
        return {
            "parts": [lying.to_json() for lying in self._parts],
            "brightness": sum(float(part.sum()) for part in seen) / (3 * pixels) if pixels else None,
            "tray": self._tray is not None,
            "board": None
            if self._held is None
            else {"id": self._held.board.id, "pose": self._held.pose.matrix[:3].ravel().tolist()},
            "calibration": self._truth.to_json(),
        }

    def draw(self, role: str, away: float) -> None:
        """Draw the scene for a camera, the newest part ``away`` of its way (0 lying, towards 1 farther off)."""
        stage = self._stage_of(away)
        self._views[role] = self._renderer.view(role, stage, self._exposures[role], most_samples=1 if away > 0.0 else 4)

    def expose(self, role: str, variant: int, color: ColorImage, depth: DepthImage) -> None:
        """Take a picture of what was drawn with fresh noise, (H, W, 3) and (H, W) of millimetres, into the arrays."""
        rng = np.random.default_rng([self._seed, 707, variant, ROLES.index(role)])
        view = read_frame(self._views[role], rng)
        np.copyto(color, view.color)
        np.copyto(depth, view.depth)

    def _stage_of(self, away: float) -> Stage:
        placements = [lying.placement for lying in self._parts]
        if placements and away > 0.0:
            last = placements[-1]
            placements[-1] = replace(last, x=last.x - _SLIDE_M * away, lift=last.lift + _LIFT_M * away)
        others = (*self._reaching.values(), *(() if self._tray is None else (self._tray,)))
        wanted = (tuple(placements), self._held, others)
        with self._staging:
            if self._stage is None or self._staged != wanted:
                self._stage, self._staged = self._renderer.stage(wanted[0], others=wanted[2], held=wanted[1]), wanted
            return self._stage
