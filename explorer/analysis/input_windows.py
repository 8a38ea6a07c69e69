"""Which rows and columns of the picture each number of a network can depend on: intervals, from operation to operation.

Araujo, Norris & Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019, section "Computing
receptive field regions"; here cut off at the edges of every map, where there is only padding.
"""

from collections.abc import Callable, Sequence

import numpy as np

from explorer.analysis.pixel_windows import InputWindows, Places, Span
from explorer.analysis.receptive_field import height_width
from explorer.graph.graph import Graph, Node, Shape

Rule = Callable[[Node, Shape, InputWindows], InputWindows | None]


def input_windows(graph: Graph) -> dict[str, InputWindows]:
    """Of every node by its name. They hold all that a number can depend on, and for what convolutional networks are
    made of no more; where the way of the numbers is not followed, as through shifted windows of attention, all that
    the operation reads.

    Of a slice of a map the shapes alone are known: half as many rows are taken for every second one. A permutation
    that keeps the lengths of the last two sides is taken to leave them where they are.
    """
    found: dict[str, InputWindows] = {}
    for node in graph.nodes:
        if not node.inputs:
            found[node.name] = own_windows(node.shape)
            continue
        before = [found[name] for name in node.inputs]
        read = [graph.by_name[name].shape for name in node.inputs]
        found[node.name] = windows_step(node, read, before) or mixed(node, before)
    return found


def own_windows(shape: Shape) -> InputWindows:
    """Of the picture itself: each pixel depends on itself."""
    sides = (1, 1, *shape)[-2:]
    rows, columns = (Span(np.arange(side), np.arange(side) + 1) for side in sides)
    return InputWindows(rows, columns, "map")


def windows_step(node: Node, read: Sequence[Shape], before: Sequence[InputWindows]) -> InputWindows | None:
    """None where the operation mixes all that it reads, or where it takes the numbers is not known."""
    if all(each.layout == "one" for each in before):
        return joined(before)
    rule = rule_of(node)
    if rule is None:
        return None
    if len(before) > 1:
        return at_each_place(node, read[0], joined(before)) if rule is at_each_place else None
    return rule(node, read[0], before[0])


def mixed(node: Node, before: Sequence[InputWindows]) -> InputWindows:
    """Each number depends on all that any of the inputs does."""
    whole = [InputWindows(each.rows.whole(), each.columns.whole(), "one", each.mixer) for each in before]
    found = joined(whole) or whole[0]
    return InputWindows(found.rows, found.columns, "one", found.mixer or node.name)


def joined(several: Sequence[InputWindows]) -> InputWindows | None:
    """Several inputs, number by number; None where they do not lie on one grid."""
    first = max(several, key=lambda each: (each.layout != "one", each.grid))
    rows, columns = first.rows, first.columns
    for other in several:
        same = other.layout == first.layout and other.grid in (first.grid, (1, 1))
        if not same and other.layout != "one":
            return None
        rows, columns = rows.with_other(other.rows), columns.with_other(other.columns)
    mixers = sorted((each.mixer for each in several if each.mixer), key=int)
    return InputWindows(rows, columns, first.layout, next(iter(mixers), ""))


def rule_of(node: Node) -> Rule | None:
    if node.op in MIXING:
        return None
    if node.attribute("kernel_size"):
        return through_kernel
    return RULES.get(node.op) or KIND_RULES.get(node.kind)


def through_kernel(node: Node, read: Shape, before: InputWindows) -> InputWindows | None:
    if before.layout != "map" or len(node.attribute("kernel_size")) != 2:
        return None
    spans = list[Span]()
    for side, span in enumerate((before.rows, before.columns)):
        window = kernel_window(node, side, len(span.first), node.shape[side - 2])
        if window is None:
            return None
        spans.append(span.read(*window))
    return InputWindows(spans[0], spans[1], "map", before.mixer)


