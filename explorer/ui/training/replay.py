"""Curves that grow again as they did when they were trained, at any speed, in the browser alone."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import plotly.graph_objects as go
import streamlit as st
from streamlit.components.v2 import component

from explorer.runs import Group
from explorer.ui.live import PLOTTING

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Pace:
    """How long the training of one network took, and how many updates that were."""

    name: str
    colour: str
    dashed: bool
    steps: int
    seconds: float


def pace(group: Group) -> Pace:
    """Of its slowest run: a mean over seeds is known once all of them are there."""
    steps, seconds = max(run.step for run in group.runs), max(run.seconds for run in group.runs)
    return Pace(group.title, group.colour, group.plain, steps, seconds)


def replay(figure: go.Figure, paces: Sequence[Pace], note: str = "", *, key: str, alt: str) -> None:
    """`figure` from `curves_chart`, whole: what is named after a network grows, everything else stands.

    Needs `live.prepare()` on the page.
    """
    told = {"figure": figure.to_json(), "paces": [asdict(each) for each in paces], "note": note, "alt": alt}
    player()(key=key, data=told)


@st.cache_resource(show_spinner=False)
def player():
    html, css, js = ((HERE / f"replay.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js"))
    # Not as the component's own style: the page hides whatever brings one. Not apart from the page: plotly's are there.
    return component("replay", html=html, js=f"const CSS = {json.dumps(css)};\n{PLOTTING}{js}", isolate_styles=False)
