"""Joins the rooms of the house into a running station: the one place that knows all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from calibration.fitting import RigCamera
from calibration.store import CalibrationStore
from calibration.watch.trend import TrendStore
from calibration.watch.watcher import CalibrationWatch
from recognition.engine import Engine
from recognition.engine.in_use import EngineInUse
from recognition.model_store import SHIPPED, ModelStore
from recognition.roi import RoiLocator
from station.acquisition.picture_health import Symptom
from station.acquisition.rig import Rig
from station.acquisition.rig_health import RigHealth
from station.allocator import return_freed_pictures
from station.boards import FrameBoard
from station.cameras.recording import open_recordings, recorded_fps
from station.cameras.telemetry import TelemetryWatch
from station.cli.real_rig import open_real_rig, renew_when_idle
from station.cli.rig_calibration import ChosenCalibration, calibration_for, chosen
from station.config import LoadedSettings, require_rig
from station.errors import CalibrationError, ModelError
from station.frames import FrameSet
from station.geometry import RigCalibration
from station.journal_writer import JournalWriter
from station.results import PartLocation, Recognition
from station.scale.adjustment import FILE_NAME as ADJUSTMENT_FILE
from station.scale.adjustment import ScaleAdjustment
from station.scale.driver import SerialScale
from station.scale.source import ScaleSource
from station.settings import PlateSection, Settings, SimulationSection, TriggerSection, frame_size
from station.simulation.live import SimulatedRig
from station.simulation.scale import VirtualScale
from station.workflow.protocols import Recognizer
from station.workflow.status import CapturedPart, PartState
from station.workflow.workflow import Workflow

DEMO_MODEL = SHIPPED

OnPart = Callable[[CapturedPart], None]


@dataclass(frozen=True, slots=True)
class RunningStation:
    """A station at work; on a simulated rig ``simulation`` and ``virtual_scale`` are the hand on it, else ``None``.

    ``begun_with`` is the calibration it started with, ``cameras`` are what a calibration must hold for, ``plate`` is
    the printed frame, and ``watch`` holds every capture against the calibration in use. ``telemetry`` are the real
    cameras' own figures, ``health`` is what the pictures tell of their cameras.
    """

    rig: Rig
    workflow: Workflow
    begun_with: ChosenCalibration
    cameras: Mapping[str, RigCamera]
    plate: FrameBoard
    watch: CalibrationWatch
    has_scale: bool
    simulation: SimulatedRig | None = None
    virtual_scale: VirtualScale | None = None
    telemetry: TelemetryWatch | None = None
    health: RigHealth | None = None


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


def model_store(loaded: LoadedSettings) -> ModelStore:
    """Return the models of the data directory; until one is chosen, the configured one is in use."""
    return ModelStore(loaded.data_dir / "models", shipped_model(), loaded.settings.recognition.model)


def model_folder(loaded: LoadedSettings) -> Path:
    """Return the folder of the model in use; raises ModelError when it is not there."""
    store = model_store(loaded)
    return store.folder_of(store.active)


def shipped_model() -> Path:
    """Return the folder of the model that ships with the program."""
    return Path(str(resources.files("recognition").joinpath("data/demo-model")))


def open_engine(loaded: LoadedSettings) -> Engine:
    """Load the configured model; raises ModelError."""
    return Engine(model_folder(loaded), loaded.settings.recognition.device)


def engine_or_reason(loaded: LoadedSettings, *, compiled: bool = False) -> tuple[EngineInUse | NoModel, str]:
    """Return the engine of the model in use, or what stands in for it and the sentence that says why.

    ``compiled`` lets the engine compile its model beside the work, where there is a compiler.
    """
    device = loaded.settings.recognition.device
    try:
        return EngineInUse(model_store(loaded), lambda folder: Engine(folder, device, compiled=compiled)), ""
    except ModelError as error:
        return NoModel(error), str(error)


def require_calibration(running: RunningStation) -> None:
    """Raise CalibrationError when a station without a window has no calibration: nothing would ever be recognised."""
    if running.begun_with.calibration is None:
        raise CalibrationError(
            " ".join(("The rig has no calibration, so nothing can be recognised.", *running.begun_with.remarks)),
            todo="Calibrate it with: station calibrate collect.",
        )


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
    calibrations: CalibrationStore | None = None,
    checks: TrendStore | None = None,
    uncalibrated: bool = False,
) -> RunningStation:
    """Start the whole station on the simulated rig; ``stack`` stops it again, last started first.

    It works with the active calibration of ``calibrations`` when that was made on this very rig (the seed decides
    it), else with the one that the simulated rig hands over; ``uncalibrated`` starts with none. ``checks`` takes what
    the captures say of the calibration.

    What is to be stopped is told to ``stack`` before it starts: an interrupted start leaves no thread behind.
    """
    settings = loaded.settings
    section = settings.simulation
    if seed is not None:
        section = SimulationSection(size=section.size, fps=section.fps, seed=seed)
    return_freed_pictures()
    virtual = stack.enter_context(VirtualScale(seed=section.seed))
    simulation = stack.enter_context(
        SimulatedRig(section, stale_after_s=settings.rig.stale_after_s, on_load=virtual.set_load)
    )
    rig = Rig(simulation.sources, fps=section.fps)
    stack.callback(rig.stop)
    rig.start()
    scale = SerialScale(virtual.url) if with_scale else None
    plate = PlateSection()  # the simulated one, whatever the real one in station.toml measures
    cameras = calibrated_cameras(simulation.calibration)
    begun = ChosenCalibration()
    if not uncalibrated:
        begun = calibration_for(cameras, calibrations, handed_over=simulation.calibration)
    health = _begin_health(stack, rig)
    watch = _begin_watch(stack, rig, plate, checks, health)
    workflow = _begin_work(
        stack, rig, scale, recognizer, begun, watch, plate, settings.trigger, journal, on_part, health
    )
    return RunningStation(
        rig,
        workflow,
        begun,
        cameras,
        plate.frame(),
        watch,
        scale is not None,
        simulation=simulation,
        virtual_scale=virtual,
        health=health,
    )


def start_real(
    stack: ExitStack,
    loaded: LoadedSettings,
    recognizer: Recognizer,
    *,
    with_scale: bool = True,
    journal: JournalWriter | None = None,
    on_part: OnPart | None = None,
    checks: TrendStore | None = None,
) -> RunningStation:
    """Start the station on the cameras and the scale of ``station.toml``; ``stack`` stops it again.

    One working camera is enough to start: the others are tried again in the background. It works with the calibration
    that ``station.toml`` names, else with the active one of the data directory; without any it starts, too, and
    recognises nothing. Raises ConfigError, CameraError, and CalibrationError when the named file cannot be read.
    """
    settings = loaded.settings
    require_rig(settings, loaded.where)
    size = frame_size(settings.rig.size)
    cameras = {role: RigCamera(serial, size) for role, serial in settings.serials().items()}
    begun = calibration_for(cameras, CalibrationStore(loaded.calibrations), named=loaded.named_calibration)
    return_freed_pictures()
    real = open_real_rig(stack, loaded)
    rig = real.rig
    scale = real_scale(loaded) if with_scale else None
    plate = settings.plate
    health = _begin_health(stack, rig)
    watch = _begin_watch(stack, rig, plate, checks, health)
    workflow = _begin_work(
        stack, rig, scale, recognizer, begun, watch, plate, settings.trigger, journal, on_part, health
    )
    renew_when_idle(stack, real.cameras, lambda: workflow.status.state is PartState.EMPTY, settings.rig.renew_after_h)
    return RunningStation(
        rig, workflow, begun, cameras, plate.frame(), watch, scale is not None, telemetry=real.telemetry, health=health
    )


def real_scale(loaded: LoadedSettings) -> SerialScale | None:
    """Return the scale of ``station.toml``, adjusted, not yet started; ``None`` where it is switched off."""
    section = loaded.settings.scale
    if not section.enabled:
        return None
    return SerialScale.from_settings(section, ScaleAdjustment.load(loaded.data_dir / ADJUSTMENT_FILE))


def start_recorded(
    stack: ExitStack, loaded: LoadedSettings, recognizer: Recognizer, path: Path, *, on_part: OnPart | None = None
) -> RunningStation:
    """Play recordings as if their cameras were there, at their own pace and without a scale; ``stack`` stops it.

    The calibration is ``calibration.json`` beside the recordings, else the data directory's active one, if it was made
    with the recorded cameras. Raises CalibrationError or CameraError.
    """
    settings = loaded.settings
    cameras = open_recordings(path)
    fps = recorded_fps(cameras)
    return_freed_pictures()
    rig = Rig(cameras, fps=fps)
    stack.callback(rig.stop)
    rig.start(minimum=1)
    seen = {role: RigCamera(info.serial, (info.color.width, info.color.height)) for role, info in rig.infos.items()}
    begun = _recorded_calibration(loaded, path, seen)
    plate = settings.plate
    health = _begin_health(stack, rig)
    watch = _begin_watch(stack, rig, plate, None, health)
    workflow = _begin_work(stack, rig, None, recognizer, begun, watch, plate, settings.trigger, None, on_part, health)
    return RunningStation(rig, workflow, begun, seen, plate.frame(), watch, has_scale=False, health=health)


def _begin_watch(
    stack: ExitStack, rig: Rig, plate: PlateSection, checks: TrendStore | None, health: RigHealth
) -> CalibrationWatch:
    watch = CalibrationWatch(
        plate.frame(),
        checks,
        serials=lambda: {role: info.serial for role, info in rig.infos.items()},
        unfit=lambda: {one.role for one in health.findings if one.symptom is Symptom.BLURRED},
    )
    stack.callback(watch.stop)
    watch.start()
    return watch


def _begin_health(stack: ExitStack, rig: Rig) -> RigHealth:
    health = RigHealth(rig)
    stack.callback(health.stop)
    health.start()
    return health


def _begin_work(
    stack: ExitStack,
    rig: Rig,
    scale: ScaleSource | None,
    recognizer: Recognizer,
    begun: ChosenCalibration,
    watch: CalibrationWatch,
    plate: PlateSection,
    trigger: TriggerSection,
    journal: JournalWriter | None,
    on_part: OnPart | None,
    health: RigHealth,
) -> Workflow:
    volume = plate.work_volume()
    workflow = Workflow(
        rig,
        scale,
        RoiLocator(volume),
        recognizer,
        None,
        journal,
        trigger,
        volume=volume,
        on_part=on_part,
        check=watch,
        health=health,
    )
    workflow.use_calibration(begun.calibration, begun.remarks)
    workflow.heed(lambda: " ".join(rig.matching.sentences()))
    if isinstance(recognizer, EngineInUse):
        workflow.heed(lambda: recognizer.trouble)
        stack.callback(recognizer.stop)
        recognizer.start()
    stack.callback(workflow.stop)
    workflow.start()
    return workflow


def _recorded_calibration(loaded: LoadedSettings, path: Path, cameras: Mapping[str, RigCamera]) -> ChosenCalibration:
    file = (path if path.is_dir() else path.parent) / "calibration.json"
    if file.is_file():
        # Whoever put it there says that it belongs to these recordings, whatever serial numbers they hold.
        unnamed = {role: RigCamera(None, camera.size) for role, camera in cameras.items()}
        return chosen(RigCalibration.load(file), unnamed)
    begun = calibration_for(cameras, CalibrationStore(loaded.calibrations))
    if begun.calibration is None:
        raise CalibrationError(
            "There is no calibration beside the recordings.",
            where=str(file),
            todo="Put the calibration of the rig that was recorded there, under this name.",
        )
    return begun


def calibrated_cameras(calibration: RigCalibration) -> dict[str, RigCamera]:
    """Return the cameras that a calibration was made for."""
    return {
        role: RigCamera(camera.serial, (camera.model.width, camera.model.height))
        for role, camera in calibration.cameras.items()
    }
