"""What stands below the stage: one's own law, one dimension or all three, the ladder, rounding, a table."""

from dataclasses import replace

import streamlit as st

from explorer.ui.scale.equal_budget_tab import ways
from explorer.ui.scale.family_tab import family_tab, rounding_section
from explorer.ui.scale.law_tab import own
from explorer.ui.scale.page_state import VIEWS, current_scale, go_scale
from explorer.ui.scale.table_tab import scaling_table

TITLES = ("Try your own law", "One dimension, or all three", "B0 to B7", "Rounding: exact φ or shipped", "Table")
FILLS = (own, ways, family_tab, rounding_section, scaling_table)


def scale_tabs() -> None:
    usual = TITLES[VIEWS.index(current_scale().view)]
    tabs = st.tabs(list(TITLES), default=usual, key="scale/view", on_change=leave_tab)
    for tab, fill in zip(tabs, FILLS, strict=True):
        if tab.open:
            with tab:
                fill()


def leave_tab() -> None:
    title = st.session_state["scale/view"]
    if title in TITLES:
        go_scale(replace(current_scale(), view=VIEWS[TITLES.index(title)]))
