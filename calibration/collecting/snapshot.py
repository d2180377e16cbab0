"""What a running calibration says of itself: one immutable snapshot, replaced as a whole, for window and terminal."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from calibration.collecting.result import SolvedRig
from station.geometry import Array


class Stage(enum.StrEnum):
    """How far the calibration has come."""

    PLATE = "plate"
    """The empty plate's frame is being photographed; it gives the world."""
    BOARD = "board"
    """The board is being held before the cameras."""
    SOLVING = "solving"
    SOLVED = "solved"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Sight:
    """What one camera sees of the board now.

    ``outline`` (4, 2) are the board's corners in px of the camera's picture, ``None`` when it is not found;
    ``size`` is the picture's (width, height). ``refusal`` says why a found board cannot be used, else it is empty.
    """

    outline: Array | None
    size: tuple[int, int]
    refusal: str = ""

    @property
    def usable(self) -> bool:
        """Whether the view would count."""
        return self.outline is not None and not self.refusal


@dataclass(frozen=True, slots=True)
class Coverage:
    """What one camera has so far.

    ``cells`` are the hit cells of a 4 × 3 grid over its picture, row by row; ``tilts_deg`` and ``distances_m`` the
    least and largest so far (``None`` before the first view). ``wants`` are its missing things as words of
    :class:`Want`, the most needed first; empty when it has enough.
    """

    views: int
    cells: tuple[bool, ...]
    tilts_deg: tuple[float, float] | None
    distances_m: tuple[float, float] | None
    wants: tuple[Want, ...]


class Want(enum.StrEnum):
    """What a camera still lacks."""

    VIEWS = "views"
    TILT = "tilt"
    NEAR = "near"
    FAR = "far"
    CORNERS = "corners"
    """Views in parts of its picture where there was none."""
    PARTNER = "partner"
    """A view in common with another camera."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One placement that was taken: who saw the board, and whether it was dropped again."""

    placement: str
    roles: tuple[str, ...]
    taken_at: datetime
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class CollectSnapshot:
    """Everything at one instant; ``sequence`` grows with every change.

    ``advice`` is the English sentence that says what to do next ("Hold the board between camera 3 and camera 7.",
    "Hold it still."), ``advice_code`` its key and ``advice_values`` what is filled in, for translation (all codes:
    :data:`calibration.collecting.advice.SENTENCES`); ``advice_roles`` are the cameras it is about. ``plate`` names the
    cameras that have the plate's picture.
    ``still`` is 0…1, how much of the time that the board must not move has passed. ``pairs`` counts the placements
    that two cameras share, keyed by roles in order; ``weak_pairs`` are those that still need a common view.
    ``ready`` says that a solve may succeed, ``complete`` that nothing is missing. ``progress`` is 0…1 while solving.
    ``result`` is there from ``SOLVED`` on. ``trouble`` is the sentence of what failed last, else empty.
    """

    sequence: int
    stage: Stage
    board_id: str
    advice: str
    advice_code: str
    advice_values: Mapping[str, str] = field(default_factory=dict[str, str])
    advice_roles: tuple[str, ...] = ()
    sights: Mapping[str, Sight] = field(default_factory=dict[str, Sight])
    still: float = 0.0
    pictures: tuple[Picture, ...] = ()
    plate: tuple[str, ...] = ()
    coverage: Mapping[str, Coverage] = field(default_factory=dict[str, Coverage])
    pairs: Mapping[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    weak_pairs: tuple[tuple[str, str], ...] = ()
    ready: bool = False
    complete: bool = False
    progress: float = 0.0
    result: SolvedRig | None = None
    trouble: str = ""
