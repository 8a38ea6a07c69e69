"""One number of an output, spelled out: what it was made of, term by term, from the stored numbers and the weights.

A layer that sums (a convolution, a matrix, a pool of means, a norm with fixed statistics) is asked for the gradient of
the one number with respect to its input: those are the factors of the terms, whatever its stride, padding, dilation and
groups are; what the terms do not add up to is the constant.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from explorer.activations.activations import Activations
from explorer.activations.feature_maps import token_side
from explorer.graph.graph import Node

LISTED = 12  # terms
SUMS = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.Linear, nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.BatchNorm1d, nn.BatchNorm2d)
LARGEST = (nn.MaxPool2d, nn.AdaptiveMaxPool2d)
SAME = ("Identity", "Dropout", "dropout", "Flatten", "flatten", "view", "reshape", "contiguous", "unflatten", "squeeze")
SIGNS = {"add": 1, "iadd": 1, "radd": 1, "sub": -1, "isub": -1, "subtract": -1}
TIMES = ("mul", "imul", "rmul", "multiply")

Index = tuple[int, ...]


@dataclass(frozen=True)
class Contribution:
    node: str  # whose output it reads,
    index: Index  # and where in it
    value: float
    factor: float

    @property
    def product(self) -> float:
        return self.value * self.factor


@dataclass(frozen=True)
class Breakdown:
    """`terms` + `others` + `constant` is `result`, unless `how` names a function of the only term."""

    how: str  # "sum", "product", "largest", "same", or a function's name
    terms: tuple[Contribution, ...]  # the largest, by their absolute products
    more: int = 0  # terms besides,
    others: float = 0.0  # and what they add up to
    constant: float = 0.0
    result: float = 0.0
    stored: float = 0.0  # the number itself
    window: tuple[int, int, int, int] | None = None  # rows and columns that it reads of a map: first, end, first, end


def break_down(model: nn.Module, seen: Activations, node: Node, index: Index) -> Breakdown | None:
    """Of the number at `index` of the node's output; None for an operation that is not spelled out."""
    stored = float(seen.outputs[node.name][index])
    layer = layer_of(model, node)
    if layer is not None and isinstance(layer, SUMS):
        return sum_of(layer, seen, node, index, stored)
    if layer is not None and isinstance(layer, LARGEST):
        return largest_of(layer, seen, node, index, stored)
    if node.op in SAME and len(node.inputs) == 1:
        return same_number(seen, node, index, stored)
    if isinstance(layer, nn.LayerNorm):
        return normed(layer, seen, node, index, stored)
    if node.kind == "activation" and len(node.inputs) == 1 and "oftmax" not in node.op:
        return function_of(layer or getattr(functional, node.op, None), seen, node, index, stored)
    if node.kind == "concatenation" and not node.weights:
        return joined(seen, node, index, stored)
    if len(node.inputs) > 1 and (node.op in SIGNS or node.op in TIMES):
        return elementwise(seen, node, index, stored)
    return None


def layer_of(model: nn.Module, node: Node) -> nn.Module | None:
    """The layer of PyTorch's that the node is, if it is one."""
    module = dict(model.named_modules()).get(node.path[-1]) if node.path else None
    return module if type(module).__name__ == node.op else None


def function_of(
    call: Callable[[Tensor], Tensor] | None, seen: Activations, node: Node, index: Index, stored: float
) -> Breakdown | None:
    """Of one number alone."""
    x = seen.outputs[node.inputs[0]]
    if call is None or x.shape != seen.outputs[node.name].shape or isinstance(call, nn.PReLU):
        return None
    with torch.no_grad():
        result = float(call(x[index].clone()))
    return Breakdown(node.op, (term_at(seen, node.inputs[0], index, 1.0),), result=result, stored=stored)


def normed(layer: nn.LayerNorm, seen: Activations, node: Node, index: Index, stored: float) -> Breakdown:
    """(x - mean) / deviation × γ + β, the mean and the deviation over the last sides of the very map or token."""
    x, sides = seen.outputs[node.inputs[0]].double(), len(layer.normalized_shape)
    own = x[index[:-sides]] if x.ndim > sides else x
    deviation = float((own.var(correction=0) + layer.eps).sqrt())
    scale = 1.0 if layer.weight is None else layer.weight[index[-sides:]].item()
    shift = 0.0 if layer.bias is None else layer.bias[index[-sides:]].item()
    term = term_at(seen, node.inputs[0], index, scale / deviation)
    constant = shift - float(own.mean()) * scale / deviation
    return Breakdown("sum", (term,), constant=constant, result=term.product + constant, stored=stored)


def factors_of(call: Callable[[Tensor], Tensor], x: Tensor, index: Index) -> Tensor:
    """Of the number at `index`, with respect to each of `x`, which has no batch."""
    with torch.enable_grad():
        given = x.detach().clone().requires_grad_()
        return torch.autograd.grad(call(given[None])[0][index], given)[0]


