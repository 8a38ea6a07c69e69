"""Which rows and columns of the picture each number of a network can depend on: intervals, from operation to operation.

Araujo, Norris & Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019, section "Computing
receptive field regions"; here cut off at the edges of every map, where there is only padding.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from explorer.analysis.receptive_field import height_width
from explorer.graph.graph import Graph, Node, Shape

Places = NDArray[np.int64]


class Frame(NamedTuple):
    """Rows and columns, each from and up to."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def size(self) -> int:
        return (self.bottom - self.top) * (self.right - self.left)


class Span(NamedTuple):
    """Of each row, or each column, of an output: the pixels from and up to; neither ever falls."""

    first: Places
    end: Places

    def __len__(self) -> int:
        return len(self.first)

    def read(self, first: Places, end: Places) -> "Span":
        """Of what reads these of its rows, as far as there are that many; where there are none, the nearest."""
        last = len(self.first) - 1
        return Span(self.first[first.clip(0, last)], self.end[(end - 1).clip(0, last)])

    def with_other(self, other: "Span") -> "Span":
        """One of the two may be the same for all."""
        return Span(np.minimum(self.first, other.first), np.maximum(self.end, other.end))

    def whole(self) -> "Span":
        return Span(self.first[:1], self.end[-1:])


@dataclass(frozen=True, eq=False)
class InputWindows:
    """Of all numbers of one output. They lie on a grid, one row of which depends on the same rows of the picture."""

    rows: Span
    columns: Span
    # "map": (..., H, W); "last": (H, W, C); "tokens": (H·W, D), or one more, before them; "lines": (..., H·W);
    # "flat": (C·H·W,); "one": all depend on the same.
    layout: str
    mixer: str = ""  # the first node that brought in all that it read

    @property
    def grid(self) -> tuple[int, int]:
        return len(self.rows.first), len(self.columns.first)

    def frame(self, shape: Shape, index: tuple[int, ...]) -> Frame:
        """Of the number at `index` of the output, which has that shape."""
        row, column = (int(np.broadcast_to(each, shape)[index]) for each in self.places(shape))
        rows, columns = self.rows, self.columns
        return Frame(*(int(each) for each in (rows.first[row], rows.end[row], columns.first[column], columns.end[column])))

    def reached(self, shape: Shape, pixel: tuple[int, int]) -> NDArray[np.bool_]:
        """Of an output of that shape: which of its numbers can depend on the pixel at that row and column."""
        sees = [(span.first <= at) & (at < span.end) for span, at in zip((self.rows, self.columns), pixel, strict=True)]
        row, column = self.places(shape)
        return np.broadcast_to(sees[0][row] & sees[1][column], shape)

    def places(self, shape: Shape) -> tuple[Places, Places]:
        """The row and the column of the grid that each number lies at, to be spread over the shape."""
        high, wide = self.grid
        if self.layout == "map":
            return np.arange(high)[:, None], np.arange(wide)
        if self.layout == "last":
            return np.arange(high)[:, None, None], np.arange(wide)[:, None]
        if self.layout == "one":
            return np.zeros(1, np.int64), np.zeros(1, np.int64)
        count = {"tokens": shape[:1], "lines": shape[-1:], "flat": shape}[self.layout][0]
        order = np.arange(count)
        if self.layout == "tokens":
            order = (order - (count - high * wide)).clip(0)[:, None]  # a class token depends on nothing
        return order // wide % high, order % wide

    def fits(self, shape: Shape) -> bool:
        """Whether an output of that shape can lie on the grid as this one does."""
        high, wide = self.grid
        sizes = {"map": shape[-2:] == (high, wide), "last": len(shape) == 3 and shape[:2] == (high, wide)}
        sizes |= {"tokens": len(shape) == 2 and shape[0] - high * wide in (0, 1), "one": True}
        sizes |= {"lines": len(shape) > 1 and shape[-1] == high * wide}
        return sizes.get(self.layout, len(shape) == 1 and shape[0] % (high * wide) == 0)

    def laid_out(self, layout: str) -> "InputWindows":
        return InputWindows(self.rows, self.columns, layout, self.mixer)


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
    if node.op == "deform_conv2d":  # its offsets are learned: they may lead anywhere
        return None
    if node.attribute("kernel_size"):
        return through_kernel
    return RULES.get(node.op) or KIND_RULES.get(node.kind)


def through_kernel(node: Node, read: Shape, before: InputWindows) -> InputWindows | None:
    if before.layout != "map" or len(node.attribute("kernel_size")) != 2:
        return None
    spans = []
    for side, span in enumerate((before.rows, before.columns)):
        window = kernel_window(node, side, len(span.first), node.shape[side - 2])
        if window is None:
            return None
        spans.append(span.read(*window))
    return InputWindows(*spans, "map", before.mixer)


