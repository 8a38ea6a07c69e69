"""What is shown of the bench: pictures, which boxes of them go together, the pair that is compared, the costs."""

from contextlib import suppress
from dataclasses import replace
from itertools import pairwise

import streamlit as st

from explorer.analysis.op_costs import macs_words
from explorer.diagram.side_by_side import Pane
from explorer.diff.changes import list_changes
from explorer.diff.comparison import LETTERS, Row, Score, Slot, diff_specs, draw_networks, slots, views
from explorer.diff.layer_diff import BoxMark, Links, box_links, pane_marks
from explorer.diff.summary import change_words, difference_sentences
from explorer.formatting import short_number, signed
from explorer.models.names import network_title
from explorer.ui.compare.page_state import current_bench, go_bench, linked_word
from explorer.ui.components.network_viewer import Comparison
from explorer.ui.session import complain, shared_state
from explorer.ui.tables import Cell, html_table

HEADS = (
    "",
    Cell("Parameters", title="Computed: the sum over all layers."),
    Cell("MACs", title="Computed for one image: one MAC is one multiply-add; FLOPs are twice that."),
    Cell("Activations", title="Computed for one image: numbers written by layers that have memory of their own."),
    Cell("Depth", title="Computed: layers with weights on the longest way from input to output."),
    Cell(
        "Top-1, ImageNet",
        title="Published: with its source. Two compare only where one source trained and tested both.",
    ),
)
COLOURS = ("differences", "kind", "params", "macs", "memory")


def pane_diagrams(found: tuple[Slot, ...]) -> dict[str, Pane]:
    """By letter. Where too much is open to be drawn, what one starts with."""
    try:
        return draw_slots(found)
    except ValueError as error:
        complain(str(error))
        if all(place.opened is None for place in current_bench().bench):
            return {}  # nothing to fold: too many are being drawn just now
        go_bench(replace(current_bench(), bench=tuple(replace(place, opened=None) for place in current_bench().bench)))
        with suppress(ValueError):
            return draw_slots(slots(current_bench().bench))
        return {}


def draw_slots(found: tuple[Slot, ...]) -> dict[str, Pane]:
    opened = views(found)
    built = [slot for slot in found if slot.letter in opened]
    made = draw_networks(tuple((slot.place.spec, opened[slot.letter]) for slot in built))
    return {slot.letter: pane for slot, pane in zip(built, made, strict=True)}


def compare_pair(found: tuple[Slot, ...], drawn: dict[str, Pane]) -> Comparison | None:
    """Of the pair chosen, else of the first two that can be drawn."""
    places = [place for place, slot in enumerate(found) if slot.letter in drawn]
    steps = tuple(pairwise(places))
    if not steps:
        return None
    pairs = {"".join(LETTERS[place] for place in step).lower(): step for step in steps}
    wrong = "The link compares “{:.20}”: there is no such pair of neighbours here. Showing the first."
    pair = pairs[linked_word("pair", tuple(pairs), wrong)]
    first, second = (found[place] for place in pair)
    difference = diff_specs(first.place.spec, second.place.spec)
    sentence = difference_sentences(difference, network_title(first.place), network_title(second.place))
    return Comparison(pair, sentence, list_changes(difference), steps, linked(found, drawn))


def mark_boxes(
    found: tuple[Slot, ...], drawn: dict[str, Pane], comparison: Comparison | None
) -> dict[str, dict[str, BoxMark]]:
    if comparison is None:
        return {}
    first, second = (found[place] for place in comparison.pair)
    difference = diff_specs(first.place.spec, second.place.spec)
    return {
        first.letter: pane_marks(drawn[first.letter], difference.status_before),
        second.letter: pane_marks(drawn[second.letter], difference.status_after),
    }


def linked(found: tuple[Slot, ...], drawn: dict[str, Pane]) -> dict[int, dict[int, Links]]:
    """For each two panes, by their places: which boxes of the one go with which of the other."""
    links: dict[int, dict[int, Links]] = {}
    there = [(place, slot) for place, slot in enumerate(found) if slot.letter in drawn]
    for index, (i, one) in enumerate(there):
        for j, other in there[index + 1 :]:
            difference = diff_specs(one.place.spec, other.place.spec)
            here, beside = drawn[one.letter], drawn[other.letter]
            links.setdefault(i, {})[j] = box_links(here, beside, difference, forward=True)
            links.setdefault(j, {})[i] = box_links(beside, here, difference, forward=False)
    return links


def colour() -> str:
    wrong = f"The link colours by “{{:.40}}”: there are {', '.join(COLOURS)}. Showing {COLOURS[0]} instead."
    return linked_word("colour", COLOURS, wrong)


def metrics_strip(rows: tuple[Row, ...]) -> None:
    """Of more than two networks folded to one line, so that the pictures have the room."""
    strip = html_table(HEADS, map(strip_row, rows), "strip")
    if len(rows) > 2 or shared_state().projector:
        params = (f"{letter_mark(row)}{short_number(row.costs.params)}" if row.costs else "" for row in rows)
        brief = f"<summary>Parameters {' '.join(params)} <small>MACs, activations, depth, top-1 …</small></summary>"
        strip = f'<details class="folded-strip">{brief}{strip}</details>'
    st.markdown(strip, unsafe_allow_html=True)


def letter_mark(row: Row) -> str:
    return f'<i class="letter letter-{row.slot.letter}">{row.slot.letter}</i>'


def strip_row(row: Row) -> list[Cell]:
    name = Cell(row.name, mark=letter_mark(row), head=True)
    if row.costs is None:
        return [name, Cell("cannot be built with these settings", "cannot", columns=4), score_cell(row.score)]
    now, change = row.costs, row.change
    macs = macs_words(row.slot.study.graph, None, now.macs) if row.slot.study else short_number(now.macs)
    depth = change_note(signed(row.depth_change), row.depth_change) if change else ""
    return [
        name,
        cost_cell(f"{now.params:,}", now.params, change and change.params),
        cost_cell(macs, now.macs, change and change.macs),
        cost_cell(short_number(now.activations), now.activations, change and change.activations),
        Cell(str(row.depth), provenance="computed", change=depth),
        score_cell(row.score),
    ]


def cost_cell(text: str, now: int, change: int | None) -> Cell:
    told = "" if change is None else change_note(f"{signed(change)}{change_words(change, now - change)}", change)
    return Cell(text, provenance="computed", change=told)


def change_note(told: str, change: float) -> str:
    return told if change else "the same"


def score_cell(found: Score | None) -> Cell:
    if found is None:
        return Cell("no figure at hand", "none")
    figure = found.figure
    return Cell(
        f"{figure.value:.2f} %",
        provenance="published",
        change="" if found.change is None else f"{signed(found.change, '{:.2f}'.format)} points",
        source=figure.source,
        title=f"{figure.source}: {figure.note}" if figure.note else figure.source,
    )
