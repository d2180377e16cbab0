"""Part numbers: when two are one and the same, and when one could be mistaken for the other."""

from __future__ import annotations

import enum
import re
import unicodedata

_LEADING_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
_POWER_OF_TEN = re.compile(r"\d+([.,]\d+)?[eE]\+?\d+")


class Likeness(enum.StrEnum):
    """How two different numbers resemble each other."""

    WRITING = "writing"
    """They differ in case, blanks, dots or dashes only, which a scanner's reading does not tell apart."""
    ZEROS = "zeros"
    """One lacks leading zeros of the other, as a spreadsheet leaves them off."""


def tidy(text: str) -> str:
    """Return a number or a name as it is stored: composed characters, single blanks inside and none around."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def key(number: str) -> str:
    """Return what two numbers share that could be mistaken for each other; empty for an empty number."""
    return _LEADING_ZEROS.sub("", _bare(number))


def likeness(one: str, other: str) -> Likeness | None:
    """Say how two numbers could be mistaken for each other; ``None`` when they are equal or clearly different."""
    if tidy(one) == tidy(other) or not key(one) or key(one) != key(other):
        return None
    return Likeness.WRITING if _bare(one) == _bare(other) else Likeness.ZEROS


def spoilt(number: str) -> bool:
    """Say whether a spreadsheet has turned a number into a power of ten (``1,20489E+08``), which loses its digits."""
    return _POWER_OF_TEN.fullmatch(tidy(number)) is not None


def _bare(number: str) -> str:
    folded = unicodedata.normalize("NFKC", number).casefold()
    return "".join(c for c in folded if c.isalnum())
