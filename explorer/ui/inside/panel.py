"""Beside the picture: what the network answers, or what the box that was clicked made of the picture."""

from collections.abc import Callable
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from explorer.activations.charts import SHOWN, channels_chart, map_chart, vector_chart
from explorer.activations.feature_maps import FeatureMaps, Figures, feature_maps, figures
from explorer.activations.networks import Look
from explorer.formatting import dimensions, literal, spell_figures
from explorer.glossary import explain_layer
from explorer.graph.module_tree import Item
from explorer.ui.components.component import Event
from explorer.ui.components.plotly_chart import draw_chart
from explorer.ui.explore.details import part_name
from explorer.ui.inside.channel_pictures import channel_pair
from explorer.ui.inside.networks import other_recipe
from explorer.ui.inside.one_number import MapCell, box_name, one_number
from explorer.ui.inside.page_state import PAGE, WEIGHTS, InsideState, current_view
from explorer.ui.inside.pictures import select_picture
from explorer.ui.inside.sliding import choose_slide, show_slide, slide_of
from explorer.ui.session import bind_widget
from explorer.ui.train.dataset import one
from explorer.ui.train.own_picture import CSS, asked_html

LIKELIEST = 5
ORDERS = {"strength": "Strongest first", "number": "As they stand"}
BESIDE = {"nothing": "Alone", "channel": "Another channel", "weights": "Other weights", "recipe": "Another recipe"}
BESIDE |= {"picture": "Another picture"}
NO_RECIPE = "Only one of this network’s weights is on this computer: get others under More networks, at the left."
STRENGTH = "The strongest channel is the one with the largest root mean square on this picture."
Other = Callable[[InsideState], Look | None]


def answers_panel(look: Look) -> None:
    """Of the whole network."""
    st.markdown(f"#### {literal(look.live.title)}, {literal(look.name)}")
    fitted = look.live.intake.fitted(look.picture)
    sides = dimensions(look.live.intake.shape[1:])
    pictures = [one(look.picture, "the picture"), one(fitted, f"as it gets it: {sides}")]
    st.html(CSS)
    st.html(asked_html(pictures, look.likeliest(LIKELIEST)))
    st.caption(f"It can only answer with one of its {len(look.live.intake.classes)} classes, whatever it is shown.")
    st.markdown(
        "Every box shows the strongest channel of what it computes: red above zero, blue below, white at zero, each by "
        "its own scale. Click a box for all its channels; double-click one, or click its +, to open it."
    )
    say_strange(look)


def say_strange(look: Look) -> None:
    """The first box with a number that is none: all after it comes of that."""
    if first := look.seen.first_bad:
        st.warning(f"The first numbers that are none, or infinite, come from {literal(box_name(look, first))}.")


def box_panel(look: Look, item: Item, other: Other) -> None:
    view, node = current_view(), item.all_nodes[-1]
    output = look.seen.outputs[node]
    shown, told = feature_maps(output), figures(output)
    box_head(look, item, node)
    st.markdown(figures_html(told, shown), unsafe_allow_html=True)
    if shown.vector:
        show_vector(look, item, shown)
    else:
        channel = chosen_channel(shown, view)
        choose_order(view, len(shown.maps))
        channels_grid(shown, item, channel, view)
        st.markdown(channel_words(shown, channel))
        show_channel(look, item, shown, channel)
    held_against(look, item, other, view)


def show_vector(look: Look, item: Item, shown: FeatureMaps) -> None:
    """The number that was clicked is spelled out."""
    chart, chosen = vector_chart(shown, look.live.intake.classes), current_view().channel
    draw_chart(
        chart, key="inside-vector", alt=f"The {len(shown.maps)} numbers of {item.title}", on_event=choose_channel
    )
    if chosen is not None and chosen < len(shown.maps):
        one_number(look, item.all_nodes[-1], MapCell(chosen, 0, 0))
    else:
        st.caption("Click a bar to see what its number is made of.")


def box_head(look: Look, item: Item, node: str) -> None:
    """Its name, what it is, and the shape of what it made."""
    known = look.known
    name, made = part_name(item, known), dimensions(known.graph.by_name[node].shape)
    entry = explain_layer(known.graph.by_name[node]) if not item.children else None
    st.markdown(
        f"#### {literal(name)}", help=f"{entry.sentence} [{entry.source.name}]({entry.source.url})" if entry else None
    )
    kind = f"{item.op} ×{item.times}" if item.times > 1 else item.op
    st.caption(f"{literal(kind)}{', the last one' if item.times > 1 else ''}: {made}")


def figures_html(told: Figures, shown: FeatureMaps) -> str:
    numbers = {"Least": told.least, "Most": told.most, "Mean": told.mean}
    rows = [(name, spell_figures(value, 4)) for name, value in numbers.items()]
    rows.append(("Exactly 0", f"{told.zeros:.1%}"))
    if not shown.vector:
        rows.append((f"Dead {shown.part}s", f"{told.dead} of {len(shown.maps)}"))
    if told.strange:
        rows.append(("None or infinite", f"{told.strange:,}"))
    cells = "".join(f"<div><b>{escape(value)}</b><span>{escape(name)}</span></div>" for name, value in rows)
    return f'<div class="box-figures">{cells}</div>'


def chosen_channel(shown: FeatureMaps, view: InsideState) -> int:
    """The one in the link, if there is one of that number; else the strongest."""
    if view.channel is not None and view.channel < len(shown.maps):
        return view.channel
    return int(shown.by_strength()[0])


