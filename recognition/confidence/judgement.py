"""From what the heads say of one part to the answer: evidence, verdict, ranked list."""

# torch's own annotations are partial
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recognition.classes import Fits
from recognition.confidence.experts import (
    PICTURES_LIMIT,
    Confidence,
    Evidence,
    Penalties,
    Verdict,
    evidence,
    judge,
    log_student,
    misfit,
    misfits,
)
from recognition.confidence.relief import Relief, signature
from recognition.confidence.turning import Turns
from recognition.crops.cutting import Crops
from recognition.registry import Gallery, ModelFolder
from station.frames import ROLES
from station.results import Clue, RankedClass, Recognition, SizeFit, ViewEvidence, WeightFit


@dataclass(frozen=True, slots=True)
class Heads:
    """What the heads say of one part, float32 on the CPU.

    ``logits`` (C,) from everything, ``visual_logits`` (C,) from the pictures, ``view_logits`` (V, C) from each view,
    ``embedding`` (E,) of the pictures, of unit length. ``logits_without_weight`` (C,) are those of everything but the
    weight, ``None`` where no weight is known or where they were not computed: then a wrong weight is not seen through.
    """

    logits: Tensor
    visual_logits: Tensor
    view_logits: Tensor
    embedding: Tensor
    logits_without_weight: Tensor | None = None


class Judgement:
    """Turns what the heads of one model say into its answer."""

    def __init__(self, folder: ModelFolder) -> None:
        """Prepare what is looked up for every part: gallery, turns, weights and sizes of the classes."""
        self.folder = folder
        self.turns = Turns(folder.turns)
        confidence = folder.confidence
        self._fits = Fits(folder.classes, confidence.weight_spread, confidence.size_spread, confidence.size_noise_m)
        self._weighed = any(known.weighed for known in folder.classes)

    @property
    def compares(self) -> bool:
        """Whether the model holds reliefs to compare a part's with."""
        return bool(len(self.folder.turns.labels))

    def answer(
        self,
        heads: Heads,
        crops: Crops,
        relief: Relief | None,
        weight_kg: float | None,
        size_m: tuple[float, float, float] | None,
    ) -> Recognition:
        """Return the answer for the part in ``crops``, which the heads were shown in the same order, and its relief."""
        turned = self.turns.penalties(signature(relief))
        judged = self.judged(heads, crops.roles, turned, weight_kg, size_m)
        return replace(judged, views_without_depth=_without_depth(crops))

    def judged(
        self,
        heads: Heads,
        roles: tuple[str, ...],
        turned: Penalties,
        weight_kg: float | None,
        size_m: tuple[float, float, float] | None,
    ) -> Recognition:
        """Return the answer for a part that was seen in the views ``roles``, with the penalties (2, C) of its turns."""
        found = self._evidence(heads, turned, weight_kg, size_m)
        verdict = judge(found, self.folder.confidence)
        return self._recognition(heads, roles, found, verdict, weight_kg, size_m)

    def _evidence(
        self,
        heads: Heads,
        turned: Penalties,
        weight_kg: float | None,
        size_m: tuple[float, float, float] | None,
    ) -> Evidence:
        distance = gallery_distance(heads.embedding[None], self.folder.gallery, len(self.folder.classes))
        logits = heads.logits
        if not self._weighed:
            # a network that was never told a weight makes nothing of one
            logits = logits if heads.logits_without_weight is None else heads.logits_without_weight
            weight_kg = None
        return evidence(
            logits.double().numpy(),
            heads.visual_logits.double().numpy(),
            distance[0].double().numpy(),
            turned,
            self._fits,
            weight_kg,
            size_m,
            None if heads.logits_without_weight is None else heads.logits_without_weight.double().numpy(),
        )

    def _recognition(
        self,
        heads: Heads,
        roles: tuple[str, ...],
        found: Evidence,
        verdict: Verdict,
        weight_kg: float | None,
        size_m: tuple[float, float, float] | None,
    ) -> Recognition:
        confidence, classes = self.folder.confidence, self.folder.classes
        expert = confidence.experts[found.condition]
        order: NDArray[np.int64] = np.argsort(-verdict.probabilities, kind="stable")
        nearest, clues = strange(found, confidence)
        likest = None if size_m is None else self._fits.likest_sizes(size_m)
        missing = tuple(role for role in ROLES if role not in roles)
        embedding = heads.embedding.numpy().astype(np.float32)
        embedding.flags.writeable = False
        return Recognition(
            ranked=tuple(self._line(int(i), float(verdict.probabilities[i]), found, likest) for i in order),
            prediction_set=tuple(classes[i].class_id for i in verdict.members),
            unknown=verdict.unknown,
            unknown_score=verdict.unknown_score,
            embedding=embedding,
            per_view=self._views(heads.view_logits, roles, int(order[0])),
            views_used=roles,
            model_id=self.folder.id,
            set_coverage=confidence.level if expert.floor > 0.0 and not missing else None,
            unknown_threshold=expert.threshold,
            nearest=classes[nearest].class_id,
            strange=clues,
            weight_kg=weight_kg,
            weight_trust=verdict.trust,
            size_m=size_m,
            views_missing=missing,
        )

    def _line(
        self, number: int, probability: float, found: Evidence, likest: NDArray[np.float64] | None
    ) -> RankedClass:
        confidence, known = self.folder.confidence, self.folder.classes[number]
        weight = size = None
        if found.weight is not None and known.weight_kg is not None:
            weight = WeightFit(known.weight_kg, float(found.weight[number]))
        if found.size is not None and likest is not None and known.sizes:
            longest, middle, shortest = (float(edge) for edge in likest[number])
            size = SizeFit((longest, middle, shortest), float(found.size[number]))
        return RankedClass(
            class_id=known.class_id,
            probability=probability,
            weight_fits=bool(found.weight[number] <= confidence.weight_limit)
            if found.weight is not None and known.weighed
            else None,
            size_fits=None if size is None else size.deviation <= confidence.size_limit,
            weight=weight,
            size=size,
        )

    def _views(self, logits: Tensor, roles: tuple[str, ...], first: int) -> dict[str, ViewEvidence]:
        said = torch.softmax(logits / self.folder.confidence.view_temperature, dim=1)
        best = said.max(dim=1)
        return {
            role: ViewEvidence(
                self.folder.classes[int(best.indices[row])].class_id, float(best.values[row]), float(said[row, first])
            )
            for row, role in enumerate(roles)
        }


