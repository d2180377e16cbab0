"""From what the heads say of one part to the answer: evidence, verdict, ranked list."""

# torch's own annotations are partial
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recognition.classes import Fits
from recognition.confidence import Evidence, Verdict, evidence, judge
from recognition.crops import Crops
from recognition.registry import Gallery, ModelFolder
from recognition.turning import Turns, signatures
from station.results import RankedClass, Recognition, ViewEvidence


@dataclass(frozen=True, slots=True)
class Heads:
    """What the heads say of one part, float32 on the CPU.

    ``logits`` (C,) from everything, ``visual_logits`` (C,) from the pictures, ``view_logits`` (V, C) from each view,
    ``embedding`` (E,) of the pictures, of unit length.
    """

    logits: Tensor
    visual_logits: Tensor
    view_logits: Tensor
    embedding: Tensor


class Judgement:
    """Turns what the heads of one model say into its answer."""

    def __init__(self, folder: ModelFolder) -> None:
        """Prepare what is looked up for every part: gallery, turns, weights and sizes of the classes."""
        self.folder = folder
        self.turns = Turns(folder.turns)
        confidence = folder.confidence
        self._fits = Fits(folder.classes, confidence.weight_spread, confidence.size_spread, confidence.size_noise_m)

    def answer(
        self,
        heads: Heads,
        crops: Crops,
        weight_kg: float | None,
        size_m: tuple[float, float, float] | None,
    ) -> Recognition:
        """Return the answer for the part in ``crops``, which the heads were shown in the same order."""
        turned = self.turns.penalties(signatures(crops.color, crops.depth_mm, crops.roles))
        return self.judged(heads, crops.roles, turned, weight_kg, size_m)

    def judged(
        self,
        heads: Heads,
        roles: tuple[str, ...],
        turned: NDArray[np.float64],
        weight_kg: float | None,
        size_m: tuple[float, float, float] | None,
    ) -> Recognition:
        """Return the answer for a part that was seen in the views ``roles``, with the penalties (C,) of its turns."""
        found = self._evidence(heads, turned, weight_kg, size_m)
        return self._recognition(heads, roles, found, judge(found, self.folder.confidence))

    def _evidence(
        self,
        heads: Heads,
        turned: NDArray[np.float64],
        weight_kg: float | None,
        size_m: tuple[float, float, float] | None,
    ) -> Evidence:
        distance = gallery_distance(heads.embedding[None], self.folder.gallery, len(self.folder.classes))
        return evidence(
            heads.logits.double().numpy(),
            heads.visual_logits.double().numpy(),
            distance[0].double().numpy(),
            turned,
            self._fits,
            weight_kg,
            size_m,
        )

    def _recognition(self, heads: Heads, roles: tuple[str, ...], found: Evidence, verdict: Verdict) -> Recognition:
        confidence, classes = self.folder.confidence, self.folder.classes
        order: NDArray[np.int64] = np.argsort(-verdict.probabilities, kind="stable")
        ranked = tuple(
            RankedClass(
                class_id=classes[i].class_id,
                probability=float(verdict.probabilities[i]),
                weight_fits=None if found.weight is None else bool(found.weight[i] <= confidence.weight_limit),
                size_fits=None if found.size is None else bool(found.size[i] <= confidence.size_limit),
            )
            for i in order
        )
        length = 1 + int(np.searchsorted(np.cumsum(verdict.probabilities[order]), confidence.level))
        best = torch.softmax(heads.view_logits, dim=1).max(dim=1)
        embedding = heads.embedding.numpy().astype(np.float32)
        embedding.flags.writeable = False
        return Recognition(
            ranked=ranked,
            prediction_set=tuple(r.class_id for r in ranked[:length]),
            unknown=verdict.unknown,
            unknown_score=verdict.unknown_score,
            embedding=embedding,
            per_view={
                role: ViewEvidence(classes[int(best.indices[row])].class_id, float(best.values[row]))
                for row, role in enumerate(roles)
            },
            views_used=roles,
            model_id=self.folder.id,
        )


def gallery_distance(embedding: Tensor, gallery: Gallery, classes: int) -> Tensor:
    """Return 1 − cosine to the likest training capture of each class, (B, classes), of embeddings (B, E)."""
    likeness = embedding @ gallery.embeddings.T
    best = torch.full((len(embedding), classes), -1.0)
    best.scatter_reduce_(1, gallery.labels.expand(len(embedding), -1), likeness, reduce="amax")
    return 1.0 - best
