"""The card of one network: every figure with its kind, source and convention, and why others print another."""

from html import escape

import streamlit as st

from explorer.formatting import literal
from explorer.glossary import read_glossary
from explorer.leaderboard.chart import grouped
from explorer.leaderboard.discrepancies import Conflict, conflicts
from explorer.leaderboard.entries import Entry, recipe_words
from explorer.leaderboard.leaderboard import count_of
from explorer.models.facts import QUANTITIES, Fact
from explorer.models.selection import ModelSelection
from explorer.ui.compare.leaderboard_controls import change_filters
from explorer.ui.compare.page_state import current_bench, explore, put_on_bench, side_by_side
from explorer.ui.session import bind_widget, unbroken

KINDS = {"published": "Published", "computed": "Computed here, from the live network", "measured": "Measured here"}


def entry_card(entry: Entry | None, offered: tuple[Entry, ...], known: tuple[Entry, ...]) -> None:
    chooser(entry, offered)
    if entry is None:
        st.markdown(read_glossary("pages")["field"], unsafe_allow_html=True)
        return
    st.markdown(f"#### {literal(entry.title)}\n:gray[{literal(entry_caption(entry))}]")
    entry_actions(entry)
    st.html("".join(figures_html(kind, entry) for kind in KINDS))
    st.markdown(recipe_words(entry, literal))
    for conflict in conflicts(entry, known, count_of):
        conflict_words(conflict)


def chooser(entry: Entry | None, offered: tuple[Entry, ...]) -> None:
    titles = {each.key: each.title for each in offered} | ({entry.key: entry.title} if entry else {})
    st.selectbox(
        *("Network", list(titles)),
        format_func=lambda key: titles.get(key) or str(key),
        placeholder="Click a point, or choose one here",
        label_visibility="collapsed",
        **bind_widget("field/at", entry.key if entry else None, lambda key: change_filters(chosen=key or "")),
    )


def entry_caption(entry: Entry) -> str:
    at = f"images of {entry.side} pixels" if entry.side else ""
    return " · ".join(filter(None, (entry.family, str(entry.year or ""), at)))


def entry_actions(entry: Entry) -> None:
    place = entry.place
    if place is None:
        st.caption("This network cannot be built here: the paper does not say enough, or its family is not on show.")
        return
    if st.button("Open in Explore", icon=":material/account_tree:", type="primary", width="stretch", key="field/open"):
        explore(place)
    left, right = st.columns(2, gap="small")
    there = any(each.spec == place.spec for each in current_bench().bench)
    words = "In the comparison" if there else "Add to comparison"
    left.button(words, disabled=there, width="stretch", key="field/put", on_click=unbroken(lay), args=(place,))
    beside = [each for each in current_bench().bench if each.spec != place.spec]
    if right.button("Side by side", disabled=not beside, width="stretch", key="field/side", help=SIDE):
        side_by_side(*beside[-3:], place)


def lay(place: ModelSelection) -> None:
    put_on_bench(place)


SIDE = "Beside the networks in the comparison: add another one first."


def figures_html(kind: str, entry: Entry) -> str:
    """As HTML: the figures of one kind, those of one source together."""
    groups = [group for group in grouped(entry.facts) if group[0].kind == kind]
    if not groups:
        return ""
    lines = "".join(
        f'<dd><span class="note">{escape(group[0].source)}</span></dd>' * (kind != "computed")
        + "".join(f"<dd>{fact_line(fact)}</dd>" for fact in group)
        for group in groups
    )
    return f'<dl class="figures"><dt>{KINDS[kind]}</dt>{lines}</dl>'


def fact_line(fact: Fact) -> str:
    shown = QUANTITIES[fact.quantity]
    full = f"{fact.value:,.0f}" if fact.quantity == "parameters" else shown.spell(fact.value)
    note = f'<span class="note">{escape(fact.note)}</span>' if fact.note else ""
    return f'<b class="{fact.kind}">{escape(full)}</b> <span>{escape(shown.title)}</span>{note}'


def conflict_words(conflict: Conflict) -> None:
    many = f"{len(conflict.lines)} figures in print" if len(conflict.lines) > 1 else "printed and counted differ"
    with st.expander(f"{QUANTITIES[conflict.quantity].title}: {many}", expanded=conflict.quantity == "MACs"):
        lines = "\n".join(f"- {line}" for line in conflict.lines)
        st.markdown(f"{conflict.reason}\n\n{lines}")
