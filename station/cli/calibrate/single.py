"""``station calibrate intrinsics`` and ``hand-eye``: one camera by itself, and one camera beside a robot."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer

from station.boards import board_from_id
from station.cli.calibrate.options import JsonOption
from station.errors import CalibrationError

_SUSPICIOUS = 2.0

BoardOption = Annotated[str, typer.Option("--board", metavar="ID", help="Board in the pictures.")]


def intrinsics(
    images: Annotated[
        Path, typer.Option("--images", metavar="DIR", help="Pictures of one camera, or one folder of them per camera.")
    ],
    board: BoardOption,
    write: Annotated[
        bool,
        typer.Option(
            "--write",
            help="Write camera.json beside the pictures of good enough cameras; keep the old one.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Solve intrinsics from a board's pictures and say whether they are good enough; ends with 1 when none is."""
    from calibration.detection import detect
    from calibration.intrinsics import Intrinsics, solve_intrinsics
    from calibration.picture_folders import grey_picture, name_other_board, pictures_by_camera, write_solved_model
    from calibration.views import BoardView

    wanted = board_from_id(board)
    solved: dict[str, Intrinsics] = {}
    refused: list[tuple[str, str, str]] = []
    cameras = pictures_by_camera(images)
    for role, pictures in cameras.items():
        views: list[BoardView] = []
        sizes: set[tuple[int, int]] = set()
        for name, path in pictures.items():
            picture = grey_picture(path)
            found = detect(picture, wanted, role, name)
            if found.view is None:
                refused.append((role, name, found.refusal or ""))
                continue
            views.append(found.view)
            sizes.add((picture.shape[1], picture.shape[0]))
        if len(sizes) > 1:
            raise CalibrationError(
                f"The pictures have {len(sizes)} sizes.", where=role, todo="Give pictures of one camera and one size."
            )
        for width, height in sizes:
            solved[role] = solve_intrinsics(views, width, height)
            if write and solved[role].usable:
                write_solved_model(next(iter(pictures.values())).parent, solved[role].model)
    if not solved:
        name_other_board([path for pictures in cameras.values() for path in pictures.values()], wanted)
    if as_json:
        reasons = [{"role": role, "placement": name, "reason": why} for role, name, why in refused]
        typer.echo(json.dumps({"cameras": [one.to_json() for one in solved.values()], "refused": reasons}, indent=1))
    else:
        for one in solved.values():
            model = one.model
            typer.echo(f"{one.role}: {'good enough to use' if one.usable else 'NOT good enough to use'}, {one.solved}")
            count = len(one.view_rms_px)
            typer.echo(
                f"  fx {model.fx:.1f} fy {model.fy:.1f} cx {model.cx:.1f} cy {model.cy:.1f}, focal length ± "
                f"{one.focal_deviation:.2%}, {one.rms_px:.2f} px RMS over {count} {'view' if count == 1 else 'views'}"
            )
            for shortfall in one.shortfalls:
                typer.echo(f"  ! {shortfall}")
        for role, name, why in refused:
            typer.echo(f"  - {name}, {role}: {why}")
    if not any(one.usable for one in solved.values()):
        raise typer.Exit(1)


