"""What a model knows of a class's weight: measured, too light for the scale, or never weighed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from recognition.classes import ClassProfile, Fits, profile
from recognition.crops.cache import LIGHTEST_KG, Sample

SIZE = (0.2, 0.1, 0.05)


def captured(folder: Path, weights: list[float | None]) -> list[Sample]:
    """Return training captures with these weights on the scale; ``None`` was not weighed and has no record."""
    samples: list[Sample] = []
    for number, weight in enumerate(weights):
        capture = folder / "train_data" / "0" / str(number)
        capture.mkdir(parents=True)
        if weight is not None:
            record = {"schema": 1, "class": "part", "split": "train", "origin": "simulation", "weight_kg": weight}
            (capture / "capture.json").write_text(json.dumps({**record, "weight_stable": True}))
        used = weight if weight is not None and weight >= LIGHTEST_KG else None
        samples.append(Sample("part", "train", str(capture), used, SIZE, str(number), str(number)))
    return samples


@pytest.mark.parametrize(
    ("weights", "expected", "weighed"),
    [
        ([0.5, 0.5, 0.5], 0.5, True),
        ([None, None, None], None, False),
        ([0.0005, 0.0005], None, True),
        ([None, None, None, None, 0.5], 0.5, True),  # published captures, and one of our own
        ([0.0021, 0.0005, 0.0005], None, True),
    ],
)
def test_a_class_that_was_never_weighed_is_not_one_that_is_too_light(
    tmp_path: Path, weights: list[float | None], expected: float | None, weighed: bool
) -> None:
    found = profile("part", captured(tmp_path / "part", weights), tmp_path / "part")
    assert found.weight_kg == pytest.approx(expected) if expected else found.weight_kg is None
    assert found.weighed is weighed
    assert ClassProfile.from_json(found.to_json()) == found


def test_any_weight_fits_a_class_that_was_never_weighed() -> None:
    classes = [
        ClassProfile("weighed", "", "", 4.7, (SIZE,)),
        ClassProfile("light", "", "", None, (SIZE,)),
        ClassProfile("published", "", "", None, (SIZE,), weighed=False),
    ]
    fits = Fits(classes, 0.005, 0.01, 0.003)
    np.testing.assert_allclose(fits.weight(4.7), [0.0, 60.0, 0.0])
    assert fits.weight(0.4)[2] == 0.0


def test_an_older_models_classes_were_weighed() -> None:
    assert ClassProfile.from_json({"id": "a", "number": "", "name": "", "weight_kg": None, "sizes_m": []}).weighed
