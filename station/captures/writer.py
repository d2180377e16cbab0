"""The one writer of captures: pictures coded by a pool, every file synced, the folder renamed at the end."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future, wait
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from station.captures.contents import is_content
from station.captures.png import encode_png
from station.captures.record import RECORD_FILE, CaptureRecord, content_hash
from station.errors import DatasetError, StorageError
from station.file_calls import FileCalls, remove_tree, write_synced
from station.frames import FrameSet, MaskImage
from station.geometry import CameraCalibration, RigCalibration

TEMPORARY = ".writing-"
"""Beginning of the name of a folder that is being written; readers pass it over, the next start removes it."""


class CaptureContent(Protocol):
    """What a capture's folder is filled with: pictures that were just taken, or files of another tree."""

    @property
    def record(self) -> CaptureRecord:
        """The record, complete but for its place, ``files`` and ``content_hash``."""
        ...

    def check(self) -> None:
        """Raise DatasetError or CalibrationError when it is no whole capture."""
        ...

    def contents(self) -> Iterator[tuple[str, Callable[[], bytes]]]:
        """Yield the files' names in the capture's folder (``cam_01/01_rgb.png``), each with what makes its content.

        They may be called in several threads; they raise OSError and DatasetError.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class NewCapture:
    """A capture that is not on the disk yet.

    ``frameset`` has depth in the colour image's geometry, and is blanked already where that is wanted. ``masks`` are
    (H, W) uint8 of 0 and 255 by role; a role without one gets no mask file. ``calibration`` has the plate as its world
    and knows every role of the frameset. ``record`` is complete but for its place, ``files`` and ``content_hash``.
    """

    frameset: FrameSet
    masks: Mapping[str, MaskImage]
    calibration: RigCalibration
    record: CaptureRecord

    def check(self) -> None:
        """Raise DatasetError or CalibrationError when it cannot be written as MVIP's files."""
        where = self.record.capture_id
        if not self.frameset.frames:
            raise DatasetError("The capture has no view.", where=where)
        self.calibration.require_plate_world()
        for role, frame in self.frameset.frames.items():
            camera = self.calibration.cameras.get(role)
            shape = frame.color.shape[:2]
            if camera is None or (camera.model.height, camera.model.width) != shape:
                found = "none" if camera is None else f"{camera.model.width}×{camera.model.height}"
                raise DatasetError(
                    f"The picture of {role} is {shape[1]}×{shape[0]}, its calibration {found}.",
                    where=where,
                    todo="Calibrate the rig as it is now.",
                )
            mask = self.masks.get(role)
            if frame.depth.shape != shape or (mask is not None and mask.shape != shape):
                raise DatasetError(
                    f"Depth or mask of {role} has another size than its colour image of {shape[1]}×{shape[0]}.",
                    where=where,
                    todo="Register depth to colour first.",
                )

    def contents(self) -> Iterator[tuple[str, Callable[[], bytes]]]:
        """Yield every view's colour, depth, mask and calibration: see :class:`CaptureContent`."""
        for role, frame in sorted(self.frameset.frames.items()):
            head = f"{role}/{role[-2:]}_"
            yield f"{head}rgb.png", partial(encode_png, frame.color)
            yield f"{head}depth.png", partial(encode_png, frame.depth)
            if role in self.masks:
                yield f"{head}rgb_mask_gen.png", partial(encode_png, self.masks[role])
            meta = camera_meta(self.calibration.cameras[role], frame.depth_scale)
            yield f"{head}meta.json", partial(_json, meta)


def write_capture(
    files: FileCalls, folder: Path, capture: CaptureContent, record: CaptureRecord, pool: Executor
) -> CaptureRecord:
    """Write a capture as ``folder`` and return its record with the files' hashes; when it returns, all is on the disk.

    ``record`` is the capture's with its place. The folder's parent must be there, durably, and the folder must not:
    all is written beside it and renamed at the end. Raises DatasetError when the capture is no whole one and
    StorageError when the disk refuses; then nothing stays.
    """
    capture.check()
    beside = folder.with_name(TEMPORARY + folder.name)
    try:
        remove_tree(files, beside)
        files.make_folder(beside)
        hashes = _write_contents(files, beside, capture, pool)
        record = record.model_copy(update={"files": hashes, "content_hash": content_hash(hashes)})
        write_synced(files, beside / RECORD_FILE, record.to_bytes())
        files.sync_folder(beside)
        files.rename(beside, folder)
    except BaseException as error:
        with suppress(OSError):  # what cannot be removed now is swept at the next start
            remove_tree(files, beside)
        if isinstance(error, OSError):
            raise refused_by_disk("written", folder, error) from error
        raise
    try:
        files.sync_folder(folder.parent)
    except OSError as error:
        _take_back(files, folder, beside)
        raise refused_by_disk("written", folder, error) from error
    return record


def camera_meta(camera: CameraCalibration, depth_scale: float) -> dict[str, Any]:
    """Return a camera's ``XX_meta.json``: MVIP's keys and, beyond them, the distortion (k1, k2, p1, p2, k3)."""
    model = camera.model
    return {
        "cameraMatrix": [float(v) for v in model.matrix.ravel()],
        "Intrinsics": {"fx": model.fx, "fy": model.fy, "ppx": model.cx, "ppy": model.cy},
        "DepthScale": depth_scale,
        "Camera_Transformation": [float(v) for v in camera.pose.matrix.ravel()],
        "Distortion": list(model.distortion),
    }


def refused_by_disk(done: str, folder: Path, error: OSError) -> StorageError:
    """Return the sentence for a capture that the disk refused."""
    return StorageError(
        f"The capture cannot be {done}: {error.strerror or error}.",
        where=str(folder),
        todo="Free space on the disk or mend its permissions, then try again: what was stored before is safe.",
        retryable=True,
    )


def _take_back(files: FileCalls, folder: Path, beside: Path) -> None:
    """Undo a rename that nobody can be sure of, so that what was refused is not there later."""
    with suppress(OSError):
        files.rename(folder, beside)
        remove_tree(files, beside)


def _write_contents(files: FileCalls, beside: Path, capture: CaptureContent, pool: Executor) -> dict[str, str]:
    """Write the capture's files below ``beside``, each from the pool; returns SHA-256 by name of those that count."""
    jobs: dict[str, Future[str]] = {}
    folders: set[Path] = set()
    try:
        for name, content in capture.contents():
            path = beside / name
            if path.parent not in folders:
                files.make_folder(path.parent)
                folders.add(path.parent)
            jobs[name] = pool.submit(_write_hashed, files, path, content)
    finally:
        wait(jobs.values())  # nobody may write into a folder that is about to be removed
    hashes = {name: job.result() for name, job in jobs.items()}
    for done in [pool.submit(files.sync_folder, folder) for folder in sorted(folders)]:
        done.result()
    return {name: digest for name, digest in hashes.items() if is_content(name)}


def _write_hashed(files: FileCalls, path: Path, content: Callable[[], bytes]) -> str:
    try:
        data = content()
    except OSError as error:
        raise DatasetError(
            f"A file of the capture cannot be read: {error.strerror or error}.",
            where=str(error.filename or path.name),
            todo="Mend the disk or the folder that it comes from.",
        ) from error
    write_synced(files, path, data)
    return hashlib.sha256(data).hexdigest()


def _json(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data).encode("utf-8")
