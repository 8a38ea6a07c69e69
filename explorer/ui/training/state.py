"""The visitor's place on the Train page: kept in the session, spelled out in the address bar."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from explorer.datasets.shelf import KEYS, at_hand, folders
from explorer.datasets.vision import SOURCES
from explorer.labs import Lab, read, spell
from explorer.ui.state import complain


def arrive(entered: bool) -> None:
    """Follow the link that led to the page, if one did."""
    query = st.query_params.to_dict()
    if "lab" not in st.session_state or (entered and query):
        follow(query)


def follow(query: Mapping[str, str]) -> None:
    lab, problems = read(query)
    if lab.dataset and lab.dataset not in offered():  # a link names no other folder of this computer
        problems += (f"The pictures “{lab.dataset[:60]}” are not on this computer: showing others.",)
        lab = replace(lab, dataset="")
    for problem in problems:
        complain(problem)
    st.session_state.lab = lab


def current() -> Lab:
    return st.session_state.lab


def go(lab: Lab) -> None:
    st.session_state.lab = lab


def publish() -> None:
    words = spell(current())
    if st.query_params.to_dict() != words:
        st.query_params.from_dict(words)


def pictures(lab: Lab) -> str:
    """The key of the dataset that is used: the one chosen, else the one meant, else the nearest that is at hand."""
    if lab.dataset in offered():
        return lab.dataset
    meant = lab.experiment.dataset
    if at_hand(meant):
        return meant
    alike = [key for key in folders() if meant in key.lower().replace("-", "")]  # CIFAR-10 as a folder of pictures
    return alike[0] if alike else "shapes10"


def offered() -> tuple[str, ...]:
    """The keys of what can be loaded now."""
    return (*(key for key in KEYS if at_hand(key)), *folders())


def missing() -> tuple[str, ...]:
    """The keys of what could be fetched."""
    return tuple(key for key in KEYS if key in SOURCES and not at_hand(key))


def name_of(key: str) -> str:
    if key in SOURCES:
        return SOURCES[key].title
    return "Shapes-10, drawn by this program" if key == "shapes10" else key.rpartition("/")[2]
