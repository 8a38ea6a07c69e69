"""Around the chart of the field: what is set (axes, scales, which networks are let through), and the card of one."""

from dataclasses import replace
from html import escape
from typing import Any, Literal

import streamlit as st

from explorer.formatting import literal
from explorer.glossary import read_glossary
from explorer.leaderboard.chart import grouped
from explorer.leaderboard.discrepancies import Conflict, conflicts
from explorer.leaderboard.entries import Entry, recipe_words
from explorer.leaderboard.filters import MOST_LETTERS, ORIGINS, LeaderboardFilters, decode_filters
from explorer.leaderboard.leaderboard import count_of
from explorer.models.facts import QUANTITIES, Fact
from explorer.models.names import ordered_families
from explorer.models.selection import ModelSelection
from explorer.ui.compare.page_state import current_bench, explore, go_bench, put_on_bench, side_by_side
from explorer.ui.session import bind_widget, complain, unbroken

ORIGIN_TITLES = {"torchvision": "torchvision", "paper": "Papers", "lesson": "The lesson", "yours": "Yours"}
WEIGHTS = {"all": "All", "first": "The first", "best": "The best"}


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


def filter_controls(shown: LeaderboardFilters, families: set[str]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="field-controls"):
        axis_control("x", "Across", shown.x, shown.x_log)
        axis_control("y", "Up", shown.y, shown.y_log)
        origins(shown)
        search(shown)
        with st.popover("Filters", icon=":material/tune:", width="content"):
            filter_popover(shown, families)


def axis_control(name: Literal["x", "y"], label: str, quantity: str, log: bool) -> None:
    st.selectbox(
        *(label, list(QUANTITIES)),
        format_func=lambda quantity: QUANTITIES[quantity].title,
        width=190,
        **bind_widget(f"field/{name}", quantity, lambda chosen: set_filters(view().with_axis(name, chosen))),
    )
    scale = f"{name}_log"
    st.checkbox("log", width="content", **bind_widget(f"field/{scale}", log, lambda on: change_filters(**{scale: on})))


def origins(shown: LeaderboardFilters) -> None:
    st.pills(
        *("Whose figures", ORIGINS),
        selection_mode="multi",
        format_func=ORIGIN_TITLES.__getitem__,
        width="content",
        **bind_widget(
            "field/from",
            list(shown.origins),
            lambda chosen: change_filters(origins=tuple(sorted(chosen, key=ORIGINS.index))),
        ),
    )


def search(shown: LeaderboardFilters) -> None:
    st.text_input(
        "Search",
        placeholder="resnet 2015",
        max_chars=MOST_LETTERS,
        width=170,
        icon=":material/search:",
        **bind_widget("field/search", shown.search, lambda words: change_filters(search=words.strip())),
    )


def filter_popover(shown: LeaderboardFilters, families: set[str]) -> None:
    st.segmented_control(
        *("Weights of each torchvision architecture", list(WEIGHTS)),
        format_func=WEIGHTS.__getitem__,
        required=True,
        help="Many architectures were trained again by newer recipes: the network is the same, the accuracy is not.",
        **bind_widget("field/weights", shown.weights, lambda weights: change_filters(weights=weights), tucked=True),
    )
    st.toggle(
        "Weights that saw more than ImageNet",
        help="SWAG's were trained on pictures and hashtags of a social network before they saw ImageNet.",
        **bind_widget("field/more", shown.more, lambda more: change_filters(more=more), tucked=True),
    )
    offered = ordered_families(families)
    st.multiselect(
        *("Families left out", offered),
        placeholder="none",
        **bind_widget(
            *("field/off", [name for name in shown.off if name in offered]),
            lambda off: change_filters(off=tuple(off)),
            tucked=True,
        ),
    )
    st.caption("Or click a family in the legend; a double click leaves it alone.")
    st.button("Back to the whole field", on_click=unbroken(reset_filters), width="stretch")


def reset_filters() -> None:
    """All filters; the axes stay, and so does what was chosen."""
    usual = LeaderboardFilters()
    change_filters(origins=usual.origins, off=(), weights=usual.weights, more=usual.more, search="")


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
        placeholder="Click or choose a point",
        label_visibility="collapsed",
        **bind_widget("field/at", entry.key if entry else None, lambda key: change_filters(chosen=key)),
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
    words = "Compared ✓" if there else "Compare"
    put = {"key": "field/put", "help": PUT, "on_click": unbroken(lay), "args": (place,)}
    left.button(words, disabled=there, width="stretch", **put)
    beside = [each for each in current_bench().bench if each.spec != place.spec]
    if right.button("Side by side", disabled=not beside, width="stretch", key="field/side", help=SIDE):
        side_by_side(*beside[-3:], place)


def lay(place: ModelSelection) -> None:
    put_on_bench(place)


PUT = "Adds it to the comparison, which Side by side shows."
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
