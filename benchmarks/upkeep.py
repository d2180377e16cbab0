"""What a station's data takes beside the captures: tables of parts, backup and restore, blanking of pictures.

A table of ``--parts`` rows is read, held against an empty part master, taken over, held against it again, and
searched. A data directory of ``--files`` files of 2 kB, fifty to a capture, is backed up twice, backed up with
``--check``, and restored. Ten views of 1280×720 with distortion are blanked outside the work volume, the first time and
after it. Disk figures hold for the disk of the temporary folder.
Usage: ``python -m benchmarks.upkeep [--parts N] [--files N] [--json]``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from station.backup.store import BackupStore
from station.captures.blanking import blank_outside
from station.datadir import DataDir
from station.frames import ROLES, Frame, FrameSet, TimeDomain
from station.geometry import CameraCalibration, CameraModel, Pose, RigCalibration, WorkVolume
from station.parts import Author, PartMaster
from station.parts.importing import RowState, plan_import, take_over
from station.parts.table import read_table
from station.settings import PartsSection

_WORDS = ("Schraube", "Mutter", "Generator", "Pumpe", "Welle", "Rad", "Hebel", "Dichtung", "Lager", "Flansch", "Ventil")
_SEARCHES = ("gen", "schraube m12", "00123", "dichtung ventil", "elle", "m3 steel", "zzz")
_FILES_IN_CAPTURE, _BYTES = 50, 2000


def table_of(rows: int, rng: random.Random) -> str:
    """Return a table as a German office saves it; every number is another one."""
    lines = ["number;name;tags;super_class;weight;size"]
    for n in range(rows):
        size = " x ".join(str(rng.randrange(10, 300)) for _ in range(3))
        weight = f"{rng.uniform(0.01, 9.0):.4f}".replace(".", ",")
        name = f"{rng.choice(_WORDS)} {rng.choice(_WORDS)} M{rng.randrange(40)}"
        number = f"{n:05d}{rng.randrange(10**5):05d}"
        lines.append(f"{number};{name};steel, grey;CarComponent > {rng.choice(_WORDS)};{weight};{size}")
    return "\n".join(lines)


def parts_figures(folder: Path, rows: int) -> dict[str, float]:
    """Import a table into an empty part master and search it."""
    columns, file = PartsSection(), folder / "parts.csv"
    file.write_text(table_of(rows, random.Random(1)), encoding="cp1252")
    parts = PartMaster(folder / "parts.sqlite", folder / "references")
    took: dict[str, float] = {}
    begun = time.perf_counter()
    table = read_table(file, columns)
    took["read_s"] = time.perf_counter() - begun
    begun = time.perf_counter()
    plan = plan_import(table, parts, columns)
    took["plan_s"] = time.perf_counter() - begun
    begun = time.perf_counter()
    written = take_over(plan, parts, Author())
    took["take_over_s"] = time.perf_counter() - begun
    begun = time.perf_counter()
    again = plan_import(table, parts, columns)
    took["plan_again_s"] = time.perf_counter() - begun
    if written != rows or len(again.of(RowState.SAME)) != rows:
        raise SystemExit("The table did not come back as it was.")
    searches: list[float] = []
    for text in _SEARCHES * 5:
        begun = time.perf_counter()
        parts.search(text)
        searches.append((time.perf_counter() - begun) * 1000.0)
    parts.close()
    return {**took, "search_p50_ms": float(np.median(searches)), "search_max_ms": max(searches)}


def backup_figures(folder: Path, files: int) -> dict[str, float]:
    """Back a data directory up, again, with a check, and restore it."""
    root = folder / "data"
    DataDir.open(root).close()
    rng = np.random.default_rng(1)
    for n in range(files):
        capture = root / f"captures/sets/pump/train_data/{n // _FILES_IN_CAPTURE // 12}/{n // _FILES_IN_CAPTURE % 12}"
        capture.mkdir(parents=True, exist_ok=True)
        (capture / f"{n % _FILES_IN_CAPTURE}.png").write_bytes(rng.bytes(_BYTES))
    long_ago = time.time() - 3600.0  # what was written just now is read again by the next backup
    for path in root.rglob("*"):
        if path.is_file():
            os.utime(path, (long_ago, long_ago))
    store = BackupStore(folder / "backups")
    took: dict[str, float] = {}
    for name, check in (("first_s", False), ("next_s", False), ("check_s", True)):
        begun = time.perf_counter()
        store.save(root, check=check)
        took[name] = time.perf_counter() - begun
    begun = time.perf_counter()
    store.restore(folder / "restored")
    return {**took, "restore_s": time.perf_counter() - begun}


def blanking_figures() -> dict[str, float]:
    """Blank ten views twice: the first time the outlines are made."""
    model = CameraModel(1280, 720, 905.0, 905.0, 640.0, 360.0, (0.1, -0.2, 0.001, 0.001, 0.05))
    down = np.diag([1.0, -1.0, -1.0])
    poses = {role: Pose(down, np.array([-0.24, 0.19 + 0.001 * n, 0.7])) for n, role in enumerate(ROLES)}
    cameras = {role: CameraCalibration(role, "s", model, pose) for role, pose in poses.items()}
    calibration = RigCalibration(cameras, "benchmark", "2026-01-01T00:00:00Z")
    rng = np.random.default_rng(1)
    frames = {
        role: Frame(
            role,
            rng.integers(0, 256, (720, 1280, 3), dtype=np.uint8),
            rng.integers(0, 60000, (720, 1280), dtype=np.uint16),
            0.001,
            1,
            0.0,
            TimeDomain.GLOBAL,
            0,
        )
        for role in ROLES
    }
    frameset = FrameSet(frames, (), 0.0, datetime.now(UTC), 0)
    took: list[float] = []
    for _ in range(6):
        begun = time.perf_counter()
        blank_outside(frameset, calibration, WorkVolume())
        took.append((time.perf_counter() - begun) * 1000.0)
    return {"first_ms": took[0], "next_p50_ms": float(np.median(took[1:]))}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", type=int, default=10_000, help="rows of the table")
    parser.add_argument("--files", type=int, default=20_000, help="files of the data directory")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="station-upkeep-") as name:
        folder = Path(name)
        (folder / "parts").mkdir()
        measured = {
            "parts": parts_figures(folder / "parts", arguments.parts),
            "backup": backup_figures(folder, arguments.files),
            "blanking": blanking_figures(),
        }
    figures: dict[str, Any] = {
        "benchmark": "upkeep",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "load_1_min": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "taken_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "rows": arguments.parts,
        "files": arguments.files,
        **{what: {key: round(value, 2) for key, value in took.items()} for what, took in measured.items()},
    }
    if arguments.json:
        print(json.dumps(figures))
        return
    for key, value in figures.items():
        print(f"{key:12} {value}")


if __name__ == "__main__":
    main()
