"""What can be recommended, and what is asked of it: read from the page's state, written to it; and as a table."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import streamlit as st

from explorer.background import BackgroundCache
from explorer.formatting import join_words
from explorer.leaderboard.entries import Entry
from explorer.leaderboard.leaderboard import entries
from explorer.leaderboard.recommend.cards import choice_cards
from explorer.leaderboard.recommend.ranking import rank
from explorer.leaderboard.recommend.requirements import (
    ORDERS,
    SIMPLICITY,
    Requirements,
    decode_requirements,
    parse_bound,
)
from explorer.leaderboard.recommend.use_cases import SITUATIONS, readable, readable_entry, wishes_of
from explorer.models.code_snippets import lesson_lines, torchvision_lines
from explorer.models.selection import ModelSelection
from explorer.ui.compare.page_state import ComparePageState, current_bench, go_bench, put_on_bench
from explorer.ui.session import complain
from explorer.ui.tables import Cell, html_table

PAUSE = 1.0  # seconds until the lesson's networks are begun, so that the page is painted first
WRONG = "recommend/wrong"  # in the session: what was wrong with the number given last
IN_A_FILE = 6  # cards
OPENING = "fast"  # the situation before anything is wished for


@st.cache_resource(show_spinner=False)
def looked_through() -> BackgroundCache[ModelSelection, Entry]:
    """The lesson's networks, being counted since somebody first opened this view."""
    return BackgroundCache(readable_entry, PAUSE)


def still_counting() -> bool:
    """Whether some of what is ranked are networks that have not been counted yet."""
    learning = current_bench().word("by") == ORDERS[SIMPLICITY][0]
    return learning and not looked_through().settled(readable())


def to_use() -> tuple[Entry, ...]:
    """The networks with weights to load, with all that has been measured of them. Asked once a run: it takes time."""
    return tuple(entry for entry in entries() if entry.origin == "torchvision")


def to_learn() -> tuple[Entry, ...]:
    """The networks whose code is here to be read, as far as they have been counted."""
    return tuple(looked_through().found(readable()).values())


def wished(weights: tuple[Entry, ...]) -> Requirements:
    """As the desk says. What is wrong in the link is named once and taken out of it."""
    wishes, problems = decode_requirements(dict(current_bench().words))
    complain(*problems)
    wishes = wishes or wishes_of(SITUATIONS[OPENING], weights)
    if problems:
        wish(wishes)
    return wishes


def wish(wishes: Requirements) -> None:
    go_bench(current_bench().saying(wishes))


def change_limit(quantity: str, text: str) -> None:
    """An empty text takes the limit away; a wrong one is named, and the limit stays as it was."""
    try:
        wish(wished(to_use()).limited(quantity, parse_bound(quantity, text) if text else None))
    except ValueError as error:
        st.session_state[WRONG] = str(error)


def choose_order(order: str) -> None:
    wish(replace(wished(to_use()), order=order))


def toggle_bench(entry: Entry) -> None:
    """Lays it on the bench, or takes it away where it lies there already."""
    if place := entry.place:
        there = [index for index, each in enumerate(current_bench().bench) if each.spec == place.spec]
        go_bench(current_bench().taken(there[0])) if there else put_on_bench(place)


def loading_code(entry: Entry) -> tuple[str, str]:
    """The lines that load a network, and a note; a note alone where it cannot be built."""
    try:
        lines = lines_of(entry)
    except (ValueError, KeyError) as error:
        return "", f"There are no lines to show: {error}"
    swag = "SWAG: its weights were first trained on billions of pictures beyond ImageNet, with hashtags as labels."
    return lines, swag * ("SWAG" in entry.key)


def lines_of(entry: Entry) -> str:
    if entry.origin == "lesson" and entry.place:
        return lesson_lines(entry.place)
    _, builder, weights = entry.key.split("/")
    return torchvision_lines(builder, weights)


def choice_tables(bench: ComparePageState) -> Iterator[tuple[str, str]]:
    """For a file: what is asked, and the first that fit it with their reasons."""
    weights = to_use()
    wishes = decode_requirements(dict(bench.words))[0] or wishes_of(SITUATIONS[OPENING], weights)
    ranking = rank([*map(readable_entry, readable())] if wishes.order == SIMPLICITY else weights, wishes)
    cards = choice_cards(ranking, ())[:IN_A_FILE]
    titles = [bar["title"] for bar in cards[0]["bars"]] if cards else []  # where nothing is left there are none
    heads = ["", "Network", *titles, "Why it stands there"]
    asked = join_words(limit.words for limit in wishes.limits) or "no limits"
    told = (
        f"Asked for: {asked}; {ORDERS[wishes.order][1]} first. {len(cards)} of the {len(ranking.kept)} that are left."
    )
    yield html_table(heads, map(card_cells, cards), "strip"), told


def card_cells(card: dict[str, Any]) -> list[Cell]:
    figures = (Cell("⚠ " * bar["disturbed"] + bar["value"], provenance=bar["kind"]) for bar in card["bars"])
    return [Cell(str(card["place"])), Cell(card["title"], head=True), *figures, Cell(card["reason"])]
