"""What can be chosen from, and what is wished for: read from the desk, written to it."""

import streamlit as st

from explorer.compare.entries import Entry
from explorer.compare.field import entries
from explorer.compare.gradually import Gradually
from explorer.compare.readable import readable, readable_entry
from explorer.compare.situations import SITUATIONS, wishes_of
from explorer.compare.wishes import SIMPLICITY, WORDINGS, Wishes, read, spell
from explorer.ui.compare.state import current, go
from explorer.ui.state import complain

WORDS = (*(wording.word for wording in WORDINGS.values()), "by")
PAUSE = 1.0  # seconds until the lesson's networks are begun, so that the page is painted first
OPENING = "fast"  # the situation before anything is wished for


@st.cache_resource(show_spinner=False)
def looked_through() -> Gradually:
    """The lesson's networks, being counted since somebody first opened this view."""
    return Gradually(readable(), readable_entry, PAUSE)


def offered(order: str) -> tuple[Entry, ...]:
    """To learn from, the networks whose code is here to be read; to use, those with weights to load."""
    if order == SIMPLICITY:
        done = looked_through().done
        return tuple(done[place] for place in looked_through().keys if place in done)
    return tuple(entry for entry in entries() if entry.origin == "torchvision")


def wished() -> Wishes:
    """As the desk says. What is wrong in the link is named once and taken out of it."""
    words = {word: current().word(word) for word in WORDS if current().word(word)}
    wishes, problems = read(words)
    for problem in problems:
        complain(problem)
    wishes = wishes or wishes_of(SITUATIONS[OPENING], offered(""))
    if problems:
        wish(wishes)
    return wishes


def wish(wishes: Wishes) -> None:
    go(current().said(spell(wishes) | {"pick": ""}))
