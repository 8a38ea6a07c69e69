"""What the visitor can set on the chart of the field: axes, scales, and which networks are let through."""

from collections.abc import Callable
from typing import Any, Literal

import streamlit as st

from explorer.leaderboard.filters import MOST_LETTERS, ORIGINS, LeaderboardFilters
from explorer.models.facts import QUANTITIES
from explorer.models.names import ordered_families
from explorer.ui.compare.leaderboard_state import change_filters as turn
from explorer.ui.compare.leaderboard_state import set_filters, view

ORIGIN_TITLES = {"torchvision": "torchvision", "paper": "Papers", "lesson": "The lesson", "yours": "Yours"}
WEIGHTS = {"all": "All", "first": "The first", "best": "The best"}


def filter_controls(shown: LeaderboardFilters, families: set[str]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="field-controls"):
        axis_control("x", "Across", shown.x, shown.x_log)
        axis_control("y", "Up", shown.y, shown.y_log)
        origins(shown)
        search(shown)
        with st.popover("Filters", icon=":material/tune:", width="content"):
            filter_popover(shown, families)


def filter_widget(key: str, value: Any, then: Callable[[Any], None]) -> dict[str, Any]:
    """The view is the truth, the control shows it and tells when it is moved."""
    st.session_state[key] = value
    return {"key": key, "on_change": lambda: then(st.session_state[key])}


def axis_control(name: Literal["x", "y"], label: str, quantity: str, log: bool) -> None:
    st.selectbox(
        *(label, list(QUANTITIES)),
        format_func=lambda quantity: QUANTITIES[quantity].title,
        width=190,
        **filter_widget(f"field/{name}", quantity, lambda chosen: set_filters(view().with_axis(name, chosen))),
    )
    scale = f"{name}_log"
    st.checkbox("log", width="content", **filter_widget(f"field/{scale}", log, lambda on: turn(**{scale: on})))


def origins(shown: LeaderboardFilters) -> None:
    st.pills(
        *("Whose figures", ORIGINS),
        selection_mode="multi",
        format_func=ORIGIN_TITLES.__getitem__,
        width="content",
        **filter_widget("field/from", list(shown.origins), ordered_filters),
    )


def ordered_filters(chosen: list[str]) -> None:
    turn(origins=tuple(origin for origin in ORIGINS if origin in chosen))


def search(shown: LeaderboardFilters) -> None:
    st.text_input(
        "Search",
        placeholder="resnet 2015",
        max_chars=MOST_LETTERS,
        width=170,
        icon=":material/search:",
        **filter_widget("field/search", shown.search, lambda words: turn(search=words.strip())),
    )


def filter_popover(shown: LeaderboardFilters, families: set[str]) -> None:
    st.segmented_control(
        *("Weights of each torchvision architecture", list(WEIGHTS)),
        format_func=WEIGHTS.__getitem__,
        required=True,
        help="Many architectures were trained again by newer recipes: the network is the same, the accuracy is not.",
        **filter_widget("field/weights", shown.weights, lambda weights: turn(weights=weights)),
    )
    st.toggle(
        "Weights that saw more than ImageNet",
        help="SWAG's were trained on pictures and hashtags of a social network before they saw ImageNet.",
        **filter_widget("field/more", shown.more, lambda more: turn(more=more)),
    )
    offered = ordered_families(families)
    st.multiselect(
        *("Families left out", offered),
        placeholder="none",
        **filter_widget("field/off", [name for name in shown.off if name in offered], lambda off: turn(off=tuple(off))),
    )
    st.caption("Or click a family in the legend; a double click leaves it alone.")
    st.button("Back to the whole field", on_click=reset_filters, width="stretch")


def reset_filters() -> None:
    """All filters; the axes stay, and so does what was chosen."""
    usual = LeaderboardFilters()
    turn(origins=usual.origins, off=(), weights=usual.weights, more=usual.more, search="")
