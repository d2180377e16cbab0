"""The figures of ``benchmarks/real_embeddings.py`` by hand."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.real_embeddings import nearness


def at(*degrees: float) -> np.ndarray:
    """Return unit vectors in the plane, (N, 2)."""
    turns = np.radians(degrees)
    return np.stack([np.cos(turns), np.sin(turns)], axis=1).astype(np.float32)


def far(degrees: float) -> float:
    return 1.0 - float(np.cos(np.radians(degrees)))


def test_siblings_that_are_nearer_than_strangers() -> None:
    found = nearness(10, at(0, 10, 20), at(60, 70, 120, 130), ["a", "a", "b", "b"], held_out={"b"})
    assert found.among == pytest.approx(far(20), abs=1e-5)
    assert (found.to_simulated, found.nearest) == (pytest.approx(far(40), abs=1e-5), "a")
    assert found.to_mean == pytest.approx(far(45), abs=1e-5)
    assert (found.kept, found.first, found.real, found.holds) == (3, 3, 3, True)
    assert (found.learned, found.unseen) == (1.0, 1.0)


def test_a_stranger_among_siblings() -> None:
    found = nearness(10, at(0, 10, 40), at(55, 120, 125), ["near", "b", "b"], held_out={"b"})
    assert not found.holds
    assert found.kept_from_means == 2  # the class "near" has one capture, which is its mean
    assert found.kept == 2  # the third one's siblings are farther than the stranger
    assert found.first == 2
    assert (found.learned, found.unseen) == (None, 1.0)


def test_classes_that_lie_between_one_another_are_not_apart() -> None:
    found = nearness(10, at(0, 1), at(60, 70, 65, 75), ["a", "a", "b", "b"])
    assert found.learned == 0.0
    assert found.holds
