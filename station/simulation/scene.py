"""Parts on the plate before the rig's cameras: placements, and the pictures each camera takes of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from station.boards import FrameBoard
from station.geometry import Array, CameraCalibration, RigCalibration
from station.simulation.background import GAMMA, Backdrop, Room, draw_backdrop, draw_room
from station.simulation.drawn_board import see_board
from station.simulation.held_board import HeldBoard
from station.simulation.library import PartClass, PartLibrary
from station.simulation.lighting import Environment, Lighting, environment
from station.simulation.renderer import Floats, GBuffer, Mesh, Region, prepare, rasterise, rays, transform
from station.simulation.rig import BASELINE_M
from station.simulation.sensor import (
    CleanView,
    Exposure,
    RenderedView,
    expose,
    measured,
    read_frame,
    stereo_shadow,
    wobble,
)
from station.simulation.shadows import ShadowMap, shadow_map
from station.simulation.surfaces import Surface, draw_surface, shade

EDGE_M = 0.004
"""Parts keep so far from the printed frame's outer edge."""


@dataclass(frozen=True, slots=True)
class Placement:
    """One part on the plate.

    ``pose`` is the index of the class's stable pose, ``x`` and ``y`` (m) where the part's own origin stands,
    ``yaw`` (rad) its turn about z, ``scale`` the size of this instance, ``surface_seed`` its surface, wear and dirt,
    ``lift`` (m) how far above the plate it hangs.
    """

    class_id: str
    pose: int
    x: float
    y: float
    yaw: float
    scale: float = 1.0
    surface_seed: int = 0
    lift: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """Anything drawn in front of the empty station: world corners and normals (3F, 3), surfaces by zone, own frame.

    ``rotation`` (3, 3) and ``origin`` (3,) carry the texture's frame into the world; ``part`` tells whether its
    pixels belong into the mask.
    """

    corners: Floats
    normals: Floats
    zones: NDArray[np.uint8] | None
    surfaces: tuple[Surface, ...]
    rotation: Floats
    origin: Floats
    part: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """Everything the ten cameras share at one instant: bodies, light tables, shadows and the board in the hand."""

    bodies: tuple[Body, ...]
    tables: Environment
    shadow: ShadowMap
    held: HeldBoard | None = None


def _posed(part: PartClass, pose: int, yaw: float, scale: float) -> tuple[Array, Array]:
    """Return a part's rotation (3, 3) and its scaled, turned vertices (V, 3), lowest at z = 0."""
    cosine, sine = math.cos(yaw), math.sin(yaw)
    turn = np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])
    rotation = turn @ np.asarray(part.stable_poses[pose].rotation, dtype=np.float64)
    points = part.vertices.astype(np.float64) @ rotation.T * scale
    points[:, 2] -= points[:, 2].min()
    return rotation, points


def draw_placement(
    part: PartClass,
    rng: np.random.Generator,
    *,
    surface_seed: int | None = None,
    scale: float | None = None,
    yaw: float | None = None,
    evenness: float = 0.0,
    board: FrameBoard | None = None,
) -> Placement:
    """Draw how a part lies: a stable pose by probability, any yaw, anywhere inside the printed frame.

    ``evenness`` 0…1 moves the poses' probabilities towards equal ones; ``scale`` (±0.5 %) and ``surface_seed`` make
    the instance and are drawn when not given. A part too large for the frame at the drawn yaw lies in its middle.
    """
    board = board or FrameBoard()
    chances = np.array([max(pose.probability, 1e-9) for pose in part.stable_poses]) ** (1.0 - evenness)
    pose = int(rng.choice(len(chances), p=chances / chances.sum()))
    turned = float(rng.uniform(0.0, 2.0 * math.pi))
    size = float(rng.uniform(0.995, 1.005))
    surface = int(rng.integers(0, 2**31))
    where = rng.random(2)
    angle = turned if yaw is None else yaw
    instance = size if scale is None else scale
    _, points = _posed(part, pose, angle, instance)
    place: list[float] = []
    for axis, extent in enumerate((board.width_m, board.height_m)):
        low, high = float(points[:, axis].min()), float(points[:, axis].max())
        first, last = EDGE_M - low, extent - EDGE_M - high
        place.append(first + float(where[axis]) * (last - first) if last > first else (first + last) / 2.0)
    return Placement(
        part.class_id, pose, place[0], place[1], angle, instance, surface if surface_seed is None else surface_seed
    )


