"""A tree of simulated captures: planned, estimated, written by several processes, resumed where it stopped."""

from __future__ import annotations

import json
import math
import multiprocessing
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

import cv2

from station.captures.class_meta import write_class_meta
from station.captures.hha_files import write_hha
from station.captures.writer import NewCapture, write_capture
from station.durable_json import write_json
from station.errors import DatasetError, SimulationError, StorageError
from station.file_calls import OS_FILES, DurableFolders
from station.simulation.captures import ROOMS, CapturePlan, CaptureStudio, class_meta, plan_captures
from station.simulation.library import PartLibrary
from station.simulation.rig import Size

_SPARE_BYTES = 500_000_000
"""Free disk space that is left to others."""


@dataclass(frozen=True, slots=True)
class TreeRequest:
    """What tree to write: folder, number of classes (``None`` all), captures (train, valid, test), size and seed.

    ``parts`` and ``unit`` name a folder of meshes to use instead of the library, ``rooms`` is the number of
    workshops per split. With ``hha`` every view gets its HHA picture, too.
    """

    out: Path
    classes: int | None
    captures: tuple[int, int, int]
    size: Size
    seed: int
    parts: Path | None = None
    unit: Literal["mm", "m"] = "mm"
    rooms: tuple[int, int, int] = ROOMS
    hha: bool = False

    def library(self) -> PartLibrary:
        """Load the parts this tree is made of."""
        return PartLibrary.from_folder(self.parts, self.unit) if self.parts is not None else PartLibrary.load()

    def studio(self, library: PartLibrary) -> CaptureStudio:
        """Return a studio for this tree's captures."""
        return CaptureStudio(library, self.size, self.seed, rooms=self.rooms)

    def stamp(self) -> dict[str, object]:
        """Return what must be equal for a tree to be continued."""
        return {
            "schema": 1,
            "size": self.size,
            "seed": self.seed,
            "captures": list(self.captures),
            "rooms": list(self.rooms),
            "parts": self.parts.name if self.parts is not None else None,
            "unit": self.unit if self.parts is not None else None,
        }


@dataclass(frozen=True, slots=True)
class Estimate:
    """What remains to be done: captures, bytes and seconds with the given workers."""

    captures: int
    done: int
    bytes: int
    seconds: float


def chosen_classes(library: PartLibrary, count: int | None) -> list[str]:
    """Return class ids in order: all, or ``count`` spread evenly over the library."""
    names = [part.class_id for part in library.classes]
    if count is None or count >= len(names):
        return names
    return [names[math.floor(i * len(names) / count)] for i in range(count)]


