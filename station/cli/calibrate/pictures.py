"""``station calibrate solve`` and ``verify``: the rig from pictures in folders, one folder per camera."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from calibration.plate_pose import PLACEMENT
from calibration.store import CalibrationStore
from station.boards import board_from_id
from station.cli.calibrate.options import JsonOption, calibrations
from station.cli.configuration import ConfigOption, chosen_settings
from station.errors import CalibrationError
from station.geometry import PLATE_WORLD, RigCalibration

if TYPE_CHECKING:
    from calibration.collecting.result import SolvedRig
    from calibration.picture_folders import Refused

ImagesOption = Annotated[Path, typer.Option("--images", metavar="DIR", help="One folder of pictures per camera.")]


def solve(
    images: ImagesOption,
    board: Annotated[str | None, typer.Option("--board", metavar="ID", help="Board in the pictures.")] = None,
    intrinsics: Annotated[
        Path | None, typer.Option("--intrinsics", metavar="FILE", help="Calibration that has the cameras' models.")
    ] = None,
    refine: Annotated[bool, typer.Option("--refine-intrinsics", help="Also solve for the intrinsics.")] = False,
    use: Annotated[bool, typer.Option("--use", help="Make the result the active calibration.")] = False,
    even_so: Annotated[
        bool, typer.Option("--even-so", help="With --use: also when something speaks against the result.")
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Solve the rig and store the calibration; pictures called 'plate' show the plate's frame and give the world."""
    from calibration.acceptance import doubts, require_no_doubts
    from calibration.collecting.result import SolvedRig
    from calibration.comparison import compare
    from calibration.cross_check import with_second_opinion
    from calibration.held_out import held_out_error
    from calibration.picture_folders import camera_folders, colour_picture, views_in
    from calibration.report import report_of, store_report
    from calibration.rig_result import rig_calibration
    from calibration.solution import WORST_KEPT
    from calibration.solve import SolveOptions, solve_rig

    plate = chosen_settings(config).settings.plate.frame()
    known = known_models(RigCalibration.load(intrinsics)) if intrinsics else None
    folders = camera_folders(images, known)
    wanted = None if board is None else board_from_id(board)
    views, refused = views_in(folders, wanted, plate, fine_plate=True)
    with_plate = any(view.placement == PLACEMENT for view in views)
    if not with_plate and board is None:
        raise CalibrationError(
            "No picture shows the plate's frame, and no board was named.",
            where=str(images),
            todo="Name the board with --board, or add pictures called plate.",
        )
    options = SolveOptions(fixed_placement=PLACEMENT if with_plate else None, refine_intrinsics=refine)
    models = {folder.role: folder.model for folder in folders}
    solution, second = with_second_opinion(solve_rig(views, models, options), views)
    serials = {folder.role: folder.serial for folder in folders}
    source = f"{len(views)} views of {board or plate.id}, world: {solution.fixed}"
    devices = {folder.role: folder.device for folder in folders}
    calibration = rig_calibration(solution, serials, source, datetime.now(UTC), devices)
    store = calibrations(config)
    before = _before(store)
    comparison = None if before is None else compare(before, calibration)
    held_out = held_out_error(views, models, options)
    solved = SolvedRig(calibration, solution, held_out, comparison, solution.worst(WORST_KEPT), second)
    pictures = {(placement, folder.role): path for folder in folders for placement, path in folder.pictures.items()}
    report = report_of(
        solved,
        views,
        refused=refused,
        picture_of=lambda placement, role: colour_picture(pictures[placement, role]),
    )
    store_report(store, report)
    figures = {} if report.solve is None else report.solve.to_json()
    against: CalibrationError | None = None
    if use:
        try:
            if not even_so:
                require_no_doubts(solved)
            store.use(calibration.id)
        except CalibrationError as error:
            against = error  # raised when all is told
    if as_json:
        said = {"active": use and against is None, "doubts": [doubt.text for doubt in doubts(solved)]}
        typer.echo(json.dumps({"id": calibration.id, **said, **figures}, indent=1))
    else:
        _tell(solved, refused)
    if against is not None:
        raise against


def _tell(solved: SolvedRig, refused: Sequence[Refused]) -> None:
    calibration, solution, held_out, second = solved.calibration, solved.solution, solved.held_out, solved.second
    typer.echo(f"{calibration.id}: {len(calibration.cameras)} cameras, {solution.rms_px:.2f} px RMS, world: ", nl=False)
    on_plate = calibration.world == PLATE_WORLD
    typer.echo("the plate" if on_plate else f"{solution.fixed}, for no picture shows the plate's frame")
    for role, camera in sorted(solution.cameras.items()):
        sure = f"sure to {camera.position_mm:.2f} mm, {camera.rotation_deg:.3f}° (95 %)"
        if role == solution.fixed:
            sure = "held fast"
        typer.echo(f"  {role}: {camera.views} views, {sure}, {camera.p50_px:.2f} px p50, {camera.p95_px:.2f} px p95")
    if held_out is not None:
        said = f"{held_out.rms_mm:.2f} mm RMS, {held_out.p95_mm:.2f} mm p95"
        typer.echo(f"  on {held_out.placements} boards that the solve did not see: {said}")
    if second is not None:
        typer.echo(f"  OpenCV's own solve of the same boards stands at most {second.worst_mm:.2f} mm from it")
    for finding in solution.findings:
        typer.echo(f"  ! {finding.text}")
    for one in refused:
        typer.echo(f"  - {one.placement}, {one.role}: {one.reason}")


def verify(
    images: ImagesOption,
    calibration: Annotated[str | None, typer.Option("--calibration", metavar="ID", help="Instead of the active.")] = (
        None
    ),
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check a calibration against pictures of the plate's frame (plate.png); ends with 1 when a camera was knocked."""
    from calibration.picture_folders import camera_folders, views_in
    from calibration.watch.verification import verify as check

    store = calibrations(config)
    chosen = store.get(calibration) if calibration else store.active()
    chosen.require_plate_world()
    plate = chosen_settings(config).settings.plate.frame()
    views, refused = views_in(camera_folders(images, known_models(chosen)), None, plate)
    reasons = {one.role: one.reason for one in refused}
    checks = check(views, chosen)
    if as_json:
        typer.echo(json.dumps({"id": chosen.id, "cameras": [one.to_json() for one in checks]}, indent=1))
    else:
        for one in checks:
            if one.problem:
                typer.echo(f"{one.role}: not checked, {reasons.get(one.role, one.problem)}")
            else:
                verdict = "KNOCKED" if one.knocked else "stands"
                typer.echo(
                    f"{one.role}: {verdict}, {one.moved_mm:.2f} mm and {one.turned_deg:.3f}° from its place, "
                    f"{one.rms_px:.2f} px ({one.best_px:.2f} px at best)"
                )
    if any(one.knocked for one in checks):
        raise typer.Exit(1)


def _before(store: CalibrationStore) -> RigCalibration | None:
    """Return the active calibration; one that cannot be read is told and is no hindrance to a new one."""
    try:
        return store.active() if store.active_id else None
    except CalibrationError as error:
        typer.echo(f"The result is not compared with the active calibration. {error}", err=True)
        return None


def known_models(calibration: RigCalibration) -> dict[str, tuple[str, Any]]:
    """Return serial and camera model by role."""
    return {role: (camera.serial, camera.model) for role, camera in calibration.cameras.items()}
