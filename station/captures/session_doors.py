"""What a capture session works with: the plate, the store, and what it judges by."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from station.captures.looked import Origins
from station.captures.place import Place
from station.captures.pose import PoseLikeness
from station.captures.store import StoredCapture
from station.captures.writer import NewCapture
from station.geometry import RigCalibration
from station.settings import CaptureSection
from station.workflow.protocols import CalibrationCheck
from station.workflow.status import CapturedPart, PartStatus, Purpose


class PlateDoor(Protocol):
    """What a session needs of the workflow; ``station.workflow.workflow.Workflow`` is one."""

    @property
    def status(self) -> PartStatus:
        """The newest snapshot."""
        ...

    @property
    def calibration(self) -> RigCalibration | None:
        """The calibration that looks are made with."""
        ...

    def listen(self, listener: Callable[[CapturedPart], None]) -> Callable[[], None]:
        """Tell of every finished look; call what is returned to end it."""
        ...

    def serve(self, purpose: Purpose) -> None:
        """Use the looks for this."""
        ...

    def look_again(self) -> None:
        """Look at what lies on the plate as soon as it is still."""
        ...


class StoreDoor(Protocol):
    """What a session needs of the store; ``station.captures.store.CaptureStore`` is one."""

    root: Path

    def save(self, capture: NewCapture, place: Place) -> Future[StoredCapture]:
        """Save a capture in its place; done when it is durable."""
        ...

    def trash(self, capture_id: str, who: str | None = None, why: str = "") -> Future[StoredCapture]:
        """Move a capture into the trash."""
        ...

    def restore(self, capture_id: str, who: str | None = None) -> Future[StoredCapture]:
        """Bring a capture back from the trash."""
        ...


@dataclass(frozen=True, slots=True)
class Means:
    """What a session judges with: limits and plan, likeness of poses, and what is known from elsewhere.

    ``nominal_kg`` tells a class's weight by the part master. ``check`` knows of knocked cameras. ``operator`` is the
    code that is stored with captures, ``None`` for none.
    """

    limits: CaptureSection
    likeness: PoseLikeness
    origins: Origins
    has_scale: bool = True
    nominal_kg: Callable[[str], float | None] = lambda _class_id: None
    check: CalibrationCheck | None = None
    operator: str | None = None
