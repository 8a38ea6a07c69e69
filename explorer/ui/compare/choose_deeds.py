"""What a click on the board of “Which one?” does."""

import streamlit as st

from explorer.compare.desk import ComparePageState
from explorer.compare.situations import SITUATIONS, wishes_of
from explorer.compare.wishes import ORDERS, WORDINGS, Requirements, parse
from explorer.places import ModelSelection
from explorer.ui.compare.choose_state import to_learn, to_use, wish, wished
from explorer.ui.compare.state import current, go, put
from explorer.ui.components.component import Event

LEAVING = "choose/leaving"  # in the session: the network to open on the Explore page
WRONG = "choose/wrong"  # in the session: what was wrong with the number given last


def act(event: Event) -> None:
    """For each thing done in the browser, before the script runs."""
    if event.type == "situation" and event.id in SITUATIONS:
        wish(wishes_of(SITUATIONS[event.id], to_use()))
    elif event.type == "limit" and event.id in WORDINGS:
        limit(event.id, event.value)
    elif event.type == "order" and event.id in ORDERS:
        wish(Requirements(wished(to_use()).limits, event.id))
    elif event.type == "pick":
        go(current().said({"pick": event.id}))
    elif event.type == "explore":
        st.session_state[LEAVING] = place_of(event.id)
    elif event.type == "side":
        go(ComparePageState("side", current().bench))
    elif event.type == "bench" and (place := place_of(event.id)):
        bench(place)


def limit(quantity: str, text: str) -> None:
    """An empty text takes the limit away; a wrong one is named, and the limit stays as it was."""
    try:
        wish(wished(to_use()).limited(quantity, parse(quantity, text) if text else None))
    except ValueError as error:
        st.session_state[WRONG] = str(error)


def bench(place: ModelSelection) -> None:
    """Lays it on the bench, or takes it away where it lies there already."""
    there = [index for index, each in enumerate(current().bench) if each.spec == place.spec]
    if there:
        go(current().taken(there[0]))
    else:
        put(place)


def place_of(key: str) -> ModelSelection | None:
    return next((entry.place for entry in (*to_use(), *to_learn()) if entry.key == key), None)
