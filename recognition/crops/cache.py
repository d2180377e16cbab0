"""Crops of a whole tree, cut once into memory-mapped arrays, so that an epoch reads no picture files."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.confidence.relief import relief_of, signature, signature_shape
from recognition.crops.cutting import crop_views, square_of_mask, whole_square, widened
from recognition.crops.faults import fitting_masks, view_faults
from recognition.crops.former import FormerCuts, cut_key, note_cut
from recognition.crops.sizes import measured_size, scattered, worn
from station.captures.contents import content_files, hash_content
from station.captures.manifest import Manifest, ManifestLine, capture_id_of
from station.captures.mvip import CapturePath, load_frameset, load_masks
from station.captures.record import RECORD_FILE, CaptureRecord, content_hash, read_capture_record
from station.errors import DatasetError
from station.frames import ROLES

LIGHTEST_KG = 0.002
"""Twenty steps of 0.1 g: a lighter weight is too coarse to be used."""

_FORMAT = 6
"""Counted up when the content of the arrays changes."""
_HHA_FORMAT = 1
"""The same for HHA, of which only those caches know that hold it."""


@dataclass(frozen=True, slots=True)
class CropSpec:
    """Crops of ``size`` pixels whose square is ``factor`` times the one round the part, room for zoom and shift.

    ``scatter`` moves and resizes the squares by this part of their edge, where no augmentation will. ``hha`` has depth
    coded as HHA, too; with ``whole`` the square is not the one round the part but the one round the picture.
    """

    size: int
    factor: float
    scatter: float = 0.0
    hha: bool = False
    whole: bool = False

    @property
    def key(self) -> str:
        """The part of a cache's name that says how it was cut; one without extras keeps the name that it always had."""
        extras = (f" hha {_HHA_FORMAT}" if self.hha else "") + (" whole" if self.whole else "")
        return f"{_FORMAT} CropSpec(size={self.size}, factor={self.factor}, scatter={self.scatter}){extras}\n"


@dataclass(frozen=True, slots=True)
class Sample:
    """One capture in the cache; ``weight_kg`` and ``size_m`` are ``None`` where unknown.

    ``capture_id`` and ``content``, the hash of colour, depth, masks and calibration, are as in a manifest.
    ``training_weight`` says how much it counts in training, 1 for the usual capture.
    """

    class_id: str
    split: str
    path: str
    weight_kg: float | None
    size_m: tuple[float, float, float] | None
    content: str
    capture_id: str
    training_weight: float = 1.0


@dataclass(frozen=True, slots=True)
class CropCache:
    """Crops of N captures.

    ``color`` (N, 10, S, S, 4) uint8 is RGB and mask, ``depth_mm`` (N, 10, S, S) uint16, ``view_mask`` (N, 10) bool
    says which views there are; all read-only and memory-mapped. ``reliefs`` (N, 2, 3, angles, radii) int8 are the
    signatures of ``confidence.relief``, with what depth says and without. ``hha`` (N, 10, S, S, 3) uint8 is there
    where it was asked for. ``remarks`` says in sentences which views and captures show no part, and why.
    """

    samples: tuple[Sample, ...]
    color: NDArray[np.uint8]
    depth_mm: NDArray[np.uint16]
    view_mask: NDArray[np.bool_]
    reliefs: NDArray[np.int8]
    hha: NDArray[np.uint8] | None = None
    remarks: tuple[str, ...] = ()

    @property
    def manifest(self) -> Manifest:
        """The captures that show something, with their hashes and labels."""
        shown = (sample for sample, views in zip(self.samples, self.view_mask, strict=True) if views.any())
        return Manifest.of({ManifestLine(s.capture_id, s.content, s.split, s.class_id) for s in shown})


def build_cache(
    captures: Sequence[CapturePath],
    folder: Path,
    spec: CropSpec,
    workers: int = 2,
    advance: Callable[[int, int], None] = lambda done, total: None,
) -> CropCache:
    """Return the crops of ``captures``, cut now or found whole in ``folder``.

    The place in ``folder`` is a hash of names, sizes and times of the files. What is not found under it is known by its
    content: of a tree that has grown, was copied or is joined to another, only captures that are new are cut.
    ``advance(done, total)`` is called as captures are finished. A view that cannot be read or whose mask is empty is
    left out, and the cache's remarks say so. Raises DatasetError for a capture whose calibration does not fit or when
    the disk has no room; what was begun is then removed.
    """
    place = folder / _key(captures, spec)
    if not (place / "samples.json").exists():
        building = place.with_name(place.name + ".part")
        try:
            shutil.rmtree(building, ignore_errors=True)
            building.mkdir(parents=True)
            _cut_all(captures, building, spec, workers, advance)
            building.replace(place)
        except OSError as error:
            raise DatasetError(
                f"The crops cannot be written: {error}.",
                where=str(folder),
                todo="Free the disk or give another --crops.",
            ) from error
        finally:
            shutil.rmtree(building, ignore_errors=True)
    return _open(place)