def sum_of(layer: nn.Module, seen: Activations, node: Node, index: Index, stored: float) -> Breakdown:
    source = node.inputs[0]
    x = seen.outputs[source]
    factors = factors_of(layer, x, index)
    products = (factors.double() * x.double()).flatten()
    read = factors.flatten().nonzero().flatten()
    order = read[products[read].abs().argsort(descending=True)]
    terms = tuple(term_at(seen, source, unravelled(int(at), x), float(factors.flatten()[at])) for at in order[:LISTED])
    with torch.no_grad():
        constant = float(layer(torch.zeros_like(x)[None])[0][index])
    others = float(products[order[LISTED:]].sum())
    result = sum(term.product for term in terms) + others + constant
    more = max(0, len(order) - LISTED)
    return Breakdown("sum", terms, more, others, constant, result, stored, window_of(factors))


def largest_of(layer: nn.Module, seen: Activations, node: Node, index: Index, stored: float) -> Breakdown:
    source = node.inputs[0]
    x = seen.outputs[source]
    chosen = factors_of(layer, x, index).flatten().nonzero().flatten()[0]
    at = unravelled(int(chosen), x)
    means = pool_of_means(layer)
    window = window_of(factors_of(means, x, index)) if means else None
    return Breakdown("largest", (term_at(seen, source, at, 1.0),), 0, 0.0, 0.0, float(x[at]), stored, window)


def pool_of_means(layer: nn.Module) -> nn.Module | None:
    """That reads the same window; of one that is dilated there is none."""
    if isinstance(layer, nn.AdaptiveMaxPool2d):
        return nn.AdaptiveAvgPool2d(layer.output_size)  # type: ignore[arg-type]
    if isinstance(layer, nn.MaxPool2d) and layer.dilation in (1, (1, 1)):
        return nn.AvgPool2d(layer.kernel_size, layer.stride, layer.padding, layer.ceil_mode)
    return None


def same_number(seen: Activations, node: Node, index: Index, stored: float) -> Breakdown | None:
    """Where the numbers keep their order."""
    source, out = node.inputs[0], seen.outputs[node.name]
    x = seen.outputs[source]
    if x.numel() != out.numel():
        return None
    at = unravelled(ravelled(index, out), x)
    return Breakdown("same", (term_at(seen, source, at, 1.0),), result=float(x[at]), stored=stored)


def joined(seen: Activations, node: Node, index: Index, stored: float) -> Breakdown | None:
    """The input that it was taken from; `dim` counts the batch."""
    dim = int(node.attribute("dim", 1))
    side = dim - 1 if dim > 0 else len(index) + dim
    if node.op != "cat" or not 0 <= side < len(index):
        return None
    place = index[side]
    for source in node.inputs:
        if place < (length := seen.outputs[source].shape[side]):
            term = term_at(seen, source, (*index[:side], place, *index[side + 1 :]), 1.0)
            return Breakdown("same", (term,), result=term.value, stored=stored)
        place -= length
    return None


def elementwise(seen: Activations, node: Node, index: Index, stored: float) -> Breakdown | None:
    shapes = [seen.outputs[source].shape for source in node.inputs]
    if any(len(shape) != len(index) for shape in shapes):
        return None
    places = [tuple(0 if side == 1 else at for at, side in zip(index, shape, strict=True)) for shape in shapes]
    signs = (1.0, *[float(SIGNS.get(node.op, 1))] * (len(places) - 1))
    terms = tuple(map(term_at, [seen] * len(places), node.inputs, places, signs))
    if node.op in TIMES:
        result = 1.0
        for term in terms:
            result *= term.value
        return Breakdown("product", terms, result=result, stored=stored)
    return Breakdown("sum", terms, result=sum(term.product for term in terms), stored=stored)


def term_at(seen: Activations, node: str, index: Index, factor: float) -> Contribution:
    return Contribution(node, index, float(seen.outputs[node][index]), factor)


def window_of(factors: Tensor) -> tuple[int, int, int, int] | None:
    """The smallest rectangle of a map (C, H, W) around all that is read."""
    if factors.ndim != 3 or not factors.any():
        return None
    _, rows, columns = factors.nonzero(as_tuple=True)
    return int(rows.min()), int(rows.max()) + 1, int(columns.min()), int(columns.max()) + 1


def unravelled(at: int, tensor: Tensor) -> Index:
    return tuple(int(each) for each in torch.unravel_index(torch.tensor(at), tensor.shape))


def ravelled(index: Index, tensor: Tensor) -> int:
    return int(torch.arange(tensor.numel()).reshape(tensor.shape)[index])


def index_of(output: Tensor, channel: int, row: int, column: int) -> Index:
    """Where the number stands in the output that `feature_maps` shows at that row and column of that channel."""
    if output.ndim == 1:
        return (channel,)
    if side := token_side(output.shape):
        return output.shape[0] - side * side + row * side + column, channel
    return (*unravelled(channel, torch.empty(output.shape[:-2], device="meta")), row, column)


def cell_of(output: Tensor, index: Index) -> tuple[int, int, int]:
    """The other way round: channel, row and column; row -1 for a class token, which no map shows."""
    if output.ndim == 1:
        return index[0], 0, 0
    if side := token_side(output.shape):
        place = index[0] - (output.shape[0] - side * side)
        return index[1], place // side if place >= 0 else -1, place % side
    row, column = index[-2:]
    return ravelled(index[:-2], torch.empty(output.shape[:-2])), row, column
