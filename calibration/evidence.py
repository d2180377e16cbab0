"""What a settled solve says against what it was given: the intrinsics, the boards' sizes, the pictures themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calibration.board_scale import board_scales, scale_findings, widening_mm
from calibration.findings import Finding, FindingKind
from calibration.score import LENS_PARAMETERS, ScoreTest
from calibration.settling import Settled
from calibration.solution import BoardScale, IntrinsicsEvidence

_DOUBT_PROBABILITY = 1e-4
_DOUBT_FOCAL_CHANGE = 5e-4
"""Intrinsics are doubted when chance explains the misfit this rarely and some focal length would change this much."""

NOISY_RATIO = 2.0
"""Boards that fit the rig so many times worse than each picture by itself moved between the pictures."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the residuals say; ``intrinsics`` is ``None`` where they were solved along.

    ``unexplained_px`` is the noise that would be left with other intrinsics and sizes, ``own_px`` how well single views
    fit by themselves, both per coordinate in px.
    """

    intrinsics: IntrinsicsEvidence | None
    scales: tuple[BoardScale, ...]
    unexplained_px: float
    own_px: float

    @property
    def noisy(self) -> bool:
        """Whether the boards do not fit together, whatever the intrinsics."""
        return self.unexplained_px > NOISY_RATIO * self.own_px

    def widening_mm(self, role: str) -> float:
        """Return what doubted intrinsics and sizes may do to a camera's centre, mm."""
        lenses = self.intrinsics
        by_lenses = lenses.position_change_mm[role] if lenses is not None and lenses.doubted else 0.0
        return by_lenses + widening_mm(self.scales, role)

    def findings(self) -> list[Finding]:
        """Return the sentences about them all."""
        found = scale_findings(self.scales)
        if self.noisy:
            text = (
                "The board moved while it was photographed, or the cameras are not in step: the pictures fit together "
                f"to {self.unexplained_px:.2f} px, each by itself to {self.own_px:.2f} px. Hold the board still, or "
                "lay it down, and take the pictures anew."
            )
            found.append(Finding(FindingKind.NOISY, text))
        elif self.intrinsics is not None and self.intrinsics.doubted:
            found.append(_intrinsics_finding(self.intrinsics))
        return found


def evidence_of(settled: Settled, judged: str | None = None) -> Evidence:
    """Ask the residuals; ``judged`` is one role whose intrinsics are asked about alone, instead of all."""
    test = ScoreTest(settled)
    scales = board_scales(settled, test)
    sizes = np.zeros_like(test.lens)
    for scale in scales:
        sizes |= test.size(scale.board)
    roles = settled.selection.roles
    named = [role for role in roles if judged in (None, role)]
    lenses = test.lens.copy()
    lenses[: LENS_PARAMETERS * len(roles)] = np.repeat([role in named for role in roles], LENS_PARAMETERS)
    everything = test.ask(lenses | sizes, np.zeros_like(lenses))
    used = 2.0 * float(settled.corners.used.sum())
    noise_px = settled.noise_px
    unexplained = float(np.sqrt(max(noise_px**2 - everything.explained_px2 / used, 0.0)))
    intrinsics = None if settled.freedom.intrinsics else _intrinsics(settled, test, lenses, sizes, named)
    return Evidence(intrinsics, scales, unexplained, settled.selection.own_noise_px)


def _intrinsics(
    settled: Settled, test: ScoreTest, lenses: np.ndarray, sizes: np.ndarray, named: list[str]
) -> IntrinsicsEvidence:
    roles = settled.selection.roles
    score = test.ask(lenses, sizes)
    given = settled.state.intrinsics[[role in named for role in roles], :2]
    focal = score.change.reshape(-1, LENS_PARAMETERS)[:, :2].mean(axis=1) / given.mean(axis=1)
    distance = 1e3 * np.linalg.norm(score.moves, axis=1) + score.unsure_mm
    return IntrinsicsEvidence(
        statistic=score.statistic,
        freedom=score.freedom,
        probability=score.probability,
        focal_change={role: float(value) for role, value in zip(named, focal, strict=True)},
        position_change_mm={role: float(value) for role, value in zip(roles, distance, strict=True)},
        doubted=score.probability < _DOUBT_PROBABILITY and float(np.abs(focal).max()) > _DOUBT_FOCAL_CHANGE,
    )


def _intrinsics_finding(evidence: IntrinsicsEvidence) -> Finding:
    worst = max(evidence.focal_change, key=lambda role: abs(evidence.focal_change[role]))
    text = (
        f"The pictures contradict the given intrinsics: other focal lengths fit better, {worst}'s by "
        f"{evidence.focal_change[worst]:+.2%}. Check that the board is flat; then ask for their refinement, with "
        "boards near and far and tilted."
    )
    return Finding(FindingKind.INTRINSICS_DOUBTED, text, tuple(sorted(evidence.focal_change)))
