"""What a training writes of how it goes: JSON lines, and TensorBoard's events where TensorBoard is installed."""

from __future__ import annotations

import importlib
import importlib.util
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class MetricsLog:
    """``metrics.jsonl`` in a training's folder, a line for every validation, and ``tensorboard/`` beside it."""

    def __init__(self, folder: Path) -> None:
        """Write below ``folder``; nothing is opened yet."""
        self._lines = folder / "metrics.jsonl"
        self._events = folder / "tensorboard"
        self._writer: Any = None

    def begin_anew(self) -> None:
        """Forget what an earlier training wrote."""
        self._lines.unlink(missing_ok=True)
        for file in self._events.glob("events.*"):
            file.unlink()

    def go_on_from(self, step: int) -> None:
        """Forget what was written after a step: it will be written again."""
        if self._lines.exists():
            lines = self._lines.read_text(encoding="utf-8").splitlines()
            kept = [line for line in lines if _step(line) <= step]
            self._lines.write_text("".join(line + "\n" for line in kept), encoding="utf-8")

    def write(self, metrics: Mapping[str, float]) -> None:
        """Add a validation; ``step`` is among the metrics."""
        with self._lines.open("a", encoding="utf-8") as file:
            file.write(json.dumps(dict(metrics)) + "\n")
        writer = self._tensorboard()
        if writer is not None:
            for name, value in metrics.items():
                if name != "step":
                    writer.add_scalar(name, value, int(metrics["step"]))
            writer.flush()

    def close(self) -> None:
        """Close the files."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _tensorboard(self) -> Any:
        if self._writer is None and importlib.util.find_spec("tensorboard") is not None:
            module = importlib.import_module("torch.utils.tensorboard")
            self._writer = module.SummaryWriter(str(self._events))
        return self._writer


def _step(line: str) -> float:
    """Return the step of a line; one that a kill cut off belongs to none."""
    try:
        return float(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):
        return float("inf")
