"""The visitor's place: kept in the session, spelled out in the address bar."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from explorer.places import ModelSelection, read, spell
from explorer.ui import address
from explorer.ui.address import arriving
from explorer.ui.literal import literal


def arrive(entered: bool) -> None:
    """Follow the link that led to the page, if one did."""
    if (query := arriving("place", entered)) is not None:
        follow(query)


def follow(query: Mapping[str, str]) -> None:
    st.session_state.place, problems = read(query)
    for problem in problems:
        complain(problem)
    st.session_state.told = ""
    st.session_state.revision = st.session_state.get("revision", 0) + 1


def current() -> ModelSelection:
    return st.session_state.place


def go(place: ModelSelection) -> None:
    st.session_state.place = place


def select(id: str, *, tell_diagram: bool) -> None:
    """Choose a part. The diagram knows its own clicks already; a choice made elsewhere it must be told."""
    go(replace(current(), selected=id))
    st.session_state.told = "" if tell_diagram else id
    st.session_state.revision += tell_diagram


def publish() -> None:
    address.publish(spell(current()))


def complain(problem: str) -> None:
    st.session_state.problems = [*st.session_state.get("problems", []), problem]


def picture_first() -> bool:
    """True in a visitor's first run: it brings the picture alone, and the picture asks for the rest once it is drawn.

    The browser loads the code of every kind of widget before it draws any: a third of the time to the first picture.
    """
    if st.session_state.get("settled"):
        return False
    st.session_state.settled = True  # from the next run on, should the picture never ask
    return True


def show_problems(keep: bool = False) -> None:
    """Each once: the next thing the visitor does clears them."""
    problems = st.session_state.get("problems", []) if keep else st.session_state.pop("problems", [])
    st.session_state.warned = problems
    for problem in problems:
        st.warning(literal(problem), icon=":material/link_off:")


def again() -> None:
    """The page once more as a whole, though nobody clicked: what it warned of still stands."""
    st.session_state.problems = st.session_state.get("warned", [])
    st.rerun()
