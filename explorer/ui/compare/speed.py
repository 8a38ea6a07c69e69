"""Speed here: networks run on this machine, their times beside their MACs, and what the machine could do at most."""

import streamlit as st

from explorer.compare.speed_words import disturbed
from explorer.compare.timing_jobs import jobs
from explorer.compare.timing_store import StoreTrouble
from explorer.ui.compare.speed_charts import charts, check_link
from explorer.ui.compare.speed_setup import Chosen, set_up
from explorer.ui.compare.speed_status import ended, status
from explorer.ui.compare.speed_table import published, table
from explorer.ui.components.plotly_chart import load_plotly
from explorer.ui.literal import literal
from explorer.ui.session import again, show_problems

EVERY = 0.7  # seconds
NOTHING = (
    "Nothing has been measured on this machine yet. One press runs ten networks in a process of their own, one image "
    "at a time, then 8, then 32: about a minute and a half on two quiet cores. You may leave the page meanwhile."
)


def speed() -> None:
    load_plotly()
    check_link()
    show_problems()
    chosen = set_up()
    st.session_state["speed/growing"] = growing = bool(jobs().queue())
    st.fragment(board, run_every=EVERY if growing else None)(chosen)


def board(chosen: Chosen) -> None:
    """What is under way, for every visitor to see, and what has been measured so far."""
    waiting = jobs().queue()
    if waiting:
        status(waiting)
    else:
        ended(jobs().ended())
    try:
        shown = chosen.measured()
    except StoreTrouble as trouble:
        st.warning(literal(str(trouble)), icon=":material/save:")
        return
    if not shown and not waiting:
        st.info(NOTHING, icon=":material/speed:")
    if shown:
        if not waiting and (warning := disturbed(shown, literal)):
            st.caption(f":material/warning: {warning}")
        charts(shown, chosen)
        table(shown)
    published(shown)
    if st.session_state.get("speed/growing") and not waiting:
        again()  # once more as a whole, without the timer
