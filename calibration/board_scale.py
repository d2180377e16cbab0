"""Whether a board's squares are as large as stated, where a board of another id fixes the rig's scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from calibration.bundle import POSE_PARAMETERS
from calibration.findings import Finding, FindingKind
from calibration.score import ScoreTest
from calibration.settling import Settled
from calibration.solution import BoardScale

_DOUBT_PROBABILITY = 1e-4
_DOUBT_CHANGE = 1e-3
"""Squares are doubted when chance explains the misfit this rarely and they are this much off, as a share of them.

The plate is not printed much better than that.
"""

_NORMAL_95 = 1.96


def board_scales(settled: Settled, test: ScoreTest) -> tuple[BoardScale, ...]:
    """Ask the residuals for the size of every board, while the intrinsics of all cameras may be wrong as well.

    The board that stands fast fixes the rig's scale and is not asked about itself; without one nothing is said. Score
    test with one degree of freedom per board id.
    """
    frame = settled.freedom.fixed_board
    if frame is None:
        return ()
    placement = settled.selection.placements[frame]
    known = {settled.selection.ballots[n].view.board for n in settled.selection.names if n[0] == placement}
    asked = [board for board in test.boards if board not in known]
    sizes = {board: test.size(board) for board in asked}
    found: list[BoardScale] = []
    for board, own in sizes.items():
        others = np.any([size for other, size in sizes.items() if other != board], axis=0)
        score = test.ask(own, test.lens | others)
        change, deviation = float(score.change[0]), float(score.deviation[0])
        shifts = test.follow(own)[: POSE_PARAMETERS * len(settled.selection.roles), 0].reshape(-1, POSE_PARAMETERS)
        reach = 1e3 * np.linalg.norm(shifts[:, 3:], axis=1) * (abs(change) + _NORMAL_95 * deviation)
        found.append(
            BoardScale(
                board=board,
                change=change,
                deviation=deviation,
                probability=score.probability,
                position_change_mm={r: float(mm) for r, mm in zip(settled.selection.roles, reach, strict=True)},
                doubted=score.probability < _DOUBT_PROBABILITY and abs(change) > _DOUBT_CHANGE,
            )
        )
    return tuple(found)


def scale_findings(scales: Sequence[BoardScale]) -> list[Finding]:
    """Name the boards whose squares are not as large as stated."""
    return [
        Finding(
            FindingKind.SQUARES,
            f"The squares of {one.board} are {abs(one.change):.1%} {'larger' if one.change > 0 else 'smaller'} than "
            "stated; measure the ruler on the sheet.",
        )
        for one in scales
        if one.doubted
    ]


def widening_mm(scales: Sequence[BoardScale], role: str) -> float:
    """Return what doubted squares may do to a camera's centre, mm."""
    effects: list[Mapping[str, float]] = [one.position_change_mm for one in scales if one.doubted]
    return float(sum(effect[role] for effect in effects))
