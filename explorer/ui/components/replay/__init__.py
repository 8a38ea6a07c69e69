"""Curves that grow again as they did when they were trained, at any speed, in the browser alone."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st
from streamlit.components.v2 import component

from explorer.training.results.grouping import Group
from explorer.ui.charts import legible_figure
from explorer.ui.components.component import link_modules, read_files


def training_pace(group: Group) -> dict[str, Any]:
    """How long its slowest run took, and how many updates that were: a mean is known once all seeds are there."""
    steps, seconds = max(run.step for run in group.runs), max(run.seconds for run in group.runs)
    return {"name": group.title, "colour": group.colour, "dashed": group.dashed, "steps": steps, "seconds": seconds}


def replay_chart(figure: go.Figure, alt: str) -> dict[str, str]:
    """A chart, whole: what has a network's name for its legend group grows, everything else stands."""
    return {"figure": str(legible_figure(figure).to_json()), "alt": alt}


def show_replay(
    curves: dict[str, str], strip: dict[str, str], groups: Iterable[Group], note: str, views: Sequence[tuple[str, str]]
) -> None:
    """`replay_chart` of `curves_chart` and of `norms_chart`; `note` and `views` stand between them.

    Needs `load_plotly()` on the page.
    """
    told = {"paces": [*map(training_pace, groups)], "note": note, "views": [list(view) for view in views]}
    replay_component()(key="replay", data={"curves": curves, "strip": strip} | told)


def replay_script() -> str:
    """What runs in the browser."""
    # Not as the component's own style: the page hides whatever brings one. Not apart from the page: plotly's are there.
    return f"const CSS = {json.dumps(read_files('replay/replay.css'))};\n{link_modules('replay/replay.js')}"


@st.cache_resource(show_spinner=False)
def replay_component():
    return component("replay", html=read_files("replay/replay.html"), js=replay_script(), isolate_styles=False)