def choose_order(view: InsideState, channels: int) -> None:
    if channels < 2:
        return
    st.segmented_control(
        "Order of the channels",
        list(ORDERS),
        format_func=ORDERS.__getitem__,
        label_visibility="collapsed",
        help=STRENGTH,
        required=True,
        **bind_widget("inside/order", view.order, lambda order: PAGE.change(order=order)),
    )


def channels_grid(shown: FeatureMaps, item: Item, channel: int, view: InsideState) -> None:
    listed = listed_channels(shown, channel, view)
    if len(listed) > 1:
        alt = f"{len(listed)} of the {len(shown.maps)} {shown.part}s of {item.title}"
        chart = channels_chart(shown, listed, channel)
        draw_chart(chart, key="inside-channels", alt=alt, on_event=choose_channel)
    if len(listed) < len(shown.maps):
        st.caption(f"{len(listed)} of {len(shown.maps)} {shown.part}s.")


def show_channel(look: Look, item: Item, shown: FeatureMaps, channel: int) -> None:
    """All its numbers; the one that was clicked is spelled out."""
    numbers, cell = shown.maps[channel], current_view().cell
    there = cell and cell[0] < len(numbers) and cell[1] < numbers.shape[1]
    cell = cell if there else None
    slide = slide_of(look, look.known.graph.by_name[item.all_nodes[-1]], channel)
    if slide:
        choose_slide(current_view())
    if slide and current_view().slide:
        show_slide(look, slide, cell, choose_cell)
    else:
        frame = (cell[0], cell[0] + 1, cell[1], cell[1] + 1) if cell else None
        alt = f"{shown.part.capitalize()} {channel} of {item.title}"
        draw_chart(map_chart(numbers, shown.largest(), frame), key="inside-map", alt=alt, on_event=choose_cell)
    if cell:
        one_number(look, item.all_nodes[-1], MapCell(channel, *cell))
    else:
        st.caption("Click a number of the map to see what it is made of.")


def choose_cell(event: Event) -> None:
    row, _, column = event.id.partition(",")
    if event.type == "choose" and row.isdigit() and column.isdigit():
        PAGE.change(cell=(int(row), int(column)))


def listed_channels(shown: FeatureMaps, channel: int, view: InsideState) -> NDArray[np.int64]:
    """As many as a chart shows, the chosen one among them."""
    order = shown.by_strength() if view.order == "strength" else np.arange(len(shown.maps))
    first = order[:SHOWN]
    return first if channel in first else np.append(first[:-1], channel)


def choose_channel(event: Event) -> None:
    if event.type == "choose" and event.id.isdigit():
        PAGE.change(channel=int(event.id))


def channel_words(shown: FeatureMaps, channel: int) -> str:
    place = int(np.flatnonzero(shown.by_strength() == channel)[0]) + 1
    rank = "the strongest" if place == 1 else f"{place}. by strength"
    strength = shown.strengths()[channel]
    name = f"**{shown.part.capitalize()} {channel}**"
    return f"{name} :small[:gray[{rank} of {len(shown.maps)}; root mean square {spell_figures(strength, 4)}]]"


def held_against(look: Look, item: Item, other: Other, view: InsideState) -> None:
    """The same box with other weights, or on another picture, or another channel of it, by one scale."""
    here, recipe = feature_maps(look.seen.outputs[item.all_nodes[-1]]), other_recipe(view.network)
    lacks = {"channel"} if here.vector or len(here.maps) < 2 else set[str]()
    lacks |= set[str]() if recipe or view.beside == "recipe" else {"recipe"}
    st.segmented_control(
        "Beside it",
        [kind for kind in BESIDE if kind not in lacks],
        format_func=(BESIDE | {"channel": f"Another {here.part}"}).__getitem__,
        required=True,
        **bind_widget(
            "inside/beside",
            "nothing" if view.beside in lacks else view.beside,
            lambda beside: PAGE.change(beside=beside),
        ),
    )
    if view.beside == "nothing" or view.beside in lacks:
        return
    if view.beside == "channel":
        channel_pair(here, chosen_channel(here, view), choose_cell)
        return
    if view.beside == "recipe" and not recipe:
        st.caption(NO_RECIPE)
        return
    if view.beside == "picture":
        select_picture("Another picture", "inside/other", view.other, lambda word: PAGE.change(other=word))
    try:
        against = other(view)
    except ValueError as error:
        st.warning(literal(str(error)), icon=":material/error:")
        return
    if against is None:
        st.markdown("Opening the network …")
        return
    show_other(look, against, item, view)


def show_other(look: Look, against: Look, item: Item, view: InsideState) -> None:
    node = item.all_nodes[-1]
    here, there = feature_maps(look.seen.outputs[node]), feature_maps(against.seen.outputs[node])
    title = f"{against.live.title}, {against.name}" if view.beside == "recipe" else against.name
    st.markdown(f"**{literal(title)}, {WEIGHTS[view.other_weights].lower()}**")
    st.markdown(figures_html(figures(against.seen.outputs[node]), there), unsafe_allow_html=True)
    if here.vector:
        names = against.live.intake.classes
        draw_chart(vector_chart(there, names), key="inside-other", alt=f"The numbers of {item.title} there")
        return
    channel = chosen_channel(here, view)
    listed = listed_channels(here, channel, view)
    if len(listed) > 1:
        alt = f"The same channels of {item.title} there"
        draw_chart(channels_chart(there, listed, channel), key="inside-other", alt=alt, on_event=choose_channel)
