"""What the window is given by the command line: the station's parts that it shows and acts upon."""

from __future__ import annotations

from dataclasses import dataclass

from ui.presenters.capture_source import CaptureDoor
from ui.presenters.health_source import HealthDoor
from ui.presenters.sources import CalibrationDoor, CameraDoor, PartCatalog, SimulationControls, WorkflowDoor
from ui.presenters.status import StationFacts


@dataclass(frozen=True, slots=True)
class StationHandles:
    """Everything a window needs.

    Args:
        workflow: the running workflow (``station.workflow.workflow.Workflow``).
        cameras: the running rig (``station.acquisition.rig.Rig``).
        parts: the part master.
        facts: names that do not change.
        controls: the simulated rig's hand; ``None`` on a real rig.
        calibrations: the station's calibrations; ``None`` where nothing can be calibrated, as on recordings.
        health: the watch over cameras and calibration; ``None`` where there is none.
        captures: the data set and its capture session; ``None`` where nothing is captured.
        language: ``[interface] language``.
        theme: ``[interface] theme``.
    """

    workflow: WorkflowDoor
    cameras: CameraDoor
    parts: PartCatalog
    facts: StationFacts
    controls: SimulationControls | None = None
    calibrations: CalibrationDoor | None = None
    health: HealthDoor | None = None
    captures: CaptureDoor | None = None
    language: str = "auto"
    theme: str = "auto"
