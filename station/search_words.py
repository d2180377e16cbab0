"""Words as a search compares them: without case, accents and punctuation, German umlauts also written out."""

from __future__ import annotations

import unicodedata

_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


def fold(text: str) -> str:
    """Return the words of a text without case, accents and punctuation."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))


def fold_both(text: str) -> str:
    """Return a text folded, and once more with umlauts written out where it has some."""
    folded = fold(text)
    german = fold(unicodedata.normalize("NFC", text).casefold().translate(_GERMAN))
    return folded if german == folded else f"{folded} {german}"


def fold_number(number: str) -> str:
    """Return a part number folded, and once more without its dots and dashes."""
    return f"{fold_both(number)} {''.join(fold(number).split())}"
