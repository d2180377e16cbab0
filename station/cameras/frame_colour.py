"""With what exposure, gain and white balance a picture was taken, as far as it says so itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

EXPOSURE_STEP_US = 100.0
"""The colour sensor counts its exposure in steps of 100 µs, in its option as in its pictures' metadata."""


@dataclass(frozen=True, slots=True)
class FrameColour:
    """Microseconds, the camera's gain steps and kelvin; ``None`` is what is not known."""

    exposure_us: float | None = None
    gain: float | None = None
    white_balance_k: float | None = None


def stamped_colour(frame: Any, rs: Any) -> FrameColour:
    """Return what the metadata of the SDK's colour ``frame`` says; nothing where the kernel hands none on."""
    value = rs.frame_metadata_value
    steps = _stamped(frame, value.actual_exposure)
    return FrameColour(
        None if steps is None else steps * EXPOSURE_STEP_US,
        _stamped(frame, value.gain_level),
        _stamped(frame, value.white_balance),
    )


def automatic_colour(stamped: FrameColour, manual: FrameColour) -> FrameColour:
    """Return what is to be believed of ``stamped`` while the camera sets its colour by itself.

    The D400's colour sensors go on stamping the ``manual`` values then, those set last by hand (librealsense, issues
    2549 and 5035): a stamp that differs from them is a true one.
    """
    exposed = _differs(stamped.exposure_us, manual.exposure_us) or _differs(stamped.gain, manual.gain)
    return FrameColour(
        stamped.exposure_us if exposed else None,
        stamped.gain if exposed else None,
        stamped.white_balance_k if _differs(stamped.white_balance_k, manual.white_balance_k) else None,
    )


def _differs(stamped: float | None, manual: float | None) -> bool:
    return stamped is not None and stamped != manual


def _stamped(frame: Any, key: Any) -> float | None:
    return float(frame.get_frame_metadata(key)) if frame.supports_frame_metadata(key) else None
