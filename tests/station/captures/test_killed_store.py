"""A store that is really killed: what it had acknowledged is there, whole, and the catalog agrees after the start."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from station.captures.catalog import Catalog
from station.captures.store import CaptureStore
from station.captures.verify import verify

ROOT = Path(__file__).parents[3]


def _killed(folder: Path, run: str, lines: int, wait_s: float) -> list[list[str]]:
    """Run the busy program, kill it some time after so many acknowledgements; returns all of them."""
    command = [sys.executable, "-m", "tests.station.captures.busy_store", str(folder), run]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        said = [child.stdout.readline() for _ in range(lines + 1)]
        assert said[0] == "ready\n"
        try:
            child.wait(wait_s)
        except subprocess.TimeoutExpired:
            child.kill()
        said += child.stdout.readlines()
    return [line.split() for line in said[1:] if line.endswith("\n")]


def _check(folder: Path, saved: dict[str, str], homes: dict[str, str]) -> None:
    """Open the tree again and hold it against what was acknowledged."""
    root, catalog = folder / "captures", Catalog(folder / "catalog.sqlite")
    store = CaptureStore(root, catalog, workers=1)
    store._hha._thread.submit(lambda: None).result(60)
    try:
        report = verify(root, catalog)
        assert report.findings == ()
        assert catalog.open_operations() == ()
        last = max(saved, key=lambda name: [int(piece) for piece in name.split("-")])
        for name, digest in saved.items():
            entry = catalog.get(name)
            assert entry is not None, f"{name} was acknowledged and is lost"
            assert entry.content_hash == digest
            # What came after the last acknowledgement may have moved the last capture once more.
            if name != last:
                assert entry.folder == homes[name]
            assert all((root / entry.folder / role / f"{role[-2:]}_hha.png").exists() for role in ("cam_01", "cam_02"))
        rows = [row.operation for row in store.audit()]
        assert len(rows) == len(set(rows))
    finally:
        store.stop()
        catalog.close()


@pytest.mark.parametrize("kills", [4, pytest.param(40, marks=pytest.mark.slow)])
@pytest.mark.timeout(600)
def test_nothing_acknowledged_is_lost_by_a_kill(tmp_path: Path, kills: int) -> None:
    rng = random.Random(kills)
    saved: dict[str, str] = {}
    homes: dict[str, str] = {}
    for run in range(kills):
        for what, name, folder, *rest in _killed(tmp_path, str(run), rng.randrange(1, 12), rng.uniform(0.0, 0.05)):
            homes[name] = folder
            if what == "saved":
                saved[name] = rest[0]
        _check(tmp_path, saved, homes)
        # the last capture of a run may have been moved after what was said; from now on its place is known
        homes.update(_places(tmp_path))


def _places(folder: Path) -> dict[str, str]:
    catalog = Catalog(folder / "catalog.sqlite")
    places = {entry.capture_id: entry.folder for entry in catalog.entries()}
    catalog.close()
    return places
