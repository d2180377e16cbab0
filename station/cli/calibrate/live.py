"""``station calibrate check`` and ``trend``: does the calibration in use still hold, today and over days?"""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from calibration.fitting import cameras_of, fit_to_rig
from calibration.frame_corners import frame_corners
from calibration.store import CalibrationStore
from calibration.watch.baseline import Baseline
from calibration.watch.daily import DailyCheck
from calibration.watch.live_check import check_when_still
from calibration.watch.rig_watch import RigWatch
from calibration.watch.trend import TrendStore
from calibration.watch.verdicts import WatchReport
from station.acquisition.rig import Rig
from station.boards import FrameBoard, board_from_id
from station.cli.calibrate.collect import open_rig, open_simulated
from station.cli.calibrate.options import JsonOption
from station.cli.configuration import ConfigOption, chosen_settings
from station.cli.rig_calibration import calibration_for, configured_cameras
from station.config import LoadedSettings
from station.datadir import DataDir
from station.errors import CalibrationError, CameraError, StationError
from station.frames import FrameSet
from station.geometry import RigCalibration
from station.settings import PlateSection
from station.simulation.board_hand import BoardHand

_PICTURES = 3
_FRAMESET_S = 5.0


def check(
    board: Annotated[
        str | None, typer.Option("--board", metavar="ID", help="The board that is held; without it the plate's frame.")
    ] = None,
    sim: Annotated[bool, typer.Option("--sim", help="On the simulated rig.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check the calibration in use from one placement of a board or from the plate; ends with 1 when it does not hold.

    The plate may carry a part, but an empty one tells more. A board is checked as soon as three cameras see it still.
    """
    loaded = chosen_settings(config)
    held = None if board is None else board_from_id(board)
    with ExitStack() as stack:
        data = stack.enter_context(DataDir.open(loaded.demo_dir if sim else loaded.data_dir))
        store = CalibrationStore(data.calibrations)
        plate = (PlateSection() if sim else loaded.settings.plate).frame()
        if sim:
            rig, simulation = open_simulated(stack, loaded)
            calibration = simulation.calibration
            if held is not None:
                BoardHand(simulation, held, loaded.settings.simulation.seed).show_to(rig.roles)
        else:
            rig = open_rig(stack, loaded)
            calibration = _in_use(loaded, store, rig)
        if held is None:
            report = _checked_plate(rig, calibration, plate, TrendStore(data.calibration_checks))
            _tell_plate(report, as_json)
            holds = not report.warnings
        else:
            result = check_when_still(rig, calibration, held)
            _tell_board(result, as_json)
            holds = not result.knocked
    if not holds:
        raise typer.Exit(1)


def trend(
    calibration: Annotated[str | None, typer.Argument(help="Id, or the beginning of it; else the active one.")] = None,
    days: Annotated[int, typer.Option("--days", min=3, help="So many days back.")] = 90,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how far the cameras stood from their places, day by day; ends with 1 when one is to be warned of."""
    loaded = chosen_settings(config)
    with DataDir.open(loaded.data_dir) as data:
        store = CalibrationStore(data.calibrations)
        asked = store.get(calibration) if calibration else store.active()
        # Checks are kept under the id of what the rig worked with: the stored one fitted to its cameras.
        worked_with = fit_to_rig(asked, configured_cameras(loaded.settings)).calibration or asked
        found = TrendStore(data.calibration_checks).trend(
            worked_with.id, warn_mm=loaded.settings.calibration.drift_warn_mm, days=days
        )
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=1, default=str))
    else:
        typer.echo(f"{found.calibration_id}, warned of from {found.warn_mm:g} mm")
        for camera in found.cameras:
            newest = camera.days[-1]
            drift = "drift unknown before three days"
            if camera.slope_mm_per_day is not None and camera.slope_error is not None:
                drift = f"drift {camera.slope_mm_per_day:.3f} ± {camera.slope_error:.3f} mm a day"
            days_seen = f"{len(camera.days)} day{'s' if len(camera.days) > 1 else ''}"
            typer.echo(
                f"{camera.role}: {newest.median_mm:.2f} mm and {newest.median_deg:.3f}° on {newest.day}, "
                f"{days_seen}, {drift}"
            )
        for warning in found.warnings:
            typer.echo(f"! {warning}")
        if not found.cameras:
            typer.echo("Nothing was checked in these days.")
    if found.warnings:
        raise typer.Exit(1)


def _in_use(loaded: LoadedSettings, store: CalibrationStore, rig: Rig) -> RigCalibration:
    """Return what a running station would work with; raises CalibrationError when that is nothing."""
    begun = calibration_for(cameras_of(rig.infos), store, named=loaded.named_calibration)
    for remark in begun.remarks:
        typer.echo(remark, err=True)
    if begun.calibration is None:
        raise CalibrationError("There is no calibration to check.", todo="Calibrate with: station calibrate collect.")
    return begun.calibration


def _serials(rig: Rig) -> dict[str, str]:
    return {role: info.serial for role, info in rig.infos.items()}


def _next(rig: Rig, newer_than_ns: int) -> FrameSet:
    frameset = rig.next_frameset(newer_than_ns, _FRAMESET_S)
    if frameset is None:
        raise CameraError("The cameras give no pictures.", todo="Check them with: station doctor.", retryable=True)
    return frameset


def _checked_plate(rig: Rig, calibration: RigCalibration, plate: FrameBoard, store: TrendStore) -> WatchReport:
    """Check some pictures of the plate, with what was learned of these cameras but without learning from them."""
    corners = len(frame_corners(plate).points)
    bodies = store.baselines(calibration.id)
    baselines: dict[str, Baseline] = {}
    for role, camera in calibration.cameras.items():
        body = bodies.get((role, camera.serial))
        baseline = None if body is None else Baseline.from_json(body, corners)
        if baseline is not None:
            baselines[role] = baseline
    watch = RigWatch(calibration, plate, baselines)
    newest_ns = time.monotonic_ns()
    name = f"check-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    report: WatchReport | None = None
    for _ in range(_PICTURES):
        frameset = _next(rig, newest_ns)
        newest_ns = frameset.monotonic_ns
        report = watch.check(frameset, name, serials=_serials(rig), learn=False)
    if report is None:
        raise StationError("No picture was checked.")
    store.add(report)
    return report


def _tell_plate(report: WatchReport, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(report.to_json(), indent=1))
        return
    for verdict in report.cameras.values():
        typer.echo(verdict.text)
    typer.echo(report.plate.text)
    for warning in report.depth_warnings:
        typer.echo(f"! {warning}")


def _tell_board(result: DailyCheck, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(result.to_json(), indent=1))
        return
    for role, verdict in result.cameras.items():
        gap = result.gap_mm.get(role)
        typer.echo(verdict.text if gap is None else f"{verdict.role}: {gap:.2f} mm off, {verdict.text}")
    typer.echo(result.text)
