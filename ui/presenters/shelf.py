"""What takes its time to get, as pictures from the disk, a bounded number kept; what was asked for last comes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from station.errors import StationError
from ui.presenters.errands import Errands

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

_UNDER_WAY = 4
"""So many are got one after another before the wishes are looked at again."""
_WISHED = 48
"""Wishes beyond that are forgotten, the oldest first: who scrolls on does not want them any more."""


class Shelf(Generic[Key, Value]):
    """Gives what is there and gets what is not, in the thread of ``errands``; whoever owns those collects them.

    Args:
        fetch: gets a value; may take its time, and raise StationError.
        most: values that are kept; the one used longest ago goes first.
        errands: where values are got.
    """

    def __init__(self, fetch: Callable[[Key], Value], most: int, errands: Errands) -> None:
        self._fetch = fetch
        self._most = most
        self._errands = errands
        self._kept: OrderedDict[Key, Value | StationError] = OrderedDict()
        self._wishes: OrderedDict[Key, None] = OrderedDict()
        self._under_way: set[Key] = set()

    def get(self, key: Key) -> Value | None:
        """Return the value, or ``None`` while it is on its way and when it cannot be had."""
        if key in self._kept:
            self._kept.move_to_end(key)
            value = self._kept[key]
            return None if isinstance(value, StationError) else value
        if key not in self._under_way:
            self._wishes[key] = None
            self._wishes.move_to_end(key)
            if len(self._wishes) > _WISHED:
                self._wishes.popitem(last=False)
            self._send()
        return None

    def trouble(self, key: Key) -> str:
        """Return why a value could not be had, empty while that is not known."""
        value = self._kept.get(key)
        return str(value) if isinstance(value, StationError) else ""

    def _send(self) -> None:
        while self._wishes and len(self._under_way) < _UNDER_WAY:
            key, _ = self._wishes.popitem()
            self._under_way.add(key)
            self._errands.do(
                lambda k=key: self._fetch(k),
                lambda value, k=key: self._take(k, value),
                lambda error, k=key: self._take(k, error),
            )

    def _take(self, key: Key, value: Value | StationError) -> None:
        self._under_way.discard(key)
        self._kept[key] = value
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        self._send()
