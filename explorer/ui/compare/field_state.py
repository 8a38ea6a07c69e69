"""How this visitor looks at the field: read from the desk's words, and written back to them."""

from dataclasses import replace
from typing import Any

import streamlit as st

from explorer.compare.entries import Entry
from explorer.compare.field_view import LeaderboardFilters, decode_filters
from explorer.ui.compare.state import current, go
from explorer.ui.session import complain


def looked_at(known: tuple[Entry, ...]) -> LeaderboardFilters:
    """Words that mean nothing are complained of once, and leave the link."""
    view, problems = decode_filters(dict(current().words), known)
    complain(*problems)
    if problems:
        go(current().saying(view))
    st.session_state["field/view"] = view
    return view


def view() -> LeaderboardFilters:
    """As the page shows it: for callbacks, which run before the next look."""
    return st.session_state.get("field/view", LeaderboardFilters())


def look(changed: LeaderboardFilters) -> None:
    st.session_state["field/view"] = changed
    go(current().saying(changed))


def change(**fields: Any) -> None:
    look(replace(view(), **fields))
