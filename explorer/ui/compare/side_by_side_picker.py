"""What goes on the bench: ready-made comparisons, and any network by its name."""

from dataclasses import replace

import streamlit as st

from explorer.diff.comparison import LETTERS
from explorer.diff.presets import READY_MADE, network_title
from explorer.formatting import literal
from explorer.models.names import of_source
from explorer.models.selection import ModelSelection
from explorer.models.sources import SOURCES
from explorer.ui.compare.page_state import current_bench, go_bench
from model_defs import CATALOG

END = "a new pane"


def pick_network() -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="side-picker"):
        with st.popover("Add or replace", icon=":material/add:", on_change="rerun", key="side/adding") as adding:
            if adding.open:
                pick_networks()
        titles = [each.title for each in READY_MADE]
        laid_out = next((each.title for each in READY_MADE if specs(each.bench) == specs(current_bench().bench)), None)
        st.session_state["side/ready"] = laid_out
        st.pills("Ready-made", titles, key="side/ready", on_change=lay_ready, label_visibility="collapsed")


def specs(bench: tuple[ModelSelection, ...]) -> tuple[object, ...]:
    return tuple(place.spec for place in bench)


def lay_ready() -> None:
    title = st.session_state["side/ready"]
    if title:
        ready = next(each for each in READY_MADE if each.title == title)
        go_bench(replace(current_bench(), bench=ready.bench).said({"at": "", "pair": ""}))


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
    offered = search_networks(source)
    st.selectbox(
        *("Network", list(offered)),
        index=None,
        placeholder=f"Type to search {len(offered):,} names",
        key=f"side/name/{source}",
        on_change=source_chosen,
        args=(source,),
    )
    if "place" in st.session_state:
        mine: ModelSelection = st.session_state.place
        st.button(
            f"Take the one open in Explore: {literal(network_title(mine))}",
            icon=":material/build:",
            on_click=put_network,
            args=(mine,),
            width="stretch",
        )


def search_networks(source: str) -> dict[str, ModelSelection]:
    """By what one would type."""
    return {picker_title(place): place for place in of_source(source)}


def picker_title(place: ModelSelection) -> str:
    """Of ours with its family and the year."""
    if place.source != "model_defs":
        return place.name
    year = CATALOG[place.name].year
    return f"{place.name} · {year}" if place.preset == place.name else f"{place.preset} · {place.name} {year}"


def source_chosen(source: str) -> None:
    key = f"side/name/{source}"
    if name := st.session_state[key]:
        put_network(search_networks(source)[name])
        st.session_state[key] = None


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
