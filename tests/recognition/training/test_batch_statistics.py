from __future__ import annotations

import torch

from recognition.models.multiview import MultiViewModel
from recognition.training.batch_statistics import count_statistics
from tests.recognition.conftest import SMALL, random_input


def test_statistics_are_the_mean_over_the_batches_whatever_the_momentum() -> None:
    torch.manual_seed(5)
    model = MultiViewModel(SMALL)
    norms = [m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = 0.01  # as torchvision's MobileNetV3 has it
    weights = {name: p.detach().clone() for name, p in model.named_parameters()}
    batches = [random_input(2, 3, seed=seed) for seed in range(3)]
    first = norms[0]
    seen: list[torch.Tensor] = []
    hook = first.register_forward_hook(lambda _module, inputs, _output: seen.append(inputs[0].mean(dim=(0, 2, 3))))
    count_statistics(model, batches)
    hook.remove()
    assert first.running_mean is not None
    torch.testing.assert_close(first.running_mean, torch.stack(seen).mean(dim=0), atol=1e-5, rtol=1e-4)
    assert not any(module.training for module in model.modules())
    assert {norm.momentum for norm in norms} == {0.01}
    for name, p in model.named_parameters():
        torch.testing.assert_close(p, weights[name], atol=0.0, rtol=0.0)