class TreeWriter:
    """Writes the tree of a request with a number of worker processes."""

    def __init__(self, request: TreeRequest, workers: int) -> None:
        self.request = request
        self._workers = workers
        self._library = request.library()
        self._classes = chosen_classes(self._library, request.classes)
        plans = [plan for name in self._classes for plan in plan_captures(name, request.captures)]
        self._total = len(plans)
        studio = request.studio(self._library)
        left = [plan for plan in plans if not (self._folder(plan) / "capture.json").exists()]
        self._left = sorted(left, key=studio.room_of)

    def _folder(self, plan: CapturePlan) -> Path:
        return self.request.out / plan.place.folder

    def estimate(self) -> Estimate:
        """Render and write three captures into a temporary folder and extrapolate.

        The time to draw each room's backgrounds is counted once per worker.
        """
        done = self._total - len(self._left)
        if not self._left:
            return Estimate(0, done, 0, 0.0)
        studio = self.request.studio(self._library)
        # From one room, whose first capture pays for drawing it.
        here = [plan for plan in self._left if studio.room_of(plan) == studio.room_of(self._left[0])]
        sample = [here[len(here) * part // 3] for part in range(3)]
        start = time.perf_counter()
        studio.take(sample[0])
        first = time.perf_counter() - start
        written, spent = 0, 0.0
        with tempfile.TemporaryDirectory(prefix="simulate-") as folder, ThreadPoolExecutor(1) as pool:
            for plan in sample:
                start = time.perf_counter()
                probe = Path(folder) / "probe"
                _write(studio.take(plan), probe, pool, hha=self.request.hha)
                spent += time.perf_counter() - start
                written += sum(file.stat().st_size for file in probe.rglob("*") if file.is_file())
                shutil.rmtree(probe)
        each = spent / len(sample)
        rooms = max(first - each, 0.0) * len({studio.room_of(plan) for plan in self._left})
        seconds = each * len(self._left) / self._workers + rooms + 3.0
        return Estimate(len(self._left), done, int(written / len(sample) * len(self._left)), seconds)

    def check(self, estimate: Estimate) -> None:
        """Refuse a tree that another request began, or that the disk has no room for.

        Raises:
            DatasetError: one of both.
        """
        stamp = self.request.out / "simulation.json"
        if stamp.exists():
            try:
                found = json.loads(stamp.read_text(encoding="utf-8"))
                if not isinstance(found, dict):
                    raise ValueError("it is no JSON object")
            except (OSError, ValueError) as error:
                raise DatasetError(
                    f"The tree's note of how it was begun cannot be read: {error}.", where=str(stamp), todo="Remove it."
                ) from error
            found = cast("dict[str, object]", found)
            for key, value in self.request.stamp().items():
                if key == "unit" and key not in found:
                    continue  # trees begun by earlier versions do not say it
                if found.get(key) != value:
                    raise DatasetError(
                        f"The tree was begun with {key} {found.get(key)!r}, now {value!r} is asked for.",
                        where=str(self.request.out),
                        todo="Choose another folder or the same values.",
                    )
        place = self.request.out
        while not place.exists():
            place = place.parent
        free = shutil.disk_usage(place).free
        if estimate.bytes + _SPARE_BYTES > free:
            raise DatasetError(
                f"The captures need about {estimate.bytes / 1e9:.1f} GB and 0.5 GB to spare, "
                f"the disk has {free / 1e9:.1f} GB free.",
                where=str(place),
                todo="Free space, choose another disk, fewer classes or fewer captures.",
            )

    def write(self, progress: Callable[[int], None]) -> None:
        """Write what is left; ``progress`` is told the number of captures finished since the last call.

        Raises:
            DatasetError, StorageError: the disk refuses; finished captures stay.
        """
        self._prepare()
        for number in _spread(self.request, self._left, self._workers):
            progress(number)

    def _prepare(self) -> None:
        existing = self.request.out.absolute()
        while not existing.exists():
            existing = existing.parent
        folders = DurableFolders(OS_FILES, existing)
        out = self.request.out.absolute()
        try:
            folders.ensure(out)
            write_json(out / "simulation.json", self.request.stamp())
            for name in self._classes:
                folders.ensure(out / "sets" / name)
                write_class_meta(OS_FILES, out / "sets" / name, class_meta(self._library.get(name)))
            for folder in {(out / plan.place.folder).parent for plan in self._left}:
                folders.ensure(folder)
        except OSError as error:
            raise DatasetError(
                f"The tree cannot be begun: {error.strerror or error}.",
                where=str(self.request.out),
                todo="Choose a folder you may write to.",
            ) from error


@dataclass(frozen=True, slots=True)
class _Worker:
    """What a worker process has for itself: a studio, and a thread that codes pictures."""

    studio: CaptureStudio
    pool: ThreadPoolExecutor


_worker: _Worker | None = None
"""The worker process's own."""


def _start_worker(request: TreeRequest) -> None:
    """Set up a worker process: one thread, its own parts and rooms; the parent alone hears of an interruption."""
    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    _worker = _Worker(request.studio(request.library()), ThreadPoolExecutor(1))


def _work(request: TreeRequest, plans: list[CapturePlan]) -> int:
    """Write some captures in a worker process; returns how many."""
    if _worker is None:
        raise SimulationError("The worker process was not set up.", todo="Start again.")
    for plan in plans:
        folder = request.out / plan.place.folder
        _write(_worker.studio.take(plan), folder, _worker.pool, hha=request.hha)
    return len(plans)


def _write(capture: NewCapture, folder: Path, pool: ThreadPoolExecutor, *, hha: bool) -> None:
    write_capture(OS_FILES, folder, capture, capture.record, pool)
    if not hha:
        return
    try:
        write_hha(OS_FILES, folder)
    except OSError as error:
        raise StorageError(
            f"The HHA pictures cannot be written: {error.strerror or error}.", where=str(folder), todo="Free space."
        ) from error


def _spread(request: TreeRequest, plans: list[CapturePlan], workers: int) -> Iterator[int]:
    """Write the plans in worker processes, a few ahead each; yields how many were finished."""
    chunks = [plans[i : i + 4] for i in range(0, len(plans), 4)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker, initargs=(request,)) as pool:
        pending: set[Future[int]] = set()
        try:
            while chunks or pending:
                while chunks and len(pending) < 2 * workers:
                    pending.add(pool.submit(_work, request, chunks.pop(0)))
                finished, pending = wait(pending, return_when=FIRST_COMPLETED)
                for future in finished:
                    yield future.result()
        except BrokenProcessPool as error:
            raise DatasetError(
                "A worker process died, most likely for want of memory.",
                where=str(request.out),
                todo="Start again with fewer workers: finished captures are kept.",
            ) from error
        finally:
            for future in pending:
                future.cancel()
