"""How this visitor looks at the field: read from the desk's words, and written back to them."""

from dataclasses import replace
from typing import Any

import streamlit as st

from explorer.leaderboard.entries import Entry
from explorer.leaderboard.filters import LeaderboardFilters, decode_filters
from explorer.ui.compare.page_state import current_bench, go_bench
from explorer.ui.session import complain


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
