"""Witnesses: who else counts this network, what they say, and why it differs."""

from urllib.parse import urlencode

import streamlit as st

from explorer.compare.desk import read_place
from explorer.compare.offers import offers
from explorer.compare.witnesses import Witness, ours, published, tools
from explorer.places import ModelSelection
from explorer.ui.compare.state import current, explore, go, mine
from explorer.ui.compare.witness_code import code
from explorer.ui.compare.witness_table import gaps, table
from explorer.ui.literal import literal
from explorer.ui.session import complain, show_problems
from explorer.url_params import encode_query

KEY = "witnesses/of"
INTRO = (
    "Others count this network, too, and not always to the same sum. Each difference is worked out from the network's "
    "own graph, layer by layer, until it adds up to the last one."
)


def witnesses() -> None:
    place = choose()
    show_problems()
    st.caption(INTRO)
    try:
        first = [witness for witness in (ours(place), published(place)) if witness]
    except ValueError as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    room = st.empty()
    room.html(table(first, asking=True))
    found, problem = asked(place)
    room.html(table([*first, *found]))
    if problem:
        st.warning(literal(problem), icon=":material/error_outline:")
    gaps([*first, *found])
    code(place)


def asked(place: ModelSelection) -> tuple[tuple[Witness, ...], str]:
    """The tools' answers, or why there are none."""
    try:
        return tools(place), ""
    except ValueError as error:
        return (), str(error)


def choose() -> ModelSelection:
    """The one the link names, else the first on the bench, else the one on the Explore page."""
    yours = mine()
    place = named() or next(iter(yours), None) or ModelSelection("torchvision", "resnet50", "")
    known = offers((*yours, *([place] if place not in yours and place.changes else [])))
    words = {each: word for word, each in known.items()}
    st.session_state[KEY] = words.get(place) or next(iter(known))
    with st.container(horizontal=True, vertical_alignment="bottom", key="witnesses-choose"):
        st.selectbox(
            *("Network", list(known)),
            key=KEY,
            on_change=lambda: go(current().said({"of": urlencode(encode_query(known[st.session_state[KEY]]))})),
            width=420,
            help="Type to search: the lesson's, torchvision's, timm's, and what you built.",
        )
        if st.button("Open in Explore", icon=":material/open_in_new:"):
            explore(place)
    return place


def named() -> ModelSelection | None:
    word = current().word("of")
    if not word:
        return None
    place, problems = read_place("of", word)
    for problem in problems:
        complain(problem)
        go(current().said({"of": ""}))
    return place.network if place and not problems else None
