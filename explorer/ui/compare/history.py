"""Evolution: the networks that changed how networks are made, on a timeline one scrolls or plays."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import streamlit as st

from explorer.background import BackgroundCache
from explorer.diagram.render import standalone_svg
from explorer.leaderboard.history import MILESTONES, DrawnMilestone, Milestone, draw_milestone, scales, story
from explorer.ui.compare.page_state import (
    PAGE,
    ComparePageState,
    current_bench,
    explore,
    go_bench,
    linked_word,
    publish_bench,
)
from explorer.ui.components.component import Event
from explorer.ui.components.timeline import show_timeline
from explorer.ui.session import show_growing, show_problems

EVERY = 0.4  # seconds between two looks while the networks are being built
LEAVING = "evolution/leaving"  # in the session: the network to open on the Explore page
PAUSE = 0.5  # seconds until they are begun, so that the words are painted first
KEYS = tuple(each.key for each in MILESTONES)


@st.cache_resource(show_spinner=False)
def milestone_cache() -> BackgroundCache[Milestone, DrawnMilestone]:
    """Every milestone's network with the picture of its block: begun when somebody first opens this view."""
    return BackgroundCache(draw_milestone, PAUSE)


def evolution() -> None:
    milestone_cache().want(MILESTONES)
    settled = partial(milestone_cache().settled, MILESTONES)
    linked_stop()
    show_problems(keep=not settled())  # the page is run again when all is built
    show_growing(timeline_section, settled, EVERY)


def timeline_section() -> None:
    """Runs by itself until every network is built; the browser plays and scrolls without asking."""
    if (wanted := st.session_state.pop(LEAVING, None)) in KEYS:
        opened = MILESTONES[KEYS.index(wanted)]
        explore(replace(opened.place, selected=opened.block))
    told = story(milestone_cache().found(MILESTONES), milestone_cache().problems(MILESTONES))
    where = {"start": linked_stop(), "revision": PAGE.revision()}
    show_timeline({"story": told, "scales": scales()} | where, handle_timeline_event)
    publish_bench()


def linked_stop() -> str:
    wrong = f"The link leads to “{{:.40}}”, which is no stop of the timeline: there are {', '.join(KEYS)}."
    return linked_word("stop", KEYS, wrong)


def handle_timeline_event(event: Event) -> None:
    overtaken = event.value != str(PAGE.revision())  # by a link that was followed meanwhile
    if event.type == "rested" and event.id in KEYS and not overtaken:
        go_bench(current_bench().said({"stop": event.id if event.id != KEYS[0] else ""}))
    elif event.type == "explore":
        st.session_state[LEAVING] = event.id


def milestone_pictures(bench: ComparePageState) -> Iterator[tuple[str, str]]:
    """For a file, of the stop that is in view: its block as SVG, and what one sees in it."""
    if (key := bench.word("stop", KEYS[0])) in KEYS:
        stop = MILESTONES[KEYS.index(key)]
        told = f"{stop.place.preset}, {stop.architecture.year}: {stop.shows}"
        yield standalone_svg(draw_milestone(stop).picture), told
