"""The line at the top of the Compare page: which of its views is open."""

from dataclasses import replace

import streamlit as st

from explorer.ui.compare.state import current, go

TITLES = {
    "field": "The field",
    "side": "Side by side",
    "witnesses": "Witnesses",
    "speed": "Speed here",
    "choose": "Which one?",
    "evolution": "Evolution",
}


def chosen() -> str:
    """The view to show. The desk is the truth, the control shows it."""
    st.session_state["compare/view"] = current().view
    st.segmented_control(
        *("View", list(TITLES)),
        format_func=TITLES.__getitem__,
        key="compare/view",
        required=True,
        on_change=moved,
        label_visibility="collapsed",
    )
    return current().view


def moved() -> None:
    """What the view before kept in the link stays behind; the bench comes along."""
    go(replace(current(), view=st.session_state["compare/view"], words=()))
