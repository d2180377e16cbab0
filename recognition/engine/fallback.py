"""Runners in the order of their speed: what one cannot do, the next one does, and no part is lost."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import torch

from recognition.engine.views import Ran, Runner, Scalars, Views
from station.errors import StationError

_log = logging.getLogger(__name__)

MOST_FAULTS = 3
"""After so many faults in a row a runner is not tried again."""
_LOST = ("CUDA error", "CUDA driver error", "cuDNN error", "CUBLAS_STATUS", "NVML")
"""What torch says of a GPU that does not answer any more; a process cannot get it back."""


class Fallback:
    """Runs each part on the first runner that can do it; slower ones are made when they are needed, not before.

    Not meant to be called from two threads at once.
    """

    def __init__(self, makers: Sequence[Callable[[], Runner]]) -> None:
        """Make the first runner that can be made; raises what the last one raises when none can."""
        self._makers = list(makers)
        self._faults = 0
        self._runner: Runner | None = None
        self._next: Fallback | None = None
        self._trouble = ""
        try:
            self._runner = self._makers[0]()
        except Exception as fault:
            if len(self._makers) == 1 or isinstance(fault, StationError):
                raise
            self._give_up(fault)
            self._following()

    @property
    def kind(self) -> str:
        """What answers the next part."""
        return self._runner.kind if self._runner is not None else self._following().kind

    @property
    def trouble(self) -> str:
        """Why a faster runner does not answer now, in sentences for people; empty while the fastest does."""
        further = self._next.trouble if self._trouble and self._next is not None else ""
        return " ".join(said for said in (self._trouble, further) if said)

    def run(self, views: Views, scalars: Scalars) -> Ran:
        """Return what the heads say; raises only what the last runner raises."""
        if self._runner is None:
            return self._following().run(views, scalars)
        if len(self._makers) == 1:
            return self._runner.run(views, scalars)
        try:
            ran = self._runner.run(views, scalars)
            if not ran.finite:
                raise ArithmeticError("it gave numbers that are none")
        except StationError:
            raise  # says what is wrong with the part or the model, whoever computes it
        except Exception as fault:
            self._note(fault)
            return self._following().run(views, scalars)
        if self._trouble:
            _log.info("Recognition runs on %s again.", self._runner.kind)
        self._faults, self._trouble = 0, ""
        return ran

    def _note(self, fault: Exception) -> None:
        self._faults += 1
        if self._faults >= MOST_FAULTS or _is_lost(fault):
            self._give_up(fault)
            return
        assert self._runner is not None
        self._trouble = f"A part was recognised without {self._runner.kind}: {_reason(fault)}."
        _log.warning("%s", self._trouble)

    def _give_up(self, fault: Exception) -> None:
        what = "The fastest way to compute" if self._runner is None else self._runner.kind
        self._runner = None  # lets go of its memory
        self._trouble = (
            f"{what} is not used any more: {_reason(fault)}. Recognition goes on, more slowly."
            " Check it with: station doctor, then start the station again."
        )
        _log.warning("%s", self._trouble)

    def _following(self) -> Fallback:
        if self._next is None:
            self._next = Fallback(self._makers[1:])
        return self._next


def _is_lost(fault: Exception) -> bool:
    if isinstance(fault, torch.OutOfMemoryError):
        return False
    kind = getattr(torch, "AcceleratorError", None)  # torch 2.8 and newer
    if kind is not None and isinstance(fault, kind):
        return True
    return isinstance(fault, RuntimeError) and any(mark in str(fault) for mark in _LOST)


def _reason(fault: Exception) -> str:
    if isinstance(fault, torch.OutOfMemoryError):
        return "its memory is full"
    if _is_lost(fault):
        return f"the GPU does not answer any more ({_first_line(fault)})"
    return _first_line(fault)


def _first_line(fault: Exception) -> str:
    return str(fault).partition("\n")[0].strip().rstrip(".") or type(fault).__name__
