"""What the operator window is given, on the simulated rig and on the real one."""

from __future__ import annotations

from station.cli.assembly import RunningStation
from station.config import LoadedSettings
from station.parts import PartMaster
from station.workflow.protocols import Recognizer
from ui.handles import StationHandles
from ui.presenters.sources import SimulationControls
from ui.presenters.status import StationFacts


def window_handles(
    loaded: LoadedSettings,
    recognizer: Recognizer,
    running: RunningStation,
    parts: PartMaster,
    *,
    model_trouble: str = "",
    controls: SimulationControls | None = None,
) -> StationHandles:
    """Return the handles of a running station; ``controls`` is the hand on a simulated rig."""
    settings = loaded.settings
    return StationHandles(
        workflow=running.workflow,
        cameras=running.rig,
        parts=parts,
        facts=StationFacts(
            name=settings.station.name,
            model=recognizer.model_id,
            has_scale=running.has_scale,
            model_trouble=model_trouble,
        ),
        controls=controls,
        language=settings.interface.language,
        theme=settings.interface.theme,
    )
