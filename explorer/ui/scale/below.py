"""What stands below the stage: one's own law, one dimension or all three, the ladder, rounding, a table."""

from dataclasses import replace

import streamlit as st

from explorer.scaling.stands import VIEWS
from explorer.ui.scale.ladder import ladder
from explorer.ui.scale.own import own
from explorer.ui.scale.rounding import rounding
from explorer.ui.scale.state import current, go
from explorer.ui.scale.table import table
from explorer.ui.scale.ways import ways

TITLES = ("Try your own law", "One dimension, or all three", "B0 to B7", "Rounding: exact φ or shipped", "Table")
FILLS = (own, ways, ladder, rounding, table)


def below() -> None:
    usual = TITLES[VIEWS.index(current().view)]
    tabs = st.tabs(list(TITLES), default=usual, key="scale/view", on_change=moved)
    for tab, fill in zip(tabs, FILLS, strict=True):
        if tab.open:
            with tab:
                fill()


def moved() -> None:
    title = st.session_state["scale/view"]
    if title in TITLES:
        go(replace(current(), view=VIEWS[TITLES.index(title)]))
