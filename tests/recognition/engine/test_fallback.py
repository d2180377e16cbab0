"""What happens when a device fails: faults are put in where the engine hands a part over to what computes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from recognition.crops.cutting import square_of_mask
from recognition.engine import Engine
from recognition.engine.cpu import CpuRunner, plain_way
from recognition.engine.fallback import MOST_FAULTS, Fallback
from recognition.engine.views import Ran, Runner, Scalars, Views
from recognition.registry import ModelFolder, load_model
from station.captures.mvip import find_captures, load_frameset, load_masks
from station.errors import ModelError
from station.frames import FrameSet
from station.results import PartLocation, PlateState, Recognition

Seen = tuple[FrameSet, PartLocation]
Fault = Callable[[Ran], Ran]


@pytest.fixture(scope="module")
def seen(tree: Path) -> Seen:
    path = find_captures(tree / "sets" / "red_block")[0].path
    masks = load_masks(path)
    squares = {role: square for role, mask in masks.items() if (square := square_of_mask(mask)) is not None}
    return load_frameset(path)[0], PartLocation(PlateState.OK, squares, masks, (0.10, 0.06, 0.04), (), ())


def raising(error: Exception) -> Fault:
    def fault(_: Ran) -> Ran:
        raise error

    return fault


def no_numbers(ran: Ran) -> Ran:
    return replace(ran, heads=replace(ran.heads, view_logits=torch.full_like(ran.heads.view_logits, float("nan"))))


class Device:
    """A device that computes as the plain model does, and fails as long as it is told to."""

    kind = "cuda fp16"

    def __init__(self, folder: ModelFolder) -> None:
        self._runner = CpuRunner(folder, plain_way(folder))
        self.fault: Fault | None = None
        self.parts = 0

    def run(self, views: Views, scalars: Scalars) -> Ran:
        self.parts += 1
        ran = self._runner.run(views, scalars)
        return self.fault(ran) if self.fault else ran


class Bench:
    """An engine with a device that can be made to fail, and a processor that counts how often it was made."""

    def __init__(self, folder: ModelFolder) -> None:
        self.device = Device(folder)
        self.processors = 0
        self.engine = Engine(folder, "cpu", [lambda _: self.device, self._processor])

    def _processor(self, folder: ModelFolder) -> Runner:
        self.processors += 1
        return CpuRunner(folder, plain_way(folder))


@pytest.fixture
def bench(model_folder: Path) -> Bench:
    return Bench(load_model(model_folder))


def asked(bench: Bench, seen: Seen) -> Recognition:
    answer = bench.engine.recognize(*seen, 0.5)
    assert sum(r.probability for r in answer.ranked) == pytest.approx(1.0)
    return answer


MEMORY = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.\nMore of it.")
LOST = RuntimeError("CUDA error: the launch timed out and was terminated\nCUDA kernel errors might be …")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (raising(MEMORY), "its memory is full"),
        (raising(LOST), "does not answer any more"),
        (no_numbers, "numbers that are none"),
        (raising(TypeError("a fault of the program")), "a fault of the program"),
    ],
    ids=["memory", "lost", "nan", "other"],
)
def test_the_same_part_is_answered_by_the_processor(
    bench: Bench, seen: Seen, fault: Fault, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    sound = asked(bench, seen)
    assert bench.engine.trouble == ""
    assert bench.processors == 0
    bench.device.fault = fault
    with caplog.at_level(logging.WARNING):
        answer = asked(bench, seen)
    np.testing.assert_allclose(answer.embedding, sound.embedding, atol=1e-6)
    assert answer.ranked == sound.ranked
    assert said in bench.engine.trouble
    assert "cuda fp16" in bench.engine.trouble
    assert "\n" not in bench.engine.trouble
    assert said in caplog.text


def test_a_device_that_recovers_is_used_again_and_the_trouble_ends(bench: Bench, seen: Seen) -> None:
    for _ in range(2 * MOST_FAULTS):
        bench.device.fault = raising(MEMORY)
        asked(bench, seen)
        assert bench.engine.trouble
        bench.device.fault = None
        asked(bench, seen)
        assert bench.engine.trouble == ""
        assert bench.engine.kind == "cuda fp16"
    assert bench.processors == 1
    assert bench.device.parts == 4 * MOST_FAULTS


def test_a_device_that_fails_again_and_again_is_left_alone(bench: Bench, seen: Seen) -> None:
    bench.device.fault = no_numbers
    for _ in range(MOST_FAULTS + 4):
        asked(bench, seen)
    assert bench.device.parts == MOST_FAULTS
    assert bench.processors == 1
    assert "not used any more" in bench.engine.trouble
    assert "station doctor" in bench.engine.trouble
    assert bench.engine.kind == "cpu fp32 plain"


def test_a_lost_gpu_is_not_asked_a_second_time(bench: Bench, seen: Seen) -> None:
    bench.device.fault = raising(LOST)
    for _ in range(3):
        asked(bench, seen)
    assert bench.device.parts == 1
    assert "not used any more" in bench.engine.trouble


def test_what_torch_calls_a_lost_accelerator_is_one(bench: Bench, seen: Seen) -> None:
    kind = getattr(torch, "AcceleratorError", None)
    if kind is None:
        pytest.skip("this torch has no AcceleratorError")
    bench.device.fault = raising(kind("device-side assert triggered"))
    asked(bench, seen)
    asked(bench, seen)
    assert bench.device.parts == 1


def test_a_device_without_room_for_the_model_leaves_it_to_the_processor(model_folder: Path, seen: Seen) -> None:
    def full(_: ModelFolder) -> Runner:
        raise MEMORY

    engine = Engine(model_folder, "cpu", [full, lambda folder: CpuRunner(folder, plain_way(folder))])
    assert engine.recognize(*seen, 0.5).model_id == engine.model_id
    assert "its memory is full" in engine.trouble


def test_when_the_last_one_fails_its_error_is_told() -> None:
    class Broken:
        kind = "broken"

        def run(self, views: Views, scalars: Scalars) -> Ran:
            raise ValueError("frames of two sizes")

    line = Fallback([Broken, Broken])
    with pytest.raises(ValueError, match="two sizes"):
        line.run(Views({}, {}, {}, None), Scalars(None, None))


def test_what_is_wrong_with_the_part_is_no_fault_of_the_device(bench: Bench, seen: Seen) -> None:
    bench.device.fault = raising(ModelError("The model needs depth as HHA."))
    with pytest.raises(ModelError, match="HHA"):
        bench.engine.recognize(*seen, 0.5)
    assert bench.engine.trouble == ""
    assert bench.processors == 0