def true_size_m(part: PartClass, placement: Placement) -> tuple[float, float, float]:
    """Return the edges of the smallest upright box round the lying part, longest first, metres."""
    _, points = _posed(part, placement.pose, placement.yaw, placement.scale)
    (_, (a, b), _) = cv2.minAreaRect(points[:, :2].astype(np.float32))
    first, second, third = sorted((float(a), float(b), float(points[:, 2].max())), reverse=True)
    return first, second, third


@lru_cache(maxsize=512)
def _mesh(part: PartClass) -> Mesh:
    """Return a class's mesh made ready for drawing."""
    return prepare(part.vertices, part.faces, part.zones)


def place_body(part: PartClass, placement: Placement) -> Body:
    """Return the body of a placed part, its surfaces drawn from the placement's surface seed."""
    mesh = _mesh(part)
    rotation, points = _posed(part, placement.pose, placement.yaw, placement.scale)
    turned = rotation.astype(np.float32)
    origin = np.array([placement.x, placement.y, placement.lift], np.float32)
    origin[2] += np.float32(points[0, 2] - float(part.vertices[0].astype(np.float64) @ rotation[2]) * placement.scale)
    rng = np.random.default_rng([placement.surface_seed, 404])
    surfaces = tuple(draw_surface(material, rng) for material in part.zone_materials)
    return Body(
        corners=transform(mesh.corners, rotation * placement.scale, origin),
        normals=transform(mesh.normals, rotation, np.zeros(3)),
        zones=mesh.zones if mesh.zoned else None,
        surfaces=surfaces,
        rotation=turned,
        origin=origin,
    )


