"""Why a view of a capture is not learned from, in a sentence a person can act on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from station.captures.mvip import load_depth
from station.captures.png import Pixels, read_png
from station.frames import ROLES, Frame, MaskImage


def view_faults(path: Path, frames: Mapping[str, Frame], masks: Mapping[str, MaskImage]) -> tuple[str, ...]:
    """Return a sentence for every view of a capture without frames, or without a mask that shows the part."""
    said: list[str] = []
    for role in ROLES:
        what = _frame_fault(path, role) if role not in frames else _mask_fault(path, role, frames[role], masks)
        if what:
            said.append(f"{path / role}: {what} The view is left out.")
    return tuple(said)


def fitting_masks(frames: Mapping[str, Frame], masks: Mapping[str, MaskImage]) -> dict[str, MaskImage]:
    """Return the masks that are as large as their picture."""
    return {role: mask for role, mask in masks.items() if role in frames and mask.shape == frames[role].depth.shape}


def _frame_fault(path: Path, role: str) -> str:
    folder, number = path / role, role[-2:]
    if not folder.is_dir():
        return "There is no such folder."
    missing = [name for name in ("rgb.png", "depth.png", "meta.json") if not (folder / f"{number}_{name}").is_file()]
    if missing:
        return f"{', '.join(f'{number}_{name}' for name in missing)} is not there."
    color = read_png(folder / f"{number}_rgb.png", channels=3, bits=8)
    if color is None:
        return f"{number}_rgb.png cannot be read as an 8-bit colour PNG."
    depth = read_png(folder / f"{number}_depth.png", channels=1, bits=16)
    if depth is None:
        return f"{number}_depth.png cannot be read as a 16-bit PNG of one channel."
    if color.shape[:2] != depth.shape:
        return f"{number}_depth.png has {_size(depth)} pixels and {number}_rgb.png {_size(color)}."
    if load_depth(path, role) is None:
        return f"{number}_meta.json does not hold a camera's calibration."
    return "Its pictures cannot be read."


def _mask_fault(path: Path, role: str, frame: Frame, masks: Mapping[str, MaskImage]) -> str:
    file = path / role / f"{role[-2:]}_rgb_mask_gen.png"
    mask = masks.get(role)
    if mask is None:
        return f"{file.name} {'cannot be read as an 8-bit PNG of one channel' if file.exists() else 'is not there'}."
    if mask.shape != frame.depth.shape:
        return f"{file.name} has {_size(mask)} pixels and the picture {_size(frame.depth)}."
    return "" if mask.any() else f"{file.name} is empty."


def _size(pixels: Pixels) -> str:
    return f"{pixels.shape[1]}×{pixels.shape[0]}"
