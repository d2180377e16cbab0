"""Joins the rooms of the house into a running station: the one place that knows all of them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from recognition.engine import Engine
from recognition.roi import RoiLocator
from station.acquisition.rig import Rig
from station.cameras.realsense import RealSenseCamera
from station.cameras.recording import open_recordings, recorded_fps
from station.cameras.source import CameraSource
from station.config import LoadedSettings, require_rig
from station.errors import CalibrationError, ConfigError, ModelError
from station.frames import FrameSet
from station.geometry import RigCalibration, WorkVolume
from station.journal_writer import JournalWriter
from station.results import PartLocation, Recognition
from station.scale.adjustment import FILE_NAME as ADJUSTMENT_FILE
from station.scale.adjustment import ScaleAdjustment
from station.scale.driver import SerialScale
from station.settings import Settings, SimulationSection, frame_size
from station.simulation.live import SimulatedRig
from station.simulation.scale import VirtualScale
from station.workflow.protocols import Recognizer
from station.workflow.status import CapturedPart
from station.workflow.workflow import Workflow

_log = logging.getLogger(__name__)

DEMO_MODEL = "demo"

OnPart = Callable[[CapturedPart], None]


@dataclass(frozen=True, slots=True)
class RunningStation:
    """A station at work; on a simulated rig ``simulation`` and ``virtual_scale`` are the hand on it, else ``None``."""

    rig: Rig
    workflow: Workflow
    calibration: RigCalibration
    has_scale: bool
    simulation: SimulatedRig | None = None
    virtual_scale: VirtualScale | None = None


class NoModel:
    """Stands where the model should be and says why it is not there, so that the rest of the station goes on."""

    def __init__(self, reason: ModelError) -> None:
        self._reason = reason

    @property
    def model_id(self) -> str:
        """No model has this id."""
        return "none"

    def recognize(self, frameset: FrameSet, location: PartLocation, weight_kg: float | None) -> Recognition:
        """Raise the reason why there is no model."""
        raise self._reason


def model_folder(loaded: LoadedSettings) -> Path:
    """Return the folder of the configured model: the one that ships with the program, or one of the data directory."""
    name = loaded.settings.recognition.model
    if name == DEMO_MODEL:
        return Path(str(resources.files("recognition").joinpath("data/demo-model")))
    return loaded.data_dir / "models" / name


def open_engine(loaded: LoadedSettings) -> Engine:
    """Load the configured model; raises ModelError."""
    return Engine(model_folder(loaded), loaded.settings.recognition.device)


def engine_or_reason(loaded: LoadedSettings) -> tuple[Engine | NoModel, str]:
    """Return the engine, or what stands in for it and the sentence that says why."""
    try:
        return open_engine(loaded), ""
    except ModelError as error:
        return NoModel(error), str(error)


def make_locator(settings: Settings) -> RoiLocator:
    """Return the part locator of the configured plate."""
    return RoiLocator(settings.plate.work_volume())


def start_simulated(
    stack: ExitStack,
    loaded: LoadedSettings,
    recognizer: Recognizer,
    *,
    seed: int | None = None,
    with_scale: bool = True,
    journal: JournalWriter | None = None,
    on_part: OnPart | None = None,
) -> RunningStation:
    """Start the whole station on the simulated rig; ``stack`` stops it again, last started first.

    What is to be stopped is told to ``stack`` before it starts: an interrupted start leaves no thread behind.
    """
    settings = loaded.settings
    section = settings.simulation
    if seed is not None:
        section = SimulationSection(size=section.size, fps=section.fps, seed=seed)
    virtual = stack.enter_context(VirtualScale(seed=section.seed))
    simulation = stack.enter_context(
        SimulatedRig(section, stale_after_s=settings.rig.stale_after_s, on_load=virtual.set_load)
    )
    rig = Rig(simulation.sources, fps=section.fps)
    stack.callback(rig.stop)
    rig.start()
    scale = SerialScale(virtual.url) if with_scale else None
    volume = WorkVolume()  # of the simulated plate, whatever the real one in station.toml measures
    workflow = Workflow(
        rig,
        scale,
        RoiLocator(volume),
        recognizer,
        simulation.calibration,
        journal,
        settings.trigger,
        volume=volume,
        on_part=on_part,
    )
    stack.callback(workflow.stop)
    workflow.start()
    return RunningStation(rig, workflow, simulation.calibration, scale is not None, simulation, virtual)


def start_real(
    stack: ExitStack,
    loaded: LoadedSettings,
    recognizer: Recognizer,
    *,
    with_scale: bool = True,
    journal: JournalWriter | None = None,
    on_part: OnPart | None = None,
) -> RunningStation:
    """Start the station on the cameras and the scale of ``station.toml``; ``stack`` stops it again.

    One working camera is enough to start: the others are tried again in the background. Raises ConfigError,
    CalibrationError or CameraError.
    """
    settings = loaded.settings
    require_rig(settings, loaded.where)
    calibration = fitting_calibration(loaded)
    sources: list[CameraSource] = [
        RealSenseCamera(role, serial, settings.rig) for role, serial in settings.serials().items()
    ]
    rig = Rig(
        sources, fps=settings.rig.fps, tolerance_ms=settings.rig.tolerance_ms, deadline_ms=settings.rig.deadline_ms
    )
    stack.callback(rig.stop)
    rig.start(minimum=1)
    adjustment = ScaleAdjustment.load(loaded.data_dir / ADJUSTMENT_FILE)
    scale = SerialScale.from_settings(settings.scale, adjustment) if settings.scale.enabled and with_scale else None
    workflow = Workflow(
        rig,
        scale,
        make_locator(settings),
        recognizer,
        calibration,
        journal,
        settings.trigger,
        volume=settings.plate.work_volume(),
        on_part=on_part,
    )
    stack.callback(workflow.stop)
    workflow.start()
    return RunningStation(rig, workflow, calibration, scale is not None)


def start_recorded(
    stack: ExitStack, loaded: LoadedSettings, recognizer: Recognizer, path: Path, *, on_part: OnPart | None = None
) -> RunningStation:
    """Play recordings as if their cameras were there, at their own pace and without a scale; ``stack`` stops it.

    The calibration is ``calibration.json`` beside the recordings. Raises CalibrationError or CameraError.
    """
    settings = loaded.settings
    cameras = open_recordings(path)
    fps = recorded_fps(cameras)
    file = (path if path.is_dir() else path.parent) / "calibration.json"
    if not file.is_file():
        raise CalibrationError(
            "There is no calibration beside the recordings.",
            where=str(file),
            todo="Put the calibration of the rig that was recorded there, under this name.",
        )
    calibration = RigCalibration.load(file)
    rig = Rig(cameras, fps=fps)
    stack.callback(rig.stop)
    rig.start(minimum=1)
    workflow = Workflow(
        rig,
        None,
        make_locator(settings),
        recognizer,
        calibration,
        None,
        settings.trigger,
        volume=settings.plate.work_volume(),
        on_part=on_part,
    )
    stack.callback(workflow.stop)
    workflow.start()
    return RunningStation(rig, workflow, calibration, has_scale=False)


def fitting_calibration(loaded: LoadedSettings) -> RigCalibration:
    """Return the real rig's calibration without the roles whose camera or picture size was changed, which are logged.

    Raises ConfigError when none is named, CalibrationError when it cannot be read or no role is left.
    """
    name = loaded.settings.recognition.calibration
    if name is None:
        raise ConfigError(
            "The real rig needs a calibration, none is named.",
            where=f"{loaded.where}, recognition.calibration",
            todo="Name a calibration file, relative to the data directory.",
        )
    calibration = RigCalibration.load(loaded.data_dir / name)
    serials = loaded.settings.serials()
    size = frame_size(loaded.settings.rig.size)
    misfits: dict[str, str] = {}
    for role, serial in serials.items():
        camera = calibration.cameras.get(role)
        if camera is None:
            misfits[role] = "is not in it"
        elif camera.serial != serial:
            misfits[role] = f"was calibrated with camera {camera.serial}, now has {serial}"
        elif (camera.model.width, camera.model.height) != size:
            before = f"{camera.model.width}x{camera.model.height}"
            misfits[role] = f"was calibrated at {before}, now takes {size[0]}x{size[1]}"
    fitting = {r: c for r, c in calibration.cameras.items() if r in serials and r not in misfits}
    listed = "; ".join(f"{role} {reason}" for role, reason in sorted(misfits.items()))
    if not fitting:
        raise CalibrationError(
            f"None of the configured cameras fits the calibration: {listed}.",
            where=str(loaded.data_dir / name),
            todo="Calibrate this rig, or correct the serials and the size in station.toml.",
        )
    if misfits:
        _log.warning("The calibration does not fit some cameras, which do not take part in recognition: %s", listed)
    return RigCalibration(fitting, calibration.source, calibration.created_at, calibration.quality)
