"""How long a capture of ten views takes until it is durable, stage by stage, and what a recognition loses meanwhile.

Parts of the live simulated rig are located and kept through the store as the capture page does it, fsync on, in a
folder of its own (``--folder`` chooses the disk). First with one thread, so that the stages do not overlap and can be
told apart; then as the station does it; then with recognitions going on, and with HHA pictures being made beside them.
``--patient`` waits before each figure until others leave the machine idle, 10 s at most: for machines that are shared.
Usage: ``python -m benchmarks.capture [--saves N] [--parts N] [--size 1280x720|640x480] [--folder DIR] [--patient]
[--json]``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.recognition import frameset
from recognition.engine import Engine
from recognition.roi import RoiLocator
from station.captures.catalog import Catalog
from station.captures.record import CaptureRecord, frame_stamps
from station.captures.store import CaptureStore, StoredCapture
from station.captures.writer import NewCapture
from station.cli.assembly import model_folder
from station.config import LoadedSettings
from station.file_calls import OsFiles
from station.frames import FrameSet
from station.settings import Settings, frame_size
from station.simulation.live_scene import LiveScene

OUTPUT = Path(__file__).parents[1] / "bench-output"
STAGES = ("encode", "write", "fsync", "folders", "rename", "catalog", "rest", "all")


class TimedFiles(OsFiles):
    """The real calls, with the time that each kind took in all threads together."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._lock = threading.Lock()

    def write(self, handle: int, content: bytes) -> None:
        """See :class:`OsFiles`."""
        with self.timed("write"):
            super().write(handle, content)

    def sync(self, handle: int) -> None:
        """See :class:`OsFiles`."""
        with self.timed("fsync"):
            super().sync(handle)

    def sync_folder(self, path: Path) -> None:
        """See :class:`OsFiles`."""
        with self.timed("folders"):
            super().sync_folder(path)

    def rename(self, source: Path, target: Path) -> None:
        """See :class:`OsFiles`."""
        with self.timed("rename"):
            super().rename(source, target)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the time of a block to a stage."""
        begun = time.perf_counter()
        try:
            yield
        finally:
            with self._lock:
                self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - begun


class TimedCatalog(Catalog):
    """A catalog that adds its time before and after a save to that of the files."""

    files: TimedFiles

    def begin(self, operation: Any) -> int:
        """See :class:`Catalog`."""
        with self.files.timed("catalog"):
            return super().begin(operation)

    def add(self, record: CaptureRecord, folder: str) -> None:
        """See :class:`Catalog`."""
        with self.files.timed("catalog"):
            super().add(record, folder)


@dataclass(frozen=True)
class TimedContent:
    """A capture whose coding is timed."""

    capture: NewCapture
    record: CaptureRecord
    files: TimedFiles

    def check(self) -> None:
        """See :class:`CaptureContent`."""
        self.capture.check()

    def contents(self) -> Iterator[tuple[str, Callable[[], bytes]]]:
        """See :class:`CaptureContent`."""
        for name, content in self.capture.contents():
            yield name, partial(self._made, content)

    def _made(self, content: Callable[[], bytes]) -> bytes:
        with self.files.timed("encode"):
            return content()


class Bench:
    """Captures in memory, a recogniser, and a store in a folder of its own."""

    def __init__(self, size: str, parts: int, folder: Path) -> None:
        self.engine = Engine(model_folder(LoadedSettings(Settings(), None, Path())), "cpu")
        self.scene = LiveScene(size, seed=31)
        self.locator = RoiLocator()
        self.locator.learn_empty(frameset(self.scene, frame_size(size), 0), self.scene.calibration)
        self.folder = folder
        self.taken: list[tuple[FrameSet, float, NewCapture]] = []
        self._number = 0
        rng = np.random.default_rng(31)
        for number, index in enumerate(rng.choice(len(self.engine.class_ids), parts, replace=False)):
            self.scene.place(self.engine.class_ids[int(index)], 1000 + number, False, None, None)
            frames = frameset(self.scene, frame_size(size), number + 1)
            kg = self.scene.load[0]
            self.taken.append((frames, kg, self._capture(frames, kg)))
            self.scene.clear()

    def _capture(self, frames: FrameSet, kg: float) -> NewCapture:
        calibration = self.scene.calibration
        record = CaptureRecord(
            capture_id="x",
            class_id="",
            split="train",
            origin="simulation",
            taken_at=frames.taken_at,
            weight_kg=kg,
            frame_times=frame_stamps(frames),
            calibration_id=calibration.id,
        )
        return NewCapture(frames, self.locator.locate(frames, calibration).mask, calibration, record)

    @contextmanager
    def store(self, workers: int | None) -> Iterator[tuple[CaptureStore, TimedFiles]]:
        """Yield a store on a new tree, and the clock of its files."""
        files = TimedFiles()
        with tempfile.TemporaryDirectory(prefix="capture-", dir=self.folder) as name:
            catalog = TimedCatalog(Path(name) / "catalog.sqlite")
            catalog.files = files
            store = CaptureStore(Path(name) / "captures", catalog, files=files, workers=workers)
            try:
                yield store, files
            finally:
                store.stop()
                catalog.close()

    def save(self, store: CaptureStore, files: TimedFiles, number: int) -> Future[StoredCapture]:
        """Hand one of the captures to the store, under a new name."""
        self._number += 1
        _, _, capture = self.taken[number % len(self.taken)]
        record = capture.record.model_copy(update={"capture_id": f"bench-{self._number}"})
        return store.save(TimedContent(capture, record, files), store.next_place("bench", "train"))

    def recognize(self, number: int) -> float:
        """Locate and recognise a part; returns the milliseconds it took."""
        frames, kg, _ = self.taken[number % len(self.taken)]
        begun = time.perf_counter()
        self.engine.recognize(frames, self.locator.locate(frames, self.scene.calibration), kg)
        return (time.perf_counter() - begun) * 1e3


class Patience:
    """Waits for quiet: until the store has made all its HHA pictures and, when asked to, others rest too."""

    def __init__(self, others_too: bool) -> None:
        self._others_too = others_too
        self.waits = self.vain = 0

    def wait(self, store: CaptureStore) -> None:
        """Return when it is quiet; for others at most ten seconds are waited."""
        while not store.idle:
            time.sleep(0.02)
        if not self._others_too:
            return
        self.waits += 1
        end = time.monotonic() + 10.0
        while time.monotonic() < end:
            before = _ticks()
            time.sleep(0.25)
            idle, total = (now - then for now, then in zip(_ticks(), before, strict=True))
            if idle >= 0.85 * total:
                return
        self.vain += 1


def _ticks() -> tuple[int, int]:
    """Return the processors' idle and total time so far (Linux)."""
    values = [int(word) for word in Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]]
    return values[3], sum(values)


