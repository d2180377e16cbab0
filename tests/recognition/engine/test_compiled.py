"""The compiled way is a gift: without a compiler, with a broken one or a damaged package parts are answered without."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest
import torch

from recognition.engine import Engine
from recognition.engine.compiled import Compilation, compiler, load_package, make_package, package_of
from recognition.engine.cpu import CpuRunner, Way, agrees, plain_way
from recognition.engine.trial import PARTS, VIEWS, made_up_views, trial_probabilities
from recognition.registry import load_model


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("recognition.engine.compiled.user_cache_path", lambda *_, **__: tmp_path / "cache")
    return tmp_path / "cache"


@pytest.mark.parametrize("named", ["no-such-compiler", "false"])
def test_a_compiler_that_is_not_there_or_does_not_work_is_none(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", named)
    assert compiler() is None


def test_without_a_compiler_nothing_is_begun(model_folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    engine = Engine(model_folder, "cpu", compiled=True)
    assert "compiled" not in engine.kind
    assert engine.trouble == ""
    assert not cache.exists()
    engine.close()


def test_a_damaged_package_is_passed_over(model_folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    package = package_of(load_model(model_folder).id)
    assert package.is_relative_to(cache)
    package.parent.mkdir(parents=True)
    package.write_bytes(b"no archive at all")
    engine = Engine(model_folder, "cpu", compiled=True)
    assert "compiled" not in engine.kind
    engine.close()


def test_a_compilation_that_fails_or_is_ended_tells_nothing(tmp_path: Path) -> None:
    told = threading.Event()
    failing = Compilation(tmp_path / "no model here", tmp_path / "package.pt2", lambda _: told.set())
    failing.stop()
    assert not told.is_set()
    assert not [thread for thread in threading.enumerate() if thread.name == "Model compilation"]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")  # torch's own, in what its compiler imports
@pytest.mark.skipif(shutil.which("g++") is None, reason="needs a C++ compiler")
def test_the_compiled_model_says_what_the_plain_one_says(model_folder: Path, cache: Path) -> None:
    assert compiler() is not None
    folder = load_model(model_folder)
    package = package_of(folder.id)
    make_package(folder, package)
    way = load_package(folder, package, plain_way(folder))
    with torch.inference_mode():
        plain = trial_probabilities(folder, folder.model.streams(*made_up_views(folder.config, PARTS * VIEWS)))
        assert agrees(folder, way, plain)
        assert len(way(*made_up_views(folder.config, 3))[0]) == 3
    assert [path.suffix for path in cache.rglob("*") if path.is_file()] == [".pt2"]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(shutil.which("g++") is None, reason="needs a C++ compiler")
def test_an_engine_compiles_its_model_beside_the_work_and_loads_it_at_the_next_start(
    model_folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = threading.Event()
    monkeypatch.setattr("recognition.engine.cpu.duration_s", lambda _, way: 0.1 if "compiled" in way.name else 1.0)
    offer = CpuRunner.offer

    def heard(runner: CpuRunner, way: Way) -> bool:
        took = offer(runner, way)
        taken.set()
        return took

    monkeypatch.setattr(CpuRunner, "offer", heard)
    first = Engine(model_folder, "cpu", compiled=True)
    assert "compiled" not in first.kind
    assert taken.wait(800.0)
    assert "compiled" in first.kind
    first.close()
    second = Engine(model_folder, "cpu", compiled=True)
    assert "compiled" in second.kind
    second.close()
    assert [path.suffix for path in cache.rglob("*") if path.is_file()] == [".pt2"]
