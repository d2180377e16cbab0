"""Captures of a running station: the store, the capture session and the keeping of operators' answers, joined."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from recognition.pose_likeness import PictureLikeness
from station import __version__
from station.captures.answers import AnswerKeeper
from station.captures.blanking import blank_outside
from station.captures.catalog import Catalog
from station.captures.class_meta import ClassMeta
from station.captures.looked import Blank, Origins, RigFacts
from station.captures.record import Setting
from station.captures.session import CaptureSession
from station.captures.session_doors import Means
from station.captures.session_state import FILE_NAME
from station.captures.store import CaptureStore
from station.cli.assembly import RunningStation
from station.config import LoadedSettings
from station.datadir import DataDir
from station.errors import StationError
from station.parts import PartMaster
from station.parts.descriptions import meta_of
from station.settings import PlateSection, RigSection

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CaptureRig:
    """What works at the captures of a running station."""

    store: CaptureStore
    catalog: Catalog
    session: CaptureSession
    answers: AnswerKeeper


def begin_captures(
    stack: ExitStack, loaded: LoadedSettings, data: DataDir, running: RunningStation, parts: PartMaster
) -> CaptureRig:
    """Open the store, take up a session that was interrupted, and listen to answers; ``stack`` ends it all.

    Raises StorageError when the captures' folder or their index cannot be used.
    """
    settings = loaded.settings
    catalog = Catalog(data.catalog)
    stack.callback(catalog.close)
    least_free = settings.station.least_free_bytes
    store = CaptureStore(data.captures, catalog, least_free_bytes=least_free, described=partial(_described, parts))
    stack.callback(store.stop)
    origins = Origins(
        origin="rig" if running.simulation is None else "simulation",
        software=__version__,
        facts=partial(rig_facts, running, settings.rig),
        blank=_blank(loaded, running),
    )
    means = Means(
        limits=settings.capture,
        likeness=PictureLikeness(),
        origins=origins,
        has_scale=running.has_scale,
        nominal_kg=partial(_nominal_kg, parts),
        check=running.watch,
    )
    operators = settings.privacy.operators
    answers = AnswerKeeper(running.workflow, store, catalog, means, operators=operators)
    stack.callback(answers.close)
    answers.open()
    session = CaptureSession(running.workflow, store, catalog, means, data.root / FILE_NAME)
    stack.callback(session.close)
    session.open()
    return CaptureRig(store, catalog, session, answers)


def captures_or_reason(
    stack: ExitStack, loaded: LoadedSettings, data: DataDir, running: RunningStation, parts: PartMaster
) -> tuple[CaptureRig | None, str]:
    """Return what works at the captures, or the sentence that says why nothing does; recognition goes on without it."""
    try:
        with ExitStack() as begun:
            rig = begin_captures(begun, loaded, data, running, parts)
            stack.push(begun.pop_all())
    except StationError as error:
        _log.warning("Nothing is captured: %s", error)
        return None, str(error)
    return rig, ""


def rig_facts(running: RunningStation, section: RigSection) -> RigFacts:
    """Return what the cameras say of themselves now, by role, for the records of captures.

    Options that the cameras do not tell are those of the settings; the simulated rig has none.
    """
    infos = running.rig.infos
    telemetry = running.telemetry.latest if running.telemetry else None
    wanted: dict[str, Setting] = {} if running.simulation else _wanted_options(section)
    settings: dict[str, dict[str, Setting]] = {}
    for role, info in infos.items():
        told: dict[str, Setting] = {
            "name": info.name,
            "usb": info.usb,
            "width": info.color.width,
            "height": info.color.height,
            "depth_width": info.depth.width,
            "depth_height": info.depth.height,
            "fps": info.fps,
        }
        figures = telemetry.get(role) if telemetry else None
        if figures is not None:
            locked = {
                "exposure_us": figures.exposure_us,
                "gain": figures.gain,
                "white_balance_k": figures.white_balance_k,
                "asic_c": figures.asic_c,
            }
            told |= {name: value for name, value in locked.items() if value is not None}
        settings[role] = wanted | told
    return RigFacts(
        serials={role: info.serial for role, info in infos.items()},
        firmware={role: info.firmware for role, info in infos.items()},
        settings=settings,
    )


def _wanted_options(section: RigSection) -> dict[str, Setting]:
    options: dict[str, Setting] = {
        "exposure_us": section.exposure_us,
        "gain": section.gain,
        "white_balance_k": section.white_balance_k,
        "laser": section.laser,
        "laser_power_mw": section.laser_power_mw,
        "preset": section.preset,
        "depth_temporal": section.depth.temporal,
        "depth_hole_filling": section.depth.hole_filling,
    }
    return {name: value for name, value in options.items() if value is not None}


def _blank(loaded: LoadedSettings, running: RunningStation) -> Blank | None:
    if not loaded.settings.privacy.blank_outside_volume:
        return None
    plate = loaded.settings.plate if running.simulation is None else PlateSection()
    return partial(blank_outside, volume=plate.work_volume())


def _described(parts: PartMaster, class_id: str) -> ClassMeta | None:
    record = parts.get(class_id)
    return None if record is None else meta_of(record)


def _nominal_kg(parts: PartMaster, class_id: str) -> float | None:
    record = parts.get(class_id)
    return None if record is None else record.weight_kg
