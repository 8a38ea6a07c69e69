"""The field: every network on one chart, what is known of the chosen one, and all as a table."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import streamlit as st
from pandas import DataFrame
from pandas.io.formats.style import Styler

from explorer.formatting import literal
from explorer.leaderboard.chart import KINDS, LeaderboardView, field_figure, leaderboard_view, short_names
from explorer.leaderboard.counts_cache import LEDGER
from explorer.leaderboard.entries import Entry, disturbance
from explorer.leaderboard.filters import LESSON, LeaderboardFilters, decode_filters, filtered
from explorer.leaderboard.findings import finding, for_its_price
from explorer.leaderboard.leaderboard import ask_for_counts, entries
from explorer.leaderboard.pareto import chart_points, missing
from explorer.leaderboard.table import COLUMNS, NAME, entries_csv, entry_columns, is_counted
from explorer.models.facts import QUANTITIES
from explorer.ui.charts import chart_svg
from explorer.ui.compare.leaderboard_controls import (
    change_filters,
    current_filters,
    entry_card,
    filter_controls,
    set_filters,
    view,
)
from explorer.ui.compare.page_state import ComparePageState, built_selections, publish_bench
from explorer.ui.components.component import Event
from explorer.ui.components.plotly_chart import draw_chart
from explorer.ui.session import again, bind_widget, draw_fragment, picture_first, show_problems, unbroken
from explorer.ui.tables import Cell, html_table

STYLE = Path(__file__).with_name("leaderboard.css").read_text(encoding="utf-8").replace("\n\n", "\n")
FEW = 8  # missing ones that are named in a line
COUNTED = {"MACs", "parameters", "activations"}
AT_ONCE = 12  # networks counted until the chart shows them
TABLE_HEIGHT = 430
ROW = 37  # px
PINNED_FROM = 9  # columns: as many fit beside the names


def field() -> None:
    st.html(f"<style>{STYLE}</style>")
    draw_fragment(show_rest)


def show_rest() -> None:
    alone = picture_first("field/settled")
    known = entries(built_selections())
    shown = current_filters(known)
    let_through = filtered(known, shown)
    found = chart_points(let_through, shown)
    families = {entry.family for entry in known if entry.origin in shown.origins}
    drawn = leaderboard_view(found, shown, families)
    ask_for_counts()
    above = st.container(key="field-controls-room")
    show_problems(keep=alone)
    leaderboard_findings(drawn, shown)
    leaderboard_chart(drawn, shown, known, alone)
    if alone:
        publish_bench()
        return
    with above:
        filter_controls(shown, families)
    front_members(drawn, shown)
    lacking = missing(let_through, shown)
    counting(bool(lacking) or awaited_in_table(let_through, shown))
    left_out(lacking)
    leaderboard_table(let_through, shown)
    publish_bench()


def leaderboard_findings(drawn: LeaderboardView, shown: LeaderboardFilters) -> None:
    with st.container(key="field-finding"):
        on_the_way = f" {LEDGER.waiting} networks are still being counted; their points will come." * bool(
            LEDGER.waiting
        )
        st.markdown(finding(drawn, shown, literal) + on_the_way * (shown.x in COUNTED or shown.y in COUNTED))
        if said := disturbance(drawn.entries, (shown.x, shown.y)):
            st.caption(said)


def leaderboard_chart(drawn: LeaderboardView, shown: LeaderboardFilters, known: tuple[Entry, ...], alone: bool) -> None:
    left, right = st.columns([2.6, 1], gap="small")
    with left:
        alt = f"{describe_chart(drawn, shown)} The table below has every figure."
        draw_chart(figure_json(drawn, shown), key="field-chart", alt=alt, on_event=handle_chart_event)
    with right, st.container(border=True, key="field-card"):
        if not alone:
            chosen = next((entry for entry in known if entry.key == shown.chosen), None)
            entry_card(chosen, drawn.entries, known)


@lru_cache(maxsize=64)
def figure_json(drawn: LeaderboardView, shown: LeaderboardFilters) -> str:
    return str(field_figure(drawn, shown).to_json())


def describe_chart(drawn: LeaderboardView, shown: LeaderboardFilters) -> str:
    """The chart in words."""
    axes = f"{QUANTITIES[shown.y].title} against {QUANTITIES[shown.x].title} of {len(drawn.points)} networks. "
    return axes + finding(drawn, shown, str).replace("**", "")


def handle_chart_event(event: Event) -> None:
    shown = view()
    if event.type == "choose":
        set_filters(replace(shown, chosen="" if event.id == shown.chosen else event.id))
    elif event.type == "family":
        off = set(shown.off) ^ {event.id}
        set_filters(replace(shown, off=tuple(sorted(off))))
    elif event.type == "alone":
        families = {entry.family for entry in entries(built_selections())}
        set_filters(replace(shown, off=tuple(sorted(families - {event.id}))))


def front_members(drawn: LeaderboardView, shown: LeaderboardFilters) -> None:
    """The front by name: on the chart there may not be room for all."""
    if len(drawn.front) > 1 and shown.x != shown.y:
        called = short_names(drawn.entries)
        listed = ", ".join(literal(called[point.entry.key]) for point in drawn.front)
        st.caption(f"**On the Pareto front,** from the left: {listed}.")


def counting(awaited: bool) -> None:
    if LEDGER.failed:
        st.caption(literal(LEDGER.failed))
    elif LEDGER.waiting:
        draw_fragment(partial(ticker, awaited), every=1)


def awaited_in_table(entries: tuple[Entry, ...], shown: LeaderboardFilters) -> bool:
    """Whether a cell is empty until its network has been counted."""
    counted = {"MACs", "MACs counted", "parameters counted", "activations", "per G MACs"} & {*shown.columns}
    return bool(counted) and any(entry.place and entry.value("MACs") is None for entry in entries)


def ticker(awaited: bool) -> None:
    """While networks are being counted: how many are, and a new chart now and then where it lacks some."""
    done, waiting = len(LEDGER.counts), LEDGER.waiting
    before = st.session_state.setdefault("field/counted", done)
    if not waiting or (awaited and done >= before + AT_ONCE):
        st.session_state["field/counted"] = done
        again()
    st.caption(f"Counting every network live, in the background: {done} so far, {waiting} to go.")


def left_out(lacking: tuple[tuple[Entry, str], ...]) -> None:
    """What has no place on an axis is named, never drawn at zero."""
    if not lacking:
        return
    if LEDGER.waiting:
        lacking = tuple((entry, why.replace("nor counted", "nor counted so far")) for entry, why in lacking)
    if len(lacking) <= FEW:
        named = "; ".join(f"{literal(entry.title)} ({why})" for entry, why in lacking)
        st.caption(f"**Not on this chart** ({len(lacking)}): {named}.")
        return
    reasons: dict[str, list[str]] = {}
    for entry, why in lacking:
        reasons.setdefault(why, []).append(literal(entry.title))
    with st.expander(f"Not on this chart: {len(lacking)} networks, and why"):
        for why, titles in reasons.items():
            st.markdown(f"**{why[0].upper()}{why[1:]}** ({len(titles)}): {', '.join(titles)}.")


def leaderboard_table(entries: tuple[Entry, ...], view: LeaderboardFilters) -> None:
    table_head(entries, view)
    st.markdown(for_its_price(entries, literal))
    st.session_state["field/rows"] = tuple(entry.key for entry in entries)
    st.dataframe(
        marked_table(entries, view),
        key="field/table",
        height=min(TABLE_HEIGHT, ROW * (len(entries) + 1) + 4),
        hide_index=True,
        placeholder="",
        column_config=configs(view),
        on_select=choose_in_table,
        selection_mode="single-row",
    )
    st.caption("Click a column's head to sort. The magnifying glass searches; a row's box chooses the network above.")


def table_head(entries: tuple[Entry, ...], view: LeaderboardFilters) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="field-table-head"):
        st.markdown(f"#### These {len(entries)} as a table", width="stretch")
        st.button(
            "The lesson’s table",
            icon=":material/school:",
            width="content",
            help="The five networks of the lesson's section 5 with its own figures and words, and what they cost.",
            on_click=unbroken(lambda: set_filters(LESSON)),
        )
        with st.popover("Columns", icon=":material/view_column:", width="content"):
            st.multiselect(
                *("Columns", list(COLUMNS)),
                format_func=lambda name: COLUMNS[name].title,
                **bind_widget(
                    "field/columns",
                    list(view.columns),
                    lambda chosen: change_filters(columns=tuple(sorted(chosen, key=list(COLUMNS).index))),
                    tucked=True,
                ),
            )
        st.download_button(
            *("All figures with their sources", lambda: entries_csv(entries), "networks.csv", "text/csv"),
            on_click="ignore",
            icon=":material/download:",
            width="content",
        )


def marked_table(entries: tuple[Entry, ...], view: LeaderboardFilters) -> Styler:
    """With what was computed in the colour of what is computed; cells know no theme, so one for light and dark."""
    frame = DataFrame(entry_columns(entries, view.columns))
    marks = ["color: #2b8cc4" if is_counted(entry) else "" for entry in entries]
    shown = [title for title in frame.columns if title == COLUMNS["MACs"].title]
    return frame.style.apply(lambda column: marks, subset=shown)


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


def field_pictures(bench: ComparePageState) -> Iterator[tuple[str, str]]:
    """For a file: the chart as SVG, and of a few networks their figures as a table, each with its words."""
    known = entries()
    shown, _ = decode_filters(dict(bench.words), known)
    let_through = filtered(known, shown)
    found = chart_points(let_through, shown)
    if found:
        drawn = leaderboard_view(found, shown, {point.entry.family for point in found})
        absent = len(let_through) - len(found)
        told = f" {absent} more have no such figures." * bool(absent)
        yield chart_svg(field_figure(drawn, shown)), describe_chart(drawn, shown) + told
    if len(let_through) <= FEW:
        yield figures_table(let_through, shown.columns), "In italics what is published, in blue what is computed here."


def figures_table(networks: tuple[Entry, ...], names: Iterable[str]) -> str:
    shown = tuple(names)
    rows = ([Cell(entry.title, head=True), *(column_cell(entry, name) for name in shown)] for entry in networks)
    return html_table([NAME, *(COLUMNS[name].title for name in shown)], rows, "strip")


def column_cell(entry: Entry, name: str) -> Cell:
    column = COLUMNS[name]
    value = column.value(entry)
    if value is None:
        return Cell("–")
    kind = next((kind for kind in KINDS if column.help.startswith(kind)), "computed" if name.startswith("per ") else "")
    counted = name == "MACs" and is_counted(entry)
    words = f"{value:.{column.digits}f}" if isinstance(value, float) and column.digits is not None else str(value)
    return Cell(words, provenance="computed" if counted else kind)
