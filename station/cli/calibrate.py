"""``station calibrate``: print a board, solve the rig from pictures, check it, and choose the calibration in use."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from calibration.plate_pose import PLACEMENT
from calibration.store import CalibrationStore
from station.boards import FrameBoard, board_from_id
from station.cli.configuration import ConfigOption, chosen_settings
from station.errors import CalibrationError
from station.geometry import RigCalibration

app = typer.Typer(help="Calibrate the rig.", no_args_is_help=True, add_completion=False)

JsonOption = Annotated[bool, typer.Option("--json", help="Print figures as JSON.")]
ImagesOption = Annotated[Path, typer.Option("--images", metavar="DIR", help="One folder of pictures per camera.")]


@app.command()
def board(
    out: Annotated[Path, typer.Option("--out", metavar="FILE.pdf", help="The PDF (or PNG) to write.")],
    board: Annotated[str, typer.Option("--board", metavar="ID", help="'frame' for the plate's, or a board's id.")] = (
        "chess-10x7-25"
    ),
    paper: Annotated[str, typer.Option("--paper", help="A4, A3, or width x height in mm, as 400x600.")] = "A4",
) -> None:
    """Write a board at true size; print it without scaling and measure the ruler."""
    from calibration.board_sheet import paper_size, write_board_pdf, write_board_picture

    value = FrameBoard() if board == "frame" else board_from_id(board)
    if out.suffix.lower() == ".png":
        write_board_picture(value, out)
        typer.echo(f"{out}: {value.id}, 300 dpi")
        return
    if out.suffix.lower() != ".pdf":
        raise CalibrationError("The sheet must be a .pdf or a .png.", where=str(out), todo="Give another name.")
    sheets = write_board_pdf(value, out, paper_size(paper))
    typer.echo(f"{out}: {value.id}, {'1 sheet' if sheets == 1 else f'{sheets} sheets to join at the cut marks'}")


@app.command()
def solve(
    images: ImagesOption,
    board: Annotated[str | None, typer.Option("--board", metavar="ID", help="Board in the pictures.")] = None,
    intrinsics: Annotated[
        Path | None, typer.Option("--intrinsics", metavar="FILE", help="Calibration that has the cameras' models.")
    ] = None,
    refine: Annotated[bool, typer.Option("--refine-intrinsics", help="Also solve for the intrinsics.")] = False,
    use: Annotated[bool, typer.Option("--use", help="Make the result the active calibration.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Solve the rig and store the calibration; pictures called 'plate' show the plate's frame and give the world."""
    from calibration.picture_folders import camera_folders, views_in
    from calibration.rig_result import rig_calibration
    from calibration.solve import SolveOptions, solve_rig

    known = _models(RigCalibration.load(intrinsics)) if intrinsics else None
    folders = camera_folders(images, known)
    wanted = None if board is None else board_from_id(board)
    views, refused = views_in(folders, wanted, FrameBoard())
    with_plate = any(view.placement == PLACEMENT for view in views)
    if not with_plate and board is None:
        raise CalibrationError(
            "No picture shows the plate's frame, and no board was named.",
            where=str(images),
            todo="Name the board with --board, or add pictures called plate.",
        )
    options = SolveOptions(fixed_placement=PLACEMENT if with_plate else None, refine_intrinsics=refine)
    solution = solve_rig(views, {folder.role: folder.model for folder in folders}, options)
    serials = {folder.role: folder.serial for folder in folders}
    source = f"{len(views)} views of {board or FrameBoard().id}, world: {solution.fixed}"
    calibration = rig_calibration(solution, serials, source, datetime.now(UTC))
    report = solution.to_json()
    report["refused"] = [{"role": r.role, "placement": r.placement, "reason": r.reason} for r in refused]
    store = _store(config)
    store.add(calibration, report)
    if use:
        store.use(calibration.id)
    if as_json:
        typer.echo(json.dumps({"id": calibration.id, "active": use, **report}, indent=1))
        return
    typer.echo(f"{calibration.id}: {len(calibration.cameras)} cameras, {solution.rms_px:.2f} px RMS, world: ", nl=False)
    typer.echo("the plate" if with_plate else f"{solution.fixed}, for no picture shows the plate's frame")
    for role, camera in sorted(solution.cameras.items()):
        sure = f"sure to {camera.position_mm:.2f} mm, {camera.rotation_deg:.3f}° (95 %)"
        typer.echo(f"  {role}: {camera.views} views, {sure}, {camera.p50_px:.2f} px p50, {camera.p95_px:.2f} px p95")
    for finding in solution.findings:
        typer.echo(f"  ! {finding.text}")
    for one in refused:
        typer.echo(f"  - {one.placement}, {one.role}: {one.reason}")


@app.command()
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
    from calibration.verification import verify as check

    store = _store(config)
    chosen = store.get(calibration) if calibration else store.active()
    views, refused = views_in(camera_folders(images, _models(chosen)), None, FrameBoard())
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


@app.command()
def show(
    calibration: Annotated[str | None, typer.Argument(help="Id of one calibration; all are listed without.")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the stored calibrations, or show what one says of itself."""
    store = _store(config)
    if calibration is not None:
        found = store.get(calibration)
        typer.echo(json.dumps({"calibration": found.to_json(), "report": store.report(found.id)}, indent=1))
        return
    listing = store.listing()
    if as_json:
        rows: list[dict[str, Any]] = [
            {"id": s.id, "created_at": s.created_at, "source": s.source, "cameras": list(s.cameras), "active": s.active}
            for s in listing
        ]
        typer.echo(json.dumps(rows, indent=1))
        return
    for stored in listing:
        mark = "*" if stored.active else " "
        typer.echo(f"{mark} {stored.id}  {stored.created_at}  {len(stored.cameras)} cameras  {stored.source}")
    if not listing:
        typer.echo("No calibration is stored yet.")


@app.command()
def use(
    calibration: Annotated[str | None, typer.Argument(help="Id, or the beginning of it.")] = None,
    back: Annotated[bool, typer.Option("--back", help="Return to the one before.")] = False,
    config: ConfigOption = None,
) -> None:
    """Make a stored calibration the active one."""
    if (calibration is None) == (not back):
        raise CalibrationError("Give either the id of a calibration or --back.")
    store = _store(config)
    chosen = store.back() if calibration is None else store.use(calibration)
    typer.echo(f"{chosen.id} is active.")


def _store(config: Path | None) -> CalibrationStore:
    return CalibrationStore(chosen_settings(config).data_dir / "calibrations")


def _models(calibration: RigCalibration) -> dict[str, tuple[str, Any]]:
    return {role: (camera.serial, camera.model) for role, camera in calibration.cameras.items()}