class SceneRenderer:
    """Renders the rig's cameras in one room; backgrounds are drawn once per camera and kept."""

    def __init__(
        self, parts: PartLibrary, rig: RigCalibration, *, room_seed: int = 0, board: FrameBoard | None = None
    ) -> None:
        self.parts = parts
        self.rig = rig
        self.board = board or FrameBoard()
        self._room_seed = room_seed
        self._room: Room | None = None
        self._backdrops: dict[str, Backdrop] = {}

    @property
    def room(self) -> Room:
        """The workshop around the rig, drawn on first use."""
        if self._room is None:
            self._room = draw_room(self.rig, self._room_seed, self.board)
        return self._room

    def backdrop(self, role: str) -> Backdrop:
        """Return what a role's camera sees of the empty station, drawn on first use (a quarter of a second)."""
        if role not in self._backdrops:
            self._backdrops[role] = draw_backdrop(self.room, self.rig.cameras[role])
        return self._backdrops[role]

    def move_camera(self, camera: CameraCalibration) -> None:
        """Let a camera stand elsewhere from now on; the room stays, and the camera's backdrop is drawn anew."""
        _ = self.room  # drawn round the cameras as they stood first
        self.rig = replace(self.rig, cameras={**self.rig.cameras, camera.role: camera})
        self._backdrops.pop(camera.role, None)

    def stage(
        self,
        placements: Sequence[Placement],
        light: Lighting | None = None,
        others: Sequence[Body] = (),
        held: HeldBoard | None = None,
    ) -> Stage:
        """Set up placements, bodies that are no parts, and a held board; without ``light`` the room's own."""
        bodies = tuple(place_body(self.parts.get(p.class_id), p) for p in placements) + tuple(others)
        chosen = light or self.room.light
        tables = self.room.tables if light is None else environment(light)
        hanging = () if held is None else (held.outline[[0, 1, 2, 0, 2, 3]].astype(np.float32),)
        return Stage(bodies, tables, shadow_map([body.corners for body in bodies], chosen, hanging), held)

    def view(self, role: str, stage: Stage, exposure: Exposure | None = None, *, most_samples: int = 4) -> CleanView:
        """Render one camera's view of a stage, before the frame's noise.

        ``most_samples`` is the finest antialiasing a side; 1 is the fast way for things that move.
        """
        camera, backdrop = self.rig.cameras[role], self.backdrop(role)
        exposure = exposure or Exposure()
        color, depth, holes = backdrop.color.copy(), backdrop.depth.copy(), backdrop.holes.copy()
        mask = np.zeros(depth.shape, np.uint8)
        _cast_shadow(color, backdrop, stage.shadow, camera)
        drawn: list[Region] = []
        for body in stage.bodies:
            buffer = rasterise(
                body.corners, body.normals, camera.model, camera.pose, zones=body.zones, most_samples=most_samples
            )
            if buffer is not None:
                _paste(color, depth, holes, mask, backdrop, buffer, body, stage.tables, camera)
                drawn.append(buffer.region)
        seen = None if stage.held is None else see_board(stage.held, camera, stage.tables, most_samples=most_samples)
        if seen is not None:
            _lay(color, depth, holes, mask, backdrop, seen.region, seen.coverage, seen.depth, seen.light, seen.holes, 0)
            drawn.append(seen.region)
        focal = camera.model.fx
        for region in drawn:
            _smear(depth, holes, region, focal)
        holes[_unmatched(depth, focal, drawn, backdrop)] = 1.0
        depth_mm, sigma_mm, level = measured(depth, holes, focal, exposure)
        return CleanView(expose(color, exposure), depth_mm, sigma_mm, level, mask, exposure.noise)

    def render(
        self,
        role: str,
        placements: Sequence[Placement],
        rng: np.random.Generator,
        *,
        light: Lighting | None = None,
        exposure: Exposure | None = None,
        depth_dead: bool = False,
    ) -> RenderedView:
        """Render one frame of one camera; for several cameras of one instant call ``stage`` once and ``view``."""
        return read_frame(self.view(role, self.stage(placements, light), exposure), rng, depth_dead=depth_dead)


