"""The stage of compound scaling: plays φ in the browser, out of networks that were built and counted."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

from explorer.analysis.model_summary import GraphCounts
from explorer.models.spec import Spec
from explorer.scaling.base_models import exact_specs, factors_of, implied_phis, shipped_specs
from explorer.scaling.compound_law import PAPER
from explorer.ui.components.component import Event, heard, link_modules, read_files, receiver

KEY = "stage"
Payload = dict[str, Any]


def play_networks(found: Mapping[Spec, GraphCounts], start: Payload, on_event: Callable[[Event], None]) -> None:
    """Of `found` what the stage shows. `start` has φ, the mode, and a revision that grows when both are to be taken.

    It tells that it is `drawn`, if `start` has it `alone`, and where it has `rested`: the mode and φ.
    """
    mount_stage()(key=KEY, data=stage_payload(found) | start | heard(KEY), on_event_change=receiver(KEY, on_event))


def stage_payload(found: Mapping[Spec, GraphCounts]) -> Payload:
    """All that the browser needs to play, of the networks that are there: some thirty numbers each."""
    exact = [network_payload(found[spec]) | {"phi": phi} for phi, spec in exact_specs().items() if spec in found]
    shipped = [
        network_payload(found[spec]) | {"phi": index, "factors": factors_of(spec), "implied": implied_phis(spec)}
        for index, spec in shipped_specs().items()
        if spec in found
    ]
    return {"law": (PAPER.alpha, PAPER.beta, PAPER.gamma), "exact": exact, "shipped": shipped}


def network_payload(counted: GraphCounts) -> Payload:
    return {
        "params": counted.params,
        "macs": counted.macs,
        "memory": counted.peak,
        "stages": [list(stage) for stage in counted.stages],
    }


@st.cache_resource(show_spinner=False)
def mount_stage():
    html, css = read_files("scaling_stage/stage.html"), read_files("scaling_stage/stage.css")
    return component("scaling_stage", html=html, css=css, js=link_modules("scaling_stage/stage.js"))
