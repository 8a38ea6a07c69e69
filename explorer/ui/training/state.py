"""The visitor's place on the Train page: kept in the session, spelled out in the address bar."""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st
from streamlit.runtime.scriptrunner import RerunException

from explorer.datasets.shelf import KEYS, at_hand, folders
from explorer.labs import ExperimentSelection, read, spell
from explorer.runs import TITLES
from explorer.ui import address
from explorer.ui.address import arriving
from explorer.ui.state import complain


def arrive(entered: bool) -> None:
    """Follow the link that led to the page, if one did."""
    if (query := arriving("lab", entered)) is not None:
        follow(query)


def follow(query: Mapping[str, str]) -> None:
    lab, problems = read(query)
    if lab.dataset and lab.dataset not in offered():  # a link names no other folder of this computer
        problems += (f"The pictures “{lab.dataset[:60]}” are not on this computer: showing others.",)
        lab = replace(lab, dataset="")
    for problem in problems:
        complain(problem)
    st.session_state.lab = lab


def current() -> ExperimentSelection:
    return st.session_state.lab


def go(lab: ExperimentSelection) -> None:
    """Also where the next click breaks this one off: the runs that it started must not be lost from sight."""
    try:
        st.session_state.lab = lab
    except RerunException:
        st.session_state.lab = lab
        raise


def publish() -> None:
    address.publish(spell(current()))


def link(lab: ExperimentSelection) -> str:
    """To this page with that on it."""
    here = urlsplit(st.context.url or "")
    return urlunsplit(here._replace(query=urlencode(spell(lab), safe=","), fragment=""))


def pictures(lab: ExperimentSelection) -> str:
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


def name_of(key: str) -> str:
    return TITLES.get(key) or key.rpartition("/")[2]
