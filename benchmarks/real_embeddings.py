"""Are real captures of one part closer to one another than to any simulated class, in the eyes of trained models?

Run as ``python -m benchmarks.real_embeddings --study DIR --data SIMULATED_TREE --hold-out FILE [--real TREE]
[--crops DIR] [--per-class N] [--json]``. DIR is a folder of ``station study`` or of one ``station train``: every
``best.safetensors`` below it is asked. Embedded are all captures of the real tree, cut with the masks published, and
the test captures of every simulated class, also of those that were held out. Distances are 1 − cosine. A model that
has learned the real class, too (``station train --data SIMULATED_TREE --data REAL_TREE``), has learned from the
captures of its train split alone; the table says of which models that is true. All real captures share rig, plate and
light, which the simulated ones do not, and that works in favour of this test.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from recognition.crops.cache import CropCache, build_cache
from recognition.evaluation.encoded import EncodedCaptures
from recognition.models.config import ModelConfig
from recognition.models.multiview import MultiViewModel
from recognition.training.checkpoint import load_checkpoint, unpack
from recognition.training.tree import crop_specs
from station.captures.mvip import CapturePath, find_captures
from station.cli.class_lists import class_list
from station.errors import ModelError, StationError
from station.frames import ROLES

REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "mvip_sample"
VIEWS = (10, 3, 1)
DRAWS = 5
"""Random choices of cameras, another for every capture, where not all are shown."""

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Nearness:
    """One model's distances (1 − cosine) under a number of views; where cameras were drawn, the worst of the draws.

    ``among`` is the largest between two real captures, ``to_simulated`` the smallest from a real one to a simulated
    one, ``to_mean`` to the mean of a simulated class. ``kept`` counts the real captures whose siblings all are nearer
    than the nearest simulated capture, ``kept_from_means`` those whose siblings all are nearer than the mean of any
    simulated class, ``first`` those whose very nearest is a sibling; ``nearest`` names the class of
    the nearest simulated capture. ``holds`` says that no distance among the real ones reaches one to a simulated one.
    ``learned`` and ``unseen`` are the shares of simulated classes of which the same is true among the simulated ones:
    classes that the model has learned, and classes that it has not; ``None`` with one capture of each.
    """

    views: int
    among: float
    to_simulated: float
    to_mean: float
    kept: int
    kept_from_means: int
    first: int
    real: int
    nearest: str
    holds: bool
    learned: float | None
    unseen: float | None


@dataclass(frozen=True)
class Judged:
    """What one trained model says."""

    run: str
    fusion: str
    row: str
    seed: int
    streams: str
    learned_class: bool
    top1: float | None
    nearness: tuple[Nearness, ...]


def nearness(
    views: int, real: Vectors, simulated: Vectors, classes: Sequence[str], held_out: Collection[str] = ()
) -> Nearness:
    """Compare embeddings of unit length, ``real`` (R, E) and ``simulated`` (M, E) of ``classes`` (M,)."""
    siblings = 1.0 - real.astype(np.float64) @ real.astype(np.float64).T
    strangers = 1.0 - real.astype(np.float64) @ simulated.astype(np.float64).T
    names = sorted(set(classes))
    of_class = np.array([names.index(name) for name in classes])
    means = np.stack([simulated[of_class == number].mean(axis=0) for number in range(len(names))]).astype(np.float64)
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    others = ~np.eye(len(real), dtype=np.bool_)
    farthest = np.where(others, siblings, -np.inf).max(axis=1)
    closest = np.where(others, siblings, np.inf).min(axis=1)
    near = strangers.min(axis=1)
    to_means = 1.0 - real @ means.T
    return Nearness(
        views=views,
        among=float(farthest.max()),
        to_simulated=float(near.min()),
        to_mean=float(to_means.min()),
        kept=int((farthest < near).sum()),
        kept_from_means=int((farthest < to_means.min(axis=1)).sum()),
        first=int((closest < near).sum()),
        real=len(real),
        nearest=classes[int(np.unravel_index(int(strangers.argmin()), strangers.shape)[1])],
        holds=bool(farthest.max() < near.min()),
        learned=_apart(simulated, of_class, [n for n, name in enumerate(names) if name not in held_out]),
        unseen=_apart(simulated, of_class, [n for n, name in enumerate(names) if name in held_out]),
    )


def _apart(vectors: Vectors, of_class: NDArray[np.int64], numbers: Sequence[int]) -> float | None:
    """Return of how many of the classes ``numbers`` no two captures are as far from one another as from another class.

    ``None`` where there are no two captures of any.
    """
    distances = 1.0 - vectors.astype(np.float64) @ vectors.astype(np.float64).T
    held: list[bool] = []
    for number in numbers:
        own = of_class == number
        if own.sum() > 1:
            held.append(bool(distances[np.ix_(own, own)].max() < distances[np.ix_(own, ~own)].min()))
    return float(np.mean(held)) if held else None


def worst(draws: Sequence[Nearness]) -> Nearness:
    """Return the worst figure of each kind."""
    lowest = min(draws, key=lambda one: one.to_simulated)
    return Nearness(
        views=lowest.views,
        among=max(one.among for one in draws),
        to_simulated=lowest.to_simulated,
        to_mean=min(one.to_mean for one in draws),
        kept=min(one.kept for one in draws),
        kept_from_means=min(one.kept_from_means for one in draws),
        first=min(one.first for one in draws),
        real=lowest.real,
        nearest=lowest.nearest,
        holds=all(one.holds for one in draws),
        learned=_least([one.learned for one in draws]),
        unseen=_least([one.unseen for one in draws]),
    )


def _least(shares: Sequence[float | None]) -> float | None:
    return min((share for share in shares if share is not None), default=None)


class Material:
    """The captures to embed, and their crops as each model takes them."""

    def __init__(self, real: Path, simulated: Path, held_out: Sequence[str], per_class: int, crops: Path) -> None:
        self._crops = crops
        self._real = find_captures(real)
        self.real_classes = {str(capture.class_id) for capture in self._real}
        tests = [capture for capture in find_captures(simulated) if capture.split == "test"]
        self.held_out = frozenset(held_out)
        # two caches: that of the known classes is the one that a study has cut
        self._simulated = [[c for c in tests if (c.class_id in self.held_out) == out] for out in (False, True)]
        self._per_class = per_class

    def real(self, config: ModelConfig) -> CropCache:
        """Return the crops of the real captures."""
        return self._cut(self._real, config)

    def simulated(self, config: ModelConfig) -> Iterator[tuple[CropCache, list[int]]]:
        """Yield the caches of simulated captures with the rows that count."""
        for captures in self._simulated:
            if not captures:
                continue
            cache = self._cut(captures, config)
            counted: dict[str, int] = {}
            rows: list[int] = []
            for row, sample in enumerate(cache.samples):
                counted[sample.class_id] = counted.get(sample.class_id, 0) + 1
                if not self._per_class or counted[sample.class_id] <= self._per_class:
                    rows.append(row)
            yield cache, rows

    def _cut(self, captures: Sequence[CapturePath], config: ModelConfig) -> CropCache:
        return build_cache(captures, self._crops, crop_specs(config)[1], workers=1)


def judged(weights: Path, material: Material) -> Judged:
    """Embed all captures with one trained model; raises ModelError for weights that do not say what model they are."""
    found = load_checkpoint(weights)
    if "config" not in found.facts:
        raise ModelError("The weights do not say of what model they are.", where=str(weights))
    config = ModelConfig.from_json(found.facts["config"], str(weights))
    model = MultiViewModel(config)
    model.load_state_dict(unpack("model", found.tensors))
    cache = material.real(config)
    real = EncodedCaptures(model, cache, range(len(cache.samples)))
    simulated: list[EncodedCaptures] = []
    classes: list[str] = []
    for part, rows in material.simulated(config):
        simulated.append(EncodedCaptures(model, part, rows))
        classes += [part.samples[row].class_id for row in rows]
    rng = np.random.default_rng(20)
    figures: list[Nearness] = []
    for views in VIEWS:
        draws: list[Nearness] = []
        for _ in range(1 if views == len(ROLES) else DRAWS):
            shown = [_embedded(encoded, views, rng) for encoded in (real, *simulated)]
            draws.append(nearness(views, shown[0], np.concatenate(shown[1:]), classes, material.held_out))
        figures.append(worst(draws))
    result = weights.with_name("result.json")
    facts = json.loads(result.read_text(encoding="utf-8")) if result.exists() else {"facts": {}, "figures": {}}
    return Judged(
        run=weights.parent.name,
        fusion=("transformer + " if config.view_transformer else "") + config.view_fusion,
        row=str(facts["facts"].get("row", weights.parent.parent.name)),
        seed=int(facts["facts"].get("seed", 0)),
        streams=config.streams,
        learned_class=bool(material.real_classes & set(cast("list[str]", found.facts.get("classes", [])))),
        top1=cast("float | None", facts["figures"].get("top1", found.facts.get("top1"))),
        nearness=tuple(figures),
    )


def _embedded(encoded: EncodedCaptures, views: int, rng: np.random.Generator) -> Vectors:
    """Return the embeddings with ``views`` of each capture's cameras; neither weight nor size has a part in them."""
    drawn = np.where(encoded.view_mask, rng.random(encoded.view_mask.shape), 2.0).argsort(axis=1).argsort(axis=1)
    return encoded.ask(view_mask=drawn < views).embedding