def kernel_window(node: Node, side: int, length: int, count: int) -> tuple[Places, Places] | None:
    """Which of `length` rows each of `count` reads; None where they are not as many as the settings say, as where the
    layer pads its input by itself, in a way that is not in them."""
    kernel, stride, dilation = (height_width(node.attribute(name))[side] for name in ("kernel_size", "stride", "dilation"))
    padding, place = height_width(node.attribute("padding") or (0,))[side], np.arange(count)
    reach = (kernel - 1) * dilation
    if node.attribute("transposed"):
        return -((reach - place - padding) // stride), (place + padding) // stride + 1
    more = count - ((length + 2 * padding - reach - 1) // stride + 1)
    if more and not (more == 1 and (node.kind == "pool" or stride == 1)):  # rounded up, or "same" with an even filter
        return None
    first = place * stride - padding
    return first, first + reach + 1


def by_ratio(node: Node, read: Shape, before: InputWindows, wider: int = 0) -> InputWindows | None:
    """Adaptive pools and shuffled pixels: equal parts of what there is, each begun anew."""
    if before.layout != "map" or len(node.shape) < 3 or len(read) < 3 or node.shape[-2:] == (1, 1) != before.grid:
        return None
    spans = []
    for span, count in zip((before.rows, before.columns), node.shape[-2:], strict=True):
        place, length = np.arange(count), len(span.first)
        spans.append(span.read(place * length // count - wider, -(-(place + 1) * length // count) + wider))
    return InputWindows(*spans, "map", before.mixer)


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


def through_slice(node: Node, read: Shape, before: InputWindows) -> InputWindows | None:
    if before.fits(node.shape) and (len(node.shape) == len(read) or len(read) == 3 and read[0] not in read[1:]):
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
    return InputWindows(*spans, before.layout, before.mixer)


def in_order(node: Node, read: Shape, before: InputWindows) -> InputWindows | None:
    """Other sides, the numbers in the same order."""
    if read == node.shape:
        return before
    layouts = {"map": ("map", "flat", "lines"), "lines": ("lines", "map", "flat"), "flat": ("flat", "map", "lines")}
    layouts |= {"tokens": ("last",), "last": ("tokens",)}
    found = (before.laid_out(layout) for layout in layouts[before.layout])
    return next((each for each in found if each.fits(node.shape)), None)


def permuted(node: Node, read: Shape, before: InputWindows) -> InputWindows | None:
    turned, order = {"map": "last", "last": "map", "lines": "tokens", "tokens": "lines"}.get(before.layout, ""), read
    if before.layout == "map" and len(read) > 3:
        return at_each_place(node, read, before)
    if len(read) > 3 or len(set(read)) < len(read) - (read[-2] == read[-1] if before.layout == "map" else read[0] == read[1]):
        return None
    order = (*read[1:], read[0]) if before.layout in ("map", "lines") else (read[-1], *read[:-1])
    return before.laid_out(turned) if turned and node.shape == order else None


PLACEWISE = (
    *("batch_norm", "native_batch_norm", "BatchNorm2d", "SyncBatchNorm", "LocalResponseNorm", "local_response_norm"),
    *("CrossMapLRN2d", "Identity", "contiguous", "clone", "to", "float", "type_as", "ChannelShuffle", "channel_shuffle"),
    *("ZeroPad2d", "ZeroPad3d", "ConstantPad2d", "ConstantPad3d", "native_channel_shuffle", "pad", "pow", "exp", "log", "sqrt", "rsqrt", "square", "abs", "neg", "maximum", "minimum"),
)
KEEPING = ("flatten", "Flatten", "unflatten", "Unflatten", "reshape", "view", "squeeze", "unsqueeze", "reshape_as", "view_as")
TAKING = ("getitem", "chunk", "split", "narrow", "unbind", "select", "split_with_sizes", "tensor_split")
ADAPTIVE = ("AdaptiveAvgPool2d", "AdaptiveMaxPool2d", "adaptive_avg_pool2d", "adaptive_max_pool2d")
RESIZING = ("Upsample", "UpsamplingNearest2d", "UpsamplingBilinear2d", "interpolate", "upsample")
RULES: dict[str, Rule | None] = {
    **dict.fromkeys(PLACEWISE, at_each_place),
    **dict.fromkeys(KEEPING, in_order),
    **dict.fromkeys(TAKING, through_slice),
    **dict.fromkeys((*ADAPTIVE, "PixelShuffle", "PixelUnshuffle", "pixel_shuffle", "pixel_unshuffle"), by_ratio),
    **dict.fromkeys(RESIZING, resized),
    **dict.fromkeys(("permute", "transpose", "swapaxes", "movedim"), permuted),
    **dict.fromkeys(("LayerNorm", "layer_norm", "RMSNorm", "rms_norm"), through_norm),
    **dict.fromkeys(("Linear", "linear"), at_each_token),
}
KIND_RULES: dict[str, Rule] = dict.fromkeys(
    ("activation", "addition", "multiplication", "concatenation", "dropout"), at_each_place
)
