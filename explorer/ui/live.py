"""A plotly figure that changes while one looks at it, without a flicker: zoom and hidden lines stay as they are."""

from pathlib import Path

import plotly
import plotly.graph_objects as go
import streamlit as st
from streamlit.components.v2 import component

from explorer.ui.scripts import read

CHART = '<div class="chart"></div>\n'  # one without a line break would be taken for a path
PLOTTING = read("plotting.js")  # shared by every chart that is drawn there
PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"


def prepare() -> None:
    """Once on a page, outside of what redraws itself: plotly's own code, five megabytes that are sent once."""
    loader()(key="plotly")


def live(figure: go.Figure, *, key: str, alt: str) -> None:
    """Draw the figure where it stands, or bring the one that stands there up to date.

    Its height is the page's to know: what stands below must not move when plotly's code arrives.
    """
    painter()(key=key, data={"figure": figure.to_json(), "alt": alt}, height=int(figure.layout.height))


@st.cache_resource(show_spinner=False)
def loader():
    code = PLOTLY.read_text(encoding="utf-8")
    return component("plotly_loader", html="<span></span>\n", js=f"{code}\nexport default function () {{}}\n")


@st.cache_resource(show_spinner=False)
def painter():
    return component("live_chart", html=CHART, js=PLOTTING + read("live.js"), isolate_styles=False)
