"""Pictures from anywhere: one folder per camera, one picture per placement, the same name for the same instant."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from calibration.detection import detect
from calibration.frame_detection import detect_frame
from calibration.other_boards import other_board
from calibration.plate_pose import PLACEMENT
from calibration.views import BoardView
from station.boards import Board, FrameBoard
from station.durable_json import write_durably, write_json
from station.errors import CalibrationError
from station.geometry import CameraModel, require_role

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff")
CAMERA_FILE = "camera.json"
"""Beside the pictures: the camera's model as JSON, with its ``serial`` and ``device`` (its name) where known."""
FACTORY_FILE = "camera.factory.json"
"""What the first ``camera.json`` was before its intrinsics were solved anew."""


_LOOKED_AT = 3
"""Pictures in which another board is looked for when the named one is in none."""


@dataclass(frozen=True, slots=True)
class CameraFolder:
    """One camera: its model, serial and device name (empty if unknown) and pictures by placement."""

    role: str
    serial: str
    model: CameraModel
    pictures: Mapping[str, Path]
    device: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A picture without a usable board and the reason."""

    role: str
    placement: str
    reason: str


def camera_folders(root: Path, known: Mapping[str, tuple[str, CameraModel]] | None = None) -> list[CameraFolder]:
    """Return the cameras below ``root``; ``known`` gives serial and model by role where ``camera.json`` is absent.

    Raises CalibrationError when there is no camera, one without intrinsics, or a folder that no camera can be named by.
    """
    if not root.is_dir():
        raise CalibrationError("There is no such folder.", where=str(root), todo="Give one folder per camera in it.")
    folders = [folder for folder in sorted(root.iterdir()) if folder.is_dir() and not folder.name.startswith(".")]
    if not folders:
        raise CalibrationError("It holds no folder of a camera.", where=str(root), todo="Give one folder per camera.")
    found: list[CameraFolder] = []
    for folder in folders:
        require_role(folder.name)
        file = folder / CAMERA_FILE
        device = ""
        if file.is_file():
            serial, model = camera_file(file)
            device = str(json.loads(file.read_text(encoding="utf-8")).get("device", ""))
        elif known and folder.name in known:
            serial, model = known[folder.name]
        else:
            raise CalibrationError(
                f"The camera's intrinsics are not known: there is no {CAMERA_FILE}.",
                where=str(folder),
                todo="Write one with width, height, fx, fy, cx, cy, distortion, or name a calibration that has them.",
            )
        found.append(CameraFolder(folder.name, serial, model, pictures_in(folder), device))
    return found


def pictures_in(folder: Path) -> dict[str, Path]:
    """Return the pictures of a folder by name without ending.

    Raises CalibrationError for two of one name: the name says which pictures of the cameras belong together.
    """
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in ENDINGS:
            other = found.setdefault(path.stem, path)
            if other is not path:
                raise CalibrationError(
                    f"{other.name} and {path.name} have the same name but for the ending.",
                    where=str(folder),
                    todo="Keep one of them.",
                )
    return found


def pictures_by_camera(root: Path) -> dict[str, dict[str, Path]]:
    """Return pictures by camera and name: those of the folders below ``root``, or of ``root`` alone as one camera.

    Raises CalibrationError when there is none.
    """
    if not root.is_dir():
        raise CalibrationError("There is no such folder.", where=str(root), todo="Give a folder of pictures.")
    folders = [folder for folder in sorted(root.iterdir()) if folder.is_dir() and not folder.name.startswith(".")]
    found = {folder.name: pictures_in(folder) for folder in folders}
    found = {name: pictures for name, pictures in found.items() if pictures}
    own = pictures_in(root)
    if own and not found:
        return {root.resolve().name: own}
    if not found:
        raise CalibrationError("It holds no picture.", where=str(root), todo="Give a folder of pictures.")
    return found


def views_in(
    folders: Sequence[CameraFolder], board: Board | None, frame: FrameBoard, *, fine_plate: bool = False
) -> tuple[list[BoardView], list[Refused]]:
    """Look for the board in every picture, and for the plate's frame in those called ``plate``.

    ``fine_plate`` takes the corners between the frame's squares, which are more precise, instead of its markers'.
    Raises CalibrationError when a picture cannot be read or is of another size than its camera's model, or when the
    pictures show another board.
    """
    views: list[BoardView] = []
    refused: list[Refused] = []
    for folder in folders:
        for placement, path in folder.pictures.items():
            wanted = frame if placement == PLACEMENT else board
            if wanted is None:
                continue
            picture = _picture(path, folder.model)
            if fine_plate and isinstance(wanted, FrameBoard):
                found = detect_frame(picture, wanted, folder.role, folder.model)
            else:
                found = detect(picture, wanted, folder.role, placement)
            if found.view is not None:
                views.append(found.view)
            elif found.refusal is not None:
                refused.append(Refused(folder.role, placement, found.refusal))
    if board is not None and not any(view.placement != PLACEMENT for view in views):
        paths = [path for folder in folders for name, path in folder.pictures.items() if name != PLACEMENT]
        name_other_board(paths, board)
    return views, refused


def name_other_board(pictures: Sequence[Path], board: Board) -> None:
    """Raise CalibrationError when most of the first pictures show the same other thing instead of the board."""
    looked_at = pictures[:_LOOKED_AT]
    shown = Counter(other_board(grey_picture(path), board) for path in looked_at)
    for other, count in shown.most_common(1):
        if other is not None and 2 * count > len(looked_at):
            raise CalibrationError(
                f"No picture shows {board.id}, they show {other}.",
                where=str(looked_at[0].parent),
                todo="Name the board that was printed: its id stands on the sheet.",
            )


def colour_picture(path: Path) -> NDArray[np.uint8] | None:
    """Return a picture as RGB (H, W, 3), ``None`` when it cannot be read."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
    # OpenCV's annotations leave out the None it returns for what it cannot read
    return None if cast(Any, image) is None else np.asarray(image, dtype=np.uint8)


