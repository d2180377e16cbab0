"""Pictures shared between the render process and the station: one file in memory, no copy on the way."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from station.errors import SimulationError
from station.frames import ColorImage, DepthImage

_MEMORY_FOLDER = Path("/dev/shm")
"""Linux keeps files here in memory; elsewhere, or when it is small, the temporary folder serves."""


@dataclass(frozen=True, slots=True)
class PictureLayout:
    """How many pictures of which size a store holds: ``slots`` scenes × ``cameras`` × ``variants`` of noise."""

    width: int
    height: int
    cameras: int
    slots: int = 2
    variants: int = 3

    @property
    def picture_bytes(self) -> int:
        """Bytes of one picture: three of colour and two of depth a pixel."""
        return self.width * self.height * 5

    @property
    def total_bytes(self) -> int:
        """Bytes of the whole store."""
        return self.picture_bytes * self.cameras * self.slots * self.variants


class PictureStore:
    """Colour and depth pictures in a file that both processes map.

    There are no locks: the renderer writes only where the station does not look, and says by message where to look.
    """

    def __init__(self, path: Path, layout: PictureLayout) -> None:
        self.layout = layout
        self._path = path
        self._map: NDArray[Any] | None = np.memmap(path, np.uint8, "r+", shape=(layout.total_bytes,))

    @staticmethod
    def create(layout: PictureLayout) -> tuple[PictureStore, Path]:
        """Make a new store; returns it with the file that the other process opens. Raises SimulationError."""
        needed = layout.total_bytes
        for folder in (_MEMORY_FOLDER, Path(tempfile.gettempdir())):
            if folder.is_dir() and os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > 1.2 * needed:
                break
        else:
            raise SimulationError(
                f"The simulated pictures need {needed / 1e6:.0f} MB of temporary space, which is not there.",
                where=tempfile.gettempdir(),
                todo="Free some space, or choose size 640x480 under [simulation].",
            )
        handle, name = tempfile.mkstemp(prefix="station-pictures-", dir=folder)
        try:
            os.truncate(handle, needed)
        finally:
            os.close(handle)
        store = PictureStore(Path(name), layout)
        # Taken at once, so that the station's size is known from the start.
        store._all()[:] = 0
        return store, Path(name)

    def unlink(self) -> None:
        """Remove the file's name, so that nothing stays behind whatever happens; open maps live on where allowed."""
        try:
            self._path.unlink(missing_ok=True)
        except PermissionError:
            # Windows (untested) keeps a mapped file's name; ``close`` removes it.
            return

    def close(self) -> None:
        """Let the map go and remove the file."""
        self._map = None
        self.unlink()

    def color(self, slot: int, camera: int, variant: int) -> ColorImage:
        """Return the colour picture (H, W, 3) at a place, writable."""
        layout = self.layout
        part = self._bytes(slot, camera, variant)[: layout.width * layout.height * 3]
        return part.reshape(layout.height, layout.width, 3)

    def depth(self, slot: int, camera: int, variant: int) -> DepthImage:
        """Return the depth picture (H, W) at a place, writable."""
        layout = self.layout
        part = self._bytes(slot, camera, variant)[layout.width * layout.height * 3 :]
        return part.view(np.uint16).reshape(layout.height, layout.width)

    def _bytes(self, slot: int, camera: int, variant: int) -> NDArray[np.uint8]:
        layout = self.layout
        start = ((slot * layout.cameras + camera) * layout.variants + variant) * layout.picture_bytes
        return self._all()[start : start + layout.picture_bytes]

    def _all(self) -> NDArray[np.uint8]:
        if self._map is None:
            raise SimulationError("The simulated pictures are closed.", where="simulation")
        return np.asarray(self._map)
