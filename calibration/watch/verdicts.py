"""What a check of the calibration in use says: values for the workflow, the health page and the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

Vector = tuple[float, float, float]


class Standing(StrEnum):
    """How a camera stands to its calibrated place."""

    STANDS = "stands"
    KNOCKED = "knocked"
    UNCHECKED = "unchecked"
    """Its picture of the plate's frame could not be used; ``problem`` says why."""
    EXCHANGED = "exchanged"
    """Another device than the calibrated one stands there: there is nothing to compare."""


class DepthState(StrEnum):
    """How well a camera's depth sees the plate."""

    OK = "ok"
    DEAD = "dead"
    BIASED = "biased"
    TILTED = "tilted"
    NOISY = "noisy"
    UNCHECKED = "unchecked"
    """Too little of the plate's frame is visible to say anything."""


@dataclass(frozen=True, slots=True)
class CameraVerdict:
    """One camera over its last checks.

    ``moved_mm`` and ``turned_deg`` lie between where it stands and its calibrated place, as far as the plate tells;
    ``sure_mm`` is the 95 % bound of ``moved_mm``'s error. ``shift_mm`` is the same motion of the camera's centre in
    the world. ``rms_px`` is the plate frame's error under the calibration in the newest capture, ``best_px`` what is
    left when the camera may move. ``checks`` captures speak for it. Not ``learned`` yet, the figures hold the lens's
    and the calibration's own error, too.
    """

    role: str
    standing: Standing
    moved_mm: float = 0.0
    turned_deg: float = 0.0
    sure_mm: float = 0.0
    shift_mm: Vector = (0.0, 0.0, 0.0)
    rms_px: float = 0.0
    best_px: float = 0.0
    checks: int = 0
    learned: bool = True
    problem: str = ""

    @property
    def text(self) -> str:
        """One sentence."""
        name = camera_name(self.role)
        if self.standing is Standing.KNOCKED:
            far = f"stands {self.moved_mm:.1f} mm from its calibrated place"
            if self.turned_deg >= _TELLING_TURN_DEG:
                far = f"stands {self.moved_mm:.1f} mm and {self.turned_deg:.2f}° from its calibrated place"
            return f"{name} {far}. Calibrate it again."
        if self.standing is Standing.STANDS:
            return f"{name} stands ({self.moved_mm:.1f} mm, {self.turned_deg:.2f}°)."
        if self.standing is Standing.EXCHANGED:
            return f"{name} is another device than the calibrated one. Calibrate it."
        return f"{name} was not checked: {self.problem}."


_TELLING_TURN_DEG = 0.1


@dataclass(frozen=True, slots=True)
class PlateVerdict:
    """Whether the plate itself lies elsewhere: what all cameras see in common."""

    moved: bool = False
    moved_mm: float = 0.0
    turned_deg: float = 0.0

    @property
    def text(self) -> str:
        """One sentence."""
        if not self.moved:
            return "The plate lies where it was."
        return (
            f"The plate was moved by {self.moved_mm:.1f} mm and turned by {self.turned_deg:.2f}°. "
            "Push it back, or calibrate again."
        )


@dataclass(frozen=True, slots=True)
class DepthVerdict:
    """The plate's plane as one camera's depth sees it.

    ``bias_mm`` is the median of measured minus calibrated distance, along the rays; ``tilt_deg`` the angle of the two
    planes, ``fill`` the share 0…1 of visible frame pixels with a depth, ``noise_mm`` the spread around the camera's own
    plane. ``limit_mm`` is what the sensor's noise and calibration allow ``bias_mm`` to be.
    """

    role: str
    state: DepthState
    bias_mm: float = 0.0
    tilt_deg: float = 0.0
    fill: float = 0.0
    noise_mm: float = 0.0
    limit_mm: float = 0.0

    @property
    def text(self) -> str:
        """One sentence."""
        name = camera_name(self.role)
        if self.state is DepthState.DEAD:
            return f"{name} measures no depth: {self.fill:.0%} of the plate's frame. Check its projector and glass."
        if self.state is DepthState.BIASED:
            side = "far" if self.bias_mm > 0 else "near"
            return f"{name} sees the plate {abs(self.bias_mm):.0f} mm too {side} in its depth."
        if self.state is DepthState.TILTED:
            return f"{name} sees the plate tilted by {self.tilt_deg:.1f}° in its depth."
        if self.state is DepthState.NOISY:
            return f"{name} has noisy depth: {self.noise_mm:.1f} mm on the plate."
        if self.state is DepthState.UNCHECKED:
            return f"{name}: too little of the plate's frame is visible to check its depth."
        return f"{name} sees the plate in its depth {self.bias_mm:+.1f} mm off."


@dataclass(frozen=True, slots=True)
class WatchReport:
    """What is known after a capture was checked; ``captures`` is the number checked under this calibration."""

    capture_id: str
    calibration_id: str
    checked_at: datetime
    cameras: Mapping[str, CameraVerdict] = field(default_factory=dict[str, CameraVerdict])
    depth: Mapping[str, DepthVerdict] = field(default_factory=dict[str, DepthVerdict])
    plate: PlateVerdict = PlateVerdict()
    captures: int = 0

    @property
    def knocked(self) -> tuple[str, ...]:
        """Roles of the cameras that stand elsewhere."""
        return tuple(r for r, v in sorted(self.cameras.items()) if v.standing is Standing.KNOCKED)

    @property
    def warnings(self) -> tuple[str, ...]:
        """One sentence for each thing that makes recognition doubtful: the plate, cameras that were knocked."""
        plate = (self.plate.text,) if self.plate.moved else ()
        return (*plate, *(self.cameras[role].text for role in self.knocked))

    @property
    def depth_warnings(self) -> tuple[str, ...]:
        """One sentence for each depth camera that is dead or wrong, for the person who keeps the rig."""
        fine = (DepthState.OK, DepthState.UNCHECKED)
        return tuple(v.text for _, v in sorted(self.depth.items()) if v.state not in fine)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "capture": self.capture_id,
            "calibration": self.calibration_id,
            "checked_at": self.checked_at.isoformat(),
            "captures": self.captures,
            "plate": {
                "moved": self.plate.moved,
                "moved_mm": self.plate.moved_mm,
                "turned_deg": self.plate.turned_deg,
            },
            "cameras": [
                {
                    "role": v.role,
                    "standing": v.standing.value,
                    "moved_mm": v.moved_mm,
                    "turned_deg": v.turned_deg,
                    "sure_mm": v.sure_mm,
                    "shift_mm": list(v.shift_mm),
                    "rms_px": v.rms_px,
                    "best_px": v.best_px,
                    "problem": v.problem,
                }
                for _, v in sorted(self.cameras.items())
            ],
            "depth": [
                {
                    "role": v.role,
                    "state": v.state.value,
                    "bias_mm": v.bias_mm,
                    "tilt_deg": v.tilt_deg,
                    "fill": v.fill,
                    "noise_mm": v.noise_mm,
                    "limit_mm": v.limit_mm,
                }
                for _, v in sorted(self.depth.items())
            ],
            "warnings": [*self.warnings, *self.depth_warnings],
        }


def camera_name(role: str) -> str:
    """Return a role as people say it: ``Camera 3`` for ``cam_03``."""
    number = role.removeprefix("cam_")
    return f"Camera {int(number)}" if number.isdigit() else role
