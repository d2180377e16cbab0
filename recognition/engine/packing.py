"""A folded graph whose convolutions are oneDNN's, with the activation or addition behind each of them inside it.

torch brings these operators along for its own compiler. Called straight they need none: weights are laid out once for
the processor, and a map is written once instead of two or three times. Means over whole maps, which torch takes from a
float32 copy of the map, are taken from the map itself.
"""

# torch's own annotations are partial
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import copy
import operator
from collections.abc import Callable
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, fx, nn
from torch.fx.passes.shape_prop import ShapeProp

_ONEDNN = cast(Any, torch.ops).mkldnn
_lay_out = getattr(_ONEDNN, "_reorder_convolution_weight", None)
_convolve = getattr(_ONEDNN, "_convolution_pointwise", None)
"""``None`` in a torch that was built without oneDNN; using them is then a fault like any other."""
_ACTIVATIONS: dict[type[nn.Module], str] = {
    nn.ReLU: "relu",
    nn.SiLU: "swish",
    nn.Hardswish: "hardswish",
    nn.Sigmoid: "sigmoid",
    nn.Tanh: "tanh",
}
_FUNCTIONS: dict[Callable[..., Any], str] = {F.relu: "relu", torch.relu: "relu", torch.sigmoid: "sigmoid"}
_ADDITIONS = (operator.add, operator.iadd, torch.add)
_PRODUCTS = (operator.mul, operator.imul, torch.mul)


class PackedConvolution(nn.Module):
    """One convolution with what follows it, its weights laid out for maps of one size and type."""

    def __init__(self, layer: nn.Conv2d, shape: torch.Size, dtype: torch.dtype, activation: str = "none") -> None:
        """Lay the weights out for maps of ``shape`` (N, C, H, W); another N is computed as well."""
        super().__init__()
        padding, stride, dilation = (list(cast(Any, pair)) for pair in (layer.padding, layer.stride, layer.dilation))
        self._places = (padding, stride, dilation, layer.groups)
        weight = layer.weight.detach().to(dtype)
        self._weight = cast(Tensor, cast(Any, _lay_out)(weight, *self._places, list(shape)))
        self._bias = None if layer.bias is None else layer.bias.detach().to(dtype)
        self.activation = activation

    def forward(self, x: Tensor, other: Tensor | None = None) -> Tensor:
        """Return the activation of the convolved map, ``other`` added to it before."""
        if other is None:
            return cast(Any, _convolve)(x, self._weight, self._bias, *self._places, self.activation, [], "")
        after = None if self.activation == "none" else self.activation
        return cast(Any, _convolve).binary(
            x, other, self._weight, self._bias, *self._places, "add", 1.0, after, [], None
        )


def packed(graph: fx.GraphModule, examples: tuple[Tensor, ...], dtype: torch.dtype) -> fx.GraphModule:
    """Return a copy of a folded graph that computes maps like ``examples`` in ``dtype`` with packed convolutions.

    Raises what torch raises where this build or processor does not have the operators.
    """
    result = copy.deepcopy(graph)
    with torch.no_grad():
        ShapeProp(result).propagate(*examples)
    _take_additions(result, dtype)
    _take_activations(result, dtype)
    _take_means(result)
    _take_gates(result)
    result.delete_all_unused_submodules()
    result.graph.lint()
    result.recompile()
    return result.to(dtype)


def _take_additions(graph: fx.GraphModule, dtype: torch.dtype) -> None:
    """Put each addition of two maps, one of them just convolved, into that convolution, with a relu behind it."""
    place = {node: number for number, node in enumerate(graph.graph.nodes)}
    for node in list(graph.graph.nodes):
        if node.op != "call_function" or node.target not in _ADDITIONS or len(node.args) != 2 or node.kwargs:
            continue
        terms = [term for term in node.args if isinstance(term, fx.Node)]
        fresh = [term for term in terms if _convolution(graph, term) is not None]
        if len(set(terms)) != 2 or not fresh or _shape(terms[0]) != _shape(terms[1]):
            continue
        later = max(fresh, key=lambda term: place[term])
        other = terms[1] if terms[0] is later else terms[0]
        activation, last = _activation(graph, node)
        if activation != "relu":
            activation, last = "none", node
        _pack(graph, later, dtype, activation)
        with graph.graph.inserting_before(node):
            joined = graph.graph.call_module(cast(str, later.target), (later.args[0], other))
        joined.meta = dict(last.meta)
        last.replace_all_uses_with(joined)
        for gone in dict.fromkeys((last, node, later)):
            graph.graph.erase_node(gone)


