"""Evolution: the networks that changed how networks are made, on a timeline one scrolls or plays."""

from dataclasses import replace

import streamlit as st

from explorer.background import BackgroundCache
from explorer.compare.milestones import MILESTONES, Drawn, Milestone, drawn
from explorer.compare.story import scales, story
from explorer.ui.compare.state import current, explore, go, publish
from explorer.ui.components.component import Event
from explorer.ui.components.timeline import show_timeline
from explorer.ui.session import again, complain, show_problems

EVERY = 0.4  # seconds between two looks while the networks are being built
LEAVING = "evolution/leaving"  # in the session: the network to open on the Explore page
PAUSE = 0.5  # seconds until they are begun, so that the words are painted first
KEYS = tuple(each.key for each in MILESTONES)


@st.cache_resource(show_spinner=False)
def built() -> BackgroundCache[Milestone, Drawn]:
    """Every milestone's network with the picture of its block: begun when somebody first opens this view."""
    return BackgroundCache(drawn, PAUSE)


def evolution() -> None:
    built().want(MILESTONES)
    finished = built().settled(MILESTONES)
    checked()
    show_problems(keep=not finished)  # the page is run again when all is built
    st.fragment(shown, run_every=None if finished else EVERY)(finished)


def shown(finished: bool) -> None:
    """Runs by itself until every network is built; the browser plays and scrolls without asking."""
    if (wanted := st.session_state.pop(LEAVING, None)) in KEYS:
        opened = MILESTONES[KEYS.index(wanted)]
        explore(replace(opened.place, selected=opened.block))
    complete = built().settled(MILESTONES)
    told = story(built().found(MILESTONES), built().problems(MILESTONES))
    show_timeline({"story": told, "scales": scales(), "start": current().word("stop") or KEYS[0]}, act)
    publish()
    if complete and not finished:
        again()


def checked() -> None:
    stop = current().word("stop")
    if stop and stop not in KEYS:
        complain(f"The link leads to “{stop[:40]}”, which is no stop of the timeline: there are {', '.join(KEYS)}.")
        go(current().said({"stop": ""}))


def act(event: Event) -> None:
    if event.type == "rested" and event.id in KEYS:
        go(current().said({"stop": event.id if event.id != KEYS[0] else ""}))
    elif event.type == "explore":
        st.session_state[LEAVING] = event.id
