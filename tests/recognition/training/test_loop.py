from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from recognition.classes import ClassProfile
from recognition.confidence.priors import Priors
from recognition.confidence.relief import signature_shape
from recognition.crops.cache import CropCache, CropSpec, Sample
from recognition.training.augment import Augmentation, geometry
from recognition.training.batches import LabelledBatch, Part, TrainingBatches, plain_batches
from recognition.training.config import TrainingConfig
from recognition.training.loop import TrainingData, train_model
from recognition.training.parallel import joined_world
from recognition.training.sampling import Sampling, draw_captures, draw_views
from recognition.training.schedule import one_cycle
from station.errors import ModelError
from tests.recognition.conftest import SMALL

CLASSES = 4
SPEC = CropSpec(size=40, factor=1.25)
SHAPE = replace(SMALL, input_size=32)
CONFIG = TrainingConfig(
    epochs=3,
    validate_every=1,
    validation_views=2,
    checkpoint_every=1,
    precision="fp32",
    sampling=Sampling(batch=4, fewest_views=1, most_views=2),
)


def small_cache(captures: int, split: str, size: int) -> CropCache:
    """Return coloured discs on noise; the colour tells the class."""
    rng = np.random.default_rng(captures)
    color = rng.integers(90, 140, (captures, 10, size, size, 4)).astype(np.uint8)
    rows, columns = np.mgrid[:size, :size] - size / 2
    disc = rows**2 + columns**2 < (0.3 * size) ** 2
    for capture in range(captures):
        color[capture, :, disc, :3] = (60 * (capture % CLASSES), 100, 200 - 50 * (capture % CLASSES))
    color[..., 3] = disc * np.uint8(255)
    depth = np.full((captures, 10, size, size), 600, np.uint16) - (disc * np.uint16(40))
    samples = tuple(
        Sample(f"class_{n % CLASSES}", split, str(n), 0.1 * (1 + n % CLASSES), (0.05, 0.04, 0.03), str(n), str(n))
        for n in range(captures)
    )
    return CropCache(
        samples,
        color,
        depth.astype(np.uint16),
        np.ones((captures, 10), bool),
        np.zeros((captures, 2, *signature_shape()), np.int8),
    )


def small_data() -> TrainingData:
    train, valid = small_cache(12, "train", SPEC.size), small_cache(8, "valid", 32)
    profiles = [ClassProfile(f"class_{n}", "", "", 0.1 * (1 + n), ((0.05, 0.04, 0.03),)) for n in range(CLASSES)]
    return TrainingData(train, [n % CLASSES for n in range(12)], SPEC, valid, [n % CLASSES for n in range(8)], profiles)


class Silent:
    """Watches without a word; ``fatal`` is the step after which the process kills itself."""

    def __init__(self, fatal: int = 0) -> None:
        self.fatal = fatal
        self.steps: list[int] = []

    def stepped(self, step: int, total: int, loss: float, views_per_s: float) -> None:
        self.steps.append(step)
        if step == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    def validated(self, metrics: Mapping[str, float]) -> None:
        assert np.isfinite(metrics["loss"])


def die_at(folder: str, step: str, every: str) -> None:
    """Train in this process until the step, then die as by ``kill -9``."""
    torch.set_num_threads(1)
    train_model(small_data(), SHAPE, replace(CONFIG, checkpoint_every=int(every)), Path(folder), Silent(int(step)))


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.parametrize(("step", "every"), [(5, 2)])
def test_a_killed_training_resumes_to_the_same_weights(tmp_path: Path, step: int, every: int) -> None:
    where = str(tmp_path / "a")
    code = f"from tests.recognition.training.test_loop import die_at; die_at({where!r}, '{step}', '{every}')"
    root = Path(__file__).parents[3]
    died = subprocess.run([sys.executable, "-c", code], cwd=root, check=False, timeout=100)
    assert died.returncode == -signal.SIGKILL
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        config = replace(CONFIG, checkpoint_every=every)
        watcher = Silent()
        resumed = train_model(small_data(), SHAPE, config, tmp_path / "a", watcher)
        whole = train_model(small_data(), SHAPE, config, tmp_path / "b", Silent())
    finally:
        torch.set_num_threads(threads)
    assert watcher.steps[0] == step  # the step after the last checkpoint is done again
    assert resumed.keys() == whole.keys()
    for name, tensor in whole.items():
        assert torch.equal(resumed[name], tensor), name
    assert (tmp_path / "a" / "metrics.jsonl").read_text() == (tmp_path / "b" / "metrics.jsonl").read_text()


