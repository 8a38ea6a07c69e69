"""The row above the curves: how to look at them, and what can be done with the runs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from explorer.formatting import literal
from explorer.training.results.grouping import groups, plan_of
from explorer.training.runs.store import CAN_GO_ON, UNDER_WAY, Run
from explorer.training.scheduler.service import training_service
from explorer.ui.train.library_actions import GROW, REPLAYING
from explorer.ui.train.page_state import current_experiment, go_experiment
from explorer.ui.train.run_action import action_button


@dataclass(frozen=True)
class CurvesLook:
    quantity: str = "loss"  # or error, of the training batches
    smooth: bool = True
    logarithmic: bool = False


def run_controls(runs: Sequence[Run]) -> CurvesLook:
    with st.container(horizontal=True, vertical_alignment="center", key="controls"):
        look = looks()
        st.space("stretch")
        if said := st.session_state.get(f"guess/{current_experiment().key}/kept"):
            st.markdown(f"Your guess: **{literal(said)}**", width="content")
        run_actions(runs)
    return look


def looks() -> CurvesLook:
    quantity = st.segmented_control(
        "Training", ["loss", "error"], default="loss", required=True, key="quantity", label_visibility="collapsed"
    )
    smooth = st.toggle("Smooth", True, key="smooth", help="The mean over the last 20 steps, or every step.")
    logarithmic = st.toggle("Log", key="logarithmic", help="A logarithmic scale for the training curves.")
    return CurvesLook(quantity or "loss", smooth, logarithmic)


def run_actions(runs: Sequence[Run]) -> None:
    """Only what can be done now."""
    live = [run.id for run in runs if run.state in UNDER_WAY]
    resting = [run.id for run in runs if run.state in CAN_GO_ON and not run.recorded]
    again_able = [run for run in runs if not run.recorded]
    if live:
        action_button("Pause", ":material/pause:", lambda: training_service().pause(live))
        action_button("Stop", ":material/stop:", lambda: training_service().stop(live))
    if resting:
        action_button("Go on", ":material/play_arrow:", lambda: training_service().go_on(resting))
    if not live:
        st.toggle("Replay", key=REPLAYING, help=GROW)
        if again_able:
            action_button("Another seed", ":material/casino:", lambda: add_seed(again_able), ANOTHER)
        cleared = replace(current_experiment(), runs=())
        action_button("New run", ":material/restart_alt:", lambda: go_experiment(cleared), NEW)


ANOTHER = "Train every network once more, from other weights: the curves become means with a band."
NEW = "Back to the set-up. These runs stay in the library."


def add_seed(runs: Sequence[Run]) -> None:
    """Every network once more, with a seed that none of its runs has had."""
    fresh = []
    for group in groups(runs):
        seed = 1 + max(plan_of(run.plan).recipe.seed for run in group.runs)
        fresh.append(training_service().again(group.runs[0].id, seed))
    go_experiment(replace(current_experiment(), runs=(*current_experiment().runs, *fresh)))
