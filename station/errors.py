"""Errors a person can act on: what happened, where, what to do, and whether a retry can help."""

from __future__ import annotations

from collections.abc import Sequence


class StationError(Exception):
    """Base of every error that may reach a user.

    ``what`` says in one sentence which camera, port, file or key is concerned and what was found
    against what was expected; ``todo`` is the next step. ``str()`` is the sentence to show.
    """

    def __init__(
        self, what: str, *, where: str | None = None, todo: str | None = None, retryable: bool = False
    ) -> None:
        self.what = what
        self.where = where
        self.todo = todo
        self.retryable = retryable
        super().__init__(str(self))

    def __str__(self) -> str:
        """Return place, finding and next step in one line."""
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head} {self.todo}" if self.todo else head


class ConfigError(StationError):
    """The configuration file or a command line value is wrong."""


class CameraError(StationError):
    """A camera could not be found, opened, read or set."""


class ScaleError(StationError):
    """The scale could not be opened or says something impossible.

    ``kind`` is the word for a trouble that lasts, as ``silent``, by which it can be said in another language.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        todo: str | None = None,
        retryable: bool = False,
        kind: str = "",
    ) -> None:
        self.kind = kind
        super().__init__(what, where=where, todo=todo, retryable=retryable)


class CalibrationError(StationError):
    """A calibration is missing, does not fit the rig, or cannot be computed."""


class DatasetError(StationError):
    """A capture or a tree of captures cannot be read or written."""


class ModelError(StationError):
    """A model folder is missing, damaged or does not fit."""


class StorageError(StationError):
    """The data directory, the journal or the disk refuses."""


class SimulationError(StationError):
    """The simulated rig cannot do what was asked."""


class PartError(StationError):
    """A part class, its number or its tags cannot be as asked: it contradicts what the part master holds."""


class CaptureRefusedError(StationError):
    """A capture is not taken in: no space, too many waiting, or its place is taken. Nothing of it was written."""


class DoubtedCaptureError(CaptureRefusedError):
    """Quality gates warn of a capture, and no reason was given to keep it; ``doubts`` are the gates' names."""

    def __init__(self, doubts: Sequence[str]) -> None:
        super().__init__(
            f"Gates warn of this capture: {', '.join(doubts)}.",
            todo="Give a reason to keep it all the same, or dismiss it.",
        )
        self.doubts = tuple(doubts)
