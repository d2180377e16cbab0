"""A look at a part as a capture: everything that its record says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from station.captures.quality_report import Gate, QualityReport
from station.captures.record import (
    CaptureRecord,
    KeptFrom,
    LabelSource,
    Origin,
    Override,
    Setting,
    frame_stamps,
)
from station.captures.writer import NewCapture
from station.errors import CaptureRefusedError
from station.frames import FrameSet, MaskImage
from station.geometry import RigCalibration
from station.workflow.status import CapturedPart

_DEAD_DEPTH = 0.02
"""A picture with a smaller share of depth than that has none; live cameras measured over 0.5."""
_GRID = 8

Blank = Callable[[FrameSet, RigCalibration], FrameSet]
"""Makes everything black that lies outside the work volume."""


@dataclass(frozen=True, slots=True)
class RigFacts:
    """What is known of the cameras, by role: serial numbers, firmware, options and profile of the streams."""

    serials: Mapping[str, str] = field(default_factory=dict[str, str])
    firmware: Mapping[str, str] = field(default_factory=dict[str, str])
    settings: Mapping[str, Mapping[str, Setting]] = field(default_factory=dict[str, Mapping[str, Setting]])


@dataclass(frozen=True, slots=True)
class Origins:
    """Where captures of this station come from, for their records.

    ``facts`` tells of the cameras at the moment of the call; ``blank`` is ``None`` where pictures are stored whole.
    """

    origin: Origin
    software: str
    facts: Callable[[], RigFacts] = RigFacts
    blank: Blank | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """Who says what the part is; ``operator`` is a code, ``None`` where nobody's is stored."""

    class_id: str
    kept_from: KeptFrom
    source: LabelSource
    operator: str | None = None


def masks_of(part: CapturedPart) -> Mapping[str, MaskImage]:
    """Return the part's masks by role; none where it was not found."""
    nothing: Mapping[str, MaskImage] = {}
    return part.location.mask if part.location else nothing


def as_capture(
    part: CapturedPart,
    calibration: RigCalibration | None,
    origins: Origins,
    label: Label,
    *,
    quality: QualityReport | None = None,
    overrides: Mapping[Gate, str] | None = None,
    capture_id: str | None = None,
) -> NewCapture:
    """Return a look as a capture to be stored; ``capture_id`` is another one than the look's, if any.

    ``calibration`` must be the one that the look was made with. Raises CaptureRefusedError when it is not.
    """
    if calibration is None or calibration.id != part.calibration_id:
        raise CaptureRefusedError(
            "The rig was calibrated anew since the part was looked at.", todo="Take the capture again.", retryable=True
        )
    known = {role: frame for role, frame in part.frameset.frames.items() if role in calibration.cameras}
    strange = tuple(role for role in part.frameset.frames if role not in known)
    frameset = replace(part.frameset, frames=known, missing=tuple(sorted((*part.frameset.missing, *strange))))
    facts = origins.facts()
    location = part.location
    record = CaptureRecord(
        capture_id=capture_id or part.capture_id,
        class_id=label.class_id,
        split="train",
        origin=origins.origin,
        kept_from=label.kept_from,
        label_source=label.source,
        operator=label.operator,
        taken_at=part.taken_at,
        weight_kg=part.scale_kg,
        weight_stable=part.weight_stable,
        size_m=location.size_m if location else None,
        serials={role: facts.serials[role] for role in known if role in facts.serials},
        firmware={role: facts.firmware[role] for role in known if role in facts.firmware},
        distortion={role: calibration.cameras[role].model.distortion for role in known},
        settings={role: facts.settings[role] for role in known if role in facts.settings},
        frame_times=frame_stamps(frameset),
        skew_ms=frameset.skew_ms,
        missing=frameset.missing,
        depth_dead=tuple(
            role
            for role, frame in sorted(known.items())
            if np.count_nonzero(frame.depth[::_GRID, ::_GRID]) < _DEAD_DEPTH * frame.depth[::_GRID, ::_GRID].size
        ),
        calibration_id=part.calibration_id,
        quality=dict(quality.values) if quality else {},
        doubts=tuple(one.gate.value for one in quality.warning if one.gate not in (overrides or {})) if quality else (),
        overrides=tuple(Override(gate=gate.value, reason=reason) for gate, reason in (overrides or {}).items()),
        blanked=origins.blank is not None,
        software=origins.software,
    )
    masks = masks_of(part)
    if origins.blank is not None:
        frameset = origins.blank(frameset, calibration)
    return NewCapture(frameset, {role: masks[role] for role in known if role in masks}, calibration, record)
