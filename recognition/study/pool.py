"""Runs of a study side by side: small networks leave most of a processor's threads idle, several of them do not."""

# torch's own annotations are partial
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import torch

from recognition.study.runs import Result, Run, Study
from recognition.training.tree import TrainingTree


@dataclass(frozen=True, slots=True)
class StudyPlace:
    """Where a study's captures, results and starting weights lie, and the device that it computes on."""

    tree: TrainingTree
    out: Path
    weights: Path | None
    device: str

    def study(self) -> Study:
        """Open the study."""
        return Study(self.tree, self.out, self.weights, torch.device(self.device))


def results_of(place: StudyPlace, runs: Sequence[Run], jobs: int) -> Iterator[tuple[Run, Result]]:
    """Yield every run with its result as it is finished, ``jobs`` of them at work at a time.

    Runs that have their result come at once. An error of one ends the others that have not begun, and is raised.
    """
    study = place.study()
    left: list[Run] = []
    for run in runs:
        there = study.result(run)
        if there is None:
            left.append(run)
        else:
            yield run, there
    if jobs < 2 or len(left) < 2:
        for run in left:
            yield run, study.go(run, _Silent())
        return
    # spawned, not forked: the parent may already run torch's threads
    context = multiprocessing.get_context("spawn")
    threads = max(1, (os.cpu_count() or jobs) // jobs)
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=(place, threads)) as pool:
        waiting = {pool.submit(_go, run): run for run in left}
        try:
            for done in as_completed(waiting):
                yield waiting[done], done.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


_study: list[Study] = []
"""The study that this process works at, opened once."""


def _begin(place: StudyPlace, threads: int) -> None:
    torch.set_num_threads(threads)
    _study.append(place.study())


def _go(run: Run) -> Result:
    return _study[0].go(run, _Silent())


class _Silent:
    """Watches a training without a word: what it comes to is told."""

    def stepped(self, step: int, total: int, loss: float, views_per_s: float) -> None:
        pass

    def validated(self, metrics: Mapping[str, float]) -> None:
        pass
