"""Accuracy, robustness and honesty of the rig's calibration on a ring of known truth, beside two rivals.

Ten cameras on a 0.75 m ring, 1280×720, f 920 px, chessboard of 9×6 inner corners of 30 mm, 0.15 px noise; errors of
camera centres in millimetres relative to camera 1. The rivals are ``cv2.calibrateMultiview`` with the intrinsics given
and ``scipy.optimize.least_squares`` (soft_l1, sparse numeric Jacobian) from our first poses; scipy is slow and runs on
``--scipy-seeds`` seeds only. Usage: ``python -m benchmarks.calibration [--seeds N] [--json]``.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from scipy.optimize import least_squares
from scipy.sparse import lil_matrix

from calibration.bundle import moved, residuals
from calibration.consensus import find_groups
from calibration.cross_check import opencv_poses
from calibration.findings import FindingKind
from calibration.selection import Selection, first_state
from calibration.solution import RigSolution
from calibration.solve import SolveOptions, solve_rig
from calibration.synthetic import RingTruth, position_errors, ring, with_gross_errors, with_turned
from calibration.votes import ballots
from station.geometry import Pose


def errors_mm(truth: RingTruth, poses: Mapping[str, Pose]) -> list[float]:
    """Return the errors of all cameras but the first."""
    errors = position_errors(truth, poses)
    return [1e3 * errors[role] for role in sorted(errors)[1:]]


def scipy_poses(truth: RingTruth) -> dict[str, Pose]:
    """Solve with scipy from our first poses, without our choice of readings and corners."""
    cast, _ = ballots(truth.views, truth.models)
    groups, _ = find_groups(cast)
    selection = Selection.of_group(groups[0], cast)
    selection.readings = dict.fromkeys(selection.ballots, 0)
    selection.kept = {name: np.ones(len(b.view.pixels), dtype=np.bool_) for name, b in selection.ballots.items()}
    start, corners = first_state(groups[0], selection, truth.models), selection.corners(truth.models)
    cameras, boards = len(start.camera_shift), len(start.board_shift)
    rows = corners.used.shape[1] * 2
    pattern = lil_matrix((len(corners.camera) * rows, 6 * (cameras - 1 + boards)), dtype=np.int8)
    for view, (camera, board) in enumerate(zip(corners.camera.tolist(), corners.board.tolist(), strict=True)):
        if camera:
            pattern[view * rows : (view + 1) * rows, 6 * (camera - 1) : 6 * camera] = 1
        offset = 6 * (cameras - 1 + board)
        pattern[view * rows : (view + 1) * rows, offset : offset + 6] = 1

    def state_of(x: Any) -> Any:
        camera_step = np.concatenate([np.zeros((1, 6)), x[: 6 * (cameras - 1)].reshape(-1, 6)])
        return moved(start, camera_step, x[6 * (cameras - 1) :].reshape(-1, 6))

    found = least_squares(
        lambda x: residuals(corners, state_of(x)).ravel(),
        np.zeros(6 * (cameras - 1 + boards)),
        jac_sparsity=pattern,
        loss="soft_l1",
        x_scale="jac",
        max_nfev=100,
    )
    state = state_of(found.x)
    return {role: Pose(state.camera_rotation[i], state.camera_shift[i]) for i, role in enumerate(selection.roles)}


def timed(solve: Callable[[], Mapping[str, Pose]], truth: RingTruth) -> dict[str, float]:
    """Return mean and largest error and the seconds of one solve, wall clock and this process's."""
    wall, process = time.perf_counter(), time.process_time()
    errors = errors_mm(truth, solve())
    return {
        "mean_mm": float(np.mean(errors)),
        "max_mm": float(np.max(errors)),
        "wall_s": time.perf_counter() - wall,
        "cpu_s": time.process_time() - process,
    }


