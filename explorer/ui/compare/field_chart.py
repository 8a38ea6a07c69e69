"""The chart of the field in the browser: shows a figure, and says which point or family was clicked."""

from collections.abc import Callable
from functools import lru_cache

import streamlit as st
from streamlit.components.v2 import component

from explorer.compare.field_chart import Field, field_figure
from explorer.compare.field_view import LeaderboardFilters
from explorer.compare.labels import labels
from explorer.ui.components.component import Event, receiver
from explorer.ui.live import PLOTTING
from explorer.ui.scripts import read

HEIGHT = "max(26.5rem, calc(100vh - 17.2rem))"
KEY = "field-chart"


def show(field: Field, view: LeaderboardFilters, alt: str, on_event: Callable[[Event], None]) -> None:
    """`on_event` is called before the rerun: "choose" with an entry's key, "family" and "alone" with a family's name,
    and "settled" once when the first picture is on the screen."""
    painter()(
        key=KEY,
        data={
            "figure": figure(field, view),
            "labels": labels(field.points, field.front, view.chosen),
            "height": HEIGHT,
            "name": f"{view.y} against {view.x}",
            "alt": alt,
        },
        on_event_change=receiver(KEY, on_event),
    )


@lru_cache(maxsize=64)
def figure(field: Field, view: LeaderboardFilters) -> str:
    return str(field_figure(field, view).to_json())


@st.cache_resource(show_spinner=False)
def painter():
    names = ("field_labels", "field_still", "field_chart")
    code = read("shared.js", *(f"compare/{name}.js" for name in names))
    chart = '<div class="field-chart"></div>\n'
    return component("field_chart", html=chart, js=f"{PLOTTING}\n{code}", isolate_styles=False)
