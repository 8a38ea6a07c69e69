"""From page to page: the one before is emptied first.

The browser goes on calling the fragments that are drawn anew by the clock, and what a picture asks for, until it hears
of another run. Of a page already left, Streamlit (1.67) takes such a call for a return to it, empties the new page, and
breaks on what comes next (“Bad delta path index”). So nothing is left of a page before another one comes. What says
that may still call once more, and a slow browser does so when the next page has long been drawn: so a page is left
until the browser says that it shows that one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NoReturn

import streamlit as st
from streamlit.components.v2 import component

from explorer.ui.components.component import link_modules
from explorer.ui.session import draw_fragment, own_words, shared_state, unbroken
from explorer.url_params import encode_query

FIRST = "explore"  # whose address has no name
EMPTY = "empty"  # the key of what says that the page is empty
LINKS = "links"  # the key of the component that hears of clicks on them
DEPARTURE = "departure"  # in the session


@dataclass(frozen=True)
class Departure:
    """To another page, until the browser shows that one; or this one, anew."""

    page: str  # its name
    query: Mapping[str, str]
    number: int = 1  # of this visitor's
    openings: int = 0  # of pages so far, in this and all before
    empty: bool = False  # the browser says that nothing is left of the page before
    opened: bool = False  # the other one has been
    over: bool = False  # that is seen, or the visitor has gone elsewhere

    @property
    def leads_on(self) -> bool:
        """Whether the page is still to be opened."""
        return not self.over and (self.page != (st.session_state.page or FIRST) or not self.opened)

    @property
    def unseen(self) -> bool:
        """Whether the page is open, and the browser has not said yet that it shows it."""
        return not self.over and not self.leads_on


def departure() -> Departure:
    """The visitor's last one."""
    return st.session_state.get(DEPARTURE) or Departure("", {}, 0, over=True)


def depart(**changes: Any) -> None:
    st.session_state[DEPARTURE] = replace(departure(), **changes)


def leave(name: str, query: Mapping[str, str]) -> NoReturn:
    """Opens another page of the app. Ends the run: for a script, not a callback."""
    leave_next(name, query)
    st.rerun()


def leave_next(name: str, query: Mapping[str, str]) -> None:
    """The same, for a callback: with the run that follows it."""
    before = departure()
    st.session_state[DEPARTURE] = Departure(name, dict(query), before.number + 1, before.openings)


def being_left() -> bool:
    """Whether this run is of a page that the visitor is about to leave, and not of one that was opened meanwhile."""
    told = departure()
    return told.leads_on and (told.empty or not st.session_state.entered)


def finish_leaving(names: tuple[str, ...]) -> bool:
    """Before a page is drawn; `names` are those of all. Whether the visitor is about to leave it: then nothing more is
    drawn, and the run is to end by itself, for Streamlit keeps a page's fragments where one is stopped."""
    draw_fragment(partial(watch_links, names))
    told = departure()
    if being_left():
        if told.empty:
            depart(opened=True, openings=told.openings + 1)
            st.switch_page(f"../pages/{told.page}.py", query_params=told.query)
        data = {"turn": told.number, "elsewhere": told.page != (st.session_state.page or FIRST)}
        empty_page()(key=EMPTY, data=data, on_told_change=unbroken(hear_emptied))
        return True
    if told.leads_on:
        depart(over=True)
    return False


def hear_emptied() -> None:
    told = st.session_state.get(EMPTY)
    depart(empty=bool(told) and int(told.told or 0) == departure().number)


def hear_seen() -> None:
    """The page that was to be opened is on the screen: what comes of another one from now on is a visitor's.

    As it was opened last: each time but that one, the browser is about to hear of the page before, once more.
    """
    told = st.session_state.get(LINKS)
    if told and departure().unseen and told.seen == departure().openings:
        depart(over=True)


def watch_links(names: tuple[str, ...]) -> None:
    """Of its own, for Streamlit stops a run for any click but one in a part, and with it forgets a click before that
    one with which it had not begun yet."""
    opened = departure().openings if departure().unseen else 0
    follow = unbroken(lambda: follow_link(names))
    watched_links()(key=LINKS, data={"opened": opened}, on_page_change=follow, on_seen_change=unbroken(hear_seen))
    if st.session_state.pop("followed", False):
        st.rerun()


def follow_link(names: tuple[str, ...]) -> None:
    """To the page whose name ends the address; the first has none."""
    told = st.session_state.get(LINKS)
    last = str((told and told.page) or "").rstrip("/").rpartition("/")[2]
    shown = st.session_state.get("addresses", {}).get(last if last in names else "", {})  # there, when one left it
    leave_next(last if last in names else FIRST, own_words(shown) | encode_query(shared_state()))
    st.session_state.followed = True


@st.cache_resource(show_spinner=False)
def watched_links() -> Any:
    """Hears a click on a link to another page before Streamlit does."""
    return component("watched_links", html="<span></span>\n", js=link_modules("links.js"))


@st.cache_resource(show_spinner=False)
def empty_page() -> Any:
    """What says, once the browser shows it, that nothing else is shown; of each time, for it may still stand there."""
    return component("empty_page", html="<span></span>", js=link_modules("empty_page.js"))
