"""The pictures of a calibration on disk: one folder per camera, as ``station calibrate solve --images`` reads them.

Every picture is written whole or not at all, so that a collection that died goes on from what lies there. A dropped
placement is moved to a folder ``.dropped`` beside the cameras', which a solve from pictures does not read.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import cv2

from calibration.picture_folders import CAMERA_FILE
from station.captures.png import read_png
from station.durable_json import write_durably
from station.errors import CalibrationError, StorageError
from station.frames import CameraInfo, ColorImage

_SESSION_FILE = "session.json"
_DROPPED = ".dropped"
_QUICK_PNG = [int(cv2.IMWRITE_PNG_COMPRESSION), 1]


class PictureFolder:
    """The folder of one collection; every method may raise StorageError."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def begin(self, board_id: str, infos: Mapping[str, CameraInfo]) -> None:
        """Note the board and the cameras; raises CalibrationError when the folder holds pictures of others."""
        noted = self._root / _SESSION_FILE
        before = _json(noted) if noted.exists() else {"board": board_id}
        if before.get("board") != board_id:
            raise CalibrationError(
                f"The folder holds pictures of the board {before.get('board')}, now {board_id} is held.",
                where=str(self._root),
                todo="Take another folder, or the same board.",
            )
        for role, info in sorted(infos.items()):
            camera = {"serial": info.serial, "device": info.name, **info.color.to_json()}
            file = self._root / role / CAMERA_FILE
            if file.exists() and {**_json(file), "device": info.name} != camera:
                raise CalibrationError(
                    f"The folder holds pictures of another camera in the place of {role}, or of another size.",
                    where=str(file),
                    todo="Take another folder.",
                )
            if not file.exists():
                _write(file, json.dumps(camera, indent=1).encode())
        _write(noted, json.dumps({"schema": 1, "board": board_id}, indent=1).encode())

    def save(self, placement: str, pictures: Mapping[str, ColorImage], taken_at: datetime) -> None:
        """Write the pictures (H, W, 3) RGB of one placement by role; an earlier one of that name is replaced."""
        for role, picture in sorted(pictures.items()):
            file = self._file(role, placement)
            done, data = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), _QUICK_PNG)
            assert done
            _write(file, data.tobytes())
            os.utime(file, (taken_at.timestamp(), taken_at.timestamp()))

    def remove(self, placement: str) -> None:
        """Take away all pictures of a placement."""
        for file in self._root.glob(f"*/{placement}.png"):
            file.unlink()

    def drop(self, placement: str) -> None:
        """Put a placement aside."""
        self._move(placement, self._root, self._root / _DROPPED)

    def keep(self, placement: str) -> None:
        """Take a placement that was put aside back in."""
        self._move(placement, self._root / _DROPPED, self._root)

    def placements(self) -> dict[str, bool]:
        """Return the placements that lie here, in order, and whether each was dropped."""
        found = {file.stem: False for file in self._root.glob("*/*.png") if not file.parent.name.startswith(".")}
        found.update({file.stem: True for file in (self._root / _DROPPED).glob("*/*.png") if file.stem not in found})
        return dict(sorted(found.items()))

    def roles_of(self, placement: str) -> list[str]:
        """Return the roles that have a picture of a placement."""
        files = [*self._root.glob(f"*/{placement}.png"), *(self._root / _DROPPED).glob(f"*/{placement}.png")]
        return sorted({file.parent.name for file in files})

    def taken_at(self, placement: str) -> datetime:
        """Return when a placement was taken: the time of its files."""
        files = [*self._root.glob(f"*/{placement}.png"), *(self._root / _DROPPED).glob(f"*/{placement}.png")]
        return datetime.fromtimestamp(min(file.stat().st_mtime for file in files), UTC)

    def read(self, role: str, placement: str) -> ColorImage | None:
        """Return a picture (H, W, 3) RGB; ``None`` when it is absent or damaged."""
        for folder in (self._root, self._root / _DROPPED):
            picture = read_png(folder / role / f"{placement}.png", 3, 8)
            if picture is not None:
                return cast(ColorImage, picture)
        return None

    def _file(self, role: str, placement: str) -> Path:
        return self._root / role / f"{placement}.png"

    def _move(self, placement: str, source: Path, target: Path) -> None:
        for file in sorted(source.glob(f"*/{placement}.png")):
            goal = target / file.parent.name / file.name
            try:
                goal.parent.mkdir(parents=True, exist_ok=True)
                file.replace(goal)
            except OSError as error:
                raise StorageError(f"A picture cannot be moved: {error.strerror}.", where=str(file)) from error


def _json(file: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, TypeError, ValueError) as error:
        raise StorageError(
            f"The file cannot be read: {error}.", where=str(file), todo="Take another folder."
        ) from error


def _write(file: Path, content: bytes) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_durably(file, content)
    except OSError as error:
        raise StorageError(
            f"The picture cannot be saved: {error.strerror}.", where=str(file), todo="Make room on the disk."
        ) from error