def test_a_checkpoint_of_another_configuration_is_refused(tmp_path: Path) -> None:
    config = replace(CONFIG, epochs=1)
    train_model(small_data(), SHAPE, config, tmp_path, Silent())
    with pytest.raises(ModelError, match="another configuration"):
        train_model(small_data(), SHAPE, replace(config, seed=9), tmp_path, Silent())
    lines = (tmp_path / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == [1.0]


def batch_of(step: int, sampling: Sampling, how: Augmentation) -> LabelledBatch:
    data = small_data()
    priors = Priors(data.profiles)
    return TrainingBatches(data.train, data.train_labels, SPEC, 32, priors, 7, sampling, how).batch(step)


def test_a_batch_depends_on_seed_and_step_alone() -> None:
    one, again, other = (batch_of(step, CONFIG.sampling, CONFIG.augmentation) for step in (2, 2, 3))
    assert torch.equal(one.data.color, again.data.color)
    torch.testing.assert_close(one.data.weight_kg, again.data.weight_kg, rtol=0, atol=0, equal_nan=True)
    assert one.data.color.shape != other.data.color.shape or not torch.equal(one.data.color, other.data.color)


TWINS = (
    ClassProfile("left", "", "", 0.2, ((0.1, 0.05, 0.02),)),
    ClassProfile("right", "", "", 0.2, ((0.1, 0.05, 0.02),)),
    ClassProfile("cube", "", "", 0.5, ((0.05, 0.05, 0.05),)),
)


def test_priors_leave_open_what_weight_and_size_cannot_tell() -> None:
    weights, sizes = np.float32([0.2, 0.5, np.nan]), np.float32([(0.1, 0.05, 0.02), (0.05, 0.05, 0.05), (np.nan,) * 3])
    prior = np.exp(Priors(TWINS).log_prior(weights, sizes))
    assert prior.sum(axis=1) == pytest.approx(1.0)
    assert prior[0] == pytest.approx([0.5, 0.5, 0.0], abs=0.01)
    assert prior[1, 2] > 0.99
    assert prior[2] == pytest.approx([1 / 3] * 3)
    assert Priors(TWINS).hardness(weights[:2], sizes[:2], [1, 2]) == pytest.approx([0.5, 0.0], abs=0.01)


def test_focus_shows_the_confusable_more_often() -> None:
    shares = Sampling(focus=10.0).shares(np.array([0.5, 0.0, 0.0, 0.0]), [0, 1, 2, 3])
    order = np.concatenate([draw_captures(range(4), shares, 7, epoch, 0, 4) for epoch in range(200)])
    assert (order == 0).mean() == pytest.approx(6 / 9, abs=0.06)
    assert sorted(draw_captures(range(5), None, 7, 0, 0, 5)) == [0, 1, 2, 3, 4]


def test_balance_shows_rare_classes_as_often_as_common_ones() -> None:
    shares = Sampling(balance=1.0).shares(np.zeros(10), [0] * 9 + [1])
    assert shares is not None
    assert shares[9] == pytest.approx(0.5)
    half = Sampling(balance=0.5).shares(np.zeros(10), [0] * 9 + [1])
    assert half is not None
    assert half[9] == pytest.approx(0.25)


def test_slots_are_drawn_or_stay_with_their_cameras() -> None:
    there = np.ones((6, 10), bool)
    labels = [0, 0, 0, 1, 1, 1]
    of_class = {0: [0, 1, 2], 1: [3, 4, 5]}
    fixed, shuffled = (
        draw_views(there, range(6), of_class, labels, 4, Sampling(view_order=order), np.random.default_rng(1))
        for order in ("fixed", "random")
    )
    assert np.array_equal(fixed.slots, fixed.views)
    assert not np.array_equal(shuffled.slots, shuffled.views)
    assert all(len(set(row)) == 4 for row in shuffled.slots.tolist())


def test_mixed_views_come_from_captures_of_the_same_class() -> None:
    there = np.ones((6, 10), bool)
    labels = [0, 0, 0, 1, 1, 1]
    of_class = {0: [0, 1, 2], 1: [3, 4, 5]}
    drawn = draw_views(there, range(6), of_class, labels, 5, Sampling(mix_views_p=1.0), np.random.default_rng(1))
    for capture, row in enumerate(drawn.captures.tolist()):
        assert {labels[other] for other in row} == {labels[capture]}
    assert len(set(drawn.captures[0].tolist())) > 1


def test_a_whole_batch_is_its_parts() -> None:
    data = small_data()
    sampling = replace(CONFIG.sampling, batch=8, chunk=2)
    batches = TrainingBatches(
        data.train, data.train_labels, SPEC, 32, Priors(data.profiles), 7, sampling, CONFIG.augmentation
    )
    whole, (first, second) = batches.batch(1), (batches.batch(1, Part(i, 2)) for i in range(2))
    # Chunks go to the processes in turn: rows 0, 1, 4, 5 and 2, 3, 6, 7.
    assert torch.equal(whole.data.color[[0, 1, 4, 5]], first.data.color)
    assert torch.equal(whole.target[[2, 3, 6, 7]], second.target)


def test_what_an_earlier_training_left_is_removed_when_one_begins_anew(tmp_path: Path) -> None:
    config = replace(CONFIG, epochs=1)
    train_model(small_data(), SHAPE, config, tmp_path, Silent())
    other = Silent(fatal=0)
    train_model(small_data(), SHAPE, replace(config, seed=9), tmp_path, other, resume=False)
    assert other.steps[0] == 1
    assert len((tmp_path / "metrics.jsonl").read_text().splitlines()) == 1


def test_a_training_without_gain_ends_early(tmp_path: Path) -> None:
    # A rate of nearly nothing gains nothing after the first validation.
    config = replace(CONFIG, epochs=9, peak_rate=1e-12, averaging=0.0, patience=2)
    watcher = Silent()
    train_model(small_data(), SHAPE, config, tmp_path, watcher)
    assert 9 <= len(watcher.steps) < 27


@pytest.mark.parametrize(
    "change",
    [
        {"optimizer": "adam", "schedule": "cosine"},
        {"precision": "bf16", "auxiliary": False},
    ],
)
def test_other_ways_of_training_learn_too(tmp_path: Path, change: dict[str, str]) -> None:
    train_model(small_data(), SHAPE, replace(CONFIG, epochs=1, **change), tmp_path, Silent())
    assert (tmp_path / "best.safetensors").exists()


def test_captures_count_as_much_as_their_record_says() -> None:
    data = small_data()
    samples = tuple(replace(s, training_weight=3.0 if n == 0 else 1.0) for n, s in enumerate(data.train.samples))
    batches = TrainingBatches(
        replace(data.train, samples=samples), data.train_labels, SPEC, 32, Priors(data.profiles), 7,
        replace(CONFIG.sampling, batch=12), CONFIG.augmentation,
    )  # fmt: skip
    shares = sorted(batches.batch(0).share.tolist())
    assert shares[-1] == pytest.approx(3 * shares[0])
    assert sum(shares) / 12 == pytest.approx(1.0)


# With large steps the rounding of the first one, which follows the number of threads, is seen in the second loss.
WORLD = replace(
    CONFIG,
    epochs=2,
    validate_every=2,
    sampling=replace(CONFIG.sampling, batch=8, chunk=4),
    checkpoint_every=1000,
    peak_rate=2e-4,
)


class Curve(Silent):
    """Keeps the loss of every step."""

    def __init__(self) -> None:
        super().__init__()
        self.losses: list[float] = []

    def stepped(self, step: int, total: int, loss: float, views_per_s: float) -> None:
        self.losses.append(loss)


def train_in_world(folder: str) -> None:
    """Train as one of the processes that the environment names; the leading one writes its loss curve."""
    torch.set_num_threads(1)
    curve = Curve()
    with joined_world(torch.device("cpu")) as world:
        train_model(small_data(), replace(SHAPE, dropout=0.0), WORLD, Path(folder), curve, world)
    if world.leads:
        (Path(folder) / "losses.json").write_text(json.dumps(curve.losses))


def test_two_processes_learn_as_one_does(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # Nothing but the loss curve is compared, so what is random in the model, its dropout, is off.
    runs = [
        subprocess.Popen(
            [
                sys.executable,
                "-c",
                "from tests.recognition.training.test_loop import train_in_world;"
                f" train_in_world({str(tmp_path / 'two')!r})",
            ],
            cwd=root,
            env=os.environ
            | {"RANK": str(rank), "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)},
        )
        for rank in range(2)
    ]
    try:
        assert [run.wait(timeout=150) for run in runs] == [0, 0]
    finally:
        for run in runs:
            run.kill()
    alone = Curve()
    train_model(small_data(), replace(SHAPE, dropout=0.0), WORLD, tmp_path / "one", alone)
    together = json.loads((tmp_path / "two" / "losses.json").read_text())
    assert together == pytest.approx(alone.losses, rel=2e-3)
    assert len(together) == 2


def test_a_training_may_stop_early_and_go_on(tmp_path: Path) -> None:
    early, late = Silent(), Silent()
    train_model(small_data(), SHAPE, CONFIG, tmp_path, early, stop_after=1)
    train_model(small_data(), SHAPE, CONFIG, tmp_path, late, stop_after=2)
    assert (early.steps, late.steps) == ([1, 2, 3], [4, 5, 6])


def test_weights_of_another_model_are_no_beginning(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="weights to begin with are of another model"):
        train_model(small_data(), SHAPE, CONFIG, tmp_path, Silent(), start={"x": torch.zeros(1)})


def test_augmentation_never_mirrors() -> None:
    theta = geometry(500, 1.25, Augmentation(), torch.Generator().manual_seed(0))
    assert float(torch.linalg.det(theta[:, :, :2]).min()) > 0


def test_surroundings_alone_are_taught_to_say_nothing() -> None:
    always = replace(CONFIG.sampling, painted_out_p=1.0)
    quiet = Augmentation(light=0.0, tint=0.0, noise=0.0, background_p=0.0, erase_p=0.0)
    batch = batch_of(0, always, quiet)
    assert torch.allclose(batch.target, torch.full_like(batch.target, 1.0 / CLASSES))
    assert bool(batch.data.weight_kg.isnan().all())
    assert bool(batch.data.size_m.isnan().all())
    # the disc's colours are gone: what is left varies no more than the grain of the surroundings
    assert float(batch.data.color.std(dim=(3, 4)).max()) < 0.5


def test_validation_batches_show_everything_once() -> None:
    data = small_data()
    rows = [row for picked, _ in plain_batches(data.valid, range(8), 3) for row in picked]
    assert rows == list(range(8))
    _, first = next(plain_batches(data.train, range(12), 2, middle=(SPEC, 32)))
    assert first.color.shape == (2, 10, 3, 32, 32)


def test_the_learning_rate_rises_and_falls() -> None:
    rates = [one_cycle(step, 100, 1e-3) for step in range(100)]
    assert rates[0] == pytest.approx(1e-4)
    assert max(rates) == pytest.approx(1e-3)
    assert rates.index(max(rates)) == 20
    assert rates[-1] < 2e-6
