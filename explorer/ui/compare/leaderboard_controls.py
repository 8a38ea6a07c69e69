"""What the visitor can set on the chart of the field: axes, scales, which networks are let through; and its link."""

from dataclasses import replace
from typing import Any, Literal

import streamlit as st

from explorer.leaderboard.entries import Entry
from explorer.leaderboard.filters import MOST_LETTERS, ORIGINS, LeaderboardFilters, decode_filters
from explorer.models.facts import QUANTITIES
from explorer.models.names import ordered_families
from explorer.ui.compare.page_state import current_bench, go_bench
from explorer.ui.session import bind_widget, complain, unbroken

ORIGIN_TITLES = {"torchvision": "torchvision", "paper": "Papers", "lesson": "The lesson", "yours": "Yours"}
WEIGHTS = {"all": "All", "first": "The first", "best": "The best"}


def current_filters(known: tuple[Entry, ...]) -> LeaderboardFilters:
    """Words that mean nothing are complained of once, and leave the link."""
    view, problems = decode_filters(dict(current_bench().words), known)
    complain(*problems)
    if problems:
        go_bench(current_bench().saying(view))
    st.session_state["field/view"] = view
    return view


def view() -> LeaderboardFilters:
    """As the page shows it: for callbacks, which run before the next look."""
    return st.session_state.get("field/view", LeaderboardFilters())


def set_filters(changed: LeaderboardFilters) -> None:
    st.session_state["field/view"] = changed
    go_bench(current_bench().saying(changed))


def change_filters(**fields: Any) -> None:
    set_filters(replace(view(), **fields))


def filter_controls(shown: LeaderboardFilters, families: set[str]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="field-controls"):
        axis_control("x", "Across", shown.x, shown.x_log)
        axis_control("y", "Up", shown.y, shown.y_log)
        origins(shown)
        search(shown)
        with st.popover("Filters", icon=":material/tune:", width="content"):
            filter_popover(shown, families)


def axis_control(name: Literal["x", "y"], label: str, quantity: str, log: bool) -> None:
    st.selectbox(
        *(label, list(QUANTITIES)),
        format_func=lambda quantity: QUANTITIES[quantity].title,
        width=190,
        **bind_widget(f"field/{name}", quantity, lambda chosen: set_filters(view().with_axis(name, chosen))),
    )
    scale = f"{name}_log"
    st.checkbox("log", width="content", **bind_widget(f"field/{scale}", log, lambda on: change_filters(**{scale: on})))


def origins(shown: LeaderboardFilters) -> None:
    st.pills(
        *("Whose figures", ORIGINS),
        selection_mode="multi",
        format_func=ORIGIN_TITLES.__getitem__,
        width="content",
        **bind_widget(
            "field/from",
            list(shown.origins),
            lambda chosen: change_filters(origins=tuple(sorted(chosen, key=ORIGINS.index))),
        ),
    )


def search(shown: LeaderboardFilters) -> None:
    st.text_input(
        "Search",
        placeholder="resnet 2015",
        max_chars=MOST_LETTERS,
        width=170,
        icon=":material/search:",
        **bind_widget("field/search", shown.search, lambda words: change_filters(search=words.strip())),
    )


def filter_popover(shown: LeaderboardFilters, families: set[str]) -> None:
    st.segmented_control(
        *("Weights of each torchvision architecture", list(WEIGHTS)),
        format_func=WEIGHTS.__getitem__,
        required=True,
        help="Many architectures were trained again by newer recipes: the network is the same, the accuracy is not.",
        **bind_widget("field/weights", shown.weights, lambda weights: change_filters(weights=weights)),
    )
    st.toggle(
        "Weights that saw more than ImageNet",
        help="SWAG's were trained on pictures and hashtags of a social network before they saw ImageNet.",
        **bind_widget("field/more", shown.more, lambda more: change_filters(more=more)),
    )
    offered = ordered_families(families)
    st.multiselect(
        *("Families left out", offered),
        placeholder="none",
        **bind_widget(
            "field/off", [name for name in shown.off if name in offered], lambda off: change_filters(off=tuple(off))
        ),
    )
    st.caption("Or click a family in the legend; a double click leaves it alone.")
    st.button("Back to the whole field", on_click=unbroken(reset_filters), width="stretch")


def reset_filters() -> None:
    """All filters; the axes stay, and so does what was chosen."""
    usual = LeaderboardFilters()
    change_filters(origins=usual.origins, off=(), weights=usual.weights, more=usual.more, search="")
