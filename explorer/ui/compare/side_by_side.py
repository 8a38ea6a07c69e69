"""Side by side: two to four networks, aligned, in one scale, and what differs between them."""

from dataclasses import replace

import streamlit as st

from explorer.diff.charts import by_level, levels_chart
from explorer.diff.comparison import LETTERS, READY_MADE, Slot, metric_rows, slots, views
from explorer.formatting import literal
from explorer.graph.expansion import View, fold_all, toggle
from explorer.graph.outline import Outline
from explorer.models.names import network_title, of_source
from explorer.models.selection import ModelSelection
from explorer.models.sources import SOURCES
from explorer.ui.charts import show_chart
from explorer.ui.compare.page_state import PAGE, current_bench, explore, go_bench, publish_bench
from explorer.ui.compare.side_by_side_data import (
    COLOURS,
    colour,
    compare_pair,
    linked,
    mark_boxes,
    metrics_strip,
    pane_diagrams,
)
from explorer.ui.components.component import Event
from explorer.ui.components.network_viewer import Display, NetworkPane, show_networks
from explorer.ui.session import bind_widget, draw_fragment, shared_state, show_problems, unbroken
from model_defs import CATALOG

END = "a new pane"
# The pictures and the list beside them; where the list stands below, it needs room of its own.
BESIDE, BELOW = "max(578px, calc(100vh - 19rem))", "max(720px, calc(100vh - 15rem))"
PROJECTED = "max(720px, calc(100vh + 3rem))"  # the pictures down to the edge of the screen, and the list under it


def side() -> None:
    if not current_bench().bench:
        go_bench(replace(current_bench(), bench=next(iter(READY_MADE.values()))))
    pick_network()
    draw_fragment(body)


def body() -> None:
    """Reruns by itself for what is done in the pictures; what changes the bench reruns the page."""
    if place := st.session_state.pop("side/explore", None):
        explore(place)
    if st.session_state.pop("side/moved", False):
        st.rerun()
    found = slots(current_bench().bench)
    above = st.container()
    if shared_state().projector:  # the pictures have the height
        panes(found)
        metrics_strip(metric_rows(found))
    else:
        metrics_strip(metric_rows(found))
        panes(found)
    with above:
        show_problems(keep=True)  # the charts come by a run of their own; `obey` clears them
    difference_charts(found)
    publish_bench()


def pick_network() -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="side-picker"):
        with st.popover("Add or replace", icon=":material/add:", on_change="rerun", key="side/adding") as adding:
            if adding.open:
                pick_networks()
        laid_out = next(
            (title for title, bench in READY_MADE.items() if specs(bench) == specs(current_bench().bench)), None
        )

        def lay(title: str) -> None:
            go_bench(replace(current_bench(), bench=READY_MADE[title]).said({"at": "", "pair": ""}))

        told = bind_widget("side/ready", laid_out, lay)
        if shared_state().projector:  # a row of them would be cut
            st.selectbox(
                "Ready-made", list(READY_MADE), placeholder="A ready-made pair", label_visibility="collapsed", **told
            )
        else:
            st.pills("Ready-made", list(READY_MADE), label_visibility="collapsed", **told)


def specs(bench: tuple[ModelSelection, ...]) -> tuple[object, ...]:
    return tuple(place.spec for place in bench)