def kernel_window(node: Node, side: int, length: int, count: int) -> tuple[Places, Places] | None:
    """Which of `length` rows each of `count` reads; None where they are not as many as the settings say, as where the
    layer pads its input by itself, in a way that is not in them."""
    kernel, stride, dilation = (
        height_width(node.attribute(name))[side] for name in ("kernel_size", "stride", "dilation")
    )
    padding, place = height_width(node.attribute("padding") or (0,))[side], np.arange(count)
    reach = (kernel - 1) * dilation
    if node.attribute("transposed"):
        return -((reach - place - padding) // stride), (place + padding) // stride + 1
    more = count - ((length + 2 * padding - reach - 1) // stride + 1)
    if more and not (more == 1 and (node.kind == "pool" or stride == 1)):  # rounded up, or "same" with an even filter
        return None
    first = place * stride - padding
    return first, first + reach + 1


def sliding_spans(node: Node, read: Shape) -> tuple[Span, Span] | None:
    """Of a convolution's or a pool's map (C, H, W): for each of its rows and columns those of its input, (C, H, W),
    that it reads, the gaps of a dilated filter included; below 0 and past the end where they are padding. None where
    no window slides, or where it stands is not known."""
    if len(node.shape) != len(MAP_SIDES) or len(read) != len(MAP_SIDES) or node.attribute("transposed"):
        return None
    if node.op in ADAPTIVE:
        found = by_ratio(node, read, own_windows(read))
        return (found.rows, found.columns) if found else None
    if len(node.attribute("kernel_size") or ()) != 2:
        return None
    rows, columns = (kernel_window(node, side, read[side + 1], node.shape[side + 1]) for side in (0, 1))
    return (Span(*rows), Span(*columns)) if rows and columns else None


def by_ratio(node: Node, read: Shape, before: InputWindows, wider: int = 0) -> InputWindows | None:
    """Adaptive pools and shuffled pixels: equal parts of what there is, each begun anew."""
    if before.layout != "map" or len(node.shape) < 3 or len(read) < 3 or node.shape[-2:] == (1, 1) != before.grid:
        return None
    spans = []
    for span, count in zip((before.rows, before.columns), node.shape[-2:], strict=True):
        place, length = np.arange(count), len(span.first)
        spans.append(span.read(place * length // count - wider, -(-(place + 1) * length // count) + wider))
    return InputWindows(spans[0], spans[1], "map", before.mixer)


def resized(node: Node, read: Shape, before: InputWindows) -> InputWindows | None:
    """Between rows, of which at most four go into one, and more where it shrinks."""
    return by_ratio(node, read, before, 2 + max(read[-2] // node.shape[-2], read[-1] // node.shape[-1]))


def at_each_place(node: Node, read: Shape, before: InputWindows | None) -> InputWindows | None:
    return before if before and before.fits(node.shape) else None


def at_each_token(node: Node, read: Shape, before: InputWindows) -> InputWindows | None:
    """What works on the last side alone, where that holds the channels."""
    return at_each_place(node, read, before) if before.layout in ("last", "tokens") else None


def through_norm(node: Node, read: Shape, before: InputWindows) -> InputWindows | None:
    """Over the channels of each place, which then have a weight each; None where it is over the whole map."""
    weights = [shape for _, shape in node.weights]
    return at_each_token(node, read, before) if weights and weights[0] == node.shape[-1:] else None


def through_selection(node: Node, read: Shape, before: InputWindows) -> InputWindows | None:
    if before.fits(node.shape) and (
        len(node.shape) == len(read) or (len(read) == len(MAP_SIDES) and read[0] not in read[1:])
    ):
        return before
    first = {"map": -2, "last": 0}.get(before.layout)
    if first is None or len(node.shape) != len(read):
        return None
    spans = []
    for side, span in enumerate((before.rows, before.columns)):
        length, count = len(span.first), node.shape[first + side]
        place = np.arange(count)
        steps, rest = (2, 1) if count == -(-length // 2) else (1, length - count)
        spans.append(span.read(place * steps, place * steps + rest + 1))
    return InputWindows(spans[0], spans[1], before.layout, before.mixer)


def in_order(node: Node, read: Shape, before: InputWindows) -> InputWindows | None:
    """Other sides, the numbers in the same order."""
    if read == node.shape:
        return before
    layouts = {"map": ("map", "flat", "lines"), "lines": ("lines", "map", "flat"), "flat": ("flat", "map", "lines")}
    layouts |= {"tokens": ("last",), "last": ("tokens",)}
    found = (before.laid_out(layout) for layout in layouts[before.layout])
    return next((each for each in found if each.fits(node.shape)), None)


def permuted(node: Node, read: Shape, before: InputWindows) -> InputWindows | None:
    """The channels go to the end, or come to the front again; None where the lengths do not tell which side went
    where."""
    if before.layout == "map" and len(read) > len(MAP_SIDES):
        return at_each_place(node, read, before)
    turned = TURNED.get(before.layout, "")
    first = before.layout in ("map", "lines")
    grid, channels = (read[1:], read[:1]) if first else (read[:-1], read[-1:])
    moved = (
        before.laid_out(turned) if turned and node.shape == (grid + channels if first else channels + grid) else None
    )
    return moved if moved and channels[0] not in grid and moved.fits(node.shape) else None


MAP_SIDES = ("channels", "height", "width")
TURNED = {"map": "last", "last": "map", "lines": "tokens", "tokens": "lines"}
PLACEWISE = (
    *("batch_norm", "native_batch_norm", "BatchNorm2d", "SyncBatchNorm", "LocalResponseNorm", "local_response_norm"),
    *(
        "CrossMapLRN2d",
        "Identity",
        "contiguous",
        "clone",
        "to",
        "float",
        "type_as",
        "ChannelShuffle",
        "channel_shuffle",
    ),
    *(
        "ZeroPad2d",
        "ZeroPad3d",
        "ConstantPad2d",
        "ConstantPad3d",
        "native_channel_shuffle",
        "pad",
        "pow",
        "exp",
        "log",
        "sqrt",
        "rsqrt",
        "square",
        "abs",
        "neg",
        "maximum",
        "minimum",
    ),
)
KEEPING = (
    "flatten",
    "Flatten",
    "unflatten",
    "Unflatten",
    "reshape",
    "view",
    "squeeze",
    "unsqueeze",
    "reshape_as",
    "view_as",
)
TAKING = ("getitem", "chunk", "split", "narrow", "unbind", "select", "split_with_sizes", "tensor_split")
ADAPTIVE = ("AdaptiveAvgPool2d", "AdaptiveMaxPool2d", "adaptive_avg_pool2d", "adaptive_max_pool2d")
RESIZING = ("Upsample", "UpsamplingNearest2d", "UpsamplingBilinear2d", "interpolate", "upsample")
MIXING = (  # learned offsets may lead anywhere; a softmax may go along any side
    *("deform_conv2d", "Softmax", "softmax", "LogSoftmax", "log_softmax", "Softmin", "softmin", "gumbel_softmax"),
)
RULES: dict[str, Rule] = {
    **dict.fromkeys(PLACEWISE, at_each_place),
    **dict.fromkeys(KEEPING, in_order),
    **dict.fromkeys(TAKING, through_selection),
    **dict.fromkeys((*ADAPTIVE, "PixelShuffle", "PixelUnshuffle", "pixel_shuffle", "pixel_unshuffle"), by_ratio),
    **dict.fromkeys(RESIZING, resized),
    **dict.fromkeys(("permute", "transpose", "swapaxes", "movedim"), permuted),
    **dict.fromkeys(("LayerNorm", "layer_norm", "RMSNorm", "rms_norm"), through_norm),
    **dict.fromkeys(("Linear", "linear"), at_each_token),
}
KIND_RULES: dict[str, Rule] = dict.fromkeys(
    ("activation", "addition", "multiplication", "concatenation", "dropout"), at_each_place
)