def summary(runs: list[dict[str, float]]) -> dict[str, float]:
    """Return the mean of every figure, and the largest of the largest."""
    found = {key: float(np.mean([run[key] for run in runs])) for key in runs[0]}
    found["max_mm"] = max(run["max_mm"] for run in runs)
    return {**found, "seeds": len(runs)}


def with_rivals(make: Callable[[int], RingTruth], seeds: int, scipy_seeds: int) -> dict[str, Any]:
    """Solve the same views by ours and both rivals."""
    ours, opencv, scipy = [], [], []
    for seed in range(seeds):
        truth = make(seed)
        ours.append(timed(lambda truth=truth: solve_rig(truth.views, truth.models).poses, truth))
        opencv.append(timed(lambda truth=truth: opencv_poses(truth.views, truth.models), truth))
        if seed < scipy_seeds:
            scipy.append(timed(lambda truth=truth: scipy_poses(truth), truth))
    return {
        "ours": summary(ours),
        "opencv": summary(opencv),
        "scipy": summary(scipy) if scipy else None,
        "ours_on_scipy_seeds": summary(ours[:scipy_seeds]) if scipy else None,
    }


def naming(truth: RingTruth, solution: RigSolution) -> dict[str, int]:
    """Compare the contradictions that were named with the turned boards.

    Which side of a contradiction is right can be told only by majority. A placement in which most views were turned is
    named by its other views; it counts as named, and is counted as ``by_other_side``.
    """
    named = [set(f.views) for f in solution.findings if f.kind is FindingKind.TURNED]
    everything = set().union(*named)
    counts = {"turned": 0, "named": 0, "by_other_side": 0, "not_named": 0, "cannot_show": 0}
    for placement in truth.boards:
        views = {(view.placement, view.role) for view in truth.views if view.placement == placement}
        turned = views & set(truth.faults)
        counts["turned"] += len(turned)
        if turned == views:  # no view is left that could contradict
            counts["cannot_show"] += len(turned)
        elif turned <= everything:
            counts["named"] += len(turned)
        elif views - turned <= everything:
            counts["by_other_side"] += len(turned)
        else:
            counts["not_named"] += len(turned - everything)
    return counts


def turned(seeds: int) -> dict[str, Any]:
    """Measure with 1 %, 3 % and 10 % of the boards read upside-down, beside OpenCV."""
    result: dict[str, Any] = {}
    for share in (0.01, 0.03, 0.1):
        ours, opencv, counts = [], [], []
        for seed in range(seeds):
            truth = with_turned(ring(seed), share, seed)
            solution = solve_rig(truth.views, truth.models)
            ours.append(errors_mm(truth, solution.poses))
            counts.append(naming(truth, solution))
            opencv.append(errors_mm(truth, opencv_poses(truth.views, truth.models)))
        result[f"{share:.0%}"] = {
            "seeds": seeds,
            "ours": {"mean_mm": float(np.mean(ours)), "max_mm": float(np.max(ours))},
            "opencv": {"mean_mm": float(np.mean(opencv)), "max_mm": float(np.max(opencv))},
            "boards": {key: sum(count[key] for count in counts) for key in counts[0]},
        }
    return result


def damaged(seed: int) -> dict[str, Any]:
    """Report gross corner errors, a blind camera, one with three boards, and two groups that share nothing."""
    truth = ring(seed)
    gross = with_gross_errors(truth, 0.05, seed)
    solved = solve_rig(gross.views, gross.models)
    named = {view for f in solved.findings if f.kind is FindingKind.GROSS_CORNERS for view in f.views}
    few = [view for view in truth.views if view.role == "cam_07"][3:]
    poor = solve_rig([v for v in truth.views if v.role != "cam_04" and v not in few], truth.models)
    large, even = set(sorted(truth.models)[:6]), set(sorted(truth.boards)[::2])
    split = [view for view in truth.views if (view.role in large) == (view.placement in even)]
    parted = solve_rig(split, truth.models)
    return {
        "gross": {
            "views": len(gross.faults),
            "named": len(named & set(gross.faults)),
            "falsely_named": len(named - set(gross.faults)),
            "mean_mm": float(np.mean(errors_mm(truth, solved.poses))),
            "max_mm": max(errors_mm(truth, solved.poses)),
        },
        "few_and_blind": {
            "words": [finding.text for finding in poor.findings],
            "solved": sorted(poor.cameras),
            "max_mm": max(errors_mm(truth, poor.poses)),
        },
        "two_groups": {
            "words": [finding.text for finding in parted.findings],
            "solved": sorted(parted.cameras),
            "max_mm": max(errors_mm(truth, parted.poses)),
        },
    }


