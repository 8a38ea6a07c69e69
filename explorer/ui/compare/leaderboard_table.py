"""The table under the chart: what it says about accuracy for its price, its columns, its rows, its file."""

from typing import Any

import streamlit as st

from explorer.formatting import literal
from explorer.leaderboard.entries import Entry
from explorer.leaderboard.filters import LeaderboardFilters
from explorer.leaderboard.findings import for_its_price
from explorer.leaderboard.table import COLUMNS, NAME, entries_csv, entry_columns
from explorer.ui.compare.leaderboard_controls import filter_widget
from explorer.ui.compare.leaderboard_state import change_filters

HEIGHT = 430
PINNED_FROM = 9  # columns: as many fit beside the names


def leaderboard_table(entries: tuple[Entry, ...], view: LeaderboardFilters) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="field-table-head"):
        st.markdown(f"#### These {len(entries)} as a table", width="stretch")
        with st.popover("Columns", icon=":material/view_column:", width="content"):
            st.multiselect(
                *("Columns", list(COLUMNS)),
                format_func=lambda name: COLUMNS[name].title,
                **filter_widget("field/columns", list(view.columns), ordered_columns),
            )
        st.download_button(
            *("All figures with their sources", lambda: entries_csv(entries), "networks.csv", "text/csv"),
            on_click="ignore",
            icon=":material/download:",
            width="content",
        )
    st.markdown(for_its_price(entries, literal))
    st.session_state["field/rows"] = tuple(entry.key for entry in entries)
    st.dataframe(
        entry_columns(entries, view.columns),
        key="field/table",
        height=HEIGHT,
        hide_index=True,
        placeholder="",
        column_config=configs(view),
        on_select=choose_in_table,
        selection_mode="single-row",
    )
    st.caption("Click a column's head to sort. The magnifying glass searches; a row's box chooses the network above.")


def ordered_columns(chosen: list[str]) -> None:
    change_filters(columns=tuple(name for name in COLUMNS if name in chosen))


def configs(view: LeaderboardFilters) -> dict[str, Any]:
    found: dict[str, Any] = {NAME: st.column_config.TextColumn(pinned=len(view.columns) > PINNED_FROM, width=230)}
    for name in view.columns:
        column = COLUMNS[name]
        if name in ("year", "image"):
            found[column.title] = st.column_config.NumberColumn(format="%d", help=column.help or None)
        elif column.digits is not None:
            found[column.title] = st.column_config.NumberColumn(format=f"%.{column.digits}f", help=column.help or None)
    return found


def choose_in_table() -> None:
    picked = st.session_state["field/table"]["selection"]["rows"]
    keys = st.session_state.get("field/rows", ())
    if picked and picked[0] < len(keys):
        change_filters(chosen=keys[picked[0]])
