"""What ``station train`` shows: bars with the time left on a terminal, lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

_QUIET_S = 10.0
"""Where there is no terminal, a line is printed this often."""


class TrainingDisplay:
    """Shows the stages of a training; implements ``recognition.training.session.Display``."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}"),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task: TaskID | None = None
        self._stage = ""
        self._printed = 0.0
        self._begun = (0.0, 0)

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the last state on the terminal."""
        self._bars.stop()

    def say(self, sentence: str) -> None:
        """Print a sentence above the bars."""
        self._console.print(sentence, highlight=False, markup=False, soft_wrap=True)

    def advance(self, stage: str, done: int, total: int, note: str = "") -> None:
        """Show that ``done`` of ``total`` pieces of a stage are finished."""
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._task = stage, self._bars.add_task(stage, total=total, note=note)
            self._begun = (now, done)
        if self._task is not None:
            self._bars.update(self._task, completed=done, total=total, note=note)
        if not self._console.is_terminal and (now - self._printed > _QUIET_S or done == total):
            self._printed = now
            self.say(", ".join(filter(None, (f"{stage}: {done} of {total}", note, self._time_left(done, total, now)))))

    def _time_left(self, done: int, total: int, now: float) -> str:
        """Return how long the stage will take yet, by what it did since it was begun or gone on with."""
        since, first = self._begun
        if not first < done < total:
            return ""
        minutes = (now - since) / (done - first) * (total - done) / 60.0
        return f"{minutes:.0f} min left" if minutes >= 1.0 else f"{60.0 * minutes:.0f} s left"

    def stepped(self, step: int, total: int, loss: float, views_per_s: float) -> None:
        """Show a training step."""
        self.advance("training", step, total, f"loss {loss:.3f}, {views_per_s:.0f} views/s")

    def validated(self, metrics: Mapping[str, float]) -> None:
        """Print a validation."""
        self.say(
            f"epoch {metrics['epoch']:.0f}: training loss {metrics['training_loss']:.3f}, validation loss "
            f"{metrics['loss']:.3f}, top-1 {metrics['top1']:.1%}, from pictures alone {metrics['visual_top1']:.1%}, "
            f"with the likelihoods {metrics['product_top1']:.1%}, from one view {metrics['view_top1']:.1%}"
        )
