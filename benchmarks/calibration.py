"""Accuracy, robustness and honesty of the rig's calibration on a ring of known truth, beside two rivals.

Ten cameras on a 0.75 m ring, 1280×720, f 920 px, chessboard of 9×6 inner corners of 30 mm, 0.15 px noise; errors of
camera centres in millimetres relative to camera 1. The rivals are ``cv2.calibrateMultiview`` with the intrinsics given
and ``scipy.optimize.least_squares`` (soft_l1, sparse numeric Jacobian) from our first poses; scipy is slow and runs on
``--scipy-seeds`` seeds only. Usage: ``python -m benchmarks.calibration [--seeds N] [--only NAME] [--json]``.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import cv2
import numpy as np
from scipy.optimize import least_squares
from scipy.sparse import lil_matrix

from calibration.bundle import moved, residuals
from calibration.consensus import find_groups
from calibration.cross_check import opencv_poses
from calibration.findings import FindingKind, View
from calibration.held_out import held_out_error
from calibration.projection import pose_of_vectors
from calibration.rig_result import rig_calibration
from calibration.selection import Selection, first_state
from calibration.single_camera import solve_camera
from calibration.solution import RigSolution
from calibration.solve import SolveOptions, solve_rig
from calibration.synthetic import (
    RingTruth,
    position_errors,
    ring,
    with_gross_errors,
    with_moved_boards,
    with_plate,
    with_turned,
)
from calibration.views import motion_between
from calibration.votes import ballots
from station.geometry import CameraModel, Pose

_TURNED = FindingKind.TURNED


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
    """Compare the views that were named as turned with those that were.

    ``named`` counts turned views that a finding names, ``in_doubt`` those of them where both sides of the contradiction
    are named, ``falsely_named`` views named although not turned where no doubt was said, ``not_named`` turned views
    that no finding names. Where all views of a placement are turned, the board was in truth held the other way round
    and no view is wrong (``whole_boards``).
    """
    sides = {finding.views[0][0]: set(finding.views) for finding in solution.findings if finding.kind is _TURNED}
    counts = {"turned": 0, "named": 0, "in_doubt": 0, "falsely_named": 0, "not_named": 0, "whole_boards": 0}
    for placement in truth.boards:
        views = {(view.placement, view.role) for view in truth.views if view.placement == placement}
        turned, named = views & set(truth.faults), sides.get(placement, set[View]())
        counts["turned"] += len(turned)
        if turned == views:
            counts["whole_boards"] += len(turned)
        else:
            counts["named"] += len(turned & named)
            counts["not_named"] += len(turned - named)
        if named == views:
            counts["in_doubt"] += len(turned)
        else:
            counts["falsely_named"] += len(named - turned)
    return counts


def turned(seeds: int, scipy_seeds: int) -> dict[str, Any]:
    """Measure with 1 %, 3 % and 10 % of the boards read upside-down, beside both rivals."""
    result: dict[str, Any] = {}
    for share in (0.01, 0.03, 0.1):
        ours, opencv, scipy, counts = [], [], [], []
        for seed in range(seeds):
            truth = with_turned(ring(seed), share, seed)
            solution = solve_rig(truth.views, truth.models)
            ours.append(errors_mm(truth, solution.poses))
            counts.append(naming(truth, solution))
            opencv.append(errors_mm(truth, opencv_poses(truth.views, truth.models)))
            if seed < scipy_seeds:
                scipy.append(errors_mm(truth, scipy_poses(truth)))
        errors = {"ours": ours, "opencv": opencv, "scipy": scipy}
        result[f"{share:.0%}"] = {
            "seeds": seeds,
            **{n: {"mean_mm": float(np.mean(e)), "max_mm": float(np.max(e))} for n, e in errors.items() if e},
            "boards": {key: sum(count[key] for count in counts) for key in counts[0]},
        }
    return result


def damaged(seeds: int) -> dict[str, Any]:
    """Measure gross corner errors, a blind camera, one with three boards, and two groups that share nothing.

    ``right`` counts the seeds in which exactly the right cameras were solved and exactly the right ones named.
    """
    gross, few, groups = [], [], []
    words: dict[str, list[str]] = {}
    for seed in range(seeds):
        truth = ring(seed)
        spoilt = with_gross_errors(truth, 0.05, seed)
        solved = solve_rig(spoilt.views, spoilt.models)
        named = {view for f in solved.findings if f.kind is FindingKind.GROSS_CORNERS for view in f.views}
        gross.append((spoilt.faults, named, errors_mm(truth, solved.poses)))
        hidden = [view for view in truth.views if view.role == "cam_07"][3:]
        poor = solve_rig([v for v in truth.views if v.role != "cam_04" and v not in hidden], truth.models)
        right = _about(poor) == {(FindingKind.BLIND, "cam_04"), (FindingKind.WEAK, "cam_07")}
        errors = position_errors(truth, poor.poses)
        weak = errors.pop("cam_07") * 1e3
        few.append((right and set(poor.cameras) == set(truth.models) - {"cam_04"}, weak, poor, errors))
        large, even = set(sorted(truth.models)[:6]), set(sorted(truth.boards)[::2])
        parted = solve_rig([v for v in truth.views if (v.role in large) == (v.placement in even)], truth.models)
        apart = _about(parted) == {(FindingKind.APART, role) for role in set(truth.models) - large}
        groups.append((apart and set(parted.cameras) == large, max(errors_mm(truth, parted.poses))))
        if not seed:
            words = {"few_and_blind": [f.text for f in poor.findings], "two_groups": [f.text for f in parted.findings]}
    return {
        "seeds": seeds,
        "gross": {
            "views": sum(len(faults) for faults, _, _ in gross),
            "named": sum(len(named & set(faults)) for faults, named, _ in gross),
            "falsely_named": sum(len(named - set(faults)) for faults, named, _ in gross),
            "mean_mm": float(np.mean([errors for _, _, errors in gross])),
            "max_mm": max(max(errors) for _, _, errors in gross),
        },
        "few_and_blind": {
            "right": sum(right for right, *_ in few),
            "others_max_mm": 1e3 * max(max(errors.values()) for *_, errors in few),
            "weak_max_mm": max(weak for _, weak, *_ in few),
            "weak_within_bound": sum(weak <= poor.cameras["cam_07"].position_mm for _, weak, poor, _ in few),
            "words": words["few_and_blind"],
        },
        "two_groups": {
            "right": sum(right for right, _ in groups),
            "max_mm": max(worst for _, worst in groups),
            "words": words["two_groups"],
        },
    }


def _about(solution: RigSolution) -> set[tuple[FindingKind, str]]:
    return {(finding.kind, role) for finding in solution.findings for role in finding.roles}


def wrong_intrinsics(seeds: int) -> dict[str, Any]:
    """Measure with every focal length off by 0.3 % up or down, 80 placements: detected, and refined jointly."""
    plain, refined, inside, detected = [], [], [], 0
    for seed in range(seeds):
        truth = ring(seed, placements=80)
        wrong = wrong_models(truth, seed)
        first = solve_rig(truth.views, wrong)
        detected += first.evidence is not None and first.evidence.doubted
        plain.append(errors_mm(truth, first.poses))
        joint = solve_rig(truth.views, wrong, SolveOptions(refine_intrinsics=True))
        refined.append(errors_mm(truth, joint.poses))
        inside += within_bounds(truth, joint)
    return {
        "seeds": seeds,
        "detected": detected,
        "given_mean_mm": float(np.mean(plain)),
        "given_max_mm": float(np.max(plain)),
        "refined_mean_mm": float(np.mean(refined)),
        "refined_worst_mean_mm": max(float(np.mean(errors)) for errors in refined),
        "refined_max_mm": max(max(errors) for errors in refined),
        "refined_inside_95": float(np.mean(inside)),
    }


def trembling(seeds: int) -> dict[str, Any]:
    """Measure with a board that stands elsewhere in every picture, right intrinsics and focal lengths off by 0.3 %."""
    result: dict[str, Any] = {}
    for shift_mm in (0.1, 0.2, 0.3):
        errors, inside = [], []
        doubted = noisy = detected = 0
        for seed in range(seeds):
            truth = with_moved_boards(ring(seed), shift_mm, seed)
            solution = solve_rig(truth.views, truth.models)
            doubted += solution.evidence is not None and solution.evidence.doubted
            noisy += any(finding.kind is FindingKind.NOISY for finding in solution.findings)
            errors += errors_mm(truth, solution.poses)
            inside += within_bounds(truth, solution)
            wrong = solve_rig(truth.views, wrong_models(truth, seed))
            detected += wrong.evidence is not None and wrong.evidence.doubted
        result[f"{shift_mm} mm"] = {
            "seeds": seeds,
            "intrinsics_falsely_doubted": doubted,
            "focal_0.3%_detected": detected,
            "said_to_move": noisy,
            "mean_mm": float(np.mean(errors)),
            "inside_95": float(np.mean(inside)),
        }
    return result


def squares(seeds: int) -> dict[str, Any]:
    """Measure with squares of another size than stated, where a plate fixes the scale; errors against the plate."""
    result: dict[str, Any] = {}
    for size in (1.0, 1.001, 1.003, 0.997, 1.01, 0.99):
        told, errors, inside, deviations = 0, [], [], []
        for seed in range(seeds):
            truth, plate = with_plate(ring(seed), 0.5, seed)
            views = [v if v.placement == plate else replace(v, points_m=v.points_m * size) for v in truth.views]
            solution = solve_rig(views, truth.models, SolveOptions(fixed_placement=plate))
            told += any(finding.kind is FindingKind.SQUARES for finding in solution.findings)
            deviations.append(solution.scales[0].deviation)
            for role, camera in solution.cameras.items():
                true = truth.cameras[role] @ truth.boards[plate]
                errors.append(1e3 * float(np.linalg.norm(camera.pose.center - true.center)))
                inside.append(errors[-1] <= camera.position_mm)
        result[f"{size - 1:+.1%}"] = {
            "seeds": seeds,
            "told": told,
            "mean_mm": float(np.mean(errors)),
            "inside_95": float(np.mean(inside)),
            "deviation": float(np.mean(deviations)),
        }
    return result


def wrong_models(truth: RingTruth, seed: int) -> dict[str, CameraModel]:
    """Return the models with every focal length off by 0.3 %, up or down."""
    signs = np.random.default_rng([seed, 3]).choice([-0.003, 0.003], len(truth.models))
    return {
        role: replace(model, fx=model.fx * (1 + sign), fy=model.fy * (1 + sign))
        for (role, model), sign in zip(truth.models.items(), signs.tolist(), strict=True)
    }


def within_bounds(truth: RingTruth, solution: RigSolution) -> list[bool]:
    """Return for every camera but the fixed one whether its true error lies within its stated 95 % bound."""
    errors = position_errors(truth, solution.poses)
    return [
        1e3 * errors[role] <= camera.position_mm
        for role, camera in sorted(solution.cameras.items())
        if role != solution.fixed
    ]


def honesty(seeds: int) -> dict[str, float]:
    """Return the share of cameras whose true error lies within the stated 95 % bound."""
    inside, bounds, doubted = [], [], 0
    for seed in range(seeds):
        truth = ring(seed)
        solution = solve_rig(truth.views, truth.models)
        doubted += solution.evidence is not None and solution.evidence.doubted
        inside += within_bounds(truth, solution)
        bounds += [camera.position_mm for role, camera in solution.cameras.items() if role != solution.fixed]
    return {
        "seeds": seeds,
        "cameras": len(inside),
        "inside_95": float(np.mean(inside)),
        "mean_bound_mm": float(np.mean(bounds)),
        "intrinsics_falsely_doubted": doubted,
    }


def single_camera(seeds: int) -> dict[str, float]:
    """Knock every camera but the first once a seed by 20 mm and 2° and solve it alone from ten new boards."""
    errors, inside, seconds = [], [], []
    for seed in range(seeds):
        truth = ring(seed)
        solution = solve_rig(truth.views, truth.models)
        before = rig_calibration(solution, {}, "benchmark", datetime.now(UTC))
        rng = np.random.default_rng([seed, 4])
        for role in sorted(truth.models)[1:]:
            turn, shift = (unit / np.linalg.norm(unit) for unit in rng.normal(size=(2, 3)))
            knock = pose_of_vectors(np.radians(2.0) * turn, 0.02 * shift)
            after = ring(seed, placements=10, boards_seed=5, moved={role: knock})
            begin = time.process_time()
            found = solve_camera(role, after.views, after.models, before)
            seconds.append(time.process_time() - begin)
            error = 1e3 * position_errors(after, found.poses)[role]
            errors.append(error)
            inside.append(error <= found.cameras[role].position_mm)
    return {
        "solves": len(errors),
        "mean_mm": float(np.mean(errors)),
        "max_mm": float(np.max(errors)),
        "inside_95": float(np.mean(inside)),
        "cpu_s": float(np.mean(seconds)),
    }


def held_out(seeds: int) -> dict[str, Any]:
    """Hold the held-out error against the truth, with right intrinsics and with focal lengths off by 0.3 %.

    ``true_point_mm``: corners of forty fresh boards with the same noise, triangulated by the solved rig, against their
    true places after one rigid motion for all. ``camera_mm``: mean error of the camera centres.
    """
    rows: dict[str, list[dict[str, float]]] = {"right": [], "focal_0.3%": []}
    for seed in range(seeds):
        truth = ring(seed)
        for name, models in (("right", truth.models), ("focal_0.3%", wrong_models(truth, seed))):
            begin = time.process_time()
            found = held_out_error(truth.views, models, SolveOptions())
            seconds = time.process_time() - begin
            assert found is not None
            solution = solve_rig(truth.views, models)
            rows[name].append(
                {
                    "held_out_mm": found.rms_mm,
                    "triangulated_mm": found.triangulated_mm,
                    "true_point_mm": true_point_mm(ring(seed, boards_seed=6), solution),
                    "camera_mm": float(np.mean(errors_mm(truth, solution.poses))),
                    "cpu_s": seconds,
                }
            )
    return {name: {key: float(np.mean([run[key] for run in runs])) for key in runs[0]} for name, runs in rows.items()}


def true_point_mm(fresh: RingTruth, solution: RigSolution) -> float:
    """Return the RMS error of fresh boards' corners as the rig measures them, after one rigid motion for all."""
    measured, true = [], []
    for placement, board in fresh.boards.items():
        views = [view for view in fresh.views if view.placement == placement]
        if len(views) < 2:
            continue
        matrices, sums = np.zeros((len(views[0].points_m), 3, 3)), np.zeros((len(views[0].points_m), 3))
        for view in views:
            camera = solution.cameras[view.role]
            model = camera.model
            rays = np.column_stack([(view.pixels - [model.cx, model.cy]) / [model.fx, model.fy], np.ones(len(sums))])
            rays = rays @ camera.pose.rotation / np.linalg.norm(rays, axis=1, keepdims=True)
            across = np.eye(3) - rays[:, :, None] * rays[:, None, :]
            matrices += across
            sums += across @ camera.pose.center
        measured.append(np.linalg.solve(matrices, sums[..., None])[..., 0])
        true.append(board.apply(views[0].points_m))
    found, expected = np.concatenate(measured), np.concatenate(true)
    error = motion_between(found, expected).apply(found) - expected
    return 1e3 * float(np.sqrt((error**2).sum(axis=1).mean()))


