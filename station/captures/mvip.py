"""Captures in an MVIP tree: finding them, and reading frames, calibration, masks and records.

Layout: ``<root>/sets/<class>/{train_data/<position>/<rotation>,valid_data/<set>,test_data/<set>}/cam_XX/XX_*``.
Recognition reads colour, depth and ``XX_meta.json`` alone; masks, records and the class's weight have functions of
their own, so that it is plain who looks at them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic_ns
from types import MappingProxyType
from typing import Any, cast

import numpy as np

from station.captures.png import read_png
from station.captures.record import read_capture_record
from station.errors import DatasetError
from station.frames import ROLES, DepthImage, Frame, FrameSet, MaskImage, TimeDomain
from station.geometry import PLATE_WORLD, CameraCalibration, CameraModel, Pose, RigCalibration

SPLITS: tuple[str, ...] = ("train", "valid", "test")
"""Names of the splits; their folders are called ``<split>_data``."""

_DEPTH_LIMIT = 7
"""Folders below the root that are looked into; an MVIP tree needs six, a loop of links ends here."""


@dataclass(frozen=True, slots=True)
class CapturePath:
    """One capture folder; ``class_id`` and ``split`` are ``None`` where the folder lies outside an MVIP tree."""

    class_id: str | None
    split: str | None
    path: Path

    @property
    def class_folder(self) -> Path | None:
        """Folder of the class, ``None`` outside a tree."""
        for parent in self.path.parents:
            if parent.name == f"{self.split}_data":
                return parent.parent
        return None


def find_captures(root: Path) -> list[CapturePath]:
    """Return the captures below ``root`` in name order, numbers in names counted as numbers.

    ``root`` is a tree, its ``sets`` folder, a class folder, a split or one capture. Stray files and folders are
    passed over. Raises DatasetError when the folder is not there or holds no capture.
    """
    root = root.absolute()
    if not root.is_dir():
        raise DatasetError("There is no such folder.", where=str(root), todo="Give an MVIP tree or one capture of it.")
    found = [_capture_path(path) for path in _capture_folders(root, _DEPTH_LIMIT)]
    if not found:
        raise DatasetError(
            "No capture was found: none of the folders holds cam_01 to cam_10.",
            where=str(root),
            todo="Give an MVIP tree, its sets folder, a class or one capture.",
        )
    return sorted(found, key=lambda capture: _name_order(capture.path))


def holds_captures(folder: Path) -> bool:
    """Return whether a capture lies in or below ``folder``."""
    return next(_capture_folders(folder, _DEPTH_LIMIT), None) is not None


def load_frameset(path: Path) -> tuple[FrameSet, RigCalibration]:
    """Read the views of one capture and their calibration.

    Only ``XX_rgb.png``, ``XX_depth.png`` and ``XX_meta.json`` are opened, and of ``capture.json`` the serials and
    the time. Depth lies in the colour image's geometry. A view that is absent or damaged is named in ``missing``.
    Raises DatasetError when no view can be read.
    """
    record = read_capture_record(path)
    serials: Mapping[str, str] = record.serials if record else {}

    def load(role: str) -> tuple[Frame, CameraCalibration] | None:
        return _load_view(path, role, serials)

    with ThreadPoolExecutor(max_workers=4) as pool:
        loaded = list(pool.map(load, ROLES))
    frames = {frame.role: frame for frame, _ in filter(None, loaded)}
    cameras = {camera.role: camera for _, camera in filter(None, loaded)}
    if not frames:
        raise DatasetError(
            "None of its ten views can be read: each needs XX_rgb.png, XX_depth.png and XX_meta.json in cam_XX.",
            where=str(path),
            todo="Check that this is one capture of an MVIP tree and that it was copied whole.",
        )
    taken_at = record.taken_at if record and record.taken_at else _oldest_picture(path, next(iter(frames)))
    frameset = FrameSet(
        frames=frames,
        missing=tuple(role for role in ROLES if role not in frames),
        skew_ms=0.0,
        taken_at=taken_at,
        monotonic_ns=monotonic_ns(),
    )
    calibration = RigCalibration(cameras=cameras, source="MVIP capture", created_at=_iso(taken_at), world=PLATE_WORLD)
    return frameset, calibration


def load_depth(
    path: Path, role: str, serials: Mapping[str, str] = MappingProxyType({})
) -> tuple[DepthImage, float, CameraCalibration] | None:
    """Read a view's depth (H, W) uint16, its scale in metres and its camera; ``None`` when absent or damaged.

    The camera's serial is taken from ``serials`` by role, and is the role's name where that does not say it.
    """
    folder, number = path / role, role[-2:]
    depth = read_png(folder / f"{number}_depth.png", channels=1, bits=16)
    if depth is None:
        return None
    try:
        meta = json.loads((folder / f"{number}_meta.json").read_text(encoding="utf-8"))
        model, pose, scale = _camera_from_meta(meta, width=depth.shape[1], height=depth.shape[0])
    except (OSError, AttributeError, KeyError, TypeError, ValueError):
        return None
    camera = CameraCalibration(role=role, serial=serials.get(role, role), model=model, pose=pose)
    return cast(DepthImage, depth), scale, camera


def load_masks(path: Path) -> dict[str, MaskImage]:
    """Read the part masks of a capture, (H, W) uint8 of 0 and 255, by role; absent or damaged ones are left out."""
    masks: dict[str, MaskImage] = {}
    for role in ROLES:
        mask = read_png(path / role / f"{role[-2:]}_rgb_mask_gen.png", channels=1, bits=8)
        if mask is not None:
            masks[role] = cast(MaskImage, np.where(mask > 127, np.uint8(255), np.uint8(0)))
            masks[role].flags.writeable = False
    return masks


def read_class_weight(class_folder: Path) -> float | None:
    """Return the nominal weight in kilograms from a class's ``meta.json``, ``None`` when it states none."""
    file = class_folder / "meta.json"
    try:
        weight = json.loads(file.read_text(encoding="utf-8")).get("weight")
        return None if weight is None else float(weight)
    except FileNotFoundError:
        return None
    except (OSError, AttributeError, TypeError, ValueError) as error:
        raise DatasetError(
            f"The class's weight cannot be read: {error}.", where=str(file), todo="Give the weight in kilograms."
        ) from error


