"""The timeline of networks: it scrolls, plays and draws its bars by itself."""

from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

from explorer.ui.components.component import Event, link_modules, read_files, receiver
from explorer.ui.components.network_viewer import kind_colours

KEY = "evolution/stage"


def show_timeline(data: dict[str, Any], on_event: Callable[[Event], None]) -> None:
    """`data` has the `story`, the `scales` of its figures, and the id of the stop to `start` at, or to go to where the
    `revision` is another.

    `on_event` is called before the rerun: for the stop at which it has `rested`, with the revision as its value,
    and for one to `explore`.
    """
    mount_timeline()(key=KEY, data=data, on_event_change=receiver(KEY, on_event))


@st.cache_resource(show_spinner=False)
def mount_timeline():
    css = read_files("network_viewer/viewer.css", "timeline/timeline.css")  # the pictures look as on the Explore page
    html, js = read_files("timeline/timeline.html"), link_modules("timeline/timeline.js")
    return component("timeline", html=html, css=f"{kind_colours()}\n{css}", js=js)