def _take_activations(graph: fx.GraphModule, dtype: torch.dtype) -> None:
    """Pack what convolutions are left, each with the activation that alone uses it."""
    for node in list(graph.graph.nodes):
        if _convolution(graph, node, shared=True) is None:
            continue
        activation, last = _activation(graph, node)
        _pack(graph, node, dtype, activation)
        if last is not node:
            last.replace_all_uses_with(node)
            graph.graph.erase_node(last)


def _mean(x: Tensor) -> Tensor:
    """Return the means (N, C, 1, 1) of maps; sums are float32, as in ``Tensor.mean``, but the map is read once."""
    return F.avg_pool2d(x, x.shape[-2:])


def _mean_vectors(x: Tensor) -> Tensor:
    """Return the means (N, C) of maps."""
    return _mean(x).flatten(1)


def _take_means(graph: fx.GraphModule) -> None:
    """Take each mean over a whole map, and each only once."""
    taken: dict[tuple[Any, fx.Node], fx.Node] = {}
    for node in list(graph.graph.nodes):
        source = next((argument for argument in node.args if isinstance(argument, fx.Node)), None)
        if source is None:
            continue
        if node.op == "call_module":
            layer = graph.get_submodule(cast(str, node.target))
            function = _mean if isinstance(layer, nn.AdaptiveAvgPool2d) and layer.output_size in (1, (1, 1)) else None
        else:
            over_map = node.op == "call_method" and node.target == "mean" and len(_shape(source)) == 4
            function = _mean_vectors if over_map and dict(node.kwargs) == {"dim": (2, 3)} else None
        if function is None:
            continue
        if (function, source) not in taken:
            with graph.graph.inserting_before(node):
                taken[function, source] = graph.graph.call_function(function, (source,))
            taken[function, source].meta = dict(node.meta)
        node.replace_all_uses_with(taken[function, source])
        graph.graph.erase_node(node)


def _take_gates(graph: fx.GraphModule) -> None:
    """Join each product with the addition behind it, as where one stream is led gated into the other."""
    for node in list(graph.graph.nodes):
        if node.op != "call_function" or node.target not in _ADDITIONS or len(node.args) != 2 or node.kwargs:
            continue
        terms = [term for term in node.args if isinstance(term, fx.Node)]
        product = next((term for term in terms if term.target in _PRODUCTS and len(term.users) == 1), None)
        if product is None or len(terms) != 2 or not all(isinstance(factor, fx.Node) for factor in product.args):
            continue
        other = terms[1] if terms[0] is product else terms[0]
        if _shape(other) != _shape(node):
            continue
        with graph.graph.inserting_before(node):
            joined = graph.graph.call_function(torch.addcmul, (other, *product.args))
        joined.meta = dict(node.meta)
        node.replace_all_uses_with(joined)
        graph.graph.erase_node(node)
        graph.graph.erase_node(product)


def _pack(graph: fx.GraphModule, node: fx.Node, dtype: torch.dtype, activation: str) -> None:
    layer = cast(nn.Conv2d, graph.get_submodule(cast(str, node.target)))
    graph.set_submodule(
        cast(str, node.target), PackedConvolution(layer, _shape(cast(fx.Node, node.args[0])), dtype, activation)
    )


def _convolution(graph: fx.GraphModule, node: fx.Node, *, shared: bool = False) -> nn.Conv2d | None:
    """Return the convolution that a node calls, unless it cannot be packed; one with several users where ``shared``."""
    if node.op != "call_module" or (len(node.users) != 1 and not shared):
        return None
    layer = cast(nn.Conv2d, graph.get_submodule(cast(str, node.target)))
    plain = type(layer) is nn.Conv2d and layer.padding_mode == "zeros" and not isinstance(layer.padding, str)
    once = sum(other.target == node.target for other in graph.graph.nodes if other.op == "call_module") == 1
    return layer if plain and once else None


def _activation(graph: fx.GraphModule, node: fx.Node) -> tuple[str, fx.Node]:
    """Return the activation that alone uses a node, and its node; ``none`` and the node itself where there is none."""
    user = next(iter(node.users)) if len(node.users) == 1 else None
    name = None
    if user is not None and user.op == "call_module":
        name = _ACTIVATIONS.get(type(graph.get_submodule(cast(str, user.target))))
    elif user is not None and user.op == "call_function":
        name = _FUNCTIONS.get(cast(Any, user.target))
    return (name, user) if name is not None and user is not None else ("none", node)


def _shape(node: fx.Node) -> torch.Size:
    return cast(torch.Size, node.meta["tensor_meta"].shape)
