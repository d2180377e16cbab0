"""How well boards in real pictures are found and solved: the plate's frame, chessboards, and a robot's ChArUco board.

The published poses are read only to judge the result. Usage: ``python -m benchmarks.real_boards [DATA] [--json]``.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from calibration.detection import detect
from calibration.frame_detection import detect_frame
from calibration.hand_eye import HandEyeOptions, RobotNoise, solve_hand_eye
from calibration.intrinsics import solve_intrinsics
from calibration.picture_folders import grey_picture, pictures_in
from calibration.plate_pose import detect_plate, plate_pose
from calibration.projection import rotation_angle
from calibration.robot_poses import robot_poses
from calibration.view_pose import view_pose
from calibration.views import BoardView
from station.boards import CharucoBoard, Chessboard, FrameBoard
from station.captures.mvip import find_captures, load_frameset
from station.geometry import Array, CameraModel, Pose

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
CHESSBOARD = Chessboard(10, 7, 0.025)
"""Square size unknown; it does not touch the intrinsics."""

ROBOT_BOARD = CharucoBoard(5, 7, 0.036195, 0.018256, "DICT_6X6_250")
ROBOT_CAMERA = CameraModel(1600, 1200, 1352.02747, 1356.14287, 789.67065, 627.2995)
"""As published: without distortion."""

_FALSE_PX = 10.0
"""A left-out marker's corner this far off under both poses was read wrongly and judges neither."""


def frame_views(root: Path) -> dict[str, Any]:
    """Solve every view of the plate's frame alone and hold it against the published pose."""
    rms, left_out, apart_mm, turned_deg, milliseconds, fine_rms, fine_mm = [], [], [], [], [], [], []
    better: list[str] = []
    worse: list[str] = []
    for capture in find_captures(root):
        frameset, published = load_frameset(capture.path)
        for role, frame in frameset.frames.items():
            camera = published.cameras[role]
            begin = time.process_time()
            view = detect_plate(frame.color, FrameBoard(), role)
            solved = plate_pose(view, camera.model)
            milliseconds.append(1e3 * (time.process_time() - begin))
            rms.append(solved.rms_px)
            left_out.append(solved.left_out)
            apart_mm.append(1e3 * float(np.linalg.norm(solved.pose.center - camera.pose.center)))
            turned_deg.append(float(np.degrees(rotation_angle(solved.pose.rotation @ camera.pose.rotation.T))))
            fine = detect_frame(frame.color, FrameBoard(), role, camera.model).view
            fine_pose = None if fine is None else view_pose(fine, camera.model)
            if fine_pose is not None:
                fine_rms.append(fine_pose.rms_px)
                fine_mm.append(1e3 * float(np.linalg.norm(fine_pose.poses[0].center - solved.pose.center)))
            ours, theirs = held_out_errors(view, camera.model, camera.pose)
            name = f"{capture.path.parent.name}/{capture.path.name} {role}"
            (better if np.mean(ours**2) < np.mean(theirs**2) else worse).append(name)
    return {
        "views": len(rms),
        "rms_px": _summary(rms),
        "rms_px_of_the_squares_corners": _summary(fine_rms),
        "squares_corners_from_markers_mm": _summary(fine_mm),
        "views_with_wrong_markers": sum(count > 0 for count in left_out),
        "from_published_mm": _summary(apart_mm),
        "from_published_deg": _summary(turned_deg),
        "better_on_left_out_markers": len(better),
        "worse_on_left_out_markers": worse,
        "cpu_ms": _summary(milliseconds),
    }


def held_out_errors(view: BoardView, model: CameraModel, published: Pose) -> tuple[Array, Array]:
    """Return the errors of left-out markers under our pose and the published one, px.

    Every second marker gives the pose, the others judge it, and the other way round.
    """
    markers = np.arange(len(view.pixels)) // 4
    errors: list[list[Array]] = [[], []]
    for half in range(2):
        learn = markers % 2 == half
        ours = plate_pose(replace(view, points_m=view.points_m[learn], pixels=view.pixels[learn]), model).pose
        for pose, into in zip((ours, published), errors, strict=True):
            error = model.project(pose.apply(view.points_m[~learn])) - view.pixels[~learn]
            into.append(np.linalg.norm(error, axis=1))
    ours_px, theirs_px = np.concatenate(errors[0]), np.concatenate(errors[1])
    counted = np.minimum(ours_px, theirs_px) < _FALSE_PX
    return ours_px[counted], theirs_px[counted]


