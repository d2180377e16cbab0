"""Looks every few seconds how much space is left on the disk of the data directory, and says when it is too little."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from station.repeated_look import RepeatedLook

_PERIOD_S = 5.0


class StorageWatch(RepeatedLook):
    """Owns the thread ``storage-watch``; readers never wait for the disk.

    Below ``least_free_gb`` captures are refused (by whoever saves them); recognition goes on.
    """

    def __init__(
        self,
        folder: Path,
        least_free_gb: float,
        *,
        free_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
        period_s: float = _PERIOD_S,
    ) -> None:
        # A network disk may hang.
        hanging = "The disk of the data directory still hangs while it is asked how much space is left."
        super().__init__("storage-watch", period_s, at_once=True, hanging=hanging)
        self._folder = folder
        self._least_free_gb = least_free_gb
        self._free_bytes = free_bytes
        self._trouble = ""

    @property
    def trouble(self) -> str:
        """The sentence of a disk that is nearly full or does not answer, empty while all is well."""
        return self._trouble

    def _look(self) -> None:
        try:
            free_gb = self._free_bytes(self._folder) / 1e9
        except OSError as error:
            self._trouble = f"The data directory's disk does not answer: {error.strerror or error}. Check it."
            return
        if free_gb >= self._least_free_gb:
            self._trouble = ""
        else:
            self._trouble = (
                f"Only {free_gb:.1f} GB are free for the station's data. Parts are recognised, but captures are taken"
                f" again from {self._least_free_gb:g} GB on: make room on the disk."
            )
