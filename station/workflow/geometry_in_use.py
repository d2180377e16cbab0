"""Which calibration the station looks with, which one comes next, and why it looks at nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from station.geometry import RigCalibration
from station.workflow.status import Rest


@dataclass(frozen=True, slots=True)
class Geometry:
    """A calibration to work with, its id (empty without one), and what is to be said of it."""

    calibration: RigCalibration | None
    calibration_id: str
    remarks: tuple[str, ...] = ()

    @staticmethod
    def of(calibration: RigCalibration | None, remarks: Sequence[str] = ()) -> Geometry:
        """Return the geometry; the id is a hash, worked out once."""
        return Geometry(calibration, calibration.id if calibration else "", tuple(remarks))


class GeometryInUse:
    """The hand-over of calibrations: anyone may offer one, the workflow's thread takes it over between two looks.

    Changes are made under the workflow's lock.
    """

    def __init__(self, calibration: RigCalibration | None) -> None:
        self._present = Geometry.of(calibration)
        self._next: Geometry | None = None
        self._paused: Rest | None = None

    @property
    def newest(self) -> Geometry:
        """What the next look uses; from any thread."""
        return self._next or self._present

    @property
    def rest(self) -> Rest | None:
        """Why nothing is looked at, ``None`` while the station works."""
        if self._paused is not None:
            return self._paused
        return Rest.UNCALIBRATED if self.newest.calibration is None else None

    @property
    def outdated(self) -> bool:
        """Whether a look that began before is not wanted any more."""
        return self._paused is not None or self._next is not None

    def use(self, calibration: RigCalibration | None, remarks: Sequence[str]) -> None:
        """Offer another calibration, or with ``None`` none."""
        self._next = Geometry.of(calibration, remarks)

    def pause(self, rest: Rest) -> None:
        """Rest until :meth:`resume`."""
        self._paused = rest

    def resume(self) -> bool:
        """End the rest; the present calibration is taken over anew. Returns whether there was a rest."""
        if self._paused is None:
            return False
        self._paused = None
        self._next = self.newest
        return True

    def take_over(self) -> Geometry | None:
        """Take the next calibration into use and return it; ``None`` where none was offered."""
        if self._next is None:
            return None
        self._present, self._next = self._next, None
        return self._present

    @property
    def at_work(self) -> RigCalibration | None:
        """The calibration to look with now, ``None`` while nothing is looked at."""
        return None if self._paused is not None else self._present.calibration
