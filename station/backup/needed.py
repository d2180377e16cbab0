"""Which contents are needed, in eight bytes each: a data set has millions."""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray

_MOST_NEW = 1 << 16


class Needed:
    """A set of SHA-256 that knows the first 64 bits of each.

    It may take one for needed that is not, once in 2⁶⁴ divided by their number: a content is then kept in vain. It
    never takes one for not needed that is.
    """

    def __init__(self) -> None:
        self._known: NDArray[np.uint64] = np.empty(0, np.uint64)
        self._new = array("Q")

    def add(self, sha256: str) -> None:
        """Add a hash, given as hexadecimal digits."""
        self._new.append(int(sha256[:16], 16))
        if len(self._new) >= _MOST_NEW:
            self._merge()

    def __contains__(self, sha256: object) -> bool:
        """Say whether a hash was added; what is no hash was not."""
        try:
            head = np.uint64(int(str(sha256)[:16], 16))
        except ValueError:
            return False
        self._merge()
        at = int(np.searchsorted(self._known, head))
        return at < len(self._known) and self._known[at] == head

    def _merge(self) -> None:
        if not self._new:
            return
        new = np.unique(np.frombuffer(self._new, np.uint64))
        self._new = array("Q")
        at = np.searchsorted(self._known, new)
        known = np.zeros(len(new), bool)
        inside = at < len(self._known)
        known[inside] = self._known[at[inside]] == new[inside]
        if not known.all():
            self._known = np.insert(self._known, at[~known], new[~known])
