"""A calibration with all that is known of its making, from the store and back into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from calibration.report.schema import SolveReport
from calibration.store import CalibrationStore
from station.geometry import RigCalibration


@dataclass(frozen=True, slots=True, eq=False)
class RigReport:
    """A calibration, what its solve said (``None`` where that was not kept), and the kept pictures by file name."""

    calibration: RigCalibration
    solve: SolveReport | None
    pictures: Mapping[str, bytes] = field(default_factory=dict[str, bytes])

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form, without the pictures."""
        return {
            "schema": 1,
            "calibration": self.calibration.to_json(),
            "report": None if self.solve is None else self.solve.to_json(),
        }


def store_report(store: CalibrationStore, report: RigReport) -> str:
    """Store the calibration with its report and pictures and return its id; raises CalibrationError."""
    solve = None if report.solve is None else report.solve.to_json()
    return store.add(report.calibration, solve, report.pictures)


def stored_report(store: CalibrationStore, calibration_id: str) -> RigReport:
    """Return a stored calibration's report by its id or the beginning of it.

    Raises CalibrationError when there is no such calibration or its report is damaged. A picture that is gone is left
    out.
    """
    calibration = store.get(calibration_id)
    data = store.report(calibration.id)
    if data is None:
        return RigReport(calibration, None)
    solve = SolveReport.from_json(data, where=f"{calibration.id}.report.json")
    found = {view.picture: store.picture(calibration.id, view.picture) for view in solve.worst if view.picture}
    return RigReport(calibration, solve, {name: content for name, content in found.items() if content is not None})
