"""What is played in the browser alone, at any speed: curves that grow again as they did when they were trained, and a
window that slides over what it reads while its map appears."""

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st
from streamlit.components.v2 import component

from explorer.training.results.charts import steps_an_epoch
from explorer.training.results.grouping import Seen
from explorer.ui.charts import legible_figure
from explorer.ui.components.component import Event, heard, link_modules, read_files, receiver


def training_pace(seen: Seen, epochs: bool) -> dict[str, Any]:
    """How long its slowest run took, and how many updates that were: a mean is known once all seeds are there.

    And how many of them are 1 on the axis.
    """
    group, unit = seen.group, steps_an_epoch(seen) if epochs else 1
    steps, seconds = max(run.step for run in group.runs), max(run.seconds for run in group.runs)
    line = {"name": group.title, "colour": group.colour, "dashed": group.dashed}
    return {**line, "steps": steps, "seconds": seconds, "unit": unit}


def replay_chart(figure: go.Figure, alt: str) -> dict[str, str]:
    """A chart, whole: what has a network's name for its legend group grows, everything else stands.

    No higher in projector mode: it shall be in sight together with what plays it.
    """
    height = figure.layout.height  # pyright: ignore[reportAttributeAccessIssue]
    return {"figure": str(legible_figure(figure).update_layout(height=height).to_json()), "alt": alt}


def show_replay(
    curves: dict[str, str],
    strip: dict[str, str],
    paces: Iterable[dict[str, Any]],
    words: tuple[str, Sequence[tuple[str, str]]],
    paused: bool,
) -> None:
    """`replay_chart` of `curves_chart` and of `norms_chart`; a note and the views of others stand between them.

    It begins to play or, paused, waits at its beginning.
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


def play_window(played: dict[str, Any], *, key: str, on_event: Callable[[Event], None]) -> None:
    """`played` has the pictures of `input` and `output` with their sides, the `rows` and `columns` of the input, from
    and up to, of which each of the output's is computed, its `values` line by line, the row and column of its `corner`
    in the whole map, and the place to stand `at`; without one, -1, it begins to play.

    `on_event` is called before the rerun: "choose" with "row,column" of the number that was clicked.
    """
    window_component()(key=key, data=played | heard(key), on_event_change=receiver(key, on_event))


@st.cache_resource(show_spinner=False)
def window_component():
    css, html = read_files("replay/replay.css", "replay/sliding_window.css"), read_files("replay/sliding_window.html")
    return component("sliding_window", html=html, css=css, js=link_modules("replay/sliding_window.js"))
