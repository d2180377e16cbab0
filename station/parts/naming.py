"""The permanent id of a new class: the name of its folder."""

from __future__ import annotations

from collections.abc import Container
from itertools import count

from station.captures.names import name_key, suggested_name

_MOST_LETTERS = 25
"""Letters that are kept of a name which needs a counter: even of four bytes each they leave room for it."""


def free_class_id(number: str, name: str, used: Container[str]) -> str:
    """Return a safe folder name made from number and name, none whose ``name_key`` is among ``used``."""
    wanted = suggested_name("_".join(f"{number} {name}".split()))
    numbered = (suggested_name(f"{wanted[:_MOST_LETTERS]}_{n}") for n in count(2))
    return wanted if name_key(wanted) not in used else next(one for one in numbered if name_key(one) not in used)