def hand_eye(
    images: Annotated[Path, typer.Option("--images", metavar="DIR", help="Pictures of one camera.")],
    poses: Annotated[
        Path, typer.Option("--poses", metavar="FILE", help="The robot's poses, tool in base: .csv, .json, or a folder.")
    ],
    board: BoardOption,
    intrinsics: Annotated[
        Path | None, typer.Option("--intrinsics", metavar="FILE", help="The camera's camera.json, if not in DIR.")
    ] = None,
    camera_on_robot: Annotated[
        bool, typer.Option("--camera-on-robot", help="The camera moves and the board stands.")
    ] = False,
    refine: Annotated[bool, typer.Option("--refine-intrinsics", help="Also solve fx, fy, cx, cy, k1, k2.")] = False,
    square_size: Annotated[bool, typer.Option("--square-size", help="Also solve the size of the squares.")] = False,
    robot_noise: Annotated[
        tuple[float, float] | None,
        typer.Option("--robot-noise", metavar="MM DEG", help="Standard deviations of the robot's own errors."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Solve camera and board beside a robot: T = X·G·Y, pictures and poses of the same name belong together."""
    from calibration.hand_eye import HandEyeOptions, RobotNoise, solve_hand_eye
    from calibration.picture_folders import CAMERA_FILE, CameraFolder, camera_file, pictures_in, views_in
    from calibration.robot_poses import robot_poses
    from station.boards import FrameBoard

    wanted = board_from_id(board)
    if not images.is_dir():
        raise CalibrationError("There is no such folder.", where=str(images), todo="Give a folder of pictures.")
    serial, model = camera_file(intrinsics or images / CAMERA_FILE)
    arms = robot_poses(poses)
    views, refused = views_in([CameraFolder("camera", serial, model, pictures_in(images))], wanted, FrameBoard())
    lonely = [view.placement for view in views if view.placement not in arms]
    if views and len(lonely) == len(views):
        raise CalibrationError(
            f"No picture has a pose of the same name: pictures as {views[0].placement}, "
            f"poses as {next(iter(arms), '')}.",
            where=str(poses),
            todo="Name the poses as the pictures, without ending.",
        )
    views = [view for view in views if view.placement in arms]
    options = HandEyeOptions(
        camera_on_robot=camera_on_robot,
        refine_intrinsics=refine,
        square_size=square_size,
        robot_noise=None if robot_noise is None else RobotNoise(*robot_noise),
    )
    found = solve_hand_eye(views, [arms[view.placement] for view in views], model, options)
    reasons = {one.placement: one.reason for one in refused} | dict.fromkeys(lonely, "the robot's pose is missing")
    if as_json:
        report: dict[str, Any] = {**found.to_json(), "refused": reasons}
        typer.echo(json.dumps(report, indent=1))
        return
    held = "" if found.held_out_px is None else f", {found.held_out_px:.2f} px on pictures held out"
    typer.echo(f"{len(found.pictures)} pictures: {found.rms_px:.2f} px RMS through the robot's chain{held}")
    mover, base = ("tool", "base") if camera_on_robot else ("base", "tool")
    for name, pose, deviation in (
        (f"{mover} to camera", found.camera, found.camera_mm),
        (f"board to {base}", found.board, found.board_mm),
    ):
        x, y, z = (1e3 * pose.translation).tolist()
        sure = "" if deviation is None else f", standard deviation {deviation:.1f} mm"
        typer.echo(f"  {name}: shift {x:.1f} {y:.1f} {z:.1f} mm{sure}")
    if refine:
        k1, k2, *_ = found.model.distortion
        typer.echo(
            f"  fx {found.model.fx:.1f} fy {found.model.fy:.1f} cx {found.model.cx:.1f} cy {found.model.cy:.1f} "
            f"k1 {k1:.3f} k2 {k2:.3f}"
        )
    if square_size:
        sure = "" if found.scale_share is None else f" ± {found.scale_share:.2%}"
        typer.echo(f"  the squares are {found.scale:.4f} times as large as stated{sure}")
    for one in found.pictures:
        typer.echo(
            f"  {one.name}: {one.rms_px:.2f} px ({one.own_px:.2f} px at best), board {one.board_mm:.1f} mm and "
            f"{one.board_deg:.2f}° from where the picture alone puts it"
        )
    own = float(median(one.own_px for one in found.pictures))
    if not (refine and square_size) and found.rms_px > _SUSPICIOUS * own:
        typer.echo(
            f"  ! the chain fits {found.rms_px / own:.1f} times worse than the pictures by themselves: see whether "
            "--refine-intrinsics and --square-size lower the error on pictures held out"
        )
    for name in found.foreign:
        typer.echo(f"  ! {name}: fits no chain, it was left out; is it another picture's pose?")
    for name, why in reasons.items():
        typer.echo(f"  - {name}: {why}")
