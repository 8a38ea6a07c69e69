"""One number of a map, spelled out: what it reads, times what, what that adds up to; and the way down to the pixels."""

from typing import NamedTuple

import streamlit as st

from explorer.activations.breakdown import Breakdown, Contribution, break_down
from explorer.activations.charts import map_chart
from explorer.activations.feature_maps import FeatureMaps, cell_of, feature_maps, index_of
from explorer.activations.networks import Look
from explorer.diagram.node_labels import box_heading
from explorer.formatting import literal, spell_figures
from explorer.graph.graph import Node
from explorer.ui.components.plotly_chart import draw_chart
from explorer.ui.inside.page_state import PAGE, current_view
from explorer.ui.network_picture import picture_view
from explorer.ui.session import unbroken
from explorer.ui.tables import html_table

NOT_YET = "How a number of **{}** comes about is not spelled out here."
STEPS = {"←": (0, -1), "↑": (-1, 0), "↓": (1, 0), "→": (0, 1)}
PLACES = {"vector": "number of it", "slices": "slice of it: row, column"}
COLOURS = ("red", "green", "blue")


class MapCell(NamedTuple):
    """A place in an output, as its maps show it."""

    channel: int
    row: int
    column: int


def one_number(look: Look, node: str, cell: MapCell) -> None:
    output, operation = look.seen.outputs[node], look.known.graph.by_name[node]
    index = index_of(output, *cell)
    shown = feature_maps(output)
    st.markdown(f"##### {place_words(shown, cell)} = {spell_figures(float(output[index]), 5)}")
    if not shown.vector:
        walk_buttons(cell, shown.maps.shape[1:])
    if operation.kind == "input":
        say_pixel(look, cell, float(output[index]))
        return
    found = break_down(look.live.model, look.seen, operation, index)
    if found is None:
        st.caption(NOT_YET.format(literal(operation.op)))
        return
    st.markdown(sentence(found, operation))
    if not found.terms:
        return
    st.markdown(terms_table(look, found), unsafe_allow_html=True)
    read = PLACES.get(feature_maps(look.seen.outputs[found.terms[0].node]).form, "channel: row, column")
    st.caption(f"{checked(found)} Each line reads a box and a {read}.")
    show_window(look, found)
    st.button(
        *("One step down: what the first of them is made of",),
        icon=":material/subdirectory_arrow_right:",
        key="inside/down",
        on_click=unbroken(go_down),
        args=(look, found.terms[0]),
    )


def place_words(shown: FeatureMaps, cell: MapCell) -> str:
    name = f"{shown.part.capitalize()} {cell.channel}"
    return name if shown.vector else f"{name}, row {cell.row}, column {cell.column}"


def sentence(found: Breakdown, node: Node) -> str:
    count, group = len(found.terms) + found.more, f"its group of {found.group:,}"
    result = spell_figures(found.result, 5)
    if found.how == "sum":
        return sum_words(found, node)
    if found.how == "attention":
        several = (
            "what each head makes of each token" if found.terms[0].head is not None else "one number of each token"
        )
        return f"Attention: {several}, {count:,} in all, each by its share:"
    said = {
        "product": "Two numbers multiplied:",
        "products": f"{count:,} products of two numbers each, added up:",
        "largest": "The largest number of its window:",
        "same": "Moved here, not changed:",
        "softmax": f"Softmax: e to the power of the first number, over the sum of that of all {count:,}:",
        "norm": f"One number, less the mean of {group}, over their deviation; then scaled and shifted:",
        "unit length": f"One number, divided by the root of the sum of squares of {group}:",
        "local response": f"One number, divided by what the squares of {group} come to:",
        "padding": f"A {result if found.result else 'zero'} that padding put there: nothing made it.",
        "constant": f"It reads no number of the picture: it is {result} whatever is shown.",
    }
    return said.get(found.how, f"{literal(node.op)} of one number:")


def sum_words(found: Breakdown, node: Node) -> str:
    count = len(found.terms) + found.more
    if node.kind == "addition" and count < 3:
        return ("A number, and one that is learned or fixed, added:", "Two numbers added:")[count - 1]
    if not node.weights and node.kind == "pool":
        return f"The mean of {count:,} numbers, each by its part of it:"
    several = f"{count:,} products of an input and a weight" if count > 1 else "One number, scaled"
    return f"{several}, and a constant:" if found.constant else f"{several}:"


