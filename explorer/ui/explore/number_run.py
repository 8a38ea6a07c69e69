"""Where a picture stops because the network asks for values: the rest, by one run on real numbers."""

from dataclasses import replace
from functools import partial

import streamlit as st

from explorer.analysis.model_summary import ModelSummary
from explorer.formatting import literal
from explorer.models.selection import LARGEST_SEED, ModelSelection
from explorer.models.spec import Spec, given
from explorer.tracing.failures import wants_numbers
from explorer.tracing.number_runs import number_runs
from explorer.ui.explore.page_state import current, go
from explorer.ui.session import show_growing, unbroken

EVERY = 1.0  # seconds
HELP = (
    "Runs the network once on real numbers, in a process of its own that you can stop: noise for what goes in, and the "
    "weights that its code starts with. The picture then shows the way that these numbers took."
)
ONE_WAY = (
    ":material/alt_route: **One of several paths.** Where this network asks for values, the picture shows what it did "
    "on these: noise between 0 and 1, and the weights that its code starts with, both by seed {}."
)


def number_run(place: ModelSelection, known: ModelSummary) -> None:
    if known.spec.seed is not None:
        with st.container(horizontal=True, vertical_alignment="center", key="number-run"):
            st.markdown(ONE_WAY.format(known.spec.seed), width="stretch")
            again = (place.seed or 0) + 1
            if again <= LARGEST_SEED:
                st.button("Other numbers", icon=":material/casino:", on_click=unbroken(draw_rest), args=(place, again))
            st.button("Up to the question only", icon=":material/undo:", on_click=unbroken(back))
    elif wants_numbers(known.graph) and given(place.spec) is None:
        spec = replace(place.spec, seed=place.seed or 0)
        show_growing(partial(run_status, place, spec), lambda: not number_runs().under_way(spec), EVERY)


def run_status(place: ModelSelection, spec: Spec) -> None:
    runs = number_runs()
    with st.container(horizontal=True, vertical_alignment="center", key="number-run"):
        if runs.under_way(spec):
            st.markdown(f"Running it once on noise, seed {spec.seed}: {runs.seconds(spec):.0f} s …", width="stretch")
            st.button("Stop", icon=":material/stop:", on_click=unbroken(runs.stop), args=(spec,), key="number-run/stop")
            return
        if trouble := runs.trouble(spec):
            st.markdown(f":material/error: {literal(trouble)}", width="stretch")
        again = (place, spec.seed)
        st.button("Draw the rest", icon=":material/alt_route:", help=HELP, on_click=unbroken(draw_rest), args=again)


def draw_rest(place: ModelSelection, seed: int) -> None:
    number_runs().start(replace(place.spec, seed=seed))
    go(replace(current(), seed=seed))


def back() -> None:
    go(replace(current(), seed=None))
