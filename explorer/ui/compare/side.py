"""Side by side: two to four networks, aligned, in one scale, and what differs between them."""

from dataclasses import replace

import streamlit as st

from explorer.compare.bench import Slot, slots
from explorer.compare.bench_charts import by_level, levels_chart
from explorer.compare.deltas import rows
from explorer.compare.ready_made import READY_MADE, title_of
from explorer.places import ModelSelection
from explorer.sources import SOURCES
from explorer.ui.compare.side_deeds import obey
from explorer.ui.compare.side_pairs import colour, compared, marked, pictures
from explorer.ui.compare.side_picker import pick
from explorer.ui.compare.side_strip import strip
from explorer.ui.compare.state import current, explore, go, publish
from explorer.ui.components.network_viewer import Comparison, Display, NetworkPane, show_networks
from explorer.ui.session import show_problems

# The pictures and the list beside them; where the list stands below, it needs room of its own.
BESIDE, BELOW = "max(34rem, calc(100vh - 19rem))", "max(46rem, calc(100vh - 6rem))"


def side() -> None:
    if not current().bench:
        go(replace(current(), bench=READY_MADE[0].bench))
    pick()
    body()


@st.fragment
def body() -> None:
    """Reruns by itself for what is done in the pictures; what changes the bench reruns the page."""
    leave()
    found = slots(current().bench)
    above = st.container()
    strip(rows(found))
    panes(found)
    with above:
        show_problems(keep=True)  # the charts come by a run of their own; `obey` clears them
    charts(found)
    publish()


def leave() -> None:
    place: ModelSelection | None = st.session_state.pop("side/explore", None)
    if place:
        explore(place)
    if st.session_state.pop("side/moved", False):
        st.rerun()


def panes(found: tuple[Slot, ...]) -> None:
    drawn = pictures(found)
    comparison = compared(found, drawn)
    marks = marked(found, drawn, comparison)
    shown = tuple(
        NetworkPane(
            title_of(slot.place),
            drawn.get(slot.letter),
            slot.letter,
            source=SOURCES[slot.place.source].title,
            problem=slot.problem or "Too many pictures are being drawn just now: try again in a moment.",
            marks=marks.get(slot.letter, {}),
        )
        for slot in found
    )
    display = display_of(comparison, len(found))
    show_networks(shown, display, comparison, key="side/panes", on_event=obey)
    if len(found) == 1:
        st.info("One network alone: add another to compare it with, or take a ready-made pair.", icon=":material/add:")


def display_of(comparison: Comparison | None, count: int) -> Display:
    return Display(
        BELOW if comparison and count > 2 else BESIDE,
        colour=colour(),
        selected=current().word("at"),
        revision=st.session_state.get("side/revision", 0),
        settled=settled(),
    )


def settled() -> bool:
    return bool(st.session_state.get("side/settled"))


def charts(found: tuple[Slot, ...]) -> None:
    """After the pictures: the browser loads a chart's code first, and the pictures would wait for it."""
    with st.container(key="side-charts"):
        if not settled():
            return
        networks = [(s.letter, title_of(s.place), by_level(s.study.outline)) for s in found if s.study]
        st.markdown("##### Costs, by the size of the map they are spent on")
        st.plotly_chart(levels_chart(networks), config={"displayModeBar": False}, key="side/levels")
