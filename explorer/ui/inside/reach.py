"""What a number of the box can see of the picture, and what a pixel reaches in the box: by arithmetic and measured."""

from dataclasses import dataclass, field, replace
from functools import lru_cache, partial

import numpy as np
import streamlit as st

from explorer.activations.charts import change_chart, heat_chart, map_chart, picture_chart
from explorer.activations.feature_maps import FeatureMaps, Numbers, feature_maps, index_of, token_side
from explorer.activations.gradients import (
    GradientRun,
    PixelHeat,
    gradient_run,
    middle_half,
    outputs_after_change,
    pixel_heat,
)
from explorer.activations.networks import LiveNetwork, Look
from explorer.analysis.input_windows import input_windows
from explorer.analysis.pixel_windows import InputWindows, PixelFrame
from explorer.analysis.receptive_field import receptive_fields
from explorer.formatting import literal, spell_figures
from explorer.graph.graph import Node, Shape
from explorer.graph.module_tree import Item
from explorer.models.spec import Spec
from explorer.tracing.tracer import graph_of
from explorer.ui.components.component import Event
from explorer.ui.components.plotly_chart import draw_chart
from explorer.ui.inside.channel_pictures import first_filters, top_pictures_part
from explorer.ui.inside.one_number import MapCell, box_name, place_words, walk_buttons
from explorer.ui.inside.page_state import PAGE, InsideState, current_view
from explorer.ui.inside.panel import box_head, choose_cell, chosen_channel
from explorer.ui.session import bind_widget
from explorer.ui.tables import Cell, html_table

HIGH, SMALL = 160, 190  # pixels of the charts
NARROW = 3  # pixels of a frame's side that has no middle half worth telling
NONE_CHOSEN = "No box is selected: this is the last one with maps."
COMPUTED, MEASURED = "computed", "measured"
THE_PICTURE = "This is the picture itself: every number of it sees one pixel. Click another box."
NO_HEAT = (
    "No pixel has a gradient other than 0: on this picture a slight change of a pixel would not change this number. "
    "A ReLU that gives 0 lets nothing back."
)


@dataclass(frozen=True)
class LookKey:
    """Equal for the same network on the same picture."""

    live: LiveNetwork
    image: bytes
    look: Look = field(compare=False)


@lru_cache(maxsize=1)  # it holds on to all that the network computed
def kept_run(key: LookKey) -> GradientRun:
    """Raises `ValueError` with a sentence."""
    intake = key.live.intake
    run = gradient_run(key.live.model, intake.numbers(intake.fitted(key.look.picture)))
    return replace(run, seen=key.look.seen)  # the same numbers, kept once


@lru_cache(maxsize=32)
def windows_of(spec: Spec) -> dict[str, InputWindows]:
    return input_windows(graph_of(spec))


@lru_cache(maxsize=32)
def field_sizes(spec: Spec) -> dict[str, tuple[float, float]]:
    """As if the picture had no end."""
    return {name: each.size for name, each in receptive_fields(graph_of(spec)).items()}


def reach_panel(look: Look, item: Item | None) -> None:
    """`item`: the selected box, if there is one."""
    if item is None:
        st.caption(NONE_CHOSEN)
        item = last_with_maps(look)
    node = look.known.graph.by_name[item.all_nodes[-1]]
    box_head(look, item, node.name)
    if node.kind == "input":
        st.caption(THE_PICTURE)
        return
    view, shown = current_view(), feature_maps(look.seen.outputs[node.name])
    cell = chosen_cell(shown, view)
    try:
        number_sees(look, node, shown, cell)
        pixel_reaches(look, node, shown, cell)
    except ValueError as error:
        st.warning(literal(str(error)), icon=":material/error:")
    first_filters(look, node, cell.channel)
    top_pictures_part(look, node, windows_of(look.live.spec)[node.name], cell.channel)


def last_with_maps(look: Look) -> Item:
    """The last box whose output has rows and columns, or the first box of all."""
    nodes = look.known.graph.operations
    found = next((node for node in reversed(nodes) if has_maps(node.shape)), nodes[0])
    return look.known.outline.items_of_node(found.name)[-1]


def has_maps(shape: Shape) -> bool:
    return (len(shape) == 3 and shape[1:] != (1, 1)) or token_side(shape) > 0


