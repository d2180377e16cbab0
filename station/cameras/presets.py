"""JSON presets of the depth, as the RealSense viewer saves them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from station.errors import CameraError


def read_preset(path: Path) -> str:
    """Return the text of a preset; raises CameraError when it is no JSON object."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        found = json.loads(text)
    except (OSError, ValueError) as error:
        raise CameraError(f"The preset cannot be read: {error}.", where=str(path), todo="Save it anew.") from error
    if not isinstance(found, dict):
        raise CameraError("The preset is no JSON object.", where=str(path), todo="Save it with the RealSense viewer.")
    return text


def enable_advanced(rs: Any, device: Any) -> bool:
    """Let the device take presets; return whether it restarts for that and must be looked for again."""
    advanced = rs.rs400_advanced_mode(device)
    if advanced.is_enabled():
        return False
    advanced.toggle_advanced_mode(True)
    return True


def load_preset(rs: Any, device: Any, text: str, where: str, path: Path) -> None:
    """Load a preset's text into a device that does not stream yet; raises CameraError when it is refused."""
    try:
        rs.rs400_advanced_mode(device).load_json(text)
    except RuntimeError as error:
        raise CameraError(
            f"The camera refuses the preset {path.name}: {error}.",
            where=where,
            todo="Save it with the RealSense viewer from a camera of this model and firmware.",
            # "busy" passes by itself.
            retryable=True,
        ) from error
