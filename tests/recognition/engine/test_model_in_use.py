"""Another model is taken into use while parts are being recognised."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from recognition.engine import Engine
from recognition.engine.in_use import EngineInUse
from recognition.model_store import POINTER, ModelStore
from recognition.registry import FACTS, WEIGHTS, ModelFolder, load_model
from station.errors import ModelError
from station.frames import FrameSet
from station.results import PartLocation, PlateState, RankedClass, Recognition

NOTHING = FrameSet({}, (), 0.0, datetime.now(UTC), 1)
NOWHERE = PartLocation(PlateState.OK, {}, {}, None, (), ())
TIMEOUT_S = 30.0


@dataclass
class Answering:
    """An engine that answers with the name of its model and says when something else is loaded beside it."""

    model_id: str
    folder: ModelFolder
    trouble: str = ""
    kind: str = "pretended"
    class_ids: tuple[str, ...] = ()

    def recognize(self, frameset: FrameSet, location: PartLocation, weight_kg: float | None) -> Recognition:
        first = RankedClass(self.model_id, 1.0)
        embedding = np.zeros(1, np.float32)
        return Recognition((first,), (self.model_id,), False, 0.0, embedding, {}, (), model_id=self.model_id)

    def close(self) -> None:
        """There is nothing to end."""


@dataclass
class Loader:
    """Makes engines; each can be held back until it is let go."""

    loading: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)
    made: list[str] = field(default_factory=list[str])

    def __call__(self, folder: Path) -> Engine:
        self.loading.set()
        assert self.go.wait(TIMEOUT_S)
        model = load_model(folder)
        self.made.append(folder.name)
        return cast(Engine, Answering(model.id, model))


@dataclass
class Reached:
    """Listens until a model is taken into use."""

    model_id: str
    event: threading.Event = field(default_factory=threading.Event)

    def __call__(self, model: ModelFolder) -> None:
        if model.id == self.model_id:
            self.event.set()


@pytest.fixture
def store(model_folder: Path, tmp_path: Path) -> ModelStore:
    """A store with the models ``first`` and ``second``, beside a shipped one; they differ in their name alone."""
    models = tmp_path / "models"
    models.mkdir()
    for name in ("first", "second"):
        shutil.copytree(model_folder, models / name)
        _rename(models / name, name)
    return ModelStore(models, model_folder)


def _rename(folder: Path, name: str) -> None:
    from recognition.registry import _id_of  # pyright: ignore[reportPrivateUsage]

    facts: dict[str, Any] = json.loads((folder / FACTS).read_text())
    facts["name"] = name
    facts["id"] = _id_of(facts)
    (folder / FACTS).write_text(json.dumps(facts))


def _damage(folder: Path) -> None:
    content = bytearray((folder / WEIGHTS).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / WEIGHTS).write_bytes(content)


@contextmanager
def watched(engine: EngineInUse) -> Iterator[EngineInUse]:
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()


def test_until_one_is_chosen_the_configured_model_is_in_use(store: ModelStore, tmp_path: Path) -> None:
    assert store.active == "demo"
    assert ModelStore(tmp_path / "models", tmp_path, "second").active == "second"
    assert store.mark() is None
    store.use("first")
    assert store.active == "first"
    assert [(one.name, one.active) for one in store.listing()] == [("demo", False), ("first", True), ("second", False)]
    store.use("second")
    store.use("demo")
    assert store.history == ("first", "second", "demo")


def test_a_trained_model_comes_in_whole_or_not_at_all(store: ModelStore, tmp_path: Path, model_folder: Path) -> None:
    assert store.add(model_folder, "pumps") == "pumps"
    assert [one.name for one in store.listing() if one.active] == ["demo"]
    assert store.use("pumps").id == load_model(model_folder).id
    for name, said in (
        ("pumps", "already"),
        ("demo", "already"),
        ("../out", "cannot be the name"),
        (".x", "cannot be"),
    ):
        with pytest.raises(ModelError, match=said):
            store.add(model_folder, name)
    weights = model_folder / WEIGHTS
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(ModelError, match="damaged"):
        store.add(model_folder, "broken")
    assert "broken" not in {one.name for one in store.listing()}
    assert not list(tmp_path.rglob("*.part"))


def test_a_damaged_model_cannot_be_chosen(store: ModelStore, tmp_path: Path) -> None:
    store.use("first")
    before = (tmp_path / "models" / POINTER).read_bytes()
    _damage(tmp_path / "models" / "second")
    with pytest.raises(ModelError, match="weights are damaged"):
        store.use("second")
    for name in ("third", "../models/first", "", "."):
        with pytest.raises(ModelError, match="There is no model"):
            store.use(name)
    assert (tmp_path / "models" / POINTER).read_bytes() == before


@pytest.mark.parametrize("content", ["", "{}", '{"history": 3}', '{"history": [1]}', "[]"])
def test_a_damaged_pointer_is_one_sentence_and_mended_by_a_choice(
    store: ModelStore, tmp_path: Path, content: str
) -> None:
    (tmp_path / "models" / POINTER).write_text(content)
    with pytest.raises(ModelError, match="pointer to the model in use is damaged"):
        _ = store.active
    store.use("first")
    assert store.active == "first"


def test_no_part_is_lost_or_answered_by_half_a_model_while_models_change(store: ModelStore) -> None:
    store.use("first")
    loader = Loader()
    loader.go.set()
    engine = EngineInUse(store, loader, look_s=0.01)
    ids = [load_model(store.folder_of(name)).id for name in ("first", "second")]
    answers: list[Recognition] = []
    enough, stop = threading.Event(), threading.Event()

    def work() -> None:
        while not stop.wait(0.001):
            answers.append(engine.recognize(NOTHING, NOWHERE, None))
            enough.set()

    with watched(engine):
        worker = threading.Thread(target=work)
        worker.start()
        try:
            for turn in range(6):
                wanted = ids[(turn + 1) % 2]
                store.use(("second", "first")[turn % 2])
                reached = Reached(wanted)
                engine.listen(reached)
                if engine.model_id != wanted:
                    assert reached.event.wait(TIMEOUT_S)
                enough.clear()
                assert enough.wait(TIMEOUT_S)
        finally:
            stop.set()
            worker.join(TIMEOUT_S)
    assert {answer.model_id for answer in answers} == set(ids)
    assert all(answer.ranked[0].class_id == answer.model_id for answer in answers)
    changes = sum(a.model_id != b.model_id for a, b in pairwise(answers))
    assert changes == 6


def test_the_old_model_answers_while_the_new_one_is_loaded(store: ModelStore) -> None:
    store.use("first")
    loader = Loader()
    loader.go.set()
    engine = EngineInUse(store, loader, look_s=0.01)
    loader.go.clear()
    loader.loading.clear()
    taken = threading.Event()
    engine.listen(lambda _: taken.set())
    old = engine.model_id
    with watched(engine):
        store.use("second")
        assert loader.loading.wait(TIMEOUT_S)
        assert engine.recognize(NOTHING, NOWHERE, None).model_id == old
        loader.go.set()
        assert taken.wait(TIMEOUT_S)
        assert engine.recognize(NOTHING, NOWHERE, None).model_id != old
    assert loader.made == ["first", "second"]


def test_a_model_that_is_damaged_after_it_was_chosen_is_refused_and_the_old_one_stays(
    store: ModelStore, tmp_path: Path
) -> None:
    store.use("first")
    loader = Loader()
    loader.go.set()
    engine = EngineInUse(store, loader)
    old = engine.model_id
    store.use("second")
    _damage(tmp_path / "models" / "second")
    engine.look()
    assert engine.model_id == old
    assert engine.recognize(NOTHING, NOWHERE, None).model_id == old
    assert "'second' was not taken into use" in engine.trouble
    assert "weights are damaged" in engine.trouble
    engine.look()
    assert loader.made == ["first"]
    store.use("first")
    engine.look()
    assert engine.trouble == ""


def test_a_damaged_pointer_leaves_the_old_model_at_work(store: ModelStore, tmp_path: Path) -> None:
    store.use("first")
    loader = Loader()
    loader.go.set()
    engine = EngineInUse(store, loader)
    (tmp_path / "models" / POINTER).write_text("{")
    engine.look()
    assert "pointer to the model in use is damaged" in engine.trouble
    assert engine.recognize(NOTHING, NOWHERE, None).model_id == engine.model_id