def main() -> None:
    """Run the experiments and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="seeds of all experiments but the fifth")
    parser.add_argument("--scipy-seeds", type=int, default=1, help="seeds on which the slow rival runs")
    parser.add_argument("--honesty-seeds", type=int, default=20, help="seeds of the fifth experiment and of trembling")
    parser.add_argument("--only", metavar="NAME", help="one experiment alone, by the name it prints")
    parser.add_argument("--json", action="store_true", help="figures as JSON alone")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    result: dict[str, Any] = {"views": [len(ring(seed).views) for seed in range(options.seeds)]}
    steps: list[tuple[str, Callable[[], Any]]] = [
        ("clean", lambda: with_rivals(ring, options.seeds, options.scipy_seeds)),
        ("turned", lambda: turned(options.seeds, options.scipy_seeds)),
        ("damaged", lambda: damaged(options.seeds)),
        ("wrong_intrinsics", lambda: wrong_intrinsics(options.seeds)),
        ("honesty", lambda: honesty(options.honesty_seeds)),
        ("trembling", lambda: trembling(options.honesty_seeds)),
        ("squares", lambda: squares(options.seeds)),
        ("single_camera", lambda: single_camera(options.seeds)),
        ("held_out", lambda: held_out(options.seeds)),
    ]
    for name, step in steps:
        if options.only not in (None, name):
            continue
        result[name] = step()
        if not options.json:
            print(f"{name}:\n{json.dumps(result[name], indent=1)}", flush=True)
    if options.json:
        print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
