"""Curves that grow again as they did when they were trained, at any speed, in the browser alone."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import plotly.graph_objects as go
import streamlit as st
from streamlit.components.v2 import component

from explorer.training.results.grouping import Group
from explorer.ui.components.component import link_modules, read_files


@dataclass(frozen=True)
class TrainingPace:
    """How long the training of one network took, and how many updates that were."""

    name: str
    colour: str
    dashed: bool
    steps: int
    seconds: float


def pace_of(group: Group) -> TrainingPace:
    """Of its slowest run: a mean over seeds is known once all of them are there."""
    steps, seconds = max(run.step for run in group.runs), max(run.seconds for run in group.runs)
    return TrainingPace(group.title, group.colour, group.dashed, steps, seconds)


@dataclass(frozen=True, eq=False)
class ReplayChart:
    """A chart, whole: what has a network's name for its legend group grows, everything else stands."""

    figure: go.Figure
    alt: str

    def plain(self) -> dict[str, str]:
        return {"figure": str(self.figure.to_json()), "alt": self.alt}


def show_replay(
    curves: ReplayChart, strip: ReplayChart, paces: Sequence[TrainingPace], note: str, views: Sequence[tuple[str, str]]
) -> None:
    """The figures of `curves_chart` and `norms_chart`; `note` and `views` stand between them.

    Needs `load_plotly()` on the page.
    """
    charts = {"curves": curves.plain(), "strip": strip.plain()}
    told = {"paces": [asdict(each) for each in paces], "note": note, "views": [list(view) for view in views]}
    replay_component()(key="replay", data=charts | told)


def replay_script() -> str:
    """What runs in the browser."""
    # Not as the component's own style: the page hides whatever brings one. Not apart from the page: plotly's are there.
    return f"const CSS = {json.dumps(read_files('replay/replay.css'))};\n{link_modules('replay/replay.js')}"


@st.cache_resource(show_spinner=False)
def replay_component():
    return component("replay", html=read_files("replay/replay.html"), js=replay_script(), isolate_styles=False)
