"""A plotly figure that changes while one looks at it, without a flicker: zoom and hidden lines stay as they are."""

from collections.abc import Callable
from pathlib import Path

import plotly
import plotly.graph_objects as go
import streamlit as st
from streamlit.components.v2 import component

from explorer.ui.charts import legible_figure, legible_json
from explorer.ui.components.component import Event, link_modules, receiver

CHART = '<div class="plotly-chart"></div>\n'  # one without a line break would be taken for a path
PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"  # served by app.py


def draw_chart(figure: go.Figure | str, *, key: str, alt: str, on_event: Callable[[Event], None] | None = None) -> None:
    """Draw the figure, or its JSON, where it stands, or bring the one that stands there up to date.

    Its height is the page's to know, so that what stands below does not move when plotly's code arrives; one without
    a height fills what the page gives it. Its `layout.meta` may hold "labels", names that are written
    beside its points where there is room (`point_labels.js` says how), and the "name" of saved files. `on_event` is
    called before the rerun: "choose" with a point's `customdata`, "family" and "alone" with the name of a line that
    was clicked in the legend once or twice, and "settled" once when the first picture is on the screen.
    """
    if isinstance(figure, str):
        text, height = legible_json(figure), None
    else:
        figure = legible_figure(figure)
        text, height = figure.to_json(), figure.layout.height
    room = int(height) if height else "content"
    data = {"figure": text, "alt": alt, "events": on_event is not None}
    chart_component()(key=key, data=data, on_event_change=receiver(key, on_event or (lambda event: None)), height=room)


@st.cache_resource(show_spinner=False)
def chart_component():
    return component("plotly_chart", html=CHART, js=link_modules("plotly_chart/plotly_chart.js"), isolate_styles=False)
