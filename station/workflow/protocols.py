"""What the workflow needs from recognition, as protocols; joined in the command line."""

from __future__ import annotations

from typing import Protocol

from station.frames import FrameSet
from station.geometry import RigCalibration
from station.results import PartLocation, Recognition


class PartLocator(Protocol):
    """Finds the part in a frameset: crops, masks and size."""

    def locate(self, frameset: FrameSet, calibration: RigCalibration) -> PartLocation:
        """Return where the part is; depth of the frameset lies in the colour images' geometry."""
        ...

    def learn_empty(self, frameset: FrameSet, calibration: RigCalibration) -> None:
        """Take this frameset as the picture of the empty plate."""
        ...

    def learn_tray(self, frameset: FrameSet, calibration: RigCalibration) -> None:
        """Take this frameset as the picture of the empty plate with a tray on it, in place of all pictures before."""
        ...

    def forget_empty(self) -> None:
        """Forget the picture of the empty plate: cameras may stand elsewhere now."""
        ...


class Recognizer(Protocol):
    """Names the part."""

    @property
    def model_id(self) -> str:
        """Id of the model that answers."""
        ...

    def recognize(self, frameset: FrameSet, location: PartLocation, weight_kg: float | None) -> Recognition:
        """Return the ranked classes; ``weight_kg`` is ``None`` when there is no usable weight."""
        ...


class CalibrationCheck(Protocol):
    """Holds captures against the calibration in use, in a thread of its own."""

    def offer(self, frameset: FrameSet, calibration: RigCalibration, capture_id: str) -> None:
        """Take a capture to check, at once and without waiting; one too many is passed over.

        ``capture_id`` is empty for a picture of the empty plate. Depth lies in the colour images' geometry.
        """
        ...

    def warnings(self, calibration_id: str) -> tuple[str, ...]:
        """Return a sentence for each thing that makes answers with this calibration doubtful, as a knocked camera."""
        ...
