"""Side by side: two to four networks, aligned, in one scale, and what differs between them."""

from dataclasses import replace
from urllib.parse import parse_qsl

import streamlit as st

from explorer.diff.charts import by_level, levels_chart
from explorer.diff.comparison import Row, Score, Slot, metric_rows, slots, views
from explorer.diff.presets import READY_MADE, network_title
from explorer.diff.summary import change_words
from explorer.formatting import short_number, signed
from explorer.graph.expansion import View, fold_all, toggle
from explorer.models.selection import ModelSelection
from explorer.models.sources import SOURCES
from explorer.ui.compare.page_state import current_bench, explore, follow, go_bench, publish_bench
from explorer.ui.compare.side_by_side_data import COLOURS, colour, compare_pair, linked, mark_boxes, pane_diagrams
from explorer.ui.compare.side_by_side_picker import pick_network
from explorer.ui.components.component import Event
from explorer.ui.components.network_viewer import Comparison, Display, NetworkPane, show_networks
from explorer.ui.session import show_problems
from explorer.ui.tables import Cell, html_table

# The pictures and the list beside them; where the list stands below, it needs room of its own.
BESIDE, BELOW = "max(34rem, calc(100vh - 19rem))", "max(46rem, calc(100vh - 6rem))"

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


def side() -> None:
    if not current_bench().bench:
        go_bench(replace(current_bench(), bench=READY_MADE[0].bench))
    pick_network()
    body()


@st.fragment
def body() -> None:
    """Reruns by itself for what is done in the pictures; what changes the bench reruns the page."""
    leave_side_by_side()
    found = slots(current_bench().bench)
    above = st.container()
    metrics_strip(metric_rows(found))
    panes(found)
    with above:
        show_problems(keep=True)  # the charts come by a run of their own; `obey` clears them
    difference_charts(found)
    publish_bench()


def leave_side_by_side() -> None:
    place: ModelSelection | None = st.session_state.pop("side/explore", None)
    if place:
        explore(place)
    if st.session_state.pop("side/moved", False):
        st.rerun()


def panes(found: tuple[Slot, ...]) -> None:
    drawn = pane_diagrams(found)
    comparison = compare_pair(found, drawn)
    marks = mark_boxes(found, drawn, comparison)
    shown = tuple(
        NetworkPane(
            network_title(slot.place),
            drawn.get(slot.letter),
            slot.letter,
            source=SOURCES[slot.place.source].title,
            problem=slot.problem or "Too many pictures are being drawn just now: try again in a moment.",
            marks=marks.get(slot.letter, {}),
        )
        for slot in found
    )
    display = display_of(comparison, len(found))
    show_networks(shown, display, comparison, key="side/panes", on_event=handle_side_event)
    if len(found) == 1:
        st.info("One network alone: add another to compare it with, or take a ready-made pair.", icon=":material/add:")


def display_of(comparison: Comparison | None, count: int) -> Display:
    return Display(
        BELOW if comparison and count > 2 else BESIDE,
        colour=colour(),
        selected=current_bench().word("at"),
        revision=st.session_state.get("side/revision", 0),
        settled=diagrams_settled(),
    )


def diagrams_settled() -> bool:
    return bool(st.session_state.get("side/settled"))


def difference_charts(found: tuple[Slot, ...]) -> None:
    """After the pictures: the browser loads a chart's code first, and the pictures would wait for it."""
    with st.container(key="side-charts"):
        if not diagrams_settled():
            return
        networks = [(s.letter, network_title(s.place), by_level(s.study.outline)) for s in found if s.study]
        st.markdown("##### Costs, by the size of the map they are spent on")
        st.plotly_chart(levels_chart(networks), config={"displayModeBar": False}, key="side/levels")


def handle_side_event(event: Event) -> None:
    """What was said before is cleared by the next thing the visitor does."""
    if event.type != "settled":
        st.session_state.pop("problems", None)
    desk = current_bench()
    match event.type:
        case "settled":
            st.session_state["side/settled"] = True
        case "select":
            go_bench(desk.said({"at": f"{event.value}:{event.id}" if event.id else ""}))
        case "colour":
            go_bench(desk.said({"colour": "" if event.value == COLOURS[0] else event.value}))
        case "pair":
            go_bench(desk.said({"pair": event.value}))
        case "toggle" | "fold_all":
            unfold(event)
        case "explore":
            if int(event.value) < len(desk.bench):
                st.session_state["side/explore"] = desk.bench[int(event.value)]
        case "left" | "right" | "remove":
            rearrange(event)
        case "address":
            return_to(event.value)


def unfold(event: Event) -> None:
    """A box opens, or a frame folds, in every network that has it."""
    found = slots(current_bench().bench)
    opened = views(found)
    links = linked(found, pane_diagrams(found)) if event.type == "toggle" else {}
    chosen = int(event.value or 0)
    if event.type == "toggle" and (chosen >= len(found) or found[chosen].letter not in opened):
        return  # the picture that was clicked was older than the bench
    places: list[ModelSelection] = []
    for index, slot in enumerate(found):
        if slot.letter not in opened:
            places.append(slot.place)
            continue
        view = opened[slot.letter]
        if event.type == "fold_all":
            view = fold_all(view)
        else:
            ids = [event.id] if index == chosen else links.get(chosen, {}).get(index, {}).get(event.id, [])
            view = set_open(view, ids, event.id not in opened[found[chosen].letter].opened)
        places.append(replace(slot.place, opened=tuple(sorted(view.opened))))
    go_bench(replace(current_bench(), bench=tuple(places)))


def set_open(view: View, ids: list[str], opens: bool) -> View:
    for id in ids:
        view = toggle(view, id) if (id in view.opened) != opens else view
    return view


def rearrange(event: Event) -> None:
    desk, place = current_bench(), int(event.value)
    st.session_state["side/moved"] = True
    words = {"at": "", "pair": ""}
    other = place + {"left": -1, "right": 1, "remove": 0}[event.type]
    if not (0 <= place < len(desk.bench) and 0 <= other < len(desk.bench)):
        return  # the picture that was clicked was older than the bench
    if event.type == "remove":
        go_bench(desk.taken(place).said(words))
        return
    bench = list(desk.bench)
    bench[place], bench[other] = bench[other], bench[place]
    go_bench(replace(desk, bench=tuple(bench)).said(words))


def return_to(address: str) -> None:
    """Back and forward: what the address says is what is shown."""
    follow(dict(parse_qsl(address.removeprefix("?"))))
    st.session_state["side/revision"] = st.session_state.get("side/revision", 0) + 1
    st.session_state["side/moved"] = True


def metrics_strip(rows: tuple[Row, ...]) -> None:
    st.markdown(html_table(HEADS, map(strip_row, rows), "strip"), unsafe_allow_html=True)


def strip_row(row: Row) -> list[Cell]:
    letter = row.slot.letter
    name = Cell(row.name, mark=f'<i class="letter letter-{letter}">{letter}</i>', head=True)
    if row.costs is None:
        return [name, Cell("cannot be built with these settings", "cannot", columns=4), score_cell(row.score)]
    now, change = row.costs, row.change
    depth = change_note(signed(row.depth_change), row.depth_change) if change else ""
    return [
        name,
        cost_cell(f"{now.params:,}", now.params, change and change.params),
        cost_cell(short_number(now.macs), now.macs, change and change.macs),
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
