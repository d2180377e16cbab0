"""What a solve has to say: which view, board or camera is wrong, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

View = tuple[str, str]
"""A view's name: its placement and its role."""


class FindingKind(StrEnum):
    """What was found."""

    TURNED = "turned"
    """A board was read upside-down in some views; they were used the right way round.

    ``views`` are the smaller side of the contradiction, or both where the number of views does not decide.
    """
    FOREIGN = "foreign"
    """A view fits the rig under no reading: another board, a board that moved, or a wrong detection. Left out."""
    GROSS_CORNERS = "gross_corners"
    """Some corners of a view are far off; they were left out."""
    BLIND = "blind"
    """A camera saw no board."""
    TOO_LITTLE = "too_little"
    """A camera shares too little with the others to be solved."""
    APART = "apart"
    """A group of cameras shares no board with the rest; only the rest was solved."""
    WEAK = "weak"
    """A camera was solved from few boards."""
    MOVED = "moved"
    """A camera that was held fast does not stand where its calibration says."""
    NOISY = "noisy"
    """The pictures do not fit together: the board moved, or the cameras are not in step."""
    SQUARES = "squares"
    """A board's squares are not as large as stated."""
    INTRINSICS_DOUBTED = "intrinsics_doubted"
    """The pictures contradict the given intrinsics."""
    UNSTATED = "unstated"
    """A camera was held fast, and neither its calibration nor another camera says how sure its place is."""
    SECOND_OPINION = "second_opinion"
    """OpenCV's own solve stands further away than both can be wrong."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: ``text`` says it in a sentence, ``roles`` and ``views`` name what it is about."""

    kind: FindingKind
    text: str
    roles: tuple[str, ...] = ()
    views: tuple[View, ...] = ()


def listed(names: tuple[str, ...]) -> str:
    """Return names as words: ``a``, ``a and b``, ``a, b and c``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
