"""What narrowing the channels before a 3×3 convolution saves: the sums for one layer and for its whole block."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from explorer.analysis.op_costs import product_text
from explorer.graph.graph import Node


@dataclass(frozen=True)
class Saving:
    """How many times the multiply-adds that a full-width block would take instead."""

    layer: float  # the middle convolution alone, on the wide channels instead of the narrow ones
    one: float  # the three convolutions, against one such convolution at full width
    two: float  # the three convolutions, against two of them, as in a basic block
    sums: tuple[str, ...]  # the arithmetic, one sentence each


def bottleneck_saving(nodes: Sequence[Node]) -> Saving | None:
    """The saving of the first bottleneck among a block's nodes; None where there is none."""
    found = find_bottleneck(nodes)
    if found is None:
        return None
    narrowing, middle, widening = found
    wide: int = widening.attribute("out_channels")
    kernel: tuple[int, ...] = middle.attribute("kernel_size")
    full = prod(middle.shape[1:]) * prod(kernel) * wide * wide
    block = narrowing.macs + middle.macs + widening.macs
    saving = Saving(full / middle.macs, full / block, 2 * full / block, ())
    return Saving(saving.layer, saving.one, saving.two, sentences(found, wide, full, saving))


def find_bottleneck(nodes: Sequence[Node]) -> tuple[Node, Node, Node] | None:
    """Three convolutions in a row: 1×1 to fewer channels, a larger one, 1×1 to more channels again."""
    convolutions = [node for node in nodes if node.kind == "convolution" and node.attribute("kernel_size")]
    for first, middle, last in zip(convolutions, convolutions[1:], convolutions[2:], strict=False):
        pointwise = [prod(node.attribute("kernel_size")) == 1 for node in (first, middle, last)]
        fits = first.attribute("out_channels") == middle.attribute("in_channels")
        fits = fits and middle.attribute("out_channels") == last.attribute("in_channels")
        narrow: int = middle.attribute("in_channels")
        if pointwise == [True, False, True] and fits and narrow < last.attribute("out_channels"):
            return first, middle, last
    return None


def sentences(three: tuple[Node, Node, Node], wide: int, full: int, saving: Saving) -> tuple[str, ...]:
    narrowing, middle, widening = three
    narrow: int = middle.attribute("out_channels")
    groups: int = middle.attribute("groups", 1)
    kernel: tuple[int, ...] = middle.attribute("kernel_size")
    name = "×".join(map(str, kernel))
    places = f"{product_text(middle.shape[1:])} positions × {product_text(kernel)}"
    each = f"({narrow:,} / {groups:,})" if groups > 1 else f"{narrow:,}"
    ratio = f"({wide:,} / {narrow:,})²" + (f" × {groups:,} groups" if groups > 1 else "")
    pointwise = narrowing.macs + widening.macs
    block = pointwise + middle.macs
    return (
        f"The {name} convolution on {narrow:,} channels: {places} × {each} × {narrow:,} = {middle.macs:,} "
        "multiply-adds.",
        f"The same on all {wide:,} channels: {places} × {wide:,} × {wide:,} = {full:,}, "
        f"which is {ratio} = {saving.layer:,.4g} times as many. That is true of this layer alone.",
        f"The two 1×1 convolutions around it: {narrowing.macs:,} + {widening.macs:,} = {pointwise:,}.",
        f"The block's three convolutions: {middle.macs:,} + {pointwise:,} = {block:,}. One {name} convolution at full "
        f"width takes {full:,} / {block:,} = {saving.one:.1f} times as many, two of them {saving.two:.1f} times.",
    )
