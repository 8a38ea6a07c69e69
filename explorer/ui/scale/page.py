"""The animation on top, whose φ plays while its networks are counted; below it the tabs, and all as a table."""

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from explorer.analysis.model_summary import GraphCounts
from explorer.formatting import MIB
from explorer.models.spec import Spec
from explorer.scaling.base_models import exact_specs, implied_phis, ordered_specs, shipped_specs
from explorer.scaling.compound_law import PAPER
from explorer.ui.components.component import Event
from explorer.ui.components.scaling_stage import play_networks
from explorer.ui.scale.equal_budget_tab import ways
from explorer.ui.scale.family_tab import family_tab, rounding_section
from explorer.ui.scale.law_tab import own
from explorer.ui.scale.page_state import (
    MODES,
    VIEWS,
    await_counts,
    current_scale,
    go_scale,
    publish_scale,
    scaling_counts,
)
from explorer.ui.session import again, show_growing, unbroken

EVERY = 0.7  # seconds between two looks at what has been counted meanwhile
FIRST = 1.0  # seconds that a first visitor waits for the two ends of the range


def animation(alone: bool) -> None:
    """While there is more to come it brings itself up to date; after that only when the visitor comes to rest.

    Where it stands alone, in a visitor's first run, it asks for the rest of the page once it is drawn.
    """
    specs = ordered_specs()
    scaling_counts().want(specs)
    scaling_counts().wait(specs[:2], FIRST)
    st.session_state.stage_whole = True
    show_growing(partial(animate, alone), lambda: scaling_counts().settled(specs), EVERY)


def animate(alone: bool) -> None:
    if not st.session_state.pop("stage_whole", False) and alone:
        again()  # the stage is drawn: what stands below may come
    specs, stand, revision = ordered_specs(), current_scale(), st.session_state.stand_revision
    if st.session_state.get("stage_start", {}).get("revision") != revision:  # a link was followed
        st.session_state.stage_start = {"phi": stand.phi, "mode": stand.mode, "revision": revision}
    play_networks(scaling_counts().found(specs), st.session_state.stage_start | {"alone": alone}, stage_rested)
    publish_scale()


def stage_rested(event: Event) -> None:
    """The stage has come to rest at a network: that is where its link leads."""
    if event.type == "rested" and event.id in MODES:
        go_scale(replace(current_scale(), phi=round(float(event.value), 2), mode=event.id))


def scale_tabs() -> None:
    usual = TITLES[VIEWS.index(current_scale().view)]
    tabs = st.tabs(list(TITLES), default=usual, key="scale/view", on_change=unbroken(leave_tab))
    for tab, fill in zip(tabs, FILLS, strict=True):
        if tab.open:
            with tab:
                fill()


def leave_tab() -> None:
    title = st.session_state["scale/view"]
    if title in TITLES:
        go_scale(replace(current_scale(), view=VIEWS[TITLES.index(title)]))


def scaling_table() -> None:
    specs = ordered_specs()
    await_counts(specs, "Counting the rest")
    st.dataframe(table_rows(), hide_index=True, width="stretch", height=560, column_config=COLUMNS)
    st.caption(
        "Every row is a network that was built and counted. Blocks, channels and pixels are those of its seven stages; "
        "activation memory is the fullest moment of inference for one image in fp32."
    )


def table_rows() -> list[dict[str, Any]]:
    found = scaling_counts().found(ordered_specs())
    first = found.get(exact_specs()[0.0])
    listed = [(f"φ = {phi:.2f}", phi, spec) for phi, spec in exact_specs().items()]
    listed += [(f"B{index}", None, spec) for index, spec in shipped_specs().items()]
    return [table_row(name, phi, spec, found[spec], first) for name, phi, spec in listed if spec in found]


def table_row(
    name: str, phi: float | None, spec: Spec, counted: GraphCounts, first: GraphCounts | None
) -> dict[str, Any]:
    law = dict(zip(("α^φ", "β^φ", "γ^φ"), PAPER.factors(phi) if phi is not None else (None,) * 3, strict=True))
    implied = None if phi is not None else ", ".join(f"{each:.2f}" for each in implied_phis(spec))
    return {
        "network": name,
        "parameters": counted.params,
        "MACs": counted.macs,
        "times": counted.macs / first.macs if first else None,
        "2^φ": None if phi is None else 2**phi,
        "1.92^φ": None if phi is None else PAPER.product**phi,
        **law,
        "activations": counted.peak / MIB,
        "image": counted.side,
        "blocks": " · ".join(str(stage.blocks) for stage in counted.stages),
        "channels": " · ".join(str(stage.channels) for stage in counted.stages),
        "pixels": " · ".join(str(stage.side) for stage in counted.stages),
        "implied": implied,
    }


def factor(label: str) -> Any:
    return st.column_config.NumberColumn(label, format="%.2f×")


COLUMNS = {
    "network": st.column_config.TextColumn("Network", pinned=True),
    "parameters": st.column_config.NumberColumn("Parameters", format="localized"),
    "MACs": st.column_config.NumberColumn("MACs", format="localized"),
    "times": factor("MACs, times φ = 0"),
    "2^φ": factor("2^φ"),
    "1.92^φ": factor("1.92^φ"),
    "α^φ": factor("α^φ"),
    "β^φ": factor("β^φ"),
    "γ^φ": factor("γ^φ"),
    "activations": st.column_config.NumberColumn("Activation memory", format="%.1f MiB"),
    "image": st.column_config.NumberColumn("Image", format="%d px"),
    "blocks": "Blocks",
    "channels": "Channels",
    "pixels": "Pixels a side",
    "implied": "φ by depth, width, resolution",
}


TITLES = ("Try your own law", "One dimension, or all three", "B0 to B7", "Rounding: exact φ or shipped", "Table")
FILLS = (own, ways, family_tab, rounding_section, scaling_table)
