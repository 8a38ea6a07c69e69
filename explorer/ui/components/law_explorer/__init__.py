"""One's own law of compound scaling: sliders and a map that are drawn while one drags, and told once one lets go."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

from explorer.analysis.model_summary import GraphCounts
from explorer.scaling.compound_law import BUDGET, DIMENSIONS, MOST_FACTOR, MOST_PHI, PAPER, PHI_STEP, POWERS, SIGNS
from explorer.ui.components.component import Event, heard, link_modules, read_files, receiver
from explorer.ui.components.scaling_stage import network_payload

KEY = "own"
SPANS = {name: (1.0, MOST_FACTOR, 0.01) for name in DIMENSIONS} | {"phi": (0.0, MOST_PHI, PHI_STEP)}
RULE = {"budget": BUDGET, "powers": POWERS, "signs": SIGNS, "spans": SPANS, "paper": asdict(PAPER)}
OnLaw = Callable[[dict[str, Any]], None]


def explore_law(
    networks: tuple[GraphCounts, GraphCounts | None],
    grid: Sequence[dict[str, float]],
    start: dict[str, Any],
    on_law: OnLaw,
) -> None:
    """`networks` are the base and what the law makes of it, once that is counted; `grid` are others to compare with.

    `start` has the base's title, the law, whether it is locked, and a revision that grows when these are to be taken.
    `on_law` is told where the sliders stand, and whatever else was done: `typed` and its `value`, `lock`, or `paper`.
    """
    base, own = networks
    drawn = {"base": network_payload(base), "own": network_payload(own) if own else None, "grid": list(grid)}

    def hear(event: Event) -> None:
        on_law(json.loads(event.value))

    mount_law_explorer()(key=KEY, data={"rule": RULE} | drawn | start | heard(KEY), on_event_change=receiver(KEY, hear))


@st.cache_resource(show_spinner=False)
def mount_law_explorer():
    html, css = read_files("law_explorer/law_explorer.html"), read_files("law_explorer/law_explorer.css")
    return component("law_explorer", html=html, css=css, js=link_modules("law_explorer/law_explorer.js"))
