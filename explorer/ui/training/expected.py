"""How long the experiment will take here, beside the button that starts it."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace

import streamlit as st

from explorer.training.forecast import forecast, together
from explorer.training.jobs import jobs
from explorer.training.plan import Plan
from explorer.ui.literal import literal
from explorer.ui.training.standings import duration


def expected(plans: Sequence[Plan]) -> None:
    """Says that it is being measured, until it is."""
    asked = {plan: measured_by(replace(plan, recipe=replace(plan.recipe, seed=0)).json()) for plan in plans}
    waiting = not all(answer.done() for answer in asked.values())
    st.fragment(say, run_every=1.0 if waiting else None)([asked[plan] for plan in plans], waiting)


@st.cache_resource(max_entries=500, show_spinner=False)
def measured_by(plan: str) -> Future[float]:
    """Asked once on this server, whatever the seed."""
    return jobs().errand(forecast, plan)


def say(answers: Sequence[Future[float]], waited: bool) -> None:
    done = [answer for answer in answers if answer.done()]
    if len(done) < len(answers):
        st.caption("Measuring how long it will take …")
        return
    if waited:
        st.rerun()  # without the timer
    try:
        seconds = together([answer.result() for answer in done], jobs().outlook().workers)
    except ValueError as error:
        st.caption(literal(str(error)))
    else:
        st.caption(f"About **{duration(seconds)}** on this computer, by a few measured steps.")
