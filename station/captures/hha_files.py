"""HHA pictures beside their captures: made from stored depth by a thread that waits for quiet, one view at a time."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from station.captures.catalog import Catalog
from station.captures.mvip import load_depth
from station.captures.png import encode_png
from station.captures.yielding import yield_to_others
from station.errors import StationError
from station.file_calls import FileCalls, replace_durably
from station.frames import ROLES, DepthImage
from station.geometry import CameraCalibration
from station.hha import hha_image

_log = logging.getLogger(__name__)

_LOOK_S = 0.5
"""How often a thread that waits for quiet looks whether it shall end."""


class HhaFiles:
    """Makes up the HHA pictures that captures lack, after everything else.

    A capture's operation in the catalog ends when its pictures are there, so those that a stop or a kill leaves are
    made up after the next start. Only the captures' ids wait in memory. ``moving`` is held while a file is read or
    written: folders do not change their names then.
    """

    def __init__(self, root: Path, catalog: Catalog, files: FileCalls, moving: threading.Lock) -> None:
        self._root = root
        self._catalog = catalog
        self._files = files
        self._moving = moving
        self._stopping = threading.Event()
        self.quiet = threading.Event()
        self.quiet.set()
        self._left = 0
        self._counting = threading.Lock()
        self._thread = ThreadPoolExecutor(
            1, thread_name_prefix="captures-hha", initializer=yield_to_others, initargs=(19,)
        )

    def add(self, capture_id: str, operation_id: int) -> None:
        """Have a capture's pictures made; the operation is ended after that."""
        with self._counting:
            self._left += 1
        self._thread.submit(self._make, capture_id, operation_id)

    @property
    def idle(self) -> bool:
        """Whether no picture is being made or waits for it."""
        with self._counting:
            return self._left == 0

    def stop(self) -> None:
        """End after the view at hand; what waits is left for the next start."""
        self._stopping.set()
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _make(self, capture_id: str, operation_id: int) -> None:
        try:
            for role in ROLES:
                while not self.quiet.wait(_LOOK_S) and not self._stopping.is_set():
                    pass
                if self._stopping.is_set():
                    return
                self._make_one(capture_id, role)
            self._catalog.end(operation_id)
        except (OSError, StationError) as error:
            _log.warning("The HHA pictures of capture %s wait for the next start: %s", capture_id, error)
        except Exception:
            _log.exception("The HHA pictures of capture %s cannot be made", capture_id)
        finally:
            with self._counting:
                self._left -= 1

    def _make_one(self, capture_id: str, role: str) -> None:
        with self._moving:
            folder = self._wanting(capture_id, role)
            seen = load_depth(folder, role) if folder else None
        if seen is None:
            return
        content = _coded(seen)
        with self._moving:
            folder = self._wanting(capture_id, role)
            if folder is not None:
                replace_durably(self._files, folder / hha_name(role), content)

    def _wanting(self, capture_id: str, role: str) -> Path | None:
        """Return the folder of a capture that lacks this picture; ``None`` when there is no such view, or it is there.

        An imported picture is one that is there.
        """
        entry = self._catalog.get(capture_id)
        folder = self._root / entry.folder if entry else None
        if folder is None or not (folder / role).is_dir() or (folder / hha_name(role)).exists():
            return None
        return folder


def write_hha(files: FileCalls, folder: Path) -> None:
    """Write the HHA pictures of a capture's folder that are missing; raises OSError."""
    for role in ROLES:
        if not (folder / hha_name(role)).exists() and (seen := load_depth(folder, role)) is not None:
            replace_durably(files, folder / hha_name(role), _coded(seen))


def hha_name(role: str) -> str:
    """Return the path of a view's HHA picture in its capture's folder."""
    return f"{role}/{role[-2:]}_hha.png"


def _coded(seen: tuple[DepthImage, float, CameraCalibration]) -> bytes:
    depth, scale, camera = seen
    return encode_png(hha_image(depth, scale, camera.model, camera.pose))