def chessboards(root: Path) -> dict[str, Any]:
    """Find the chessboards of four cameras and solve what can be solved from so few."""
    views: dict[str, list[BoardView]] = {}
    refused: dict[str, str] = {}
    for name, path in pictures_in(root).items():
        found = detect(grey_picture(path), CHESSBOARD, name[:5], name)
        if found.view is None:
            refused[name] = found.refusal or ""
        else:
            views.setdefault(found.view.role, []).append(found.view)
    solved = [solve_intrinsics(seen, 1280, 720).to_json() for _, seen in sorted(views.items())]
    return {"found": sum(map(len, views.values())), "refused": refused, "cameras": solved}


def robot(root: Path) -> dict[str, Any]:
    """Solve the robot's pictures as published, and with what may be at fault solved along."""
    arms = robot_poses(root / "poses")
    found = {
        name: detect(grey_picture(path), ROBOT_BOARD, "camera", name)
        for name, path in pictures_in(root / "images").items()
    }
    views = [one.view for one in found.values() if one.view is not None]
    poses = [arms[view.placement] for view in views]
    ways = {
        "as_published": HandEyeOptions(),
        "squares": HandEyeOptions(square_size=True),
        "intrinsics": HandEyeOptions(refine_intrinsics=True),
        "intrinsics_and_squares": HandEyeOptions(refine_intrinsics=True, square_size=True),
        "intrinsics_and_squares_robot_errs_1mm_0.1deg": HandEyeOptions(
            refine_intrinsics=True, square_size=True, robot_noise=RobotNoise(1.0, 0.1)
        ),
    }
    result: dict[str, Any] = {
        "found": len(views),
        "refused": {n: o.refusal for n, o in found.items() if o.view is None},
    }
    for name, options in ways.items():
        solved = solve_hand_eye(views, poses, ROBOT_CAMERA, options)
        result[name] = {
            "rms_px": solved.rms_px,
            "held_out_px": solved.held_out_px,
            "board_mm": _summary([one.board_mm for one in solved.pictures]),
            "board_deg": _summary([one.board_deg for one in solved.pictures]),
            "square_scale": solved.scale,
            "model": solved.model.to_json(),
            "deviations": solved.to_json()["deviations"],
        }
    return result


def speed(root: Path) -> dict[str, Any]:
    """Time detection at 1280×720 where there is no such board, and where there is one; CPU milliseconds."""
    frameset, calibration = load_frameset(find_captures(root / "mvip_sample")[0].path)
    absent = [frame.color for frame in frameset.frames.values()]
    present = [grey_picture(path) for path in pictures_in(root / "boards" / "four_cameras_chessboard").values()]
    charuco = CharucoBoard(7, 5, 0.04, 0.03, "DICT_5X5_100")
    models = [calibration.cameras[role].model for role in frameset.frames]
    frame = FrameBoard()
    return {
        "chessboard_absent": _timed(lambda p: detect(p, CHESSBOARD, "", ""), absent),
        "chessboard_absent_quick": _timed(lambda p: detect(p, CHESSBOARD, "", "", quick=True), absent),
        "chessboard_present": _timed(lambda p: detect(p, CHESSBOARD, "", ""), present),
        "chessboard_present_quick": _timed(lambda p: detect(p, CHESSBOARD, "", "", quick=True), present),
        "charuco_absent": _timed(lambda p: detect(p, charuco, "", ""), absent),
        "frame_present": _timed(lambda p: detect(p, frame, "", ""), absent),
        "frame_present_fine": _timed(
            lambda pair: detect_frame(pair[0], frame, "", pair[1]), list(zip(absent, models, strict=True))
        ),
    }


def _timed(look: Callable[[Any], Any], pictures: list[Any]) -> dict[str, Any]:
    spent: list[float] = []
    found = 0
    for picture in pictures:
        begin = time.process_time()
        found += look(picture).view is not None
        spent.append(1e3 * (time.process_time() - begin))
    return {"found": f"{found} of {len(pictures)}", **_summary(spent)}


def _summary(values: list[float]) -> dict[str, float]:
    return {"median": float(np.median(values)), "worst": max(values)}


def main() -> None:
    """Measure every kind of board and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", type=Path, default=DATA)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    boards = arguments.data / "boards"
    result: dict[str, Any] = {}
    steps: list[tuple[str, Callable[[], Any]]] = [
        ("frame", lambda: frame_views(arguments.data / "mvip_sample")),
        ("chessboards", lambda: chessboards(boards / "four_cameras_chessboard")),
        ("robot", lambda: robot(boards / "robot_charuco")),
        ("speed", lambda: speed(arguments.data)),
    ]
    for name, step in steps:
        result[name] = step()
        if not arguments.json:
            print(f"{name}:\n{json.dumps(result[name], indent=1)}", flush=True)
    if arguments.json:
        print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
