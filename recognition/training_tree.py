"""A tree of captures as training sees it: which classes are known, their crops, and what is learned from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from recognition.batches import class_numbers
from recognition.class_words import ClassWords, read_class_words
from recognition.classes import ClassProfile, profile
from recognition.crop_cache import CropCache, CropSpec, Sample, build_cache
from recognition.models.config import ModelConfig
from recognition.training import TrainingData
from station.captures.mvip import CapturePath, find_captures
from station.errors import DatasetError, ModelError

ROOM = 1.35
"""Training crops are so much larger than needed, room for zoom, shift and rotation."""
SMALLEST_CROP = 128
"""Training crops are not cut smaller than this, so that trainings at several small sizes share them."""
SCATTER = 0.06
"""Scatter of the crops to validate and test on, as the ROI step's squares have it."""

Advance = Callable[[str, int, int], None]
"""Is told of a stage's name, how many of its pieces are done and how many there are."""


def _unheard(stage: str, done: int, total: int) -> None:
    """Tell nobody."""


def crop_specs(shape: ModelConfig) -> tuple[CropSpec, CropSpec]:
    """Return how the crops for a model are cut: to learn from, with room for augmentation, and as inference does."""
    extras = {"hha": shape.depth_coding == "hha", "whole": shape.region == "picture"}
    roomy = CropSpec(max(SMALLEST_CROP, round(shape.input_size * ROOM / 8) * 8), ROOM, **extras)
    return roomy, CropSpec(shape.input_size, 1.0, SCATTER, **extras)


@dataclass(frozen=True, slots=True)
class TrainingTree:
    """The captures of a tree whose classes a model may know; crops lie in ``crops``, cut by ``workers`` processes.

    ``known`` are the class ids in the order of their numbers.
    """

    root: Path
    captures: tuple[CapturePath, ...]
    known: tuple[str, ...]
    crops: Path
    workers: int = 2

    @staticmethod
    def of(root: Path, held_out: Iterable[str], crops: Path, workers: int = 2) -> TrainingTree:
        """Read the tree; every class with training captures is known but those ``held_out``.

        Raises DatasetError for held-out classes that are not there, and where there is nothing to learn or validate.
        """
        captures = tuple(find_captures(root))
        held = set(held_out)
        strange = sorted(held - {str(c.class_id) for c in captures})
        if strange:
            raise DatasetError(f"Held-out classes that are not in the tree: {', '.join(strange)}.", where=str(root))
        known = sorted({str(c.class_id) for c in captures if c.split == "train"} - held)
        validated = {str(c.class_id) for c in captures if c.split == "valid"}
        if len(known) < 2 or not validated.intersection(known):
            raise DatasetError(
                f"A training needs two classes with train_data and some valid_data; found {len(known)} classes.",
                where=str(root),
                todo="Write a tree with `station simulate` or record captures.",
            )
        return TrainingTree(root, captures, tuple(known), crops, workers)

    @property
    def numbers(self) -> dict[str, int]:
        """The number of each known class."""
        return {class_id: number for number, class_id in enumerate(self.known)}

    @property
    def folders(self) -> dict[str, Path]:
        """The folder of each class."""
        return {str(c.class_id): folder for c in self.captures if (folder := c.class_folder) is not None}

    @property
    def words(self) -> ClassWords:
        """Super-classes and tags of the known classes; raises DatasetError for a class that cannot be read."""
        return read_class_words(self.folders, self.known)

    def shown(self, split: str, shape: ModelConfig, advance: Advance = _unheard) -> CropCache:
        """Return the crops of a split of the known classes as inference sees them, without room for augmentation."""
        return self._crops(split, crop_specs(shape)[1], advance)

    def training_data(self, shape: ModelConfig, advance: Advance = _unheard) -> TrainingData:
        """Return what a model of this shape learns from and is validated on.

        Raises ModelError when it has another number of super-classes or tags than the classes have.
        """
        spec, plain = crop_specs(shape)
        train, valid = self._crops("train", spec, advance), self._crops("valid", plain, advance)
        labels, valid_labels = (class_numbers(cache, self.numbers) for cache in (train, valid))
        self._check(labels, valid_labels)
        data = TrainingData(train, labels, spec, valid, valid_labels, self._profiles(train))
        if not shape.super_classes and not shape.tags:
            return data
        words = self.words
        for name, asked, found in (
            ("super-classes", shape.super_classes, len(words.super_classes)),
            ("tags", shape.tags, len(words.tags)),
        ):
            if asked not in (0, found):
                raise ModelError(
                    f"The model is to tell {asked} {name}, and the classes have {found}.",
                    where=str(self.root),
                    todo="Leave the number to the training.",
                )
        return replace(data, super_classes=words.family, tags=words.described)

    def _check(self, labels: Sequence[int], valid_labels: Sequence[int]) -> None:
        learned = set(labels)
        unseen = [class_id for number, class_id in enumerate(self.known) if number not in learned]
        if unseen or not any(label >= 0 for label in valid_labels):
            what = f"training capture of {', '.join(unseen)}" if unseen else "validation capture"
            raise DatasetError(
                f"No {what} shows a part.",
                where=str(self.root),
                todo="Restore pictures and masks, or hold the classes out.",
            )

    def _crops(self, split: str, spec: CropSpec, advance: Advance) -> CropCache:
        known = set(self.known)
        chosen = [c for c in self.captures if c.split == split and c.class_id in known]
        return build_cache(
            chosen,
            self.crops,
            spec,
            self.workers,
            lambda done, total: advance(f"cutting {split} crops", done, total),
        )

    def _profiles(self, train: CropCache) -> tuple[ClassProfile, ...]:
        samples: defaultdict[str, list[Sample]] = defaultdict(list)
        for sample in train.samples:
            samples[sample.class_id].append(sample)
        folders = self.folders
        return tuple(profile(class_id, samples[class_id], folders[class_id]) for class_id in self.known)