def grey_picture(path: Path) -> NDArray[np.uint8]:
    """Return a picture in grey (H, W); raises CalibrationError when it cannot be read."""
    image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    grey = np.asarray(image if image is not None else np.empty(0), dtype=np.uint8)
    if grey.size == 0:
        raise CalibrationError("The picture cannot be read.", where=str(path), todo="Remove it or copy it again.")
    return grey


def camera_file(file: Path) -> tuple[str, CameraModel]:
    """Return serial and model of a ``camera.json``; raises CalibrationError."""
    try:
        data: Any = json.loads(file.read_text(encoding="utf-8"))
        return str(data.get("serial", "")), CameraModel.from_json(data)
    except CalibrationError as error:
        raise CalibrationError(error.what, where=str(file), todo=error.todo) from error
    except (OSError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise CalibrationError(
            f"The camera's intrinsics cannot be read: {error!r}.",
            where=str(file),
            todo="It needs width, height, fx, fy, cx, cy, and may have distortion (k1, k2, p1, p2, k3) and serial.",
        ) from error


def write_solved_model(folder: Path, model: CameraModel) -> None:
    """Write solved intrinsics as a folder's ``camera.json``; what else it holds stays, as the serial.

    The one that was there before the first time is kept as :data:`FACTORY_FILE`. Raises CalibrationError when the old
    one cannot be read or the folder cannot be written.
    """
    file, kept = folder / CAMERA_FILE, folder / FACTORY_FILE
    before: dict[str, Any] = {}
    try:
        if file.exists():
            camera_file(file)
            content = file.read_bytes()
            before = dict(json.loads(content))
            if not kept.exists():
                write_durably(kept, content)
        write_json(file, {**before, **model.to_json()})
    except OSError as error:
        raise CalibrationError(
            f"The intrinsics cannot be written: {error.strerror or error}.",
            where=str(file),
            todo="Give a folder that can be written.",
        ) from error


def _picture(path: Path, model: CameraModel) -> NDArray[np.uint8]:
    grey = grey_picture(path)
    if grey.shape != (model.height, model.width):
        raise CalibrationError(
            f"The picture is {grey.shape[1]}×{grey.shape[0]}, its camera's intrinsics are for "
            f"{model.width}×{model.height}.",
            where=str(path),
            todo="Give the intrinsics of this picture size.",
        )
    return grey