def _capture_folders(folder: Path, levels: int) -> Iterator[Path]:
    try:
        children = [child for child in folder.iterdir() if not child.name.startswith(".") and child.is_dir()]
    except OSError:
        return  # a folder that may not be read is a stray one
    if any(child.name in ROLES for child in children):
        yield folder
    elif levels:
        for child in children:
            yield from _capture_folders(child, levels - 1)


def _capture_path(path: Path) -> CapturePath:
    for parent in path.parents:
        split = parent.name.removesuffix("_data")
        if split in SPLITS and split != parent.name:
            return CapturePath(class_id=parent.parent.name, split=split, path=path)
    return CapturePath(class_id=None, split=None, path=path)


def _name_order(path: Path) -> list[tuple[int, int, str]]:
    pieces = re.findall(r"\d+|[^\d/\\]+|[/\\]", str(path))
    return [(1, int(piece), "") if piece.isdigit() else (0 if piece in "/\\" else 2, 0, piece) for piece in pieces]


def _load_view(path: Path, role: str, serials: Mapping[str, str]) -> tuple[Frame, CameraCalibration] | None:
    color = read_png(path / role / f"{role[-2:]}_rgb.png", channels=3, bits=8)
    seen = load_depth(path, role, serials) if color is not None else None
    if color is None or seen is None or color.shape[:2] != seen[0].shape:
        return None
    depth, scale, camera = seen
    frame = Frame(
        role=role,
        color=cast(Any, color),
        depth=depth,
        depth_scale=scale,
        number=0,
        device_time_ms=0.0,
        time_domain=TimeDomain.SYSTEM,
        arrival_ns=monotonic_ns(),
    )
    return frame, camera


def _camera_from_meta(meta: Mapping[str, Any], width: int, height: int) -> tuple[CameraModel, Pose, float]:
    intrinsics = meta["Intrinsics"]
    k1, k2, p1, p2, k3 = (float(value) for value in meta.get("Distortion", (0.0, 0.0, 0.0, 0.0, 0.0)))
    model = CameraModel(
        width=width,
        height=height,
        fx=float(intrinsics["fx"]),
        fy=float(intrinsics["fy"]),
        cx=float(intrinsics["ppx"]),
        cy=float(intrinsics["ppy"]),
        distortion=(k1, k2, p1, p2, k3),
    )
    matrix = np.array(meta["Camera_Transformation"], dtype=np.float64).reshape(4, 4)
    scale = float(meta["DepthScale"])
    rotation = matrix[:3, :3]
    if not (
        np.isfinite(matrix).all()
        and np.isfinite([model.cx, model.cy, *model.distortion]).all()
        and min(model.fx, model.fy) > 0
        and 0 < scale < 1
        and np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-3)
        and np.linalg.det(rotation) > 0
    ):
        raise ValueError("impossible calibration")
    return model, Pose.from_matrix(matrix), scale


def _oldest_picture(path: Path, role: str) -> datetime:
    return datetime.fromtimestamp((path / role / f"{role[-2:]}_rgb.png").stat().st_mtime, UTC)


def _iso(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
