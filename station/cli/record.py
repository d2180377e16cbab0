"""``station record``: cameras, scale and calibration of some seconds, for ``station replay``."""

from __future__ import annotations

import enum
import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from calibration.store import CalibrationStore
from station.acquisition.recorder import RigRecorder
from station.acquisition.rig import Rig
from station.cli.assembly import calibrated_cameras, real_scale
from station.cli.configuration import ConfigOption, chosen_settings
from station.cli.real_rig import open_real_rig
from station.cli.rig_calibration import RigCamera, calibration_for
from station.config import LoadedSettings, require_rig
from station.datadir import require_unused
from station.errors import StationError
from station.geometry import RigCalibration
from station.scale.driver import SerialScale
from station.settings import SimulationSection, frame_size
from station.simulation.library import PartLibrary
from station.simulation.live import SimulatedRig
from station.simulation.scale import VirtualScale

_PART_S = 4.0
"""So long a part lies on the simulated plate, and so long the plate is empty then."""


class Source(enum.StrEnum):
    """What is recorded."""

    RIG = "rig"
    SIM = "sim"


@dataclass(frozen=True, slots=True)
class _Recorded:
    rig: Rig
    scale: SerialScale | None
    calibration: RigCalibration | None
    hand: SimulatedRig | None = None


def record(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="New folder for the recording.")],
    seconds: Annotated[float, typer.Option("--seconds", min=0.5, max=3600.0)] = 30.0,
    source: Annotated[Source, typer.Option(help="The real rig, or the simulated one with parts coming and going.")] = (
        Source.RIG
    ),
    seed: Annotated[int, typer.Option(min=0, help="Of the simulated rig and its parts.")] = 1,
    config: ConfigOption = None,
) -> None:
    """Record the rig and the scale; nothing is recognised meanwhile."""
    say = Console(stderr=True)
    loaded = chosen_settings(config)
    with ExitStack() as stack:
        say.print("Starting the cameras …")
        recorded = _simulated(stack, loaded, seed) if source is Source.SIM else _real(stack, loaded)
        scale = recorded.scale
        step_kg = scale.step_kg if scale else loaded.settings.scale.step_g / 1000.0
        recorder = RigRecorder(recorded.rig, out, recorded.calibration, step_kg=step_kg)
        if scale is not None:
            stack.callback(scale.stop)
            scale.start(recorder.weigh, _both(recorder.report, say))
        with ExitStack() as recording:
            recording.callback(recorder.stop)
            recorder.start()
            say.print(f"Recording {seconds:g} s into {out} …")
            _pass(seconds, _parts(recorded.hand, seed), recorder.wait_trouble)
    total, lost = sum(recorder.written.values()), sum(recorder.left_out.values())
    for role in recorder.not_recorded:
        say.print(f"{role} was not recorded: no frame of it came.")
    cameras = len(recorder.written) - len(recorder.not_recorded)
    typer.echo(f"{out}: {total} frames of {cameras} cameras, {lost} left out")
    if lost:
        raise StationError(
            f"{lost} frames did not get onto the disk.",
            where=str(out),
            todo="Check the room on it, record to a faster disk or more slowly.",
        )


def _real(stack: ExitStack, loaded: LoadedSettings) -> _Recorded:
    settings = loaded.settings
    require_rig(settings, loaded.where)
    require_unused(loaded.data_dir, "the cameras and the scale")
    size = frame_size(settings.rig.size)
    cameras = {role: RigCamera(serial, size) for role, serial in settings.serials().items()}
    found = calibration_for(cameras, CalibrationStore(loaded.calibrations), named=loaded.named_calibration)
    return _Recorded(open_real_rig(stack, loaded).rig, real_scale(loaded), found.calibration)


def _simulated(stack: ExitStack, loaded: LoadedSettings, seed: int) -> _Recorded:
    section = loaded.settings.simulation
    section = SimulationSection(size=section.size, fps=section.fps, seed=seed)
    virtual = stack.enter_context(VirtualScale(seed=seed))
    simulation = stack.enter_context(SimulatedRig(section, on_load=virtual.set_load))
    rig = Rig(simulation.sources, fps=section.fps)
    stack.callback(rig.stop)
    rig.start()
    found = calibration_for(calibrated_cameras(simulation.calibration), None, handed_over=simulation.calibration)
    return _Recorded(rig, SerialScale(virtual.url), found.calibration, simulation)


def _both(record: Callable[[StationError | None], None], say: Console) -> Callable[[StationError | None], None]:
    """Return what the scale's troubles are given to: the recording and the terminal."""

    def report(trouble: StationError | None) -> None:
        record(trouble)
        if trouble is not None:
            say.print(str(trouble))

    return report


def _parts(hand: SimulatedRig | None, seed: int) -> Callable[[], None]:
    """Return what is to be done every few seconds: put a part on the simulated plate, or take it off."""
    if hand is None:
        return lambda: None
    rng = random.Random(f"{seed} recording")
    classes = [part.class_id for part in PartLibrary.load().classes]
    lying = False

    def exchange() -> None:
        nonlocal lying
        lying = not lying
        if lying:
            hand.place(rng.choice(classes), rng.randrange(2**31))
        else:
            hand.clear()

    return exchange


def _pass(seconds: float, every_now_and_then: Callable[[], None], broken: Callable[[float], bool]) -> None:
    """Let time pass, until ``broken``, which waits that long, says that there is no use in going on."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if broken(min(_PART_S, left)):
            return
        if time.monotonic() < until:
            every_now_and_then()