def main() -> int:
    """Print a table or JSON; exit 1 when a model's real captures are not closer to one another than to a simulated."""
    parser = argparse.ArgumentParser(description="Real captures of a part against simulated ones, as models see them.")
    parser.add_argument("--study", type=Path, required=True, help="folder of trainings")
    parser.add_argument("--data", type=Path, required=True, help="simulated tree with test_data")
    parser.add_argument("--hold-out", default="", help="classes that the models do not know")
    parser.add_argument("--real", type=Path, default=REAL, help="tree of real captures of one class")
    parser.add_argument("--crops", type=Path, default=Path("crops"), help="where crops are, or are cut into")
    parser.add_argument("--per-class", type=int, default=0, help="simulated captures of each class, 0 for all")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found: list[Judged] = []
    try:
        held_out = class_list(arguments.hold_out, "--hold-out")
        material = Material(arguments.real, arguments.data, held_out, arguments.per_class, arguments.crops)
        weights = sorted(arguments.study.rglob("best.safetensors"))
        if not weights:
            raise ModelError("There are no trained weights.", where=str(arguments.study), todo="Run `station study`.")
        for file in weights:
            found.append(judged(file, material))
            print(_line(found[-1]), file=sys.stderr if arguments.json else sys.stdout, flush=True)
    except StationError as error:
        print(error, file=sys.stderr)
        return 2
    if arguments.json:
        print(json.dumps([asdict(one) for one in found], indent=1))
    return 0 if all(one.holds for run in found for one in run.nearness if one.views == len(ROLES)) else 1


def _line(one: Judged) -> str:
    known = "has learned the real class" if one.learned_class else "has seen nothing real"
    head = f"{one.row}, seed {one.seed} ({one.fusion}, {one.streams}; {known}):"
    figures = (
        f"{n.views:2} views: among {n.among:.3f}, to simulated {n.to_simulated:.3f} ({n.nearest}), to a class's mean "
        f"{n.to_mean:.3f}; {'all' if n.holds else f'{n.kept} of {n.real}'} hold against captures, {n.kept_from_means} "
        f"against means, {n.first} have a sibling nearest"
        + ("" if n.learned is None else f"; so it is with {n.learned:.0%} of the simulated classes learned")
        + ("" if n.unseen is None else f" and {n.unseen:.0%} of those unseen")
        for n in one.nearness
    )
    return "\n  ".join((head, *figures))


if __name__ == "__main__":
    sys.exit(main())
