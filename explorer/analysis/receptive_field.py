"""How much of the image each operation's output can see: its receptive field, by arithmetic on kernels and strides.

Araujo, Norris & Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from math import ceil, isqrt, prod

from explorer.graph.graph import Graph, Node, Shape

Pair = tuple[float, float]  # along the height, along the width


@dataclass(frozen=True)
class ReceptiveField:
    """What one output number depends on."""

    size: Pair = (1, 1)  # pixels reached through windows; may exceed the image, the rest being padding
    jump: Pair = (1, 1)  # pixels between neighbouring outputs
    whole: str = ""  # what first brought in the whole image, too: global pooling (in a gate also), a linear layer, …


def receptive_fields(graph: Graph) -> dict[str, ReceptiveField]:
    """The field of every node by its name.

    A squeeze-and-excitation gate makes everything after it see the whole image: `whole` says so, while `size` goes on
    with what the windows reach. Attention inside windows is counted as a filter as wide as the window.
    """
    fields: dict[str, ReceptiveField] = {}
    image = max((node.shape for node in graph.inputs), key=prod)
    for node in graph.nodes:
        before = widest_field([fields[name] for name in node.inputs])
        read = graph.by_name[node.inputs[0]].shape if node.inputs else node.shape
        fields[node.name] = field_step(node, read, image, before) if node.inputs else before
    return fields


def field_step(node: Node, read: Shape, image: Shape, before: ReceptiveField) -> ReceptiveField:
    rule = RULES.get(node.kind)
    if node.attribute("kernel_size"):
        return through_window(node, before)
    if node.op == "getitem":
        return through_slice(read, node.shape, before)
    return rule(node, read, image, before) if rule else before


def widest_field(fields: Iterable[ReceptiveField]) -> ReceptiveField:
    """Several inputs: the widest of them."""
    found = list(fields) or [ReceptiveField()]
    return ReceptiveField(
        (max(field.size[0] for field in found), max(field.size[1] for field in found)),
        (max(field.jump[0] for field in found), max(field.jump[1] for field in found)),
        next((field.whole for field in found if field.whole), ""),
    )


def through_window(node: Node, before: ReceptiveField) -> ReceptiveField:
    """A window of k outputs of the layer before, `dilation` apart: r + (k − 1) · dilation · jump."""
    kernel, stride, dilation = (height_width(node.attribute(name)) for name in ("kernel_size", "stride", "dilation"))
    if node.attribute("transposed"):  # an output number reads every stride-th tap of its filter only
        reach = tuple(ceil(k / s) - 1 for k, s in zip(kernel, stride, strict=True))
        return grown(before, reach, (1 / stride[0], 1 / stride[1]))
    return grown(before, tuple((k - 1) * d for k, d in zip(kernel, dilation, strict=True)), stride)


def through_slice(read: Shape, shape: Shape, before: ReceptiveField) -> ReceptiveField:
    """Every other row and column of a map with its channels last: the four of them are put side by side again."""
    if len(read) == len(shape) == 3 and read[2] == shape[2] and all(ceil(read[i] / 2) == shape[i] > 1 for i in (0, 1)):
        return grown(before, (1, 1), (2, 2))
    return before


def through_pool(node: Node, read: Shape, image: Shape, before: ReceptiveField) -> ReceptiveField:
    """Adaptive and global pools, and resizing: the window follows from the shapes."""
    if len(node.shape) < 3 or len(read) < 3 or (node.shape[-2:] == (1, 1) != read[-2:]):
        return seeing_all(before, "global pooling")
    ratio = read[-2] / node.shape[-2], read[-1] / node.shape[-1]
    return grown(before, tuple(ceil(side) - 1 for side in ratio), ratio)


def through_linear(node: Node, read: Shape, image: Shape, before: ReceptiveField) -> ReceptiveField:
    """On a flat vector it mixes everything; on a map or on tokens it works at each position, like a 1×1 filter."""
    if len(read) == 1:
        return seeing_all(before, "a linear layer")
    return through_attention(node, read, image, before) if node.attribute("products") else before


def through_attention(node: Node, read: Shape, image: Shape, before: ReceptiveField) -> ReceptiveField:
    """Each token looks at all tokens of its window, which may be the whole map."""
    tokens = max((m for _, m, _, n in node.attribute("products", ()) if m == n), default=0)
    positions = prod(image[-2:]) / prod(before.jump)
    if not tokens:
        return before
    if tokens >= positions:
        return seeing_all(before, "attention")
    return grown(before, (isqrt(tokens) - 1,) * 2, (1, 1))


def seeing_all(before: ReceptiveField, through: str) -> ReceptiveField:
    return replace(before, whole=before.whole or through)


def grown(before: ReceptiveField, reach: tuple[float, ...], stride: Pair) -> ReceptiveField:
    (height, width), (down, right) = before.size, before.jump
    size, jump = (height + reach[0] * down, width + reach[1] * right), (down * stride[0], right * stride[1])
    return ReceptiveField(size, jump, before.whole)


def height_width(setting: tuple[int, ...] | None) -> tuple[int, int]:
    """Height and width of a setting; what is not given is 1."""
    given = tuple(setting or (1,))
    return (given * 2)[-2], given[-1]


RULES: dict[str, Callable[[Node, Shape, Shape, ReceptiveField], ReceptiveField]] = {
    "pool": through_pool,
    "linear": through_linear,
    "attention": through_attention,
}
