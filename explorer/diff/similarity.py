"""How far apart two layers are: 0 where they are the same, infinity where one cannot have become the other."""

from dataclasses import dataclass
from math import inf, log2
from typing import Any

from explorer.graph.graph import Node, Shape

# What it costs to take a layer out or to put one in. What holds weights holds a network's plan.
WEIGHT = {"convolution": 4.0, "linear": 4.0, "attention": 6.0, "pool": 2.0, "addition": 2.0, "multiplication": 2.0}
WEIGHT |= {"concatenation": 2.0, "reshape": 0.3, "dropout": 0.3}
LIGHT = 0.9  # norms, activations and the rest


@dataclass(frozen=True)
class LayerForm:
    """All that makes two layers the same layer; where a layer lies and what it is called is no part of it."""

    op: str
    kind: str
    shape: Shape
    params: int
    macs: int
    shares: bool
    weights: tuple[Shape, ...]
    attributes: tuple[tuple[str, Any], ...]
    aside: bool  # on a projection around other layers
    level: int  # how many times the image has been halved; in a block, how many times more than at the block's end

    @property
    def weight(self) -> float:
        return WEIGHT.get(self.kind, LIGHT)

    def attribute(self, name: str, default: Any = None) -> Any:
        return dict(self.attributes).get(name, default)


def form(node: Node, aside: bool, level: int) -> LayerForm:
    weights = tuple(shape for _, shape in node.weights)
    size = (node.shape, node.params, node.macs, node.shares, weights)
    return LayerForm(node.op, node.kind, *size, node.attributes, aside, level)


def form_distance(one: LayerForm, other: LayerForm) -> float:
    """As a share of what taking the one out and putting the other in would cost."""
    if one == other:
        return 0
    if one.kind != other.kind or one.aside != other.aside:
        return inf
    if one.kind == "convolution":
        return convolutions_apart(one, other)
    if one.kind == "linear":
        return possible(
            0.05 + number_distance(one.params, other.params) + number_distance(one.shape[-1], other.shape[-1])
        )
    named = 0.0 if one.op.rstrip("_").lower() == other.op.rstrip("_").lower() else 0.25
    return possible(0.02 + named + number_distance(channels(one), channels(other)) / 4 + levels_apart(one, other))


def convolutions_apart(one: LayerForm, other: LayerForm) -> float:
    """A 1×1 convolution mixes channels and a larger one looks around: neither becomes the other."""
    kernels = one.attribute("kernel_size"), other.attribute("kernel_size")
    if (set(kernels[0] or ()) == {1}) != (set(kernels[1] or ()) == {1}) or is_depthwise(one) != is_depthwise(other):
        return inf
    groups = 0.1 if one.attribute("groups") != other.attribute("groups") and not is_depthwise(one) else 0.0
    stride = 0.15 if one.attribute("stride") != other.attribute("stride") else 0.0
    read = number_distance(one.attribute("in_channels", 1), other.attribute("in_channels", 1))
    if read > 0.55:  # the one reads the image, the other what has been made of it
        return inf
    widths = (read + number_distance(channels(one), channels(other))) / 2
    return possible(0.05 + 0.2 * (kernels[0] != kernels[1]) + groups + stride + widths + levels_apart(one, other))


def is_depthwise(layer: LayerForm | Node) -> bool:
    groups = layer.attribute("groups", 1)
    return groups > 1 and groups == layer.attribute("in_channels")


def channels(form: LayerForm) -> int:
    return form.shape[0] if form.shape else 1


def number_distance(one: float, other: float) -> float:
    """0 for equal numbers, 0.2 for twice as many, at most 0.6."""
    return min(0.6, 0.2 * abs(log2(max(1, one) / max(1, other))))


def levels_apart(one: LayerForm, other: LayerForm) -> float:
    return 0.6 * abs(one.level - other.level)


def possible(share: float) -> float:
    """What would change a layer almost wholly replaces it."""
    return share if share < 0.95 else inf