def wrong_intrinsics(seeds: int) -> dict[str, Any]:
    """Measure with every focal length off by 0.3 % up or down, 80 placements: detected, and refined jointly."""
    plain, refined, detected = [], [], 0
    for seed in range(seeds):
        truth = ring(seed, placements=80)
        signs = np.random.default_rng([seed, 3]).choice([-0.003, 0.003], len(truth.models))
        wrong = {
            role: replace(model, fx=model.fx * (1 + sign), fy=model.fy * (1 + sign))
            for (role, model), sign in zip(truth.models.items(), signs.tolist(), strict=True)
        }
        first = solve_rig(truth.views, wrong)
        detected += first.evidence is not None and first.evidence.doubted
        plain.append(float(np.mean(errors_mm(truth, first.poses))))
        joint = solve_rig(truth.views, wrong, SolveOptions(refine_intrinsics=True))
        refined.append(errors_mm(truth, joint.poses))
    return {
        "seeds": seeds,
        "detected": detected,
        "given_mean_mm": float(np.mean(plain)),
        "refined_mean_mm": float(np.mean(refined)),
        "refined_worst_mean_mm": max(float(np.mean(errors)) for errors in refined),
        "refined_max_mm": max(max(errors) for errors in refined),
    }


def honesty(seeds: int) -> dict[str, float]:
    """Return the share of cameras whose true error lies within the stated 95 % bound."""
    inside, bounds, doubted = [], [], 0
    for seed in range(seeds):
        truth = ring(seed)
        solution = solve_rig(truth.views, truth.models)
        doubted += solution.evidence is not None and solution.evidence.doubted
        errors = position_errors(truth, solution.poses)
        for role, camera in solution.cameras.items():
            if role != solution.fixed:
                inside.append(1e3 * errors[role] <= camera.position_mm)
                bounds.append(camera.position_mm)
    return {
        "seeds": seeds,
        "cameras": len(inside),
        "inside_95": float(np.mean(inside)),
        "mean_bound_mm": float(np.mean(bounds)),
        "intrinsics_falsely_doubted": doubted,
    }


def main() -> None:
    """Run the five experiments and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="seeds of the first, second and fourth experiment")
    parser.add_argument("--scipy-seeds", type=int, default=1, help="seeds on which the slow rival runs")
    parser.add_argument("--honesty-seeds", type=int, default=20, help="seeds of the fifth experiment")
    parser.add_argument("--json", action="store_true", help="figures as JSON alone")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    result: dict[str, Any] = {"views": [len(ring(seed).views) for seed in range(options.seeds)]}
    steps: list[tuple[str, Callable[[], Any]]] = [
        ("clean", lambda: with_rivals(ring, options.seeds, options.scipy_seeds)),
        ("turned", lambda: turned(options.seeds)),
        ("damaged", lambda: damaged(0)),
        ("wrong_intrinsics", lambda: wrong_intrinsics(options.seeds)),
        ("honesty", lambda: honesty(options.honesty_seeds)),
    ]
    for name, step in steps:
        result[name] = step()
        if not options.json:
            print(f"{name}:\n{json.dumps(result[name], indent=1)}", flush=True)
    if options.json:
        print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
