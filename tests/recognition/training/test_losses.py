from __future__ import annotations

import math

import torch

from recognition.training.losses import cross_entropy, margin_loss, mh_loss


def test_mh_loss_is_the_plain_mean_over_the_fused_and_the_valid_views() -> None:
    fused = torch.tensor([[2.0, 0.0]])
    views = torch.tensor([[[0.0, 0.0], [1.0, 0.0], [9.0, 9.0]]])
    mask = torch.tensor([[True, True, False]])
    target = torch.tensor([[1.0, 0.0]])
    by_hand = (math.log(1 + math.exp(-2.0)) + math.log(2.0) + math.log(1 + math.exp(-1.0))) / 3
    assert math.isclose(float(mh_loss(fused, [(views, mask)], target)), by_hand, rel_tol=1e-6)


def test_depth_heads_count_like_views() -> None:
    fused = torch.tensor([[2.0, 0.0]])
    views, depth = torch.zeros(1, 2, 2), torch.zeros(1, 2, 2)
    both = torch.ones(1, 2, dtype=torch.bool)
    one = torch.tensor([[True, False]])
    target = torch.tensor([[1.0, 0.0]])
    by_hand = (math.log(1 + math.exp(-2.0)) + 3 * math.log(2.0)) / 4
    assert math.isclose(float(mh_loss(fused, [(views, both), (depth, one)], target)), by_hand, rel_tol=1e-6)


def test_a_sample_without_views_has_the_fused_loss_alone() -> None:
    fused = torch.tensor([[0.0, 0.0]])
    none = torch.zeros(1, 2, dtype=torch.bool)
    loss = mh_loss(fused, [(torch.randn(1, 2, 2), none)], torch.tensor([[1.0, 0.0]]))
    assert math.isclose(float(loss), math.log(2.0), rel_tol=1e-6)


def test_the_margin_is_asked_of_the_true_class_only() -> None:
    cosine, scale = torch.tensor([[0.9, 0.1], [0.9, 0.1]]), torch.tensor(10.0)
    target = torch.tensor([[1.0, 0.0], [0.5, 0.5]])
    with_margin = margin_loss(cosine * scale, scale, target, 0.2)
    without = cross_entropy(cosine * scale, target)
    assert float(with_margin[0]) > float(without[0])
    assert torch.equal(with_margin[1], without[1])
