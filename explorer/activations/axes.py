"""Which side of an output holds its channels: followed from operation to operation, for shapes alone do not tell it."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from explorer.activations.feature_maps import ChannelsLast, Slices
from explorer.activations.replay import Call, Read, changed_leaves
from explorer.graph.graph import Graph, Node, Shape

# Of a whole output, a letter a side: the picture (N), channels (C), rows (H) and columns (W), or both as tokens (T).
MAPS, LAST, TOKENS, LINES, BETWEEN = "NCHW", "NHWC", "NTC", "NCT", "TNC"
TURNS = ("permute", "transpose", "movedim", "moveaxis", "swapaxes", "swapdims")
RESHAPES = ("reshape", "view", "flatten", "unflatten", "Flatten", "Unflatten", "reshape_as", "view_as")
PLACEWISE_KINDS = ("activation", "addition", "multiplication", "dropout", "concatenation", "norm")
PLACEWISE_OPS = (
    *("Linear", "linear", "multi_head_attention_forward", "Identity", "contiguous", "clone", "to", "float", "type_as"),
    *("roll", "flip", "pad", "ZeroPad2d", "ReflectionPad2d", "ConstantPad2d", "chunk", "split", "getitem", "narrow"),
    *("pow", "exp", "log", "sqrt", "abs", "neg", "mean", "sum", "ChannelShuffle", "channel_shuffle"),
)
PRIMES = (2, 3, 5, 7, 11, 13, 17)  # lengths that tell the sides from each other


def laid_out(
    graph: Graph, outputs: Mapping[str, Tensor], calls: Mapping[str, Call], shapes: Mapping[str, Shape]
) -> dict[str, Tensor]:
    """The outputs, each of the class that says which side is which. `shapes`: with the picture's side."""
    axes = axes_of(graph, calls, shapes)
    return {name: as_laid_out(output, axes.get(name, "")) for name, output in outputs.items()}


def as_laid_out(output: Tensor, axes: str) -> Tensor:
    if axes in (LAST, BETWEEN) and output.ndim == 3:
        return output.as_subclass(ChannelsLast)
    if (axes == LINES and output.ndim == 2) or (not axes and output.ndim > 2 and output.shape[1:] != (1, 1)):
        return output.as_subclass(Slices)
    return output


def axes_of(graph: Graph, calls: Mapping[str, Call], shapes: Mapping[str, Shape]) -> dict[str, str]:
    """Forward from the picture; then back, for what an operation needs is known, too; and forward again."""
    axes = {node.name: MAPS for node in graph.inputs if len(shapes[node.name]) == len(MAPS)}
    known = [(node, calls[node.name]) for node in graph.operations if node.name in calls]
    for _ in range(2):
        for node, call in known:
            if node.name not in axes and (found := after(node, call, axes, shapes)):
                axes[node.name] = found
        for node, call in reversed(known):
            for read, found in needed(node, call, axes, shapes):
                axes.setdefault(read.node, found)
    return axes


def after(node: Node, call: Call, axes: Mapping[str, str], shapes: Mapping[str, Shape]) -> str:
    """Of what the operation gives; empty where that is not known."""
    shape = shapes[node.name]
    if on_maps(node) and len(shape) == len(MAPS):
        return MAPS
    before = [(read, axes[read.node]) for read in call.reads if len(axes.get(read.node, "")) == len(read.shape) > 0]
    if not before:
        return ""
    read, first = before[0]
    if node.op in TURNS and len(call.reads) == 1:
        return "".join(first[side] for side in turned(call))
    if node.op in RESHAPES:
        return reshaped(first, read.shape, shape)
    same = (known for read, known in before if len(known) == len(shape))
    return next(same, "") if placewise(node, call) else ""


def needed(node: Node, call: Call, axes: Mapping[str, str], shapes: Mapping[str, Shape]) -> list[tuple[Read, str]]:
    """Of what the operation reads."""
    found, reads = axes.get(node.name, ""), [read for read in call.reads if read.node and not read.part]
    if on_maps(node) and reads and len(reads[0].shape) == len(MAPS):
        return [(reads[0], MAPS)]
    if not found or not reads:
        return []
    if node.op in TURNS and len(call.reads) == 1:
        sides = dict(zip(turned(call), found, strict=True))
        return [(reads[0], "".join(sides[side] for side in range(len(found))))]
    if node.op in RESHAPES:
        before = reshaped(found, shapes[node.name], reads[0].shape)
        return [(reads[0], before)] if before else []
    return [(read, found) for read in reads if len(read.shape) == len(found)] if placewise(node, call) else []


def on_maps(node: Node) -> bool:
    """Whether it works on rows and columns behind the channels."""
    several = node.kind in ("convolution", "pool") and "2d" in node.op.lower()
    return several or node.op in ("BatchNorm2d", "PixelShuffle", "PixelUnshuffle", "Upsample", "interpolate")


def placewise(node: Node, call: Call) -> bool:
    """Whether the sides stay what they are, whatever becomes of their lengths."""
    if node.op == "getitem":
        places = call.args[1] if isinstance(call.args[1], tuple) else (call.args[1],)
        return all(isinstance(place, slice) or place is Ellipsis for place in places)
    return (node.kind in PLACEWISE_KINDS and node.op != "stack") or node.op in PLACEWISE_OPS


def turned(call: Call) -> list[int]:
    """Which side of what it reads each side of the output is, found out on sides that differ."""
    lengths = PRIMES[: len(call.reads[0].shape)]

    def put_in(leaf: Any) -> Any:
        return torch.empty(lengths, device="meta") if isinstance(leaf, Read) else leaf

    function: Callable[..., Any] = call.function  # type: ignore[assignment]
    shape = function(*changed_leaves(call.args, put_in), **changed_leaves(call.kwargs, put_in)).shape
    return [lengths.index(length) for length in shape]


def reshaped(axes: str, before: Shape, after: Shape) -> str:
    """Where rows and columns are put together or taken apart, or channels are and these stay."""
    if before == after:
        return axes
    if axes[-2:] == "HW" and before[-2:] == after[-2:] and len(after) > 3 and before[0] == after[0]:
        return f"N{'C' * (len(after) - 3)}HW"
    found = {MAPS: LINES, LAST: TOKENS, LINES: MAPS, TOKENS: LAST}.get(axes, "")
    if len(found) != len(after):
        return ""
    kept = all(before[axes.index(side)] == after[found.index(side)] for side in "NC")
    return found if kept else ""
