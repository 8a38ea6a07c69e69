"""What can be chosen from, and what is wished for: read from the desk, written to it."""

import streamlit as st

from explorer.compare.entries import Entry
from explorer.compare.field import entries
from explorer.compare.readable import readable, readable_entry
from explorer.compare.situations import SITUATIONS, wishes_of
from explorer.compare.wishes import ORDERS, SIMPLICITY, Requirements, decode_requirements
from explorer.gradually import Gradually
from explorer.places import ModelSelection
from explorer.ui.compare.state import current, go
from explorer.ui.session import complain

PAUSE = 1.0  # seconds until the lesson's networks are begun, so that the page is painted first
OPENING = "fast"  # the situation before anything is wished for


@st.cache_resource(show_spinner=False)
def looked_through() -> Gradually[ModelSelection, Entry]:
    """The lesson's networks, being counted since somebody first opened this view."""
    return Gradually(readable_entry, PAUSE)


def still_counting() -> bool:
    """Whether some of what is ranked are networks that have not been counted yet."""
    learning = current().word("by") == ORDERS[SIMPLICITY][0]
    return learning and not looked_through().settled(readable())


def to_use() -> tuple[Entry, ...]:
    """The networks with weights to load, with all that has been measured of them. Asked once a run: it takes time."""
    return tuple(entry for entry in entries() if entry.origin == "torchvision")


def to_learn() -> tuple[Entry, ...]:
    """The networks whose code is here to be read, as far as they have been counted."""
    return tuple(looked_through().found(readable()).values())


def wished(weights: tuple[Entry, ...]) -> Requirements:
    """As the desk says. What is wrong in the link is named once and taken out of it."""
    wishes, problems = decode_requirements(dict(current().words))
    complain(*problems)
    wishes = wishes or wishes_of(SITUATIONS[OPENING], weights)
    if problems:
        wish(wishes)
    return wishes


def wish(wishes: Requirements) -> None:
    go(current().saying(wishes))
