"""Trees of captures as training sees them: which classes are known, their crops, and what is learned from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from recognition.classes import ClassProfile, profile
from recognition.crops.cache import CropCache, CropSpec, Sample, build_cache
from recognition.models.config import ModelConfig
from recognition.training.batches import class_numbers
from recognition.training.class_words import ClassWords, read_class_words
from recognition.training.joined_trees import captures_of, class_folders, counted_once, told_apart
from recognition.training.loop import TrainingData
from station.captures.mvip import CapturePath
from station.errors import DatasetError, ModelError

ROOM = 1.35
"""Training crops are so much larger than needed, room for zoom, shift and rotation."""
SMALLEST_CROP = 128
"""Training crops are not cut smaller than this, so that trainings at several small sizes share them."""
SCATTER = 0.06
"""Scatter of the crops to validate and test on, as the ROI step's squares have it."""

_ALONE = (
    "The model will know one class alone, {class_id}: it can say that a part is like it or unknown, and nothing else; "
    "its 100 % say nothing. With one class there is nothing to tell apart, so the network sees no better than the "
    "weights that it begins with."
)

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
    """The captures of one tree or several whose classes a model may know.

    Crops lie in ``crops``, cut by ``workers`` processes. ``known`` are the class ids in the order of their numbers,
    ``folders`` the folder that speaks for each class, ``sentences`` what is to be said of the trees before a training.
    """

    roots: tuple[Path, ...]
    captures: tuple[CapturePath, ...]
    known: tuple[str, ...]
    crops: Path
    workers: int
    folders: Mapping[str, Path]
    sentences: tuple[str, ...] = ()

    @staticmethod
    def of(roots: Path | Sequence[Path], held_out: Iterable[str], crops: Path, workers: int = 2) -> TrainingTree:
        """Read the trees; every class with training captures is known but those ``held_out``.

        Folders of the same name in two trees are one class; where they describe it in two ways the first one counts.
        Raises DatasetError for held-out classes that are not there, and where there is nothing to learn or validate.
        """
        roots = (roots,) if isinstance(roots, Path) else tuple(roots)
        captures = captures_of(roots)
        held = set(held_out)
        strange = sorted(held - {str(c.class_id) for c in captures})
        if strange:
            raise DatasetError(f"Held-out classes that are not in the tree: {', '.join(strange)}.", where=_place(roots))
        known = sorted({str(c.class_id) for c in captures if c.split == "train"} - held)
        validated = {str(c.class_id) for c in captures if c.split == "valid"}
        if not validated.intersection(known):
            raise DatasetError(
                f"A training needs a class with train_data and some valid_data; found {len(known)} classes to train.",
                where=_place(roots),
                todo="Write a tree with `station simulate` or record captures.",
            )
        folders = class_folders(captures)
        alone = (_ALONE.format(class_id=known[0]),) if len(known) == 1 else ()
        return TrainingTree(roots, captures, tuple(known), crops, workers, folders.of, (*folders.sentences, *alone))

    @property
    def place(self) -> str:
        """Where the captures lie, as errors name it."""
        return _place(self.roots)

    @property
    def numbers(self) -> dict[str, int]:
        """The number of each known class."""
        return {class_id: number for number, class_id in enumerate(self.known)}

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
        if len(self.roots) > 1:
            train, labels = counted_once(train, labels)
            valid, valid_labels = counted_once(valid, valid_labels, train)
        self._check(labels, valid_labels)
        profiles = self._profiles(train)
        train = replace(train, remarks=(*weight_remarks(profiles, shape), *train.remarks))
        data = TrainingData(train, labels, spec, valid, valid_labels, profiles)
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
                    where=self.place,
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
                where=self.place,
                todo="Restore pictures and masks, or hold the classes out.",
            )

    def _crops(self, split: str, spec: CropSpec, advance: Advance) -> CropCache:
        known = set(self.known)
        chosen = [c for c in self.captures if c.split == split and c.class_id in known]
        cache = build_cache(
            chosen,
            self.crops,
            spec,
            self.workers,
            lambda done, total: advance(f"cutting {split} crops", done, total),
        )
        return told_apart(cache) if len(self.roots) > 1 else cache

    def _profiles(self, train: CropCache) -> tuple[ClassProfile, ...]:
        samples: defaultdict[str, list[Sample]] = defaultdict(list)
        for sample in train.samples:
            samples[sample.class_id].append(sample)
        return tuple(profile(class_id, samples[class_id], self.folders[class_id]) for class_id in self.known)


def weight_remarks(profiles: Sequence[ClassProfile], shape: ModelConfig) -> tuple[str, ...]:
    """Return what is to be said where classes were never weighed: nothing, or one sentence."""
    never = [known.class_id for known in profiles if not known.weighed]
    if not never:
        return ()
    if len(never) == len(profiles):
        return ("No training capture was weighed, so the model learns no weights. One for all in meta.json is none.",)
    told = (
        ""
        if shape.scalars == "off"
        else (
            " The network can know them by that alone, wherever there is no weight: weigh captures of them, or give"
            " --set model.scalars=off."
        )
    )
    return (f"{len(never)} of {len(profiles)} classes were never weighed, {never[0]} for one.{told}",)


def _place(roots: Sequence[Path]) -> str:
    return ", ".join(str(root) for root in roots)
