"""Figures of every class and super-class, and which classes are taken for which."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recognition.evaluation.answers import Answered, within
from recognition.evaluation.intervals import Figure, mean_figure
from recognition.evaluation.scores import Rate, rate
from recognition.training.class_words import read_class_words


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """One class; ``taken_for`` is what it is taken for most often where the answer is wrong, ``""`` for nothing."""

    class_id: str
    name: str
    super_class: tuple[str, ...]
    top1: Rate
    top5: Rate
    confidence: Figure
    called_unknown: Rate
    taken_for: str


@dataclass(frozen=True, slots=True)
class SuperClassFigures:
    """All classes whose ``meta.json`` names this super-class; ``kept`` is how often the answer is one of them."""

    name: str
    classes: int
    top1: Rate
    kept: Rate


@dataclass(frozen=True, slots=True)
class SuperClasses:
    """``kept`` is how often the answer has the very super-classes of the truth, ``head`` the super-class head's top-1.

    ``head`` is ``None`` for a model without that head.
    """

    rows: tuple[SuperClassFigures, ...]
    kept: Rate
    head: Rate | None


@dataclass(frozen=True, slots=True)
class Pair:
    """``count`` captures of the class ``truth`` were answered with ``answer``; ``example`` is the row of the surest."""

    truth: str
    answer: str
    count: int
    of: int
    example: int


@dataclass(frozen=True, slots=True)
class Confusion:
    """``cells`` are the counts (truth, answer, captures) that are not zero; ``pairs`` the confused ones, most first."""

    classes: tuple[str, ...]
    cells: tuple[tuple[str, str, int], ...]
    pairs: tuple[Pair, ...]


def super_classes_of(folders: Mapping[str, Path]) -> dict[str, tuple[str, ...]]:
    """Return the super-classes that the ``meta.json`` of each class names, none where it names none.

    Raises DatasetError for a damaged file.
    """
    classes = sorted(folders)
    found = read_class_words(folders, classes)
    return {
        class_id: tuple(found.super_classes[family].split("/")) if family >= 0 else ()
        for class_id, family in zip(classes, found.family, strict=True)
    }


def head_rate(
    said: NDArray[np.float32] | None, families: Sequence[str], truths: Sequence[tuple[str, ...]]
) -> Rate | None:
    """Return how often the super-class head is right, ``None`` for a model without it.

    ``said`` (N, G) are its logits, ``families`` (G,) what they stand for, ``truths`` (N,) the true super-classes;
    captures whose super-class the head does not have are left out.
    """
    if said is None or not families:
        return None
    numbers = {name: number for number, name in enumerate(families)}
    labels = np.array([numbers.get("/".join(truth), -1) for truth in truths], dtype=np.int64)
    return rate((said.argmax(axis=1) == labels)[labels >= 0])


def class_figures(
    answers: Sequence[Answered], names: Mapping[str, str], super_classes: Mapping[str, tuple[str, ...]]
) -> tuple[ClassFigures, ...]:
    """Return the figures of every class, the one with most mistakes first."""
    of_class: defaultdict[str, list[Answered]] = defaultdict(list)
    for answer in answers:
        of_class[answer.truth].append(answer)
    rows: list[ClassFigures] = []
    for class_id, own in of_class.items():
        wrong = Counter(answer.answer for answer in own if answer.rank != 0)
        rows.append(
            ClassFigures(
                class_id,
                names.get(class_id, class_id),
                super_classes.get(class_id, ()),
                rate(within(own, 1)),
                rate(within(own, 5)),
                mean_figure(np.array([answer.confidence for answer in own])),
                rate([answer.unknown for answer in own]),
                wrong.most_common(1)[0][0] if wrong else "",
            )
        )
    return tuple(sorted(rows, key=lambda row: (row.top1.share, row.top5.share, row.confidence.value, row.class_id)))


def super_class_figures(
    answers: Sequence[Answered], super_classes: Mapping[str, tuple[str, ...]], head: Rate | None
) -> SuperClasses:
    """Return the figures of every super-class; a class may belong to several. Classes that name none are left out."""
    members: defaultdict[str, set[str]] = defaultdict(set)
    for class_id, names in super_classes.items():
        for name in names:
            members[name].add(class_id)
    rows: list[SuperClassFigures] = []
    for name, classes in members.items():
        own = [answer for answer in answers if answer.truth in classes]
        if own:
            rows.append(
                SuperClassFigures(
                    name,
                    len({answer.truth for answer in own}),
                    rate(within(own, 1)),
                    rate([answer.answer in classes for answer in own]),
                )
            )
    named = [answer for answer in answers if super_classes.get(answer.truth)]
    kept = rate([super_classes.get(answer.answer) == super_classes[answer.truth] for answer in named])
    return SuperClasses(tuple(sorted(rows, key=lambda row: (row.top1.share, row.name))), kept, head)


def confusion(answers: Sequence[Answered]) -> Confusion:
    """Count which class was answered with which."""
    counts = Counter((answer.truth, answer.answer) for answer in answers)
    of = Counter(answer.truth for answer in answers)
    surest: dict[tuple[str, str], int] = {}
    for row, answer in enumerate(answers):
        pair = (answer.truth, answer.answer)
        if pair not in surest or answer.confidence > answers[surest[pair]].confidence:
            surest[pair] = row
    pairs = [
        Pair(truth, answer, count, of[truth], surest[truth, answer])
        for (truth, answer), count in counts.items()
        if truth != answer
    ]
    return Confusion(
        classes=tuple(sorted({name for pair in counts for name in pair})),
        cells=tuple(sorted((truth, answer, count) for (truth, answer), count in counts.items())),
        pairs=tuple(sorted(pairs, key=lambda p: (-p.count, -p.count / p.of, p.truth, p.answer))),
    )