def pick_networks() -> None:
    bench = current_bench().bench
    letters = [f"{letter}, instead of {network_title(place)}" for letter, place in zip(LETTERS, bench, strict=False)]
    places = [*([END] if len(bench) < len(LETTERS) else []), *letters]
    if st.session_state.get("side/where") not in places:
        st.session_state["side/where"] = places[0]
    st.selectbox("Put it in", places, key="side/where")
    sources = [name for name, source in SOURCES.items() if source.present()]
    st.segmented_control(
        *("Networks of", sources),
        format_func=lambda name: SOURCES[name].title,
        default="model_defs",
        required=True,
        key="side/source",
    )
    source = st.session_state["side/source"]
    offered = {picker_title(place): place for place in of_source(source)}  # by what one would type
    st.selectbox(
        *("Network", list(offered)),
        index=None,
        placeholder=f"Type to search {len(offered):,} names",
        **bind_widget(f"side/name/{source}", None, lambda name: put_network(offered[name])),
    )
    if "place" in st.session_state:
        mine: ModelSelection = st.session_state.place
        st.button(
            f"Take the one open in Explore: {literal(network_title(mine))}",
            icon=":material/build:",
            on_click=unbroken(put_network),
            args=(mine,),
            width="stretch",
        )


def picker_title(place: ModelSelection) -> str:
    """Of ours with its family and the year."""
    if place.source != "model_defs":
        return place.name
    year = CATALOG[place.name].year
    return f"{place.name} · {year}" if place.preset == place.name else f"{place.preset} · {place.name} {year}"


def put_network(place: ModelSelection) -> None:
    """Where the visitor said; a network that is on the bench already moves there."""
    desk = current_bench()
    where = st.session_state.get("side/where", END)
    bench = list(desk.bench)
    index = len(bench) if where == END else LETTERS.index(where[0])
    index = min(index, len(LETTERS) - 1)
    bench[index : index + 1] = [place]
    others = [each for spot, each in enumerate(bench) if spot == index or each.spec != place.spec]
    go_bench(replace(desk, bench=tuple(others)).said({"at": "", "pair": ""}))


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
    height = BELOW if comparison and len(found) > 2 else BESIDE
    display = Display(
        PROJECTED if comparison and shared_state().projector else height,
        colour=colour(),
        selected=current_bench().word("at"),
        revision=PAGE.revision(),
        settled=st.session_state.get("side/settled", False),
    )
    show_networks(shown, display, comparison, key="side/panes", on_event=handle_side_event)
    if len(found) == 1:
        st.info("One network alone: add another to compare it with, or take a ready-made pair.", icon=":material/add:")


def difference_charts(found: tuple[Slot, ...]) -> None:
    """After the pictures: the browser loads a chart's code first, and the pictures would wait for it."""
    with st.container(key="side-charts"):
        if not st.session_state.get("side/settled"):
            return
        networks = [(s.letter, network_title(s.place), by_level(s.study.outline)) for s in found if s.study]
        st.markdown("##### Costs, by the size of the map they are spent on")
        show_chart(levels_chart(networks), config={"displayModeBar": False}, key="side/levels")


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


def unfold(event: Event) -> None:
    """A box opens, or a frame folds, in every network that has it."""
    found = slots(current_bench().bench)
    opened = views(found)
    chosen = int(event.value or 0)
    if event.type == "fold_all":
        changed = {letter: fold_all(view) for letter, view in opened.items()}
    elif chosen < len(found) and (clicked := opened.get(found[chosen].letter)):
        opens, links = event.id not in clicked.opened, linked(found, pane_diagrams(found)).get(chosen, {})
        ids = {slot.letter: links.get(index, {}).get(event.id, []) for index, slot in enumerate(found)}
        ids[found[chosen].letter] = [event.id]
        known = {slot.letter: slot.study.outline for slot in found if slot.study}
        changed = {letter: set_open(known[letter], view, ids[letter], opens) for letter, view in opened.items()}
    else:
        return  # the picture that was clicked was older than the bench
    spelled = {letter: tuple(sorted(view.opened)) for letter, view in changed.items()}
    places = (replace(slot.place, opened=spelled.get(slot.letter, slot.place.opened)) for slot in found)
    go_bench(replace(current_bench(), bench=tuple(places)))


def set_open(outline: Outline, view: View, ids: list[str], opens: bool) -> View:
    for id in ids:
        view = toggle(outline, view, id) if (id in view.opened) != opens else view
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
