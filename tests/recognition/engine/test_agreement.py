"""The engine's fast ways say what the plain model says: float32, nothing folded, nothing packed.

The parts are the simulated rig's, seen by the shipped model. Each is shown several times, never twice the same: turned
colours and noise, squares that sit a little off, cameras missing, weight and size told or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from torch import nn

from benchmarks.recognition import frameset
from recognition.confidence.judgement import Judgement
from recognition.engine.cpu import CpuRunner, Way, best_way, bf16_in_hardware, plain_way, ways
from recognition.engine.packing import PackedConvolution, packed
from recognition.engine.views import Scalars, views_of
from recognition.models.config import ModelConfig
from recognition.models.folding import Streams, folded
from recognition.models.multiview import MultiViewModel
from recognition.registry import ModelFolder, load_model
from recognition.roi import RoiLocator
from station.cli.assembly import shipped_model
from station.frames import FrameSet
from station.results import PartLocation, Square
from station.settings import frame_size
from station.simulation.live_scene import LiveScene

SIZE = "640x480"
FEWEST_SHOWN = 3


@dataclass(frozen=True)
class Shown:
    frames: FrameSet
    location: PartLocation
    weight_kg: float | None


@pytest.fixture(scope="module")
def demo() -> ModelFolder:
    return load_model(shipped_model())


def rendered(class_ids: list[str]) -> Iterator[Shown]:
    scene, locator = LiveScene(SIZE, seed=77), RoiLocator()
    locator.learn_empty(frameset(scene, frame_size(SIZE), 0), scene.calibration)
    for number, class_id in enumerate(class_ids):
        scene.place(class_id, 500 + number, False, None, None)
        frames = frameset(scene, frame_size(SIZE), number + 1)
        location = locator.locate(frames, scene.calibration)
        if len(location.roi) >= FEWEST_SHOWN:
            yield Shown(frames, location, scene.load[0])
        scene.clear()


def another(shown: Shown, rng: np.random.Generator) -> Shown:
    """Return the same part under other light, cut a little otherwise, with cameras missing."""
    roles = list(shown.location.roi)
    kept = set(rng.choice(roles, int(rng.integers(FEWEST_SHOWN, len(roles) + 1)), replace=False))
    gains, frames = rng.uniform(0.7, 1.2, 3), dict(shown.frames.frames)
    for role in kept:
        frame = frames[role]
        noise = rng.normal(0.0, 3.0, frame.color.shape)
        frames[role] = replace(frame, color=np.clip(frame.color * gains + noise, 0, 255).astype(np.uint8))
    squares = {role: moved(square, rng) for role, square in shown.location.roi.items() if role in kept}
    location = replace(shown.location, roi=squares)
    weight = None if shown.weight_kg is None or rng.random() < 0.3 else shown.weight_kg * rng.normal(1.0, 0.01)
    if rng.random() < 0.3 or location.size_m is None:
        location = replace(location, size_m=None)
    return Shown(replace(shown.frames, frames=frames), location, weight)


def moved(square: Square, rng: np.random.Generator) -> Square:
    x0, y0, x1, _ = square
    edge = max(8, round((x1 - x0) * rng.uniform(0.93, 1.1)))
    left, top = (int(v + rng.normal(0.0, 0.03) * edge) for v in (x0, y0))
    return left, top, left + edge, top + edge


class Probabilities:
    """What a way makes of a part in the end: the calibrated probabilities of all classes."""

    def __init__(self, demo: ModelFolder, way: Way) -> None:
        self._runner, self._judgement = CpuRunner(demo, way), Judgement(demo)
        self._config, self._classes = demo.config, [c.class_id for c in demo.classes]

    def of(self, shown: Shown) -> np.ndarray:
        scalars = Scalars(shown.weight_kg, shown.location.size_m)
        ran = self._runner.run(views_of(shown.frames, shown.location, self._config), scalars)
        # The relief is the same for all ways and costs more than they do.
        no_turns = np.zeros((2, len(self._classes)))
        answer = self._judgement.judged(ran.heads, ran.crops.roles, no_turns, scalars.weight_kg, scalars.size_m)
        by_class = {line.class_id: line.probability for line in answer.ranked}
        return np.array([by_class[class_id] for class_id in self._classes])


def assert_the_same_is_said(demo: ModelFolder, parts: int, times: int) -> None:
    rng = np.random.default_rng(8)
    classes = [c.class_id for c in demo.classes]
    plain = Probabilities(demo, plain_way(demo))
    offered = {way.name: Probabilities(demo, way) for way in ways(demo)}
    wanted: list[np.ndarray] = []
    got: dict[str, list[np.ndarray]] = {name: [] for name in offered}
    for shown in rendered([str(c) for c in rng.choice(classes, parts, replace=False)]):
        for _ in range(times):
            one = another(shown, rng)
            wanted.append(plain.of(one))
            for name, way in offered.items():
                got[name].append(way.of(one))
    assert len(wanted) >= 0.8 * parts * times
    truth = np.stack(wanted)
    second, first = np.sort(truth, axis=1)[:, -2:].T
    for name, answers in got.items():
        ours = np.stack(answers)
        tolerance = 3e-2 if "bf16" in name else 1e-3
        off = np.abs(ours - truth).max(axis=1)
        assert np.quantile(off, 0.99) <= tolerance, (name, np.quantile(off, [0.5, 0.9, 0.99, 1.0]))
        clear = first - second > tolerance
        assert clear.any()
        np.testing.assert_array_equal(ours.argmax(axis=1)[clear], truth.argmax(axis=1)[clear])


def test_sixty_parts_get_the_plain_models_answers(demo: ModelFolder) -> None:
    assert_the_same_is_said(demo, parts=5, times=12)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_thousand_parts_get_the_plain_models_answers(demo: ModelFolder) -> None:
    assert_the_same_is_said(demo, parts=63, times=20)


def test_bf16_is_offered_where_the_processor_has_it(demo: ModelFolder) -> None:
    assert any("bf16" in way.name for way in ways(demo)) is bf16_in_hardware()
    assert any("fp32" in way.name for way in ways(demo))


def test_a_way_that_says_something_else_is_not_taken(demo: ModelFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(folder: ModelFolder) -> list[Way]:
        def shuffled(color: torch.Tensor, depth: torch.Tensor) -> tuple[torch.Tensor, ...]:
            return tuple(one.flip(1) for one in folder.model.streams(color, depth) if one is not None)

        def nothing(color: torch.Tensor, depth: torch.Tensor) -> tuple[torch.Tensor, ...]:
            raise RuntimeError("could not create a primitive")

        return [Way("shuffled", torch.float32, shuffled), Way("no primitive", torch.float32, nothing)]  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr("recognition.engine.cpu.ways", broken)
    assert best_way(demo).name == plain_way(demo).name


ENCODERS = ("resnet18", "regnet_y_400mf", "shufflenet_v2_x0_5", "mobilenet_v3_small", "efficientnet_b0", "densenet121")
MORE_ENCODERS = ("resnet50", "resnext50_32x4d", "mobilenet_v2", "mnasnet0_5", "vgg11_bn", "efficientnet_v2_s")


def assert_folded_and_packed(encoder: str) -> None:
    torch.manual_seed(2)
    model = MultiViewModel(ModelConfig(classes=3, color_encoder=encoder, depth_encoder="resnet18", input_size=64))
    views = torch.randn(3, 3, 64, 64), torch.randn(3, 2, 64, 64)
    with torch.no_grad():
        model.streams(*views)  # moves the statistics off their start
        model.eval()
        wanted = model.streams(*views)
        graph = folded(Streams(model))
        fast = packed(graph, views, torch.float32)
        for ours in (graph(*views), fast(*views), fast(*(one[:1] for one in views))):
            for one, other in zip(ours, wanted, strict=True):
                assert other is not None
                scale = float(other.abs().max())
                torch.testing.assert_close(one, other[: len(one)], atol=2e-5 * scale, rtol=1e-3)
    norms = [m for m in graph.modules() if isinstance(m, nn.BatchNorm2d)]
    assert not norms or encoder.startswith("densenet")  # those behind a concatenation have nothing to be folded into
    assert len(norms) < sum(isinstance(m, nn.BatchNorm2d) for m in model.modules())
    assert not [m for m in fast.modules() if type(m) is nn.Conv2d]
    assert any(isinstance(m, PackedConvolution) and m.activation != "none" for m in fast.modules())
    targets = [node.target for node in fast.graph.nodes]
    assert not [m for m in fast.modules() if isinstance(m, nn.AdaptiveAvgPool2d) and m.output_size == 1]
    assert "mean" not in targets
    assert torch.addcmul in targets  # the gated stream led into the other


@pytest.mark.parametrize("encoder", ENCODERS[:3])
def test_folding_and_packing_change_nothing_but_rounding(encoder: str) -> None:
    assert_folded_and_packed(encoder)


@pytest.mark.slow
@pytest.mark.parametrize("encoder", ENCODERS[3:] + MORE_ENCODERS)
def test_folding_and_packing_change_nothing_in_other_families(encoder: str) -> None:
    assert_folded_and_packed(encoder)