def _cast_shadow(color: NDArray[np.uint8], backdrop: Backdrop, shadow: ShadowMap, camera: CameraCalibration) -> None:
    """Darken the plate's pixels (in place) where the shadow map says so."""
    if shadow.box is None:
        return
    x0, y0, x1, y1 = shadow.box
    steps = np.linspace(0.0, 1.0, 7)
    grid = np.array([[x0 + a * (x1 - x0), y0 + b * (y1 - y0), 0.0] for a in steps for b in steps])
    pixels = camera.model.project(camera.pose.apply(grid))
    pixels = pixels[np.isfinite(pixels).all(axis=1)]
    if not len(pixels):
        return
    height, width = color.shape[:2]
    low = np.floor(pixels.min(axis=0) / 2.0).astype(int)
    high = np.ceil(pixels.max(axis=0) / 2.0).astype(int) + 1
    c0, r0 = max(int(low[0]), 0), max(int(low[1]), 0)
    c1, r1 = min(int(high[0]), width // 2), min(int(high[1]), height // 2)
    if c1 <= c0 or r1 <= r0:
        return
    light = shadow.at(backdrop.plane[r0:r1, c0:c1]) ** np.float32(1.0 / GAMMA)
    light = cv2.resize(light, ((c1 - c0) * 2, (r1 - r0) * 2), interpolation=cv2.INTER_LINEAR)
    region = color[2 * r0 : 2 * r1, 2 * c0 : 2 * c1]
    region[:] = (region * light[..., None] + np.float32(0.5)).astype(np.uint8)


def _paste(
    color: NDArray[np.uint8],
    depth: Floats,
    holes: Floats,
    mask: NDArray[np.uint8],
    backdrop: Backdrop,
    buffer: GBuffer,
    body: Body,
    tables: Environment,
    camera: CameraCalibration,
) -> None:
    """Shade a body and lay it over the pictures (in place) where it is nearer than what is there."""
    x, y = rays(camera.model, buffer.region)
    z = buffer.depth
    world = transform(np.stack([x * z, y * z, z], axis=-1), camera.pose.rotation.T, camera.pose.center)
    pixel_m = float(z.max()) / camera.model.fx
    eye = camera.pose.center.astype(np.float32)
    shaded = shade(buffer, world, eye, body.rotation, body.origin, body.surfaces, tables, pixel_m)
    _lay(
        color,
        depth,
        holes,
        mask,
        backdrop,
        buffer.region,
        buffer.coverage,
        z,
        shaded.color,
        shaded.holes,
        255 if body.part else 0,
    )


def _lay(
    color: NDArray[np.uint8],
    depth: Floats,
    holes: Floats,
    mask: NDArray[np.uint8],
    backdrop: Backdrop,
    region: Region,
    coverage: Floats,
    z: Floats,
    light: Floats,
    gaps: Floats | float,
    marked: int,
) -> None:
    """Expose linear light (h, w, 3) and lay it over the pictures (in place) where it is nearer than what is there."""
    x0, y0, x1, y1 = region
    cut = (slice(y0, y1), slice(x0, x1))
    nearer = (z < depth[cut] + 0.002) & (coverage > 0)
    share = (coverage * nearer)[..., None]
    encoded = np.clip(light * np.float32(backdrop.gain), 0.0, 1.0) ** np.float32(1.0 / GAMMA)
    encoded *= backdrop.vignette[cut][..., None] * np.float32(255.0)
    color[cut] = (color[cut] * (1.0 - share) + encoded * share + np.float32(0.5)).astype(np.uint8)
    solid = nearer & (coverage >= 0.5)
    depth[cut][solid] = z[solid]
    holes[cut][solid] = gaps[solid] if isinstance(gaps, np.ndarray) else gaps
    mask[cut][solid] = marked


def _smear(depth: Floats, holes: Floats, region: Region, focal: float) -> None:
    """Make depth edges (in place) as ragged as stereo matching leaves them."""
    height, width = depth.shape
    x0, y0 = max(region[0] - 4, 0), max(region[1] - 4, 0)
    x1, y1 = min(region[2] + 4, width), min(region[3] + 4, height)
    wander_x, wander_y = wobble(height, width)
    cut = (slice(y0, y1), slice(x0, x1))
    reach = np.float32(min(1.0, focal / 600.0))
    columns = (wander_x[cut] - np.arange(x0, x1, dtype=np.float32)) * reach
    rows = (wander_y[cut] - np.arange(y0, y1, dtype=np.float32)[:, None]) * reach
    columns += np.arange(x1 - x0, dtype=np.float32)
    rows += np.arange(y1 - y0, dtype=np.float32)[:, None]
    for image in (depth, holes):
        image[cut] = cv2.remap(image[cut].copy(), columns, rows, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)


def _unmatched(depth: Floats, focal: float, drawn: Sequence[Region], backdrop: Backdrop) -> NDArray[np.bool_]:
    """Return where stereo has no partner: the empty station's shadows, renewed around the bodies drawn."""
    if not drawn:
        return backdrop.unmatched | backdrop.blind
    hidden = backdrop.unmatched.copy()
    for x0, y0, x1, y1 in drawn:
        near = float(depth[y0:y1, x0:x1].min())
        # The longest shadow a body in this region can throw to its left.
        reach = int(focal * BASELINE_M / max(near, 0.1)) + 4
        cut = (slice(y0, y1), slice(max(x0 - reach, 0), min(x1 + 4, depth.shape[1])))
        same = depth[cut] == backdrop.depth[cut]
        hidden[cut] = stereo_shadow(depth[cut], focal) | (backdrop.unmatched[cut] & same)
    return hidden | backdrop.blind
