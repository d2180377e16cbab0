"""The station asked again and again about the same captures: with other views, another weight, another size.

Views are encoded once, and what the heads then say is judged by the very code that judges a part on the plate.
"""

# torch's own annotations are partial
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from recognition.confidence.judgement import Heads, Judgement
from recognition.evaluation.answers import Answered, answered
from recognition.evaluation.encoded import Asked, EncodedCaptures, Numbers
from recognition.evaluation.scores import Floats
from station.frames import ROLES
from station.results import Recognition

ViewMask = NDArray[np.bool_]
"""(N, 10), which views of each capture are shown."""


class Station:
    """N captures with their true classes, and the answers to them under any condition."""

    def __init__(
        self, judgement: Judgement, encoded: EncodedCaptures, penalties: Floats, truths: Sequence[str]
    ) -> None:
        """Ask about ``encoded`` captures whose classes are ``truths`` (N,); they need not be known to the model.

        ``penalties`` (N, 2, C) are those of the turns of the captures' reliefs. A relief is made from all views
        together and is not made anew where some are taken away: there it says nothing, so those answers are rather
        too bad.
        """
        self._judgement, self.encoded, self._penalties = judgement, encoded, penalties
        self.truths = tuple(truths)
        self.class_ids = tuple(known.class_id for known in judgement.folder.classes)

    def __len__(self) -> int:
        """Return the number of captures."""
        return len(self.truths)

    @property
    def present(self) -> ViewMask:
        """Which views there are."""
        return self.encoded.view_mask

    def answers(
        self, shown: ViewMask | None = None, weights_kg: Numbers | None = None, sizes_m: Numbers | None = None
    ) -> list[Answered | None]:
        """Return the answers to the views ``shown``, ``None`` for a capture of which no view is left.

        Weights (N,) and edges (N, 3) take the place of the measured ones; NaN means not known.
        """
        found = self.recognitions(shown, weights_kg, sizes_m)
        return [
            None if recognition is None else answered(recognition, truth)
            for recognition, truth in zip(found, self.truths, strict=True)
        ]

    def recognitions(
        self, shown: ViewMask | None = None, weights_kg: Numbers | None = None, sizes_m: Numbers | None = None
    ) -> Iterator[Recognition | None]:
        """Give the station's whole answers, one capture after the other."""
        seen = self.present if shown is None else self.present & shown
        weights = self.encoded.weights_kg if weights_kg is None else weights_kg
        sizes = self.encoded.sizes_m if sizes_m is None else sizes_m
        left: NDArray[np.bool_] = np.asarray(seen.any(axis=1))
        # the model cannot be asked about nothing; those answers are thrown away below
        asked_views = np.where(left[:, None], seen, self.present)
        asked = self.encoded.ask(asked_views, weights, sizes)
        blind = self.encoded.ask(asked_views, np.full_like(weights, np.nan), sizes)
        whole = (seen == self.present).all(axis=1)
        for row in range(len(self)):
            if not left[row]:
                yield None
                continue
            weight, size = float(weights[row]), sizes[row]
            yield self._judgement.judged(
                self._heads(asked, blind, row, seen[row]),
                tuple(role for role, there in zip(ROLES, seen[row], strict=True) if there),
                self._penalties[row] if whole[row] else np.zeros_like(self._penalties[row]),
                None if np.isnan(weight) else weight,
                None if np.isnan(size).any() else (float(size[0]), float(size[1]), float(size[2])),
            )

    def _heads(self, asked: Asked, blind: Asked, row: int, seen: NDArray[np.bool_]) -> Heads:
        return Heads(
            logits=torch.from_numpy(asked.logits[row]),
            visual_logits=torch.from_numpy(asked.visual[row]),
            view_logits=torch.from_numpy(self.encoded.views[row][seen]),
            embedding=torch.from_numpy(asked.embedding[row]),
            logits_without_weight=torch.from_numpy(blind.logits[row]),
        )
