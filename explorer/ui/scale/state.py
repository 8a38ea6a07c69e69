"""The visitor's place on the Scale page: kept in the session, spelled out in the address bar."""

from collections.abc import Collection
from dataclasses import replace

import streamlit as st

from explorer.background import BackgroundCache
from explorer.scaling.counting import Counted, count
from explorer.scaling.stands import BASE_NAMES, decode_scale_page
from explorer.specs import Spec
from explorer.ui.session import PageState


@st.cache_resource(show_spinner=False)
def counts() -> BackgroundCache[Spec, Counted]:
    """One for all visitors: what was counted for one is there for the next."""
    return BackgroundCache(count)


def await_counts(specs: Collection[Spec], words: str) -> None:
    """For as long as somebody would look at a spinner."""
    if not counts().settled(specs):
        with st.spinner(words):
            counts().wait(specs, 20)  # seconds


PAGE = PageState("stand", decode_scale_page)
arrive, current, go, publish = PAGE.arrive, PAGE.current, PAGE.go, PAGE.publish


def choose_base(where: str) -> None:
    """Which network is scaled; the same on every part of the page."""
    key = f"scale/base/{where}"
    st.session_state[key] = current().base
    st.segmented_control("Network to scale", BASE_NAMES, key=key, required=True, on_change=moved_base, args=(key,))


def moved_base(key: str) -> None:
    go(replace(current(), base=st.session_state[key]))
    st.session_state.own_revision = st.session_state.get("own_revision", 0) + 1


def begin(name: str, complete: bool, every: float) -> float | None:
    """In a run of the whole page, before the part of that name is drawn: the seconds of its timer, if it needs one."""
    st.session_state[f"scale/whole/{name}"] = True
    st.session_state[f"scale/timer/{name}"] = not complete
    return None if complete else every


def by_itself(name: str) -> bool:
    """Whether a part runs without the page around it. Asked once a run."""
    return not st.session_state.pop(f"scale/whole/{name}", False)


def reached(name: str, complete: bool) -> bool:
    """Whether what grew under a timer has come to its end: the page then needs a run without the timer."""
    return complete and st.session_state.get(f"scale/timer/{name}", False)