def strange(found: Evidence, confidence: Confidence) -> tuple[int, tuple[Clue, ...]]:
    """Return the number of the known class that explains the part best, and what of the part does not fit it."""
    parts = misfits(found, confidence.visual_spread)
    best = int(misfit(found, confidence.visual_spread).argmin())
    limits = {
        Clue.PICTURES: PICTURES_LIMIT,
        Clue.WEIGHT: confidence.weight_limit,
        Clue.SIZE: confidence.size_limit,
    }
    return best, tuple(
        clue
        for clue, limit in limits.items()
        if clue.value in parts and parts[clue.value][best] > float(-2.0 * log_student(np.array(limit)))
    )


def _without_depth(crops: Crops) -> tuple[str, ...]:
    """Return the roles of the views that have no depth on the part, or nowhere where the part is not known."""
    blind: list[str] = []
    for role, pixels, depth in zip(crops.roles, crops.color, crops.depth_mm, strict=True):
        part = pixels[..., 3] > 127
        if not (depth[part].any() if part.any() else depth.any()):
            blind.append(role)
    return tuple(blind)


def gallery_distance(embedding: Tensor, gallery: Gallery, classes: int) -> Tensor:
    """Return 1 − cosine to the likest training capture of each class, (B, classes), of embeddings (B, E)."""
    likeness = embedding @ gallery.embeddings.T
    best = torch.full((len(embedding), classes), -1.0)
    best.scatter_reduce_(1, gallery.labels.expand(len(embedding), -1), likeness, reduce="amax")
    return 1.0 - best
