"""Clean pictures of parts for cards and lists: one part in studio light on a plain ground."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from station.geometry import CameraModel, Pose
from station.simulation.background import GAMMA
from station.simulation.library import PartClass
from station.simulation.lighting import Lamp, Lighting, environment
from station.simulation.renderer import rasterise, rays, transform
from station.simulation.scene import Placement, place_body
from station.simulation.shadows import shadow_map
from station.simulation.surfaces import nominal_surface, shade

_STUDIO = Lighting(
    lamps=(
        Lamp((-0.45, -0.35, 0.82), 0.45, (3.2, 3.2, 3.2)),
        Lamp((0.65, -0.30, 0.70), 0.35, (2.2, 2.2, 2.2)),
        Lamp((0.10, 0.80, 0.59), 0.30, (1.6, 1.6, 1.6)),
    ),
    sky=0.7,
    floor=0.35,
    wall=-1.2,
    shadow=0.6,
)
_GROUND = 0.80
"""Linear brightness of the ground the part lies on."""
_DISTANCE = 3.2
"""Camera distance in part diameters: far enough that the perspective flatters nobody."""


def _camera(center: NDArray[np.float64], radius: float, size: int) -> tuple[CameraModel, Pose]:
    """Return a camera above the front edge that just holds a ball of ``radius`` around ``center``."""
    direction = np.array([0.42, -0.66, 0.62])
    direction /= np.linalg.norm(direction)
    eye = center + direction * (2.0 * radius * _DISTANCE)
    x = np.cross(-direction, np.array([0.0, 0.0, 1.0]))
    x /= np.linalg.norm(x)
    rotation = np.stack([x, np.cross(-direction, x), -direction])
    focal = 0.94 * size * _DISTANCE
    model = CameraModel(size, size, focal, focal, (size - 1) / 2.0, (size - 1) / 2.0)
    return model, Pose(rotation, -rotation @ eye)


def reference_picture(part: PartClass, size: int = 256) -> NDArray[np.uint8]:
    """Draw a part as it lies most often, clean and evenly lit, RGB (size, size, 3) uint8; some 20 ms."""
    pose = int(np.argmax([p.probability for p in part.stable_poses]))
    body = place_body(part, Placement(part.class_id, pose, 0.24, 0.192, 0.35))
    low, high = body.corners.min(axis=0).astype(np.float64), body.corners.max(axis=0).astype(np.float64)
    center = (low + high) / 2.0
    radius = float(np.linalg.norm(body.corners - center.astype(np.float32), axis=1).max())
    model, camera = _camera(center, radius, size)
    x, y = rays(model, (0, 0, size, size))
    directions = transform(np.stack([x, y, np.ones_like(x)], axis=-1), camera.rotation.T, np.zeros(3))
    eye = camera.center.astype(np.float32)
    distance = -eye[2] / np.minimum(directions[..., 2], -1e-3)
    ground = eye[:2] + directions[..., :2] * distance[..., None]
    tables = environment(_STUDIO)
    light = shadow_map([body.corners], _STUDIO).at(ground)
    picture = np.repeat((_GROUND * light)[..., None], 3, axis=2)
    buffer = rasterise(body.corners, body.normals, model, camera, zones=body.zones)
    if buffer is not None:
        x0, y0, x1, y1 = buffer.region
        rx, ry = rays(model, buffer.region)
        z = buffer.depth
        world = transform(np.stack([rx * z, ry * z, z], axis=-1), camera.rotation.T, camera.center)
        clean = tuple(nominal_surface(material) for material in part.zone_materials)
        pixel_m = float(z.max()) / model.fx
        shaded = shade(buffer, world, eye, body.rotation, body.origin, clean, tables, pixel_m)
        share = buffer.coverage[..., None]
        picture[y0:y1, x0:x1] = picture[y0:y1, x0:x1] * (1.0 - share) + shaded.color * share
    encoded = np.clip(picture, 0.0, 1.0) ** (1.0 / GAMMA) * 255.0 + 0.5
    return np.asarray(cv2.GaussianBlur(encoded.astype(np.uint8), (3, 3), 0.35), np.uint8)
