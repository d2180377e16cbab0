"""Looking for the board in live pictures: only where the picture changed, and two at a time."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
from numpy.typing import NDArray

from calibration.collecting.sighting import Looked, looked
from calibration.detection import detect
from calibration.frame_detection import detect_frame
from station.boards import Board, FrameBoard
from station.frames import ColorImage, FrameSet
from station.geometry import CameraModel

Thumbnail = NDArray[np.float32]
"""Small grey picture (36, 64)."""

_THUMBNAIL = 64, 36
_CHANGED_GREYS = 6.0
_CHANGED_BLOCKS = 3
_WORKERS = 2
_LOOK_AGAIN = 12
"""A picture without the board is searched again after so many framesets, even if it did not change."""


class Watcher:
    """Remembers what each camera saw last, and its empty scene.

    The board is looked for where it was before, and where the picture differs both from the last one that was searched
    and from the empty scene. Use it from one thread; :meth:`close` ends its own two.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="calibration-look")
        self._empty: dict[str, Thumbnail] = {}
        self._searched: dict[str, Thumbnail] = {}
        self._last: dict[str, Looked] = {}
        self._age: dict[str, int] = {}

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown()

    def set_empty(self, pictures: Mapping[str, ColorImage]) -> None:
        """Take pictures (H, W, 3) of the scene without the board."""
        self._empty = {role: thumbnail(picture) for role, picture in pictures.items()}
        self.forget()

    def forget(self) -> None:
        """Forget what was seen last: another board is looked for."""
        self._searched, self._last, self._age = {}, {}, {}

    def look(self, frameset: FrameSet, board: Board, models: Mapping[str, CameraModel]) -> dict[str, Looked]:
        """Return what every camera of the frameset sees of the board now; a sighting is always of this frameset.

        A careful search for a chessboard that is not there takes seconds, so every search is a quick one.
        """
        roles = [role for role in frameset.frames if role in models]
        small = {role: thumbnail(frameset.frames[role].color) for role in roles}
        search = [role for role in roles if self._worth_a_look(role, small[role])]

        def searched(role: str) -> Looked:
            return look_at(frameset.frames[role].color, board, role, models[role], "now", quick=True)

        found = dict(zip(search, self._pool.map(searched, search), strict=True))
        for role in roles:
            if role in found:
                self._searched[role], self._last[role], self._age[role] = small[role], found[role], 0
            else:
                self._age[role] = self._age.get(role, 0) + 1
        return {role: self._last[role] for role in roles}

    def _worth_a_look(self, role: str, small: Thumbnail) -> bool:
        last = self._last.get(role)
        if last is None or last.sighting is not None or last.refusal or self._age[role] >= _LOOK_AGAIN:
            return True
        return changed(self._searched[role], small) and self._not_empty(role, small)

    def _not_empty(self, role: str, small: Thumbnail) -> bool:
        return role not in self._empty or changed(self._empty[role], small)


def look_at(picture: ColorImage, board: Board, role: str, model: CameraModel, placement: str, *, quick: bool) -> Looked:
    """Search one picture (H, W, 3) for the board."""
    if isinstance(board, FrameBoard):
        return looked(detect_frame(picture, board, role, model), board, model)
    return looked(detect(picture, board, role, placement, quick=quick), board, model)


def thumbnail(picture: ColorImage) -> Thumbnail:
    """Return the small grey picture by which changes are told."""
    small = cv2.resize(picture, _THUMBNAIL, interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)


def changed(before: Thumbnail, after: Thumbnail) -> bool:
    """Return whether something moved: some blocks differ by more than all do, as they may when the light changes."""
    difference = np.abs(after - before)
    return int((difference > _CHANGED_GREYS + float(np.median(difference))).sum()) >= _CHANGED_BLOCKS
