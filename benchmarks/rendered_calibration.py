"""Accuracy and honesty of the calibration on rendered pictures: the simulated rig, its plate and a board in a hand.

Every picture of the ten cameras is rendered with the noise, blur and light of the simulated rig, boards are found as in
a collection, and the rig is solved in the world of the plate. Errors are those of camera centres against the true ones.
Usage: ``python -m benchmarks.rendered_calibration [--rigs N] [--size 640x480] [--board ID] [--placements N]``.
"""

from __future__ import annotations

import argparse
import json

import cv2
import numpy as np

from calibration.detection import detect
from calibration.frame_detection import detect_frame
from calibration.plate_pose import PLACEMENT
from calibration.solve import SolveOptions, solve_rig
from calibration.views import BoardView
from station.boards import Board, FrameBoard, board_from_id
from station.frames import ROLES
from station.geometry import RigCalibration
from station.simulation.board_places import BoardPlaces
from station.simulation.held_board import HeldBoard, hand_board
from station.simulation.library import PartLibrary
from station.simulation.rig import SIZES, Size, handed_over, rig_models
from station.simulation.scene import SceneRenderer
from station.simulation.sensor import draw_exposure, read_frame


def rendered_views(
    library: PartLibrary, truth: RigCalibration, board: Board, seed: int, placements: int
) -> list[BoardView]:
    """Return the views of the empty plate and of a board held at ``placements`` places."""
    renderer = SceneRenderer(library, truth, room_seed=seed)
    exposures = {r: draw_exposure(np.random.default_rng([seed, 606, i])) for i, r in enumerate(ROLES)}
    rng = np.random.default_rng([seed, 1])
    held = hand_board(board)
    places = BoardPlaces(held, handed_over(truth, seed), seed)
    found: list[BoardView | None] = []
    stage = renderer.stage([])
    for role in ROLES:
        picture = read_frame(renderer.view(role, stage, exposures[role]), rng).color
        found.append(detect_frame(picture, FrameBoard(), role, truth.cameras[role].model).view)
    for number in range(placements):
        stage = renderer.stage([], held=HeldBoard(held, places.somewhere().pose))
        for role in ROLES:
            picture = read_frame(renderer.view(role, stage, exposures[role]), rng).color
            found.append(detect(picture, board, role, f"board_{number:03d}").view)
    return [view for view in found if view is not None]


def measure(size: Size, board: Board, rigs: int, placements: int) -> dict[str, float]:
    """Return errors, bounds and the share of cameras within their stated 95 % bound over several rigs."""
    library = PartLibrary.load()
    errors: list[float] = []
    bounds: list[float] = []
    findings = 0
    for seed in range(rigs):
        truth = rig_models(size, seed)
        models = {role: camera.model for role, camera in truth.cameras.items()}
        views = rendered_views(library, truth, board, seed, placements)
        solution = solve_rig(views, models, SolveOptions(fixed_placement=PLACEMENT))
        findings += len(solution.findings)
        for role, camera in solution.cameras.items():
            errors.append(1e3 * float(np.linalg.norm(camera.pose.center - truth.cameras[role].pose.center)))
            bounds.append(camera.position_mm)
    return {
        "cameras": len(errors),
        "mean_mm": float(np.mean(errors)),
        "max_mm": float(np.max(errors)),
        "mean_bound_mm": float(np.mean(bounds)),
        "inside_95": float(np.mean(np.array(errors) <= np.array(bounds))),
        "findings": findings,
    }


def main() -> None:
    """Measure and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rigs", type=int, default=4)
    parser.add_argument("--size", choices=SIZES, default="640x480")
    parser.add_argument("--board", default="charuco-8x6-30-18-DICT_5X5_100")
    parser.add_argument("--placements", type=int, default=25)
    parser.add_argument("--json", action="store_true", help="changes nothing: the figures are JSON in any case")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    print(json.dumps(measure(options.size, board_from_id(options.board), options.rigs, options.placements), indent=1))


if __name__ == "__main__":
    main()
