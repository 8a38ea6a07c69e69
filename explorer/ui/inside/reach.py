"""What a number of the box can see of the picture, by arithmetic and measured."""

import streamlit as st

from explorer.activations.networks import Look
from explorer.graph.module_tree import Item


def reach_panel(look: Look, item: Item | None) -> None:
    """`item`: the selected box, if there is one."""
    st.caption("…")