def _cut_all(
    captures: Sequence[CapturePath], building: Path, spec: CropSpec, workers: int, advance: Callable[[int, int], None]
) -> None:
    shape = (len(captures), len(ROLES), spec.size, spec.size)
    needed, free = int(np.prod(shape)) * (9 if spec.hha else 6), shutil.disk_usage(building).free
    if needed > 0.95 * free:
        raise DatasetError(
            f"The crops need {needed / 1e9:.1f} GB and the disk has {free / 1e9:.1f} GB free.",
            where=str(building.parent),
            todo="Free some space or give another --out.",
        )
    np.lib.format.open_memmap(building / "color.npy", mode="w+", dtype=np.uint8, shape=(*shape, 4)).flush()
    np.lib.format.open_memmap(building / "depth.npy", mode="w+", dtype=np.uint16, shape=shape).flush()
    reliefs = (len(captures), 2, *signature_shape())
    np.lib.format.open_memmap(building / "reliefs.npy", mode="w+", dtype=np.int8, shape=reliefs).flush()
    if spec.hha:
        np.lib.format.open_memmap(building / "hha.npy", mode="w+", dtype=np.uint8, shape=(*shape, 3)).flush()
    views = np.zeros(shape[:2], dtype=np.bool_)
    samples: dict[int, Sample] = _taken_over(captures, building, spec)
    for index in samples:
        views[index] = True
    jobs = [(index, capture, str(building), spec) for index, capture in enumerate(captures) if index not in samples]
    remarks: list[str] = []
    if samples:
        advance(len(samples), len(captures))
    for (index, *_), (sample, mask, said) in zip(jobs, _run(jobs, workers), strict=True):
        samples[index] = sample
        remarks += said
        views[index] = mask
        advance(len(samples), len(captures))
    np.save(building / "views.npy", views)
    in_order = [samples[index] for index in range(len(captures))]
    keys = [cut_key(s.content, read_capture_record(c.path)) for s, c in zip(in_order, captures, strict=True)]
    note_cut(building, spec.key, keys)
    (building / "remarks.json").write_text(json.dumps(remarks), encoding="utf-8")
    (building / "samples.json").write_text(json.dumps([asdict(sample) for sample in in_order]), encoding="utf-8")


def _taken_over(captures: Sequence[CapturePath], building: Path, spec: CropSpec) -> dict[int, Sample]:
    """Copy the crops that former caches beside ``building`` hold and return their samples by index."""
    former = FormerCuts.of(building.parent, spec.key)
    if not former:
        return {}
    taken: dict[int, Sample] = {}
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as readers:
        for index, (sample, record) in enumerate(readers.map(_sample, captures)):
            found = former.find(cut_key(sample.content, record))
            if found is None:
                continue
            try:
                found.copy_to(building, index)
            except (OSError, ValueError):
                continue  # a damaged or removed cache holds nothing; the capture is cut
            taken[index] = replace(sample, size_m=found.size_m)
    return taken


_Job = tuple[int, CapturePath, str, CropSpec]
_Cut = tuple[Sample, NDArray[np.bool_], tuple[str, ...]]


def _run(jobs: list[_Job], workers: int) -> Iterable[_Cut]:
    if workers < 2 or len(jobs) < 2 * workers:
        yield from map(_cut_capture, jobs)
        return
    # spawned, not forked: the parent may already run torch's threads
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        max_workers=workers, mp_context=context, initializer=cv2.setNumThreads, initargs=(1,)
    ) as pool:
        try:
            yield from pool.map(_cut_capture, jobs, chunksize=4)
        except BrokenProcessPool as error:
            raise DatasetError(
                "A process that cut crops was ended from outside.", todo="Give fewer --workers, they may lack memory."
            ) from error