def chosen_cell(shown: FeatureMaps, view: InsideState) -> MapCell:
    """The one in the link, if there is one; else the middle of the map."""
    high, wide = shown.maps.shape[1:]
    there = view.cell and view.cell[0] < high and view.cell[1] < wide
    return MapCell(chosen_channel(shown, view), *(view.cell if view.cell and there else (high // 2, wide // 2)))


# From a number back to the picture


def number_sees(look: Look, node: Node, shown: FeatureMaps, cell: MapCell) -> None:
    output = look.seen.outputs[node.name]
    index = index_of(output, *cell)
    windows = windows_of(look.live.spec)[node.name]
    frame = windows.frame(node.shape, index)
    st.markdown("##### What one number sees")
    choose_number(shown, cell, float(output[index]))
    fitted = look.live.intake.fitted(look.picture)
    heat = pixel_heat(kept_run(LookKey(look.live, fitted.numpy().tobytes(), look)), node.name, index)
    left, right = st.columns(2, gap="small")
    with left:
        st.markdown(marked("Computed: the frame", COMPUTED), unsafe_allow_html=True)
        chart = picture_chart(fitted, frame, current_view().pixel, HIGH)
        draw_chart(chart, key="inside-sees", alt="The picture, with the frame", on_event=choose_pixel)
    with right:
        st.markdown(marked("Measured: the heat", MEASURED), unsafe_allow_html=True)
        draw_chart(heat_chart(heat.pixels, frame, HIGH), key="inside-heat", alt="The gradient at each pixel")
    st.markdown(sees_table(heat, frame), unsafe_allow_html=True)
    st.caption(frame_words(look, node, windows, frame))
    if not heat.touched:
        st.caption(NO_HEAT)


def choose_number(shown: FeatureMaps, cell: MapCell, value: float) -> None:
    """Of which channel, and in its map where."""
    left, right = st.columns(2, gap="small")
    with left:
        binding = bind_widget("inside/reach/channel", cell.channel, lambda chosen: PAGE.change(channel=chosen))
        st.number_input(shown.part.capitalize(), 0, len(shown.maps) - 1, **binding)
        st.markdown(f"{place_words(shown, cell)} = **{spell_figures(value, 5)}**")
    if shown.vector:
        return
    with right:
        frame = cell.row, cell.row + 1, cell.column, cell.column + 1
        chart = map_chart(shown.maps[cell.channel], shown.largest(), frame, HIGH)
        chart.update_traces(showscale=False)
        draw_chart(chart, key="inside-reach-map", alt=f"{shown.part.capitalize()} {cell.channel}", on_event=choose_cell)
    walk_buttons(cell, shown.maps.shape[1:])


def marked(words: str, look: str) -> str:
    return f'<small class="{look}">{words}</small>'


def sees_table(heat: PixelHeat, frame: PixelFrame) -> str:
    touched, (high, wide) = heat.touched, (frame.bottom - frame.top, frame.right - frame.left)
    outside = touched - int(np.count_nonzero(heat.pixels[frame.top : frame.bottom, frame.left : frame.right]))
    whole = f", all {frame.size:,}" if frame.size == heat.pixels.size else f" = {frame.size:,} of {heat.pixels.size:,}"
    rows = [("In the frame", f"{high} × {wide}{whole}", COMPUTED)]
    rows.append(("With a gradient", f"{touched:,}, {f'{outside:,} of them' if outside else 'none'} outside", MEASURED))
    if touched:
        rows.append(("That hold half of the heat", f"{heat.pixels_of_half():,}", MEASURED))
    if touched and min(high, wide) > NARROW:
        middle = f"{heat.share_within(middle_half(frame)):.0%} of the heat"
        rows.append(("In its middle half, each way", middle, MEASURED))
    cells = [(name, Cell(words, provenance=look)) for name, words, look in rows]
    return html_table(("", "pixels"), cells, "facts")


def frame_words(look: Look, node: Node, windows: InputWindows, frame: PixelFrame) -> str:
    """Why the frame is as large as it is."""
    sides = look.live.intake.shape[1:]
    whole = frame == (0, sides[0], 0, sides[1])
    size = tuple(round(side) for side in field_sizes(look.live.spec)[node.name])
    words = [
        "The frame: all pixels that the number can depend on. The heat: how much it changes with each pixel, up or "
        "down, all colours added."
    ]
    if whole and windows.mixer:
        words.append(f"It sees the whole picture: {mixer_words(look, windows.mixer)}.")
    elif size[0] > frame.bottom - frame.top or size[1] > frame.right - frame.left:
        words.append(f"It reaches over the edge: in a larger picture it would see {size[0]} × {size[1]} pixels.")
    return " ".join(words)


def mixer_words(look: Look, mixer: str) -> str:
    node = look.known.graph.by_name[mixer]
    box = literal(box_name(look, mixer))
    if node.kind == "pool":
        return f"{box} takes all rows and columns together"
    if node.kind == "linear":
        return f"{box} multiplies and adds up all numbers that come in"
    if node.kind == "attention":
        return f"in {box} every place looks at all others"
    if node.kind == "norm":
        return f"{box} scales by all numbers of the map"
    return f"in {box} ({literal(node.op)}) the numbers change places, and from there on every one counts as seen"


def choose_pixel(event: Event) -> None:
    row, _, column = event.id.partition(",")
    if event.type == "choose" and row.isdigit() and column.isdigit():
        PAGE.change(pixel=(int(row), int(column)))


# From a pixel to the numbers


def pixel_reaches(look: Look, node: Node, shown: FeatureMaps, cell: MapCell) -> None:
    st.markdown("##### What one pixel reaches")
    sides = look.live.intake.shape[1:]
    pixel = current_view().pixel
    pixel = pixel if pixel and pixel[0] < sides[0] and pixel[1] < sides[1] else None
    pixel_inputs(sides, pixel)
    if not pixel:
        st.caption("Click a pixel of the picture above, or give its row and column.")
        return
    reached = windows_of(look.live.spec)[node.name].reached(node.shape, pixel)
    mask = reached_maps(look, node.name, reached)
    change, colour = changed_maps(look, node.name, pixel)
    st.markdown(reaches_table(mask, change, cell.channel, colour), unsafe_allow_html=True)
    if shown.vector:
        return
    said = (
        marked("Computed: the frame. ", COMPUTED),
        marked(f"Measured: the change in channel {cell.channel}.", MEASURED),
    )
    st.markdown("".join(said), unsafe_allow_html=True)
    frame, alt = bounds_of(mask[cell.channel]), f"The change in channel {cell.channel}"
    draw_chart(change_chart(change[cell.channel], frame, SMALL), key="inside-reaches", alt=alt, on_event=choose_cell)


def pixel_inputs(sides: tuple[int, ...], pixel: tuple[int, int] | None) -> None:
    def choose(side: int, value: int | None) -> None:
        """The other one stays, or begins in the middle."""
        row, column = current_view().pixel or (sides[0] // 2, sides[1] // 2)
        PAGE.change(pixel=None if value is None else ((value, column) if side == 0 else (row, value)))

    for side, (name, place) in enumerate(zip(("Row", "Column"), st.columns(2, gap="small"), strict=True)):
        known = pixel[side] if pixel else None
        binding = bind_widget(f"inside/pixel/{name}", known, partial(choose, side), empty=True)
        place.number_input(f"{name} of the pixel", 0, sides[side] - 1, placeholder=f"0 to {sides[side] - 1}", **binding)


def changed_maps(look: Look, node: str, pixel: tuple[int, int]) -> tuple[Numbers, str]:
    """As `feature_maps` has them; measured once, for a page is drawn anew at every click."""
    key = look.live, look.live.intake.fitted(look.picture).numpy().tobytes(), node, pixel
    kept = st.session_state.get("inside/changed")
    if not kept or kept[0] != key:
        change, colour = outputs_after_change(look, node, pixel)
        kept = st.session_state["inside/changed"] = key, (feature_maps(change).maps, colour)
    return kept[1]


def reached_maps(look: Look, node: str, reached: np.ndarray) -> np.ndarray:
    """(channels, H, W) as `feature_maps` has the output."""
    output = look.seen.outputs[node]
    return feature_maps(output.new_tensor(reached.copy(), dtype=output.dtype)).maps > 0


def reaches_table(mask: np.ndarray, change: Numbers, channel: int, colour: str) -> str:
    changed = change > 0
    outside = int(np.count_nonzero(changed & ~mask))
    rows = [("Can be reached", f"{int(mask.sum()):,} of {mask.size:,}", COMPUTED)]
    where = f"{int(changed.sum()):,}, {f'{outside:,} of them' if outside else 'none'} elsewhere"
    rows.append((f"Changed when the pixel was set to {colour}", where, MEASURED))
    if mask.shape[1:] != (1, 1):
        own = f"{int(changed[channel].sum()):,} of {changed[channel].size:,}"
        rows.append((f"Of these in channel {channel}", own, MEASURED))
    return html_table(("", "numbers"), [(name, Cell(words, provenance=look)) for name, words, look in rows], "facts")


def bounds_of(mask: np.ndarray) -> PixelFrame | None:
    """Around all that is true in (H, W)."""
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return None
    return PixelFrame(int(rows.min()), int(rows.max()) + 1, int(columns.min()), int(columns.max()) + 1)
