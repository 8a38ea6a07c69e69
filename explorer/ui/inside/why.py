"""What speaks for a class: four methods side by side, and what witnesses them."""

import streamlit as st

from explorer.activations.networks import Look
from explorer.graph.module_tree import Item


def why_panel(look: Look, item: Item | None) -> None:
    """`item`: the selected box, if there is one."""
    st.caption("…")
