"""The tree of simulated captures: layout, determinism, resuming and refusing."""

from __future__ import annotations

import functools
import hashlib
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import trimesh
import typer
from typer.testing import CliRunner

from station.captures.mvip import find_captures
from station.captures.place import Place
from station.captures.record import read_capture_record
from station.cli.simulate import simulate
from station.errors import DatasetError
from station.frames import ROLES
from station.simulation import dataset
from station.simulation.captures import CaptureStudio, plan_captures, weigh
from station.simulation.dataset import Estimate, TreeRequest, TreeWriter, chosen_classes
from tests.station.simulation.scenes import library

ONE_ROOM = (1, 1, 1)


def _digest(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.fixture(scope="module")
def meshes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("meshes")
    trimesh.creation.box((40.0, 30.0, 20.0)).export(folder / "block.stl")
    trimesh.creation.cylinder(radius=10.0, height=60.0).export(folder / "pin.ply")
    return folder


@pytest.fixture(scope="module")
def tree(meshes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small tree written by one worker: 2 classes × 2 captures."""
    out = tmp_path_factory.mktemp("trees") / "one"
    TreeWriter(_request(out, meshes), 1).write(lambda _: None)
    return out


def _request(out: Path, meshes: Path, counts: tuple[int, int, int] = (2, 0, 0)) -> TreeRequest:
    return TreeRequest(out, None, counts, "640x480", 4, meshes, "mm", ONE_ROOM)


def test_the_tree_has_mvip_layout_and_honest_contents(tree: Path) -> None:
    assert sorted(p.name for p in (tree / "sets").iterdir()) == ["block", "pin"]
    capture = tree / "sets" / "block" / "train_data" / "0" / "0"
    assert (tree / "sets" / "block" / "train_data" / "0" / "1" / "capture.json").is_file()
    names = {path.name for path in (capture / "cam_03").iterdir()}
    assert names == {"03_rgb.png", "03_depth.png", "03_rgb_mask_gen.png", "03_meta.json"}
    color = cv2.imread(str(capture / "cam_03" / "03_rgb.png"), cv2.IMREAD_UNCHANGED)
    depth = cv2.imread(str(capture / "cam_03" / "03_depth.png"), cv2.IMREAD_UNCHANGED)
    mask = cv2.imread(str(capture / "cam_03" / "03_rgb_mask_gen.png"), cv2.IMREAD_UNCHANGED)
    assert color is not None
    assert depth is not None
    assert mask is not None
    assert (color.shape, depth.shape, mask.shape) == ((480, 640, 3), (480, 640), (480, 640))
    assert (depth.dtype, set(np.unique(mask)) <= {0, 255}) == (np.uint16, True)
    meta = json.loads((capture / "cam_03" / "03_meta.json").read_text())
    assert len(meta["cameraMatrix"]) == 9
    assert len(meta["Camera_Transformation"]) == 16
    assert len(meta["Distortion"]) == 5
    assert set(meta["Intrinsics"]) == {"fx", "fy", "ppx", "ppy"}
    record = read_capture_record(capture)
    assert record is not None
    assert (Place.of(record), record.origin) == (Place("block", "train", position=0, rotation=0), "simulation")
    assert record.size_true_m is not None
    np.testing.assert_allclose(sorted(record.size_true_m), [0.02, 0.03, 0.04], rtol=0.006)
    assert record.files.keys() == {f"{role}/{name}" for role in ROLES for name in (
        f"{role[-2:]}_rgb.png", f"{role[-2:]}_depth.png", f"{role[-2:]}_rgb_mask_gen.png", f"{role[-2:]}_meta.json"
    )}  # fmt: skip
    nominal = json.loads((tree / "sets" / "block" / "meta.json").read_text())
    assert record.weight_kg == pytest.approx(nominal["weight"], rel=0.006)
    assert nominal["family"]
    assert sorted(nominal["size"]) == pytest.approx([20.0, 30.0, 40.0])
    assert not list(tree.rglob(".writing-*"))


def test_two_workers_and_an_interruption_give_the_same_bytes(tree: Path, meshes: Path, tmp_path: Path) -> None:
    out = tmp_path / "two"
    shutil.copytree(tree / "sets" / "pin", out / "sets" / "pin")
    shutil.rmtree(out / "sets" / "pin" / "train_data" / "0" / "0")
    half = out / "sets" / "pin" / "train_data" / "0" / ".writing-0" / "cam_01"
    half.mkdir(parents=True)
    (half / "01_rgb.png").write_bytes(b"half a picture")
    kept = out / "sets" / "pin" / "train_data" / "0" / "1" / "capture.json"
    before = kept.stat().st_mtime_ns
    finished: list[int] = []
    writer = TreeWriter(_request(out, meshes), 2)
    writer.write(finished.append)
    assert sum(finished) == 3
    assert kept.stat().st_mtime_ns == before
    assert _digest(out) == _digest(tree)


def test_hha_pictures_come_when_they_are_asked_for(meshes: Path, tmp_path: Path) -> None:
    request = TreeRequest(tmp_path / "t", 1, (1, 0, 0), "640x480", 4, meshes, "mm", ONE_ROOM, hha=True)
    TreeWriter(request, 1).write(lambda _: None)
    (capture,) = find_captures(tmp_path / "t")
    picture = cv2.imread(str(capture.path / "cam_09" / "09_hha.png"), cv2.IMREAD_COLOR_RGB)
    assert picture is not None
    assert picture.shape == (480, 640, 3)
    record = read_capture_record(capture.path)
    assert record is not None
    assert not [name for name in record.files if "hha" in name]


def test_a_tree_begun_otherwise_is_not_continued(tree: Path, meshes: Path) -> None:
    request = TreeRequest(tree, None, (2, 0, 0), "640x480", 5, meshes, "mm", ONE_ROOM)
    with pytest.raises(DatasetError, match="begun with seed 4, now 5"):
        TreeWriter(request, 1).check(Estimate(4, 0, 1000, 1.0))


def test_a_disk_too_small_is_refused(meshes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def usage(_: Path) -> SimpleNamespace:
        return SimpleNamespace(free=600_000_000)

    monkeypatch.setattr(dataset.shutil, "disk_usage", usage)
    writer = TreeWriter(_request(tmp_path / "tree", meshes), 1)
    writer.check(Estimate(4, 0, 90_000_000, 1.0))
    with pytest.raises(DatasetError, match=r"need about 0\.2 GB .* has 0\.6 GB free"):
        writer.check(Estimate(4, 0, 200_000_000, 1.0))
    assert not (tmp_path / "tree").exists()


@functools.cache
def _studio() -> CaptureStudio:
    return CaptureStudio(library(), "640x480", 2, rooms=ONE_ROOM)


class TestStudio:
    """Captures as they are drawn, without the disk."""

    def test_each_capture_is_its_own_instance(self) -> None:
        studio = _studio()
        plans = plan_captures("box", (3, 0, 0))
        records = [studio.take(plan).record for plan in plans]
        assert len({r.simulation and r.simulation.placement for r in records}) == 3
        assert len({r.capture_id for r in records}) == 3
        assert len({r.weight_kg for r in records}) == 3
        for record in records:
            assert record.weight_kg is not None
            assert record.size_true_m is not None
            assert abs(record.weight_kg / 3.6 - 1.0) < 0.0055
            np.testing.assert_allclose(record.size_true_m, [0.12, 0.08, 0.05], rtol=0.0052)

    def test_the_handed_over_geometry_is_not_the_truth(self) -> None:
        studio = _studio()
        first, second = (studio.take(plan) for plan in plan_captures("rod", (2, 0, 0)))
        for role in first.calibration.cameras:
            a, b = first.calibration.cameras[role].pose.center, second.calibration.cameras[role].pose.center
            assert 0.0 < float(np.linalg.norm(a - b)) < 0.005


def test_captures_beyond_twelve_fill_a_second_position() -> None:
    folders = [plan.place.folder.removeprefix("sets/x/") for plan in plan_captures("x", (16, 2, 2))]
    assert folders[11:13] == ["train_data/0/11", "train_data/1/0"]
    assert folders[15:] == ["train_data/1/3", "valid_data/0", "valid_data/1", "test_data/2", "test_data/3"]


def test_the_scale_shows_steps() -> None:
    rng = np.random.default_rng(0)
    light = np.array([weigh(0.5, 0.1, rng) for _ in range(200)])
    heavy = np.array([weigh(7.0, 0.1, rng) for _ in range(200)])
    np.testing.assert_allclose(light * 10000, np.rint(light * 10000), atol=1e-6)
    np.testing.assert_allclose(heavy * 1000, np.rint(heavy * 1000), atol=1e-6)
    assert abs(light.mean() - 0.5) < 0.0001
    assert abs(heavy.mean() - 7.0) < 0.001
    assert weigh(0.00001, 0.0, rng) >= 0.0


def test_some_classes_are_spread_over_the_library() -> None:
    assert chosen_classes(library(), None) == ["ball", "box", "rod"]
    assert chosen_classes(library(), 2) == ["ball", "box"]
    assert chosen_classes(library(), 9) == ["ball", "box", "rod"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--classes", "none"], "--classes is 'none'"),
        (["--captures", "12-5-5"], "--captures is '12-5-5'"),
        (["--captures", "0/0/0"], "not all 0"),
        (["--size", "800x600"], "--size is '800x600'"),
        (["--workers", "0"], "--workers is 0"),
        (["--parts", "/does/not/exist"], "must be a folder"),
        (["--unit", "inch"], "--unit is 'inch'"),
    ],
)
def test_wrong_arguments_end_with_two_and_one_sentence(tmp_path: Path, arguments: list[str], expected: str) -> None:
    app = typer.Typer()
    app.command()(simulate)
    result = CliRunner().invoke(app, ["--out", str(tmp_path / "tree"), *arguments])
    assert result.exit_code == 2
    assert expected in result.output
    assert len(result.output.strip().splitlines()) == 1