COLUMNS = {  # of the terms, where they are more than a number each
    "softmax": ("reads", "number", "share"),
    "products": ("reads", "number", "× reads", "number", "="),
    "attention": ("reads", "gives", "× share", "="),
}


def terms_table(look: Look, found: Breakdown) -> str:
    plain = not (found.adds or found.how == "softmax")
    columns = ("reads", "number") if plain else COLUMNS.get(found.how, ("reads", "number", "×", "="))
    rows = [term_row(look, found, term)[: len(columns)] for term in found.terms]
    blank = ("",) * (len(columns) - 2)
    if found.more:
        rows.append((f"the other {found.more:,}", *blank, spell_figures(found.others, 4)))
    if found.adds and found.constant:
        rows.append(("constant: a bias, or what a norm shifts", *blank, spell_figures(found.constant, 4)))
    return html_table(columns, rows, "facts")


def term_row(look: Look, found: Breakdown, term: Contribution) -> tuple[str, ...]:
    first = where(look, term), spell_figures(term.value, 4)
    if found.how == "products":
        other = where(look, Contribution(*term.by, term.factor, 1.0)) if term.by else ""
        return (*first, other, spell_figures(term.factor, 4), spell_figures(term.product, 4))
    return (*first, spell_figures(term.factor, 4), spell_figures(term.product, 4))


def where(look: Look, term: Contribution) -> str:
    output = look.seen.outputs[term.node]
    channel, row, column = cell_of(output, term.index)
    name = box_name(look, term.node)
    if feature_maps(output).vector:
        return f"{name} {channel}"
    place = f"{row}, {column}" if row >= 0 else "class token"
    return f"{name}, head {term.head}: {place}" if term.head is not None else f"{name} {channel}: {place}"


def box_name(look: Look, node: str) -> str:
    """As the picture calls it."""
    found = look.known.outline.items_of_node(node)
    return box_heading(found[-1]) if found else "input"


def checked(found: Breakdown) -> str:
    """The sum on the screen against the number that the network stored."""
    gap = abs(found.result - found.stored)
    how = "adds up to" if found.adds else "gives"
    result, stored = spell_figures(found.result, 7), spell_figures(found.stored, 7)
    return f"It {how} {result}; the network computed {stored}, which differs by {spell_figures(gap, 1)}."


def show_window(look: Look, found: Breakdown) -> None:
    """Where it reads, on the map that its largest term comes from."""
    if not found.window:
        return
    term = found.terms[0]
    output = look.seen.outputs[term.node]
    shown, channel = feature_maps(output), cell_of(output, term.index)[0]
    st.markdown(f":small[What it reads, in channel {channel} of {literal(box_name(look, term.node))}:]")
    figure = map_chart(shown.maps[channel], shown.largest(), found.window, 220)
    draw_chart(figure, key="inside-window", alt=f"The window in channel {channel}")


def say_pixel(look: Look, cell: MapCell, value: float) -> None:
    intake = look.live.intake
    mean, std = intake.mean[cell.channel], intake.std[cell.channel]
    colour = COLOURS[cell.channel] if len(intake.mean) == len(COLOURS) else "grey"
    pixel = round((value * std + mean) * 255)
    st.markdown(
        f"The picture’s own pixel: **{pixel}** of 255 in {colour}. ({pixel} / 255 − {mean:.3f}) / {std:.3f}: less the "
        "mean of the training pictures, divided by their standard deviation."
    )


def walk_buttons(cell: MapCell, sides: tuple[int, ...]) -> None:
    with st.container(horizontal=True, gap="small"):
        for sign, (down, right) in STEPS.items():
            row, column = cell.row + down, cell.column + right
            inside = 0 <= row < sides[0] and 0 <= column < sides[1]
            move = unbroken(lambda row=row, column=column: PAGE.change(cell=(row, column)))
            st.button(sign, key=f"inside/walk/{sign}", disabled=not inside, on_click=move)


def go_down(look: Look, term: Contribution) -> None:
    """To the number that the term reads, in its own box."""
    channel, row, column = cell_of(look.seen.outputs[term.node], term.index)
    found = look.known.outline.items_of_node(term.node)
    if not found:
        return
    opened = picture_view(current_view(), look.known).opened
    shown = tuple(sorted(opened | {each.id for each in found[:-1]}))
    vector = feature_maps(look.seen.outputs[term.node]).vector
    cell = None if vector or row < 0 else (row, column)
    PAGE.change(opened=shown, selected=found[-1].id, channel=channel, cell=cell)
    PAGE.tell()
