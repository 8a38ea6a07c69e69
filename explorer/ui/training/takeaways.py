"""Take it home: a run's weights, its log, the lines that load it, and a link."""

from collections.abc import Callable

import streamlit as st

from explorer.answers import Answers
from explorer.recorded import record_of
from explorer.runs import plan_of
from explorer.takeaways import file_name, loading_lines, weights
from explorer.training.jobs import jobs
from explorer.training.store import Run
from explorer.ui.training.state import current, link

BYTES = "application/octet-stream"


def takeaways(run: Run, known: Answers | None) -> None:
    plan, store = plan_of(run.plan), jobs().store
    name = file_name(run.title, plan.recipe.seed)
    st.markdown("##### Take it home")
    with st.container(horizontal=True):
        if known:
            offer("Weights", f"{name}.safetensors", BYTES, lambda: packed(run, known), "read without running any code")
        offer("Log as CSV", f"{name}.csv", "text/csv", lambda: record_of(store, run).csv(), "every step, one a line")
        offer("Log as JSON", f"{name}.json", "application/json", lambda: record_of(store, run).json(), "and its plan")
    if known:
        with st.expander("Load the weights in Python"):
            st.code(loading_lines(plan, known, f"{name}.safetensors"), language="python")
    st.caption("The camera above a chart saves it as a picture. The link to these runs, for all who use this server:")
    st.code(link(current()), language=None)


def offer(label: str, file: str, mime: str, make: Callable[[], str | bytes], help: str) -> None:
    """A button; what it gives is made when it is pressed."""
    icon, key = ":material/download:", f"after/{label}"
    st.download_button(label, make, file, mime, key=key, help=help, icon=icon, on_click="ignore")


def packed(run: Run, known: Answers) -> bytes:
    checkpoint = jobs().store.checkpoint(run.id)
    if not checkpoint:
        raise ValueError("The run was deleted meanwhile.")
    about = {"title": run.title, "plan": run.plan, "step": str(checkpoint.step), "mean": str(known.mean)}
    return weights(checkpoint.state, about | {"std": str(known.std), "test_error": f"{known.error:.4f}"})
