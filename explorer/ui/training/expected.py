"""How long the experiment will take here, beside the button that starts it."""

from collections.abc import Sequence
from concurrent.futures import Future

import streamlit as st

from explorer.runs import seedless
from explorer.training.forecast import forecast, together
from explorer.training.jobs import jobs
from explorer.training.plan import Plan
from explorer.ui.literal import literal
from explorer.ui.session import again
from explorer.ui.training.standings import duration

HOW = "On this computer: a few steps of each network were measured, and thrown away."


def expected(plans: Sequence[Plan]) -> None:
    """Says that it is being measured, until it is."""
    asked = {plan: measured_by(seedless(plan).json()) for plan in plans}
    waiting = not all(answer.done() for answer in asked.values())
    st.fragment(say, run_every=1.0 if waiting else None)([asked[plan] for plan in plans], waiting)


@st.cache_resource(max_entries=500, show_spinner=False)
def measured_by(plan: str) -> Future[float]:
    """Asked once on this server, whatever the seed."""
    return jobs().run_on_worker(forecast, plan)


def say(answers: Sequence[Future[float]], waited: bool) -> None:
    done = [answer for answer in answers if answer.done()]
    if len(done) < len(answers):
        st.caption("Measuring the time …", width="content")
        return
    if waited:
        again()  # without the timer
    try:
        seconds = together([answer.result() for answer in done], jobs().queue_status().workers)
    except ValueError as error:
        st.caption(literal(str(error)))
    else:
        st.caption(f"About **{duration(seconds)}** here", help=HOW, width="content")
