"""What the program writes, read by a reader that knows nothing but the description of MVIP's layout.

The reader shares no code with the program. It is the part between the two lines, at most fifty lines of it.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import trimesh

from station.captures.catalog import Catalog
from station.captures.class_meta import ClassMeta
from station.captures.exporting.chosen import Choice
from station.captures.exporting.mvip import export_mvip
from station.captures.mvip import load_frameset, load_masks
from station.captures.place import Place
from station.captures.record import read_capture_record
from station.captures.store import CaptureStore
from station.captures.verify import verify
from station.captures.writer import NewCapture
from station.simulation.dataset import TreeRequest, TreeWriter

# --- the reader ------------------------------------------------------------------------------------------------------
import json  # isort: skip
import cv2  # isort: skip
import numpy as np  # isort: skip


def read_mvip(root: Path) -> list[dict[str, Any]]:
    """Return every capture of a tree: class, split, and its views by camera number; whatever is wrong raises."""
    captures = []
    for home in sorted((root / "sets").iterdir()):
        about = json.loads((home / "meta.json").read_text())
        places = [("train", p) for p in sorted(home.glob("train_data/*/*"))]
        places += [(split, p) for split in ("valid", "test") for p in sorted(home.glob(f"{split}_data/*"))]
        for split, place in places:
            assert all(name.isdigit() for name in place.relative_to(home / f"{split}_data").parts), place
            cameras = {int(p.name.removeprefix("cam_")): read_view(p) for p in sorted(place.glob("cam_*"))}
            captures.append({"class": home.name, "about": about, "split": split, "views": cameras})
    return captures


def read_view(folder: Path) -> dict[str, Any]:
    head = folder / folder.name.removeprefix("cam_")
    rgb, depth, mask = (cv2.imread(f"{head}_{n}.png", cv2.IMREAD_UNCHANGED) for n in ("rgb", "depth", "rgb_mask_gen"))
    meta = json.loads(Path(f"{head}_meta.json").read_text())
    assert rgb.dtype == np.uint8
    assert rgb.shape == (*depth.shape, 3) == (*mask.shape, 3)
    assert depth.dtype == np.uint16
    assert mask.dtype == np.uint8
    assert set(np.unique(mask)) <= {0, 255}
    inner, k = meta["Intrinsics"], np.array(meta["cameraMatrix"]).reshape(3, 3)
    assert np.array_equal(k, [[inner["fx"], 0, inner["ppx"]], [0, inner["fy"], inner["ppy"]], [0, 0, 1]])
    if Path(f"{head}_hha.png").exists():
        assert cv2.imread(f"{head}_hha.png", cv2.IMREAD_UNCHANGED).shape == rgb.shape
    world_to_camera = np.array(meta["Camera_Transformation"]).reshape(4, 4)
    assert np.allclose(world_to_camera[:3, :3] @ world_to_camera[:3, :3].T, np.eye(3), atol=1e-3)
    v, u = np.nonzero(depth)
    seen = depth[v, u] * meta["DepthScale"] * (np.linalg.inv(k) @ np.stack([u, v, np.ones_like(u)]))
    points = (np.linalg.inv(world_to_camera) @ np.concatenate([seen, np.ones((1, len(u)))]))[:3].T
    return {"mask": mask, "part": points[mask[v, u] > 0], "rest": points[mask[v, u] == 0]}


# --- end of the reader -----------------------------------------------------------------------------------------------

SAMPLE = Path(__file__).parents[3] / ".." / "shared" / "data" / "mvip_sample"
PLATE = (20 * 0.024, 16 * 0.024)
"""Edges of the plate's printed frame along x and y, metres; its plane is z = 0."""


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree of `station simulate`: one block of 80 × 60 × 40 mm, a capture to train and one to test."""
    folder = tmp_path_factory.mktemp("simulated")
    meshes = folder / "meshes"
    meshes.mkdir()
    trimesh.creation.box((80.0, 60.0, 40.0)).export(meshes / "block.stl")
    request = TreeRequest(folder / "tree", None, (1, 0, 1), "640x480", 4, meshes, "mm", (1, 1, 1), hha=True)
    TreeWriter(request, 1).write(lambda _: None)
    return folder / "tree"


def check_truth(captures: list[dict[str, Any]]) -> None:
    """Hold what was read against what lay on the plate."""
    for capture in captures:
        views = capture["views"].values()
        part = np.concatenate([view["part"] for view in views])
        rest = np.concatenate([view["rest"] for view in views])
        on_plate = rest[((rest[:, :2] > 0) & (rest[:, :2] < PLATE)).all(axis=1)]
        assert abs(np.median(on_plate[:, 2])) < 0.005
        middle = np.median(part, axis=0)
        assert ((middle[:2] > 0) & (middle[:2] < PLATE)).all()
        assert 0.0 < middle[2] < 0.08
        near = np.linalg.norm(part - middle, axis=1) < 0.06 * np.sqrt(3)
        assert near.mean() > 0.9


def test_the_reader_is_short_and_its_own() -> None:
    text = Path(__file__).read_text()
    reader = text.partition("# --- the reader")[2].partition("# --- end of the reader")[0]
    assert len([line for line in reader.splitlines()[1:] if line.strip()]) <= 50
    assert "station" not in reader.partition("\n")[2]


def test_a_simulated_tree_is_read(simulated: Path) -> None:
    captures = read_mvip(simulated)
    assert [(c["class"], c["split"], len(c["views"])) for c in captures] == [
        ("block", "train", 10),
        ("block", "test", 10),
    ]
    assert sorted(captures[0]["about"]["size"], reverse=True) == pytest.approx([80.0, 60.0, 40.0])
    check_truth(captures)
    assert verify(simulated).findings == ()


def test_what_the_store_keeps_and_the_export_writes_is_read(simulated: Path, tmp_path: Path) -> None:
    source = simulated / "sets" / "block" / "train_data" / "0" / "0"
    frameset, calibration = load_frameset(source)
    record = read_capture_record(source)
    assert record is not None
    catalog = Catalog(tmp_path / "catalog.sqlite")
    store = CaptureStore(tmp_path / "captures", catalog, least_free_bytes=0)
    try:
        place = Place("Blöcke, groß", "test", number=3)
        store.save(NewCapture(frameset, load_masks(source), calibration, record), place).result(timeout=60)
        store.write_class_meta(place.class_id, ClassMeta(name="block")).result(timeout=60)
    finally:
        store.stop()
        catalog.close()
    kept = read_mvip(tmp_path / "captures")
    assert [(c["class"], c["split"]) for c in kept] == [(place.class_id, "test")]
    assert sorted(kept[0]["views"]) == list(range(1, 11))
    check_truth(kept)
    export_mvip(Choice(tmp_path / "captures"), tmp_path / "out", records=False)
    check_truth(read_mvip(tmp_path / "out"))


@pytest.mark.skipif(not SAMPLE.is_dir(), reason="the MVIP sample is not there")
def test_the_reader_reads_the_published_captures(tmp_path: Path) -> None:
    left_out = shutil.ignore_patterns("train_data", "valid_data")
    shutil.copytree(SAMPLE / "sets", tmp_path / "sets", ignore=left_out)
    captures = read_mvip(tmp_path)
    assert [(c["split"], len(c["views"])) for c in captures] == [("test", 10)]
