"""What the operator window is given, on the simulated rig and on the real one."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from calibration.store import CalibrationStore
from calibration.watch.trend import TrendStore
from station.cli.assembly import RunningStation
from station.cli.calibration_door import StationCalibrations
from station.cli.capture_door import StationCaptures
from station.cli.capture_rig import captures_or_reason
from station.cli.class_descriptions import bring_in_line
from station.cli.health_door import StationHealth, begin_figures
from station.cli.upkeep import begin_upkeep
from station.config import LoadedSettings
from station.datadir import DataDir
from station.parts import PartMaster
from station.workflow.protocols import Recognizer
from ui.handles import StationHandles
from ui.presenters.sources import SimulationControls
from ui.presenters.status import StationFacts


def check_store(loaded: LoadedSettings, data: DataDir) -> TrendStore:
    """Return where the checks of the calibration are kept."""
    return TrendStore(data.calibration_checks, kept_days=loaded.settings.calibration.kept_days)


def window_handles(
    stack: ExitStack,
    loaded: LoadedSettings,
    data: DataDir,
    recognizer: Recognizer,
    running: RunningStation,
    parts: PartMaster,
    *,
    model_trouble: str = "",
    controls: SimulationControls | None = None,
    named_calibration: Path | None = None,
) -> StationHandles:
    """Return the handles of a running station; ``stack`` ends what is under way when the window closes.

    ``controls`` is the hand on a simulated rig, ``named_calibration`` the file that ``station.toml`` names.
    """
    settings = loaded.settings
    store = CalibrationStore(data.calibrations)
    calibrations = StationCalibrations(running, store, data.calibration_pictures, running.plate, named_calibration)
    stack.callback(calibrations.end)
    captures, reason = captures_or_reason(stack, loaded, data, running, parts)
    if captures is not None:
        bring_in_line(parts, captures.store)
    else:
        running.workflow.heed(lambda: f"Nothing can be captured. {reason}")
    watch = begin_upkeep(stack, loaded, data, running.workflow, captures.store if captures else None)
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
        calibrations=calibrations,
        health=StationHealth(
            running,
            check_store(loaded, data),
            store,
            settings.calibration.drift_warn_mm,
            begin_figures(stack, running, data.root),
            settings.station.least_free_gb,
        ),
        captures=None if captures is None else StationCaptures(captures, parts, lambda: watch.trouble),
        language=settings.interface.language,
        theme=settings.interface.theme,
    )