def _sample(capture: CapturePath) -> tuple[Sample, CaptureRecord | None]:
    """Return what is known of a capture without its pictures, and its record; raises DatasetError."""
    record = read_capture_record(capture.path)
    try:
        content = content_hash(hash_content(capture.path))
    except OSError as error:
        raise DatasetError(
            f"The capture cannot be read: {error}.", where=str(capture.path), todo="Restore it or remove it."
        ) from error
    weight = record.weight_kg if record and record.weight_stable else None
    sample = Sample(
        class_id=str(capture.class_id),
        split=str(capture.split),
        path=str(capture.path),
        weight_kg=weight if weight is not None and weight >= LIGHTEST_KG else None,
        size_m=None,
        content=content,
        capture_id=capture_id_of(capture, record),
        training_weight=record.training_weight if record else 1.0,
    )
    return sample, record


def _cut_capture(job: _Job) -> _Cut:
    index, capture, building, spec = job
    sample, record = _sample(capture)
    present = np.zeros(len(ROLES), dtype=np.bool_)
    try:
        frameset, calibration = load_frameset(capture.path)
    except DatasetError as error:
        return sample, present, (f"{error} The capture is left out.",)
    all_masks = load_masks(capture.path)
    remarks = view_faults(capture.path, frameset.frames, all_masks)
    masks = fitting_masks(frameset.frames, all_masks)
    rng = np.random.default_rng(int(sample.content[:12], 16))
    found = {role: square for role, mask in masks.items() if (square := square_of_mask(mask)) is not None}
    if not found:
        return sample, present, (f"{capture.path}: None of its views shows a part. The capture is left out.",)
    if spec.whole:
        found = {role: whole_square(masks[role].shape[1], masks[role].shape[0]) for role in found}
    squares = {role: scattered(widened(found[role], spec.factor), spec.scatter, rng) for role in sorted(found)}
    crops = crop_views(frameset.frames, squares, masks, spec.size, calibration.cameras if spec.hha else None)
    color = np.load(Path(building) / "color.npy", mmap_mode="r+")
    depth = np.load(Path(building) / "depth.npy", mmap_mode="r+")
    hha = None if crops.hha is None else np.load(Path(building) / "hha.npy", mmap_mode="r+")
    for row, role in enumerate(crops.roles):
        slot = ROLES.index(role)
        color[index, slot], depth[index, slot], present[slot] = crops.color[row], crops.depth_mm[row], True
        if hha is not None and crops.hha is not None:
            hha[index, slot] = crops.hha[row]
    full = spec.scatter > 0
    size_m = measured_size(frameset, calibration, masks, record, rng, str(capture.path), full_scatter=full)
    seen = {role: worn(masks[role], rng) if full else masks[role] for role in sorted(masks)}
    relief = relief_of(frameset.frames, calibration.cameras, seen)
    reliefs = np.load(Path(building) / "reliefs.npy", mmap_mode="r+")
    reliefs[index] = signature(relief), signature(relief, depth=False)
    return replace(sample, size_m=size_m), present, remarks


def _open(place: Path) -> CropCache:
    try:
        samples = tuple(
            replace(Sample(**entry), size_m=None if entry["size_m"] is None else tuple(entry["size_m"]))
            for entry in json.loads((place / "samples.json").read_text(encoding="utf-8"))
        )
        said = place / "remarks.json"
        return CropCache(
            samples=samples,
            color=np.load(place / "color.npy", mmap_mode="r"),
            depth_mm=np.load(place / "depth.npy", mmap_mode="r"),
            view_mask=np.load(place / "views.npy"),
            reliefs=np.load(place / "reliefs.npy", mmap_mode="r"),
            hha=np.load(place / "hha.npy", mmap_mode="r") if (place / "hha.npy").exists() else None,
            remarks=tuple(json.loads(said.read_text(encoding="utf-8"))) if said.exists() else (),
        )
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DatasetError(
            f"The crops that were cut are damaged: {error}.",
            where=str(place),
            todo="Remove the folder, it is cut anew.",
        ) from error


def _key(captures: Sequence[CapturePath], spec: CropSpec) -> str:
    digest = hashlib.sha256(spec.key.encode())
    for capture in captures:
        names = content_files(capture.path)
        record = (RECORD_FILE,) if (capture.path / RECORD_FILE).is_file() else ()
        for file in (capture.path / name for name in (*record, *names)):
            stat = os.stat(file)
            digest.update(f"{file} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]
