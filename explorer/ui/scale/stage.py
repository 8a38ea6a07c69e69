"""The stage: plays φ in the browser, out of networks that are counted in the background while it plays."""

from dataclasses import replace
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

from explorer.scaling.range import in_order, payload
from explorer.scaling.stands import MODES
from explorer.ui.scale.state import begin, by_itself, counts, current, go, publish, reached
from explorer.ui.scripts import read
from explorer.ui.session import again

EVERY = 0.7  # seconds between two looks at what has been counted meanwhile
FIRST = 1.0  # seconds that a first visitor waits for the two ends of the range


def stage(alone: bool) -> None:
    """While there is more to come it brings itself up to date; after that only when the visitor comes to rest.

    Where it stands alone, in a visitor's first run, it asks for the rest of the page once it is drawn.
    """
    specs = in_order()
    counts().want(specs)
    counts().wait(specs[:2], FIRST)
    st.fragment(play, run_every=begin("stage", counts().settled(specs), EVERY))(alone)


def play(alone: bool) -> None:
    itself = by_itself("stage")
    if alone and itself:
        again()  # the stage is drawn: what stands below may come
    specs, stand = in_order(), current()
    if st.session_state.get("stage_revision") != st.session_state.stand_revision:  # a link was followed
        st.session_state.stage_revision = st.session_state.stand_revision
        st.session_state.stage_start = {
            "phi": stand.phi,
            "mode": stand.mode,
            "revision": st.session_state.stand_revision,
        }
    data = payload(counts().found(specs)) | st.session_state.stage_start | {"alone": alone}
    player()(key="stage", data=data, on_event_change=rested)
    publish()
    if itself and reached("stage", counts().settled(specs)):
        again()


def rested() -> None:
    """The stage has come to rest at a network: that is where its link leads."""
    told: Any = (st.session_state.get("stage") or {}).get("event")
    if told and told.get("mode") in MODES:
        go(replace(current(), phi=round(float(told["phi"]), 2), mode=told["mode"]))


@st.cache_resource(show_spinner=False)
def player():
    js = read("shared.js", "scale/slabs.js", "scale/player.js", "scale/figures.js", "scale/stage.js")
    return component("scale_stage", html=read("scale/stage.html"), css=read("scale/stage.css"), js=js)
