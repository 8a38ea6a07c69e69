"""The row above the curves: how to look at them, and what can be done with the runs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from explorer.runs import groups, plan_of
from explorer.training.jobs import jobs
from explorer.training.store import CAN_GO_ON, UNDER_WAY, Run
from explorer.ui.literal import literal
from explorer.ui.training.deed import act
from explorer.ui.training.library_deeds import REPLAYING
from explorer.ui.training.state import current, go


@dataclass(frozen=True)
class Look:
    quantity: str = "loss"  # or error, of the training batches
    smooth: bool = True
    logarithmic: bool = False


def controls(runs: Sequence[Run]) -> Look:
    with st.container(horizontal=True, vertical_alignment="center", key="controls"):
        look = looks()
        st.space("stretch")
        if said := st.session_state.get(f"guess/{current().key}/kept"):
            st.markdown(f"Your guess: **{literal(said)}**", width="content")
        deeds(runs)
    return look


def looks() -> Look:
    quantity = st.segmented_control(
        "Training", ["loss", "error"], default="loss", required=True, key="quantity", label_visibility="collapsed"
    )
    smooth = st.toggle("Smooth", True, key="smooth", help="The mean over the last 20 steps, or every step.")
    logarithmic = st.toggle("Log", key="logarithmic", help="A logarithmic scale for the training curves.")
    return Look(quantity or "loss", smooth, logarithmic)


def deeds(runs: Sequence[Run]) -> None:
    """Only what can be done now."""
    live = [run.id for run in runs if run.state in UNDER_WAY]
    resting = [run.id for run in runs if run.state in CAN_GO_ON and not run.recorded]
    again_able = [run for run in runs if not run.recorded]
    if live:
        act("Pause", ":material/pause:", lambda: jobs().pause(live))
        act("Stop", ":material/stop:", lambda: jobs().stop(live))
    if resting:
        act("Go on", ":material/play_arrow:", lambda: jobs().go_on(resting))
    if not live:
        st.toggle("Replay", key=REPLAYING, help="The curves grow as they once did.")
        if again_able:
            act("Another seed", ":material/casino:", lambda: again(again_able), ANOTHER)
        act("New run", ":material/restart_alt:", lambda: go(replace(current(), runs=())), NEW)


ANOTHER = "Train every network once more, from other weights: the curves become means with a band."
NEW = "Back to the set-up. These runs stay in the library."


def again(runs: Sequence[Run]) -> None:
    """Every network once more, with a seed that none of its runs has had."""
    fresh = []
    for group in groups(runs):
        seed = 1 + max(plan_of(run.plan).recipe.seed for run in group.runs)
        fresh.append(jobs().again(group.runs[0].id, seed))
    go(replace(current(), runs=(*current().runs, *fresh)))
