"""Curves that grow again as they did when they were trained, at any speed, in the browser alone."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st
from streamlit.components.v2 import component

from explorer.training.results.charts import steps_an_epoch
from explorer.training.results.grouping import Seen
from explorer.ui.charts import legible_figure
from explorer.ui.components.component import link_modules, read_files


def training_pace(seen: Seen, epochs: bool) -> dict[str, Any]:
    """How long its slowest run took, and how many updates that were: a mean is known once all seeds are there.

    And how many of them are 1 on the axis.
    """
    group, unit = seen.group, steps_an_epoch(seen) if epochs else 1
    steps, seconds = max(run.step for run in group.runs), max(run.seconds for run in group.runs)
    line = {"name": group.title, "colour": group.colour, "dashed": group.dashed}
    return {**line, "steps": steps, "seconds": seconds, "unit": unit}


def replay_chart(figure: go.Figure, alt: str) -> dict[str, str]:
    """A chart, whole: what has a network's name for its legend group grows, everything else stands."""
    return {"figure": str(legible_figure(figure).to_json()), "alt": alt}


def show_replay(
    curves: dict[str, str],
    strip: dict[str, str],
    paces: Iterable[dict[str, Any]],
    words: tuple[str, Sequence[tuple[str, str]]],
    paused: bool,
) -> None:
    """`replay_chart` of `curves_chart` and of `norms_chart`; a note and the views of others stand between them.

    It begins to play or, paused, waits at its beginning. Needs `load_plotly()` on the page.
    """
    note, views = words
    told = {"paces": [*paces], "note": note, "views": [list(view) for view in views], "paused": paused}
    replay_component()(key="replay", data={"curves": curves, "strip": strip} | told)


def replay_script() -> str:
    """What runs in the browser."""
    # Not as the component's own style: the page hides whatever brings one. Not apart from the page: plotly's are there.
    return f"const CSS = {json.dumps(read_files('replay/replay.css'))};\n{link_modules('replay/replay.js')}"


@st.cache_resource(show_spinner=False)
def replay_component():
    return component("replay", html=read_files("replay/replay.html"), js=replay_script(), isolate_styles=False)
