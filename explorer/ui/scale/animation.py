"""The animation on top of the page: φ plays in the browser while its networks are counted in the background."""

from dataclasses import replace

import streamlit as st

from explorer.scaling.phi_sweep import ordered_specs
from explorer.ui.components.component import Event
from explorer.ui.components.scaling_stage import play_networks
from explorer.ui.scale.page_state import (
    MODES,
    begin,
    by_itself,
    current_scale,
    go_scale,
    publish_scale,
    reached,
    scaling_counts,
)
from explorer.ui.session import again

EVERY = 0.7  # seconds between two looks at what has been counted meanwhile
FIRST = 1.0  # seconds that a first visitor waits for the two ends of the range


def animation(alone: bool) -> None:
    """While there is more to come it brings itself up to date; after that only when the visitor comes to rest.

    Where it stands alone, in a visitor's first run, it asks for the rest of the page once it is drawn.
    """
    specs = ordered_specs()
    scaling_counts().want(specs)
    scaling_counts().wait(specs[:2], FIRST)
    st.fragment(animate, run_every=begin("stage", scaling_counts().settled(specs), EVERY))(alone)


def animate(alone: bool) -> None:
    itself = by_itself("stage")
    if alone and itself:
        again()  # the stage is drawn: what stands below may come
    specs, stand, revision = ordered_specs(), current_scale(), st.session_state.stand_revision
    if st.session_state.get("stage_start", {}).get("revision") != revision:  # a link was followed
        st.session_state.stage_start = {"phi": stand.phi, "mode": stand.mode, "revision": revision}
    play_networks(scaling_counts().found(specs), st.session_state.stage_start | {"alone": alone}, stage_rested)
    publish_scale()
    if itself and reached("stage", scaling_counts().settled(specs)):
        again()


def stage_rested(event: Event) -> None:
    """The stage has come to rest at a network: that is where its link leads."""
    if event.type == "rested" and event.id in MODES:
        go_scale(replace(current_scale(), phi=round(float(event.value), 2), mode=event.id))
