"""The visitor's place: kept in the session, spelled out in the address bar."""

from dataclasses import replace

import streamlit as st

from explorer.places import Place, read, spell


def current() -> Place:
    """Where the visitor stands. A link that was just followed wins over what the session remembers."""
    query = st.query_params.to_dict()
    if "place" not in st.session_state or (query and query != st.session_state.get("spelled")):
        st.session_state.place, problems = read(query)
        st.session_state.problems = list(problems)
        st.session_state.revision = st.session_state.get("revision", 0) + 1
    return st.session_state.place


def go(place: Place) -> None:
    st.session_state.place = place


def select(id: str, *, tell_diagram: bool) -> None:
    """Choose a part. The diagram knows its own clicks already; a choice made elsewhere it must be told."""
    go(replace(current(), selected=id))
    st.session_state.told = "" if tell_diagram else id
    st.session_state.revision += tell_diagram


def publish() -> None:
    words = spell(current())
    if st.query_params.to_dict() != words:
        st.query_params.from_dict(words)
    st.session_state.spelled = words


def complain(problem: str) -> None:
    st.session_state.problems = [*st.session_state.get("problems", []), problem]


def show_problems() -> None:
    """Each once: the next thing the visitor does clears them."""
    for problem in st.session_state.pop("problems", []):
        st.warning(problem, icon=":material/link_off:")
