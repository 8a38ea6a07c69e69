"""The window of a convolution or a pool slides over what it reads, and the map appears: what the browser plays."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

from explorer.activations.breakdown import layer_of
from explorer.activations.feature_maps import LEVELS, Numbers, feature_maps, indexed
from explorer.activations.networks import Look
from explorer.analysis.input_windows import sliding_spans
from explorer.analysis.pixel_windows import Span
from explorer.formatting import literal
from explorer.graph.graph import Node
from explorer.training.image_preview import address
from explorer.ui.components.component import Event
from explorer.ui.components.replay import play_window
from explorer.ui.inside.one_number import box_name
from explorer.ui.inside.page_state import PAGE, InsideState
from explorer.ui.session import bind_widget

# Numbers a side of the map, and of what it reads, at most: all that the first convolution of most networks makes of a
# picture of 224 pixels. Of larger ones the middle.
SHOWN, READ = 112, 256
MEANS, LARGEST = (nn.AvgPool2d, nn.AdaptiveAvgPool2d), (nn.MaxPool2d, nn.AdaptiveMaxPool2d)
EACH = "Each number of the map on the right is computed from the window on the left"


@dataclass(frozen=True, eq=False)
class Slide:
    """Of one channel of a box."""

    node: Node
    layer: nn.Module
    channel: int
    source: Node  # whose output the window slides over,
    read: int  # and which channel of it is shown
    rows: Span  # of the source, of which each row of the map is computed
    columns: Span

    @property
    def channels(self) -> int:
        """Of the source, that the window reads at once."""
        return self.layer.weight.shape[1] if isinstance(self.layer, nn.Conv2d) else 1


def slide_of(look: Look, node: Node, channel: int) -> Slide | None:
    """None where no window slides that can be spelled out."""
    layer = layer_of(look.live.model, node)
    if not isinstance(layer, (nn.Conv2d, *MEANS, *LARGEST)) or len(node.inputs) != 1:
        return None
    source = look.known.graph.by_name[node.inputs[0]]
    spans = sliding_spans(node, source.shape)
    if spans is None or feature_maps(look.seen.outputs[node.name]).vector:
        return None
    read = channel
    if isinstance(layer, nn.Conv2d):
        read = strongest_source(layer, look.seen.outputs[source.name], channel)
    return Slide(node, layer, channel, source, read, *spans)


def strongest_source(layer: nn.Conv2d, x: Tensor, channel: int) -> int:
    """The channel of x (C, H, W) whose share in that channel of the output has the largest root mean square."""
    many = layer.weight.shape[1]
    first = channel // (layer.out_channels // layer.groups) * many
    weights, settings = layer.weight[channel][:, None], (layer.stride, layer.padding, layer.dilation)
    with torch.no_grad():
        own = x[None, first : first + many]
        shares = functional.conv2d(own, weights, None, *settings, groups=many)[0]  # pyright: ignore
    return first + int(shares.square().mean((1, 2)).argmax())


def choose_slide(view: InsideState) -> None:
    st.toggle(
        "Slide the window over what it reads",
        **bind_widget("inside/slide", view.slide, lambda on: PAGE.change(slide=on)),
    )


def show_slide(look: Look, slide: Slide, cell: tuple[int, int] | None, on_event: Callable[[Event], None]) -> None:
    """`on_event` is told the number of the map that is clicked."""
    play_window(played_slide(look, slide, cell), key="inside-slide", on_event=on_event)
    st.caption(slide_words(look, slide))


# What the browser is sent, once: two pictures, the numbers of one, and where the window stands for each of them


def played_slide(look: Look, slide: Slide, cell: tuple[int, int] | None) -> dict[str, Any]:
    shown = feature_maps(look.seen.outputs[slide.node.name])
    tall, wide = middle_part(slide.rows), middle_part(slide.columns)
    high, broad = slide.source.shape[1:]
    down, across = read_part(slide.rows, tall, high), read_part(slide.columns, wide, broad)
    values = shown.maps[slide.channel][tall, wide]
    return {
        "input": {"image": read_image(look, slide, down, across), "sides": [extent(down), extent(across)]},
        "output": {"image": painted_map(values, shown.largest()), "sides": list(values.shape)},
        "rows": windows_in(slide.rows, tall, down.start),
        "columns": windows_in(slide.columns, wide, across.start),
        "corner": [tall.start, wide.start],
        "values": b64encode(values.astype("<f4").tobytes()).decode(),
        "at": place_in(cell, tall, wide),
        "names": [read_name(look, slide), f"{shown.part.capitalize()} {slide.channel}"],
    }


def middle_part(span: Span) -> slice:
    """As many from the middle as there is room for, and for what they read."""
    whole = len(span.first)
    for size in range(min(whole, SHOWN), 0, -1):
        first = (whole - size) // 2
        if span.end[first + size - 1] - span.first[first] <= READ:
            return slice(first, first + size)
    return slice(whole // 2, whole // 2 + 1)


def read_part(span: Span, part: slice, side: int) -> slice:
    """What those read of the source, which has so many, without what is padding."""
    return slice(max(0, int(span.first[part].min())), min(side, int(span.end[part].max())))


def extent(part: slice) -> int:
    return part.stop - part.start


def windows_in(span: Span, part: slice, corner: int) -> list[list[int]]:
    return (np.stack((span.first[part], span.end[part]), 1) - corner).tolist()


def place_in(cell: tuple[int, int] | None, tall: slice, wide: slice) -> int:
    """Of the cell, line by line; -1 where it is not among them."""
    if not cell or not (tall.start <= cell[0] < tall.stop and wide.start <= cell[1] < wide.stop):
        return -1
    return (cell[0] - tall.start) * extent(wide) + cell[1] - wide.start


def read_image(look: Look, slide: Slide, down: slice, across: slice) -> str:
    """The picture itself, where the window slides over it; else the channel."""
    if is_picture(look, slide.source):
        part = look.live.intake.fitted(look.picture)[:, down, across].expand(3, -1, -1)
        return address(Image.fromarray(part.permute(1, 2, 0).contiguous().numpy()))
    shown = feature_maps(look.seen.outputs[slide.source.name])
    return painted_map(shown.maps[slide.read][down, across], shown.largest())


def is_picture(look: Look, source: Node) -> bool:
    return source.kind == "input" and source.shape == look.live.intake.shape and source.shape[0] in (1, 3)


def painted_map(numbers: Numbers, largest: float) -> str:
    """(H, W), every number a pixel; `largest` has the full colour. As a `data:` address."""
    strange, middle = ~np.isfinite(numbers), (LEVELS - 1) / 2
    levels = np.rint(np.where(strange, 0, numbers) / largest * middle + middle).astype(np.uint8)
    return address(indexed(np.where(strange, np.uint8(LEVELS), levels)))


def read_name(look: Look, slide: Slide) -> str:
    if is_picture(look, slide.source):
        return "The picture"
    return f"{box_name(look, slide.source.name)}, channel {slide.read}"


def slide_words(look: Look, slide: Slide) -> str:
    """What the window reads, and what it makes of that."""
    box, many = literal(box_name(look, slide.source.name)), slide.channels
    if isinstance(slide.layer, LARGEST):
        how = f"{EACH}: it is the largest there."
    elif isinstance(slide.layer, MEANS):
        how = f"{EACH}: it is their mean."
    elif is_picture(look, slide.source):
        how = f"{EACH}, in {'its three colours' if many == 3 else 'grey'}: each times a weight, all added up."
    elif many == 1:
        how = f"{EACH}, in this one channel of {box}: each times a weight, all added up."
    else:
        how = f"{EACH}, in {many:,} channels of {box} at once; shown is channel {slide.read}, which contributes most."
    return " ".join((how, edge_words(slide), part_words(slide))).strip()


def edge_words(slide: Slide) -> str:
    spans = zip((slide.rows, slide.columns), slide.source.shape[1:], strict=True)
    if not any(span.first[0] < 0 or span.end[-1] > side for span, side in spans):
        return ""
    padded = (
        isinstance(slide.layer, nn.Conv2d | nn.AvgPool2d) and getattr(slide.layer, "padding_mode", "zeros") == "zeros"
    )
    return "Beyond the edge it reads zeros." if padded else "Beyond the edge there is nothing for it to read."


def part_words(slide: Slide) -> str:
    whole = slide.node.shape[1:]
    shown = [extent(middle_part(span)) for span in (slide.rows, slide.columns)]
    if tuple(shown) == whole:
        return ""
    return f"Played are the {shown[0]} × {shown[1]} in the middle of its {whole[0]} × {whole[1]} numbers."
