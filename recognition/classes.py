"""What a model knows of each class besides its weights: name, weight and sizes as they were measured."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recognition.crops.cache import LIGHTEST_KG, Sample
from station.captures.record import read_capture_record
from station.errors import DatasetError, ModelError


@dataclass(frozen=True, slots=True)
class ClassProfile:
    """One class of a model; weights in kilograms, sizes in metres with the longest edge first.

    ``weight_kg`` is the geometric mean of the training captures that were weighed, ``None`` when the part is too light
    for the scale or, where it is not ``weighed``, when none of them was: published captures bring no weight of their
    own, and that in a class's ``meta.json`` is one for all, which would give the answer away.
    ``sizes`` holds the three edges of every training capture, so it covers all the ways in which the part lies.
    """

    class_id: str
    number: str
    name: str
    weight_kg: float | None
    sizes: tuple[tuple[float, float, float], ...]
    weighed: bool = True

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "id": self.class_id,
            "number": self.number,
            "name": self.name,
            "weight_kg": self.weight_kg,
            "sizes_m": [[round(edge, 5) for edge in size] for size in self.sizes],
            **({} if self.weighed else {"weighed": False}),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> ClassProfile:
        """Rebuild a profile; raises KeyError, TypeError or ValueError on a wrong one."""
        weight = data["weight_kg"]
        sizes = tuple((float(a), float(b), float(c)) for a, b, c in data["sizes_m"])
        return ClassProfile(
            class_id=str(data["id"]),
            number=str(data["number"]),
            name=str(data["name"]),
            weight_kg=None if weight is None else float(weight),
            sizes=sizes,
            weighed=bool(data.get("weighed", True)),
        )


def profile(class_id: str, samples: Sequence[Sample], class_folder: Path) -> ClassProfile:
    """Return the profile of a class from its training captures and the name in its ``meta.json``."""
    file = class_folder / "meta.json"
    try:
        meta: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    except (OSError, ValueError) as error:
        raise DatasetError(f"The class cannot be read: {error}.", where=str(file), todo="Restore the file.") from error
    weights = [sample.weight_kg for sample in samples if sample.weight_kg is not None]
    light = sum(sample.weight_kg is None and _was_weighed(Path(sample.path)) for sample in samples)
    return ClassProfile(
        class_id=class_id,
        number=str(meta.get("number", "")),
        name=str(meta.get("name", class_id)),
        weight_kg=float(np.exp(np.mean(np.log(weights)))) if len(weights) > light else None,
        sizes=tuple(sample.size_m for sample in samples if sample.size_m is not None),
        weighed=bool(weights or light),
    )


def _was_weighed(capture: Path) -> bool:
    record = read_capture_record(capture)
    return record is not None and record.weight_stable and record.weight_kg is not None


class Fits:
    """How well a weight and a size fit each of C classes, in standard deviations."""

    def __init__(
        self, profiles: Sequence[ClassProfile], weight_spread: float, size_spread: float, size_noise_m: float
    ) -> None:
        """Keep the classes' figures; spreads are parts of the value, the noise is in metres."""
        if not profiles:
            raise ModelError("The model has no classes.")
        most = max(1, *(len(p.sizes) for p in profiles))
        self.weight_spread, self.size_spread, self.size_noise_m = weight_spread, size_spread, size_noise_m
        self._weights = np.array([p.weight_kg or np.nan for p in profiles])
        self._sizes = np.full((len(profiles), most, 3), np.inf)
        for row, p in enumerate(profiles):
            if p.sizes:
                self._sizes[row, : len(p.sizes)] = p.sizes
        self._sized = np.array([bool(p.sizes) for p in profiles])
        self._weighed = np.array([p.weighed for p in profiles])

    def weight(self, weight_kg: float) -> NDArray[np.float64]:
        """Return the deviation of a weight from each class's, (C,).

        A step of the scale (0.1 g, above 3 kg 1 g) counts as noise beside the spread between instances. A class too
        light for the scale fits a weight near that limit and nothing heavier; to a class that was never weighed any
        weight fits, as any size does to one that was never measured.
        """
        expected = np.where(np.isnan(self._weights), LIGHTEST_KG, self._weights)
        deviation = np.minimum(np.abs(np.log(weight_kg / expected)) / self.weight_sigma(weight_kg), 60.0)
        return np.where(self._weighed, deviation, 0.0)

    def weight_sigma(self, weight_kg: float) -> float:
        """Return the standard deviation of the logarithm of a weight: of instances, and of the scale's steps."""
        step = 1e-4 if weight_kg < 3.0 else 1e-3
        return float(np.hypot(self.weight_spread, 1.5 * step / weight_kg))

    def size(self, size_m: Sequence[float]) -> NDArray[np.float64]:
        """Return the deviation of three edges from the likest training capture of each class, (C,): RMS over edges."""
        distance = self._size_distances(size_m).min(axis=1)
        return np.where(self._sized, np.minimum(distance, 60.0), 0.0)

    def likest_sizes(self, size_m: Sequence[float]) -> NDArray[np.float64]:
        """Return the edges of each class's training capture that is likest to ``size_m``, (C, 3); NaN without any."""
        likest = self._sizes[np.arange(len(self._sizes)), self._size_distances(size_m).argmin(axis=1)]
        return np.where(self._sized[:, None], likest, np.nan)

    def _size_distances(self, size_m: Sequence[float]) -> NDArray[np.float64]:
        edges = np.sort(np.asarray(size_m, dtype=np.float64))[::-1]
        sigma = np.hypot(self.size_noise_m, self.size_spread * edges)
        return np.sqrt((((self._sizes - edges) / sigma) ** 2).mean(axis=2))
