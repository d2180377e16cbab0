"""Preallocated pictures that are filled again only when nobody holds them."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from station.errors import CameraError

_ONLY_THE_POOL = 2
"""References of a free buffer: the pool's list and the argument of ``getrefcount``."""


class PictureBuffers:
    """A pool of equal pictures for one stream of one camera; used by that camera's thread alone.

    The reuse rule: a picture handed out is never written again while anything refers to it, be it the frame, a
    slice of its array or a tensor over it. The pool sees that by CPython's reference count of the buffer, which every
    view of it holds up. When all buffers are held, a fresh one is made outside the pool and freed with its last
    reader, so that a slow reader costs memory for what it holds and never a torn picture.

    ``shape`` and ``dtype`` are those of the stream. The memory is taken at once, so that the station's size is known
    from the start and stays.
    """

    def __init__(self, shape: tuple[int, ...], dtype: type[np.generic], count: int = 10) -> None:
        self._shape = shape
        self._dtype = np.dtype(dtype)
        self._pool: list[NDArray[Any]] = [np.full(shape, 0, self._dtype) for _ in range(count)]
        self.misses = 0
        """How many pictures had to be made outside the pool."""

    def copy(self, source: NDArray[Any]) -> NDArray[Any]:
        """Return a read-only copy of ``source``; raises CameraError when it has not the pool's shape and type."""
        if source.shape != self._shape or source.dtype != self._dtype:
            raise CameraError(
                f"The camera delivers pictures of {source.shape} {source.dtype}; "
                f"its profile says {self._shape} {self._dtype}.",
                todo="It is opened again.",
                retryable=True,
            )
        buffer = self._free()
        np.copyto(buffer, source)
        picture = buffer.view()
        picture.flags.writeable = False
        return picture

    def _free(self) -> NDArray[Any]:
        for index in range(len(self._pool)):
            if sys.getrefcount(self._pool[index]) == _ONLY_THE_POOL:
                return self._pool[index]
        self.misses += 1
        return np.empty(self._shape, self._dtype)
