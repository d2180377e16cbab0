"""Inference without batch normalisation of its own: each is folded into the convolution before it.

Blocks of torchvision call their layers by name and in any order, so who follows whom is found by tracing the module.
A norm that follows no convolution (DenseNet's, behind a concatenation) stays, as there is nothing to fold it into.
"""

# torch's own annotations are partial
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import copy
from typing import cast

from torch import Tensor, fx, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from recognition.models.multiview import MultiViewModel

_IDLE = (nn.Identity, nn.Dropout, nn.Dropout1d, nn.Dropout2d)
"""Modules that do nothing in evaluation mode."""


class Streams(nn.Module):
    """The encoders of a model with their joins: the part that all the work is in; see ``MultiViewModel.streams``."""

    def __init__(self, model: MultiViewModel) -> None:
        """Look at a model; its parameters are shared, not copied."""
        super().__init__()
        self.model = model

    def forward(self, color: Tensor, depth: Tensor) -> tuple[Tensor, Tensor | None, Tensor | None]:
        """Return the pooled vectors of colour (N, 3, S, S) and depth (N, D, S, S)."""
        return self.model.streams(color, depth)


def folded(module: nn.Module) -> fx.GraphModule:
    """Return a copy in evaluation mode, as a graph, whose batch norms are folded into the convolutions before them.

    The outputs stay the same to rounding. Raises what torch.fx raises for a module that cannot be traced.
    """
    graph = fx.symbolic_trace(copy.deepcopy(module).eval())
    nodes = list(graph.graph.nodes)
    modules = cast(dict[str, nn.Module], dict(graph.named_modules()))
    uses = [node.target for node in nodes if node.op == "call_module"]
    for node in nodes:
        before = node.args[0] if node.args else None
        if not isinstance(before, fx.Node) or not _does_little(node, modules):
            continue
        layer = modules.get(str(node.target))
        if isinstance(layer, nn.BatchNorm2d):
            convolution = modules.get(str(before.target)) if before.op == "call_module" else None
            alone = len(before.users) == 1 and uses.count(before.target) == 1 and uses.count(node.target) == 1
            if type(convolution) is not nn.Conv2d or not alone:
                continue
            whole = fuse_conv_bn_eval(convolution, layer)
            graph.set_submodule(str(before.target), whole)
            modules[str(before.target)] = whole
        node.replace_all_uses_with(before)
        graph.graph.erase_node(node)
    graph.delete_all_unused_submodules()
    graph.graph.lint()
    graph.recompile()
    return graph


def _does_little(node: fx.Node, modules: dict[str, nn.Module]) -> bool:
    """Say whether a node is a batch norm, or does nothing in evaluation mode."""
    if node.op == "call_module":
        return isinstance(modules[str(node.target)], (nn.BatchNorm2d, *_IDLE))
    return node.op == "call_function" and getattr(node.target, "__name__", "") in ("stochastic_depth", "dropout")