def stages(bench: Bench, saves: int, patience: Patience) -> dict[str, list[float]]:
    """Save with one thread; returns the milliseconds of every stage of each save."""
    found: dict[str, list[float]] = {stage: [] for stage in STAGES}
    with bench.store(workers=1) as (store, files):
        for number in range(saves + 1):
            files.seconds = {}
            begun = time.perf_counter()
            bench.save(store, files, number).result()
            spent = time.perf_counter() - begun
            files.seconds["rest"] = spent - sum(files.seconds.values())
            files.seconds["all"] = spent
            if number:  # the first one makes folders and warms caches
                for stage in STAGES:
                    found[stage].append(files.seconds.get(stage, 0.0) * 1e3)
            patience.wait(store)
    return found


def alone(bench: Bench, saves: int, patience: Patience) -> dict[str, list[float]]:
    """Save as the station does, one after the other; returns the milliseconds of each save, and of its processor."""
    found: dict[str, list[float]] = {"durable": [], "processor": []}
    with bench.store(workers=None) as (store, files):
        for number in range(saves + 1):
            begun, worked = time.perf_counter(), time.process_time()
            bench.save(store, files, number).result()
            if number:
                found["durable"].append((time.perf_counter() - begun) * 1e3)
                found["processor"].append((time.process_time() - worked) * 1e3)
            patience.wait(store)
    return found


def meanwhile(bench: Bench, saves: int, patience: Patience) -> dict[str, list[float]]:
    """Recognise alone, beside saves, and beside HHA pictures; returns milliseconds of all three and of the saves."""
    found: dict[str, list[float]] = {"alone": [], "beside_a_save": [], "beside_hha": [], "save": []}
    with bench.store(workers=None) as (store, files):
        for number in range(saves + 1):
            recognized = bench.recognize(number)
            patience.wait(store)
            begun = time.perf_counter()
            ended: list[float] = []
            saving = bench.save(store, files, number)
            saving.add_done_callback(lambda _, ended=ended: ended.append(time.perf_counter()))
            beside = bench.recognize(number + 1)
            saving.result()
            coding = [] if store.idle else [bench.recognize(number + 2)]
            if number:
                found["alone"].append(recognized)
                found["beside_a_save"].append(beside)
                found["beside_hha"] += coding
                found["save"].append((ended[0] - begun) * 1e3)
            patience.wait(store)
    return found


def figures_of(milliseconds: list[float]) -> dict[str, float]:
    """Return median, 95th percentile and maximum."""
    if not milliseconds:
        return {}
    return {
        "p50": round(float(np.median(milliseconds)), 1),
        "p95": round(float(np.percentile(milliseconds, 95)), 1),
        "max": round(max(milliseconds), 1),
    }


def run(size: str, parts: int, saves: int, folder: Path, *, patient: bool) -> dict[str, Any]:
    """Measure; returns the figures."""
    folder.mkdir(parents=True, exist_ok=True)
    load: Callable[[], float] = lambda: round(os.getloadavg()[0], 1)  # noqa: E731
    before = load()
    bench = Bench(size, parts, folder)
    for number in range(3):
        bench.recognize(number)
    patience = Patience(patient)
    single, station, beside = (measure(bench, saves, patience) for measure in (stages, alone, meanwhile))
    return {
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "load": [before, load()],
        "waits_for_quiet": {"all": patience.waits, "in_vain": patience.vain},
        "torch_threads": torch.get_num_threads(),
        "size": size,
        "views": 10,
        "saves": saves,
        "one_thread_ms": {stage: figures_of(times) for stage, times in single.items()},
        "durable_ms": figures_of(station["durable"]),
        "processor_ms": figures_of(station["processor"]),
        "durable_beside_a_recognition_ms": figures_of(beside["save"]),
        "recognition_ms": {key: figures_of(times) for key, times in beside.items() if key != "save"},
    }


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--saves", type=int, default=20)
    parser.add_argument("--parts", type=int, default=4)
    parser.add_argument("--size", choices=("1280x720", "640x480"), default="1280x720")
    parser.add_argument("--folder", type=Path, default=OUTPUT, help="where the captures are written meanwhile")
    parser.add_argument("--patient", action="store_true")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    figures = run(arguments.size, arguments.parts, arguments.saves, arguments.folder, patient=arguments.patient)
    if arguments.json:
        print(json.dumps(figures, indent=1))
    else:
        for key, value in figures.items():
            print(f"{key:<34} {value}")


if __name__ == "__main__":
    main()
