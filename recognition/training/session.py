"""One training from a tree to a model folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from torch import Tensor

from recognition.engine import device_for
from recognition.models.config import ModelConfig
from recognition.training.config import TrainingConfig
from recognition.training.export import export_model
from recognition.training.loop import TrainingData, Watcher, train_model
from recognition.training.parallel import World, joined_world
from recognition.training.starting_weights import NONE, StartingWeights, starting_weights
from recognition.training.tree import TrainingTree
from station.errors import DatasetError, ModelError

_MOST_REMARKS = 5
"""So many views and captures that are left out are named, the others counted."""


class Display(Watcher, Protocol):
    """Is told of every stage of a training."""

    def say(self, sentence: str) -> None:
        """Print a sentence."""
        ...

    def advance(self, stage: str, done: int, total: int, note: str = "") -> None:
        """Show that ``done`` of ``total`` pieces of a stage are finished."""
        ...


@dataclass(frozen=True, slots=True)
class TrainingSession:
    """What to train on, and how.

    ``data`` is one tree, or several that are learned from together. ``shape`` is the model's configuration, its number
    of classes comes from the trees; ``weights`` is the ``best.safetensors`` of an earlier training or a model folder to
    begin with, ``encoder_weights`` what the encoders begin with otherwise
    (``training.starting_weights.starting_weights``). A training that is to ``stop_after`` some epochs of its
    schedule leaves its best weights for another one, and no model. With ``super_classes`` and ``tags`` the model gets a
    head for those that the class folders name.
    """

    data: Path | Sequence[Path]
    out: Path
    name: str
    held_out: tuple[str, ...]
    shape: ModelConfig
    config: TrainingConfig
    device: str
    workers: int
    resume: bool
    weights: Path | None = None
    crops: Path | None = None
    stop_after: int | None = None
    encoder_weights: str = NONE
    super_classes: bool = False
    tags: bool = False

    def run(self, display: Display) -> Path:
        """Train and return the model folder, ``<out>/model``, or the best weights where the schedule was cut short.

        Where ``torchrun`` started several processes they train together, and the first of them makes the model.
        Raises DatasetError when the tree lacks training or validation captures, ModelError when there is a model.
        """
        target = self.out / "model"
        if target.exists():
            raise ModelError(
                "There is a finished model, and models are never changed.",
                where=str(target),
                todo="Give another --out, or remove it.",
            )
        with joined_world(device_for(self.device)) as world:
            return self._run(world, display if world.leads else _Quiet(), target)

    def _run(self, world: World, display: Display, target: Path) -> Path:
        tree = TrainingTree.of(self.data, self.held_out, self.crops or self.out / "crops", self.workers)
        for sentence in tree.sentences:
            display.say(sentence)
        shape = self._shape(tree)
        start = starting_weights(shape, tree.known, self.weights, self.encoder_weights)
        for sentence in start.sentences:
            display.say(sentence)
        if world.size > 1:
            display.say(f"{world.size} processes train together.")
        data = self._data(world, tree, shape, display)
        weights = train_model(
            data,
            shape,
            self.config,
            self.out / "training",
            display,
            world,
            self.resume,
            start.tensors or None,
            self.stop_after,
        )
        if self.stop_after is not None:
            return self.out / "training" / "best.safetensors"
        if world.leads:
            self._export(target, weights, shape, data, start, tree, display)
        world.agreed(True)  # nobody leaves before the model lies there
        return target

    def _shape(self, tree: TrainingTree) -> ModelConfig:
        shape = replace(self.shape, classes=len(tree.known))
        if not (self.super_classes or self.tags):
            return shape
        words = tree.words
        for asked, names, called in (
            (self.super_classes, words.super_classes, "super-classes"),
            (self.tags, words.tags, "tags"),
        ):
            if asked and len(names) < 2:
                raise DatasetError(
                    f"The classes name {len(names)} {called}, and a head for them needs two.",
                    where=tree.place,
                    todo="Write them into the meta.json of the classes, or train without.",
                )
        return replace(
            shape,
            super_classes=len(words.super_classes) if self.super_classes else shape.super_classes,
            tags=len(words.tags) if self.tags else shape.tags,
        )

    def _data(self, world: World, tree: TrainingTree, shape: ModelConfig, display: Display) -> TrainingData:
        if not world.leads:
            world.agreed(True)  # the first process cuts the crops, the others find them there
        data = tree.training_data(shape, display.advance)
        if world.leads:
            world.agreed(True)
        _tell(data, display)
        return data

    def _export(
        self,
        target: Path,
        weights: Mapping[str, Tensor],
        shape: ModelConfig,
        data: TrainingData,
        start: StartingWeights,
        tree: TrainingTree,
        display: Display,
    ) -> None:
        words = tree.words if shape.super_classes or shape.tags else None
        record = {
            "created_at": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "training": {
                **asdict(self.config),
                "begins_with": [dict(entry) for entry in start.record],
                "captures": len(data.train.samples),
                "validation_captures": len(data.valid.samples),
            },
            **({"super_classes": list(words.super_classes)} if words and shape.super_classes else {}),
            **({"tags": list(words.tags)} if words and shape.tags else {}),
        }
        identity, metrics = export_model(
            target,
            self.name,
            weights,
            shape,
            tuple(data.profiles),
            self.held_out,
            data,
            record,
            _stage(display, "fitting"),
        )
        for condition, figures in metrics.items():
            display.say(
                f"validation with {condition}: top-1 {figures['top1']:.2%}, top-5 {figures['top5']:.2%}, "
                f"false unknowns {figures['false_unknown']:.2%}, set of {figures['set_length']:.2f}"
            )
        display.say(f"Model {identity} lies in {target}.")


def _tell(data: TrainingData, display: Display) -> None:
    """Say what of the captures is not learned from, and which classes have next to nothing to learn from."""
    remarks = (*data.train.remarks, *data.valid.remarks)
    for sentence in remarks[:_MOST_REMARKS]:
        display.say(sentence)
    if len(remarks) > _MOST_REMARKS:
        display.say(f"{len(remarks) - _MOST_REMARKS} more are left out; remarks.json beside the crops names them all.")
    captures = Counter(data.train_labels)
    single = [profile.class_id for number, profile in enumerate(data.profiles) if captures[number] == 1]
    if single:
        more = f" and {len(single) - _MOST_REMARKS} more" if len(single) > _MOST_REMARKS else ""
        named = ", ".join(single[:_MOST_REMARKS]) + more
        display.say(f"A single training capture is little to learn from; no more have: {named}.")


class _Quiet:
    """The display of the processes that do not lead."""

    def say(self, sentence: str) -> None:
        pass

    def advance(self, stage: str, done: int, total: int, note: str = "") -> None:
        pass

    def stepped(self, step: int, total: int, loss: float, views_per_s: float) -> None:
        pass

    def validated(self, metrics: Mapping[str, float]) -> None:
        pass


def _stage(display: Display, name: str) -> Callable[[int, int], None]:
    def advance(done: int, total: int) -> None:
        display.advance(name, done, total)

    return advance
