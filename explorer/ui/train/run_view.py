"""The runs as they go on: what can be done with them, curves, words and table, the replay, and what stands below."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from explorer.datasets.dataset import Dataset
from explorer.formatting import literal
from explorer.training.recipe import Recipe
from explorer.training.results.charts import CurvesLook, PublishedMark, curves_chart, norms_chart
from explorer.training.results.findings import Result, run_findings
from explorer.training.results.grouping import (
    Seen,
    groups,
    pictures_of,
    plan_of,
    run_result,
    seen_group,
)
from explorer.training.results.reference_errors import THEIRS, reference_figures
from explorer.training.runs.recorded_runs import every_run, provenance
from explorer.training.runs.store import CAN_GO_ON, UNDER_WAY, Run, StoreTrouble
from explorer.training.scheduler.service import training_service
from explorer.ui.components.plotly_chart import draw_chart
from explorer.ui.components.replay import replay_chart, show_replay
from explorer.ui.session import again
from explorer.ui.train.dataset import pictures_tab
from explorer.ui.train.library import GROW, REPLAYING, action_button, library_tab
from explorer.ui.train.page_state import current_experiment, go_experiment
from explorer.ui.train.results import after_tab
from explorer.ui.train.run_table import beside, figure_source, standings

EVERY = 0.6  # seconds
PLAYED = "Training loss and test error of every network, drawn over time as they were measured."
ALT = "The gradient norm of the first layer of every network over the steps, and below it that of every layer as a map."


def discussion_sections(dataset: Dataset, recipe: Recipe) -> None:
    fills = {
        "Pictures": lambda: pictures_tab(dataset, recipe),
        "Questions": discussion_questions,
        "After the run": lambda: after_tab(shown_runs()),
        "Library": library_tab,
    }
    for tab, fill in zip(st.tabs(list(fills), key="below/train", on_change="rerun"), fills.values(), strict=True):
        if tab.open:
            with tab:
                fill()


def discussion_questions() -> None:
    """Each with its answer folded, where the run does not give it."""
    asked = current_experiment().experiment.ask
    if not asked:
        st.markdown("What did you expect, and what came?")
    for number, (question, answer) in enumerate(asked, 1):
        st.markdown(f"{number}. {question}")
        if answer:
            with st.expander(f"An answer to question {number}"):
                st.markdown(answer)


def run_board(classes: int) -> None:
    """Nothing where nothing runs or ran."""
    runs = shown_runs()
    if not runs:
        return
    st.session_state.growing = any(run.state in UNDER_WAY for run in runs)
    st.fragment(grow, run_every=EVERY if st.session_state.growing else None)(classes)


def shown_runs() -> tuple[Run, ...]:
    """Those of the lab that are still in the store."""
    wanted = current_experiment().runs
    known = every_run(training_service().store) if wanted else {}
    return tuple(known[run] for run in wanted if run in known)


def grow(classes: int) -> None:
    try:
        runs = shown_runs()
        found = [seen_group(training_service().store, group) for group in groups(runs)]
    except StoreTrouble as trouble:
        st.warning(literal(str(trouble)), icon=":material/hourglass_empty:")
        return
    look = run_controls(runs)
    if trouble := training_service().queue_status().trouble:
        st.warning(literal(trouble))
    if st.session_state.get(REPLAYING) and not st.session_state.growing:
        replay_board(found, look, classes)
    else:
        draw_runs(found, look, classes)
    if st.session_state.growing and not any(run.state in UNDER_WAY for run in runs):
        again()  # without the timer


def replay_board(found: Sequence[Seen], look: CurvesLook, classes: int) -> None:
    """The charts alone: all else would give the end away, and opens below."""
    curves = replay_chart(curves_chart(found, look, classes, published_marks(found)), PLAYED)
    strips = replay_chart(norms_chart(found), ALT)
    runs = [run for each in found for run in each.group.runs]
    show_replay(curves, strips, (each.group for each in found), provenance(runs), current_experiment().experiment.views)
    with st.expander("How it ended"):
        results = [run_result(each) for each in found]
        results_summary(found, results, run_findings(results, classes))


def draw_runs(found: Sequence[Seen], look: CurvesLook, classes: int) -> None:
    results = [run_result(each) for each in found]
    said = run_findings(results, classes) or ("No steps yet.",)
    draw_chart(curves_chart(found, look, classes, published_marks(found)), key="curves", alt=" ".join(said))
    if made := provenance([run for each in found for run in each.group.runs]):
        st.caption(literal(made))
    results_summary(found, results, said)
    if views := current_experiment().experiment.views:  # what others say of the gradients, above the measured ones
        for column, (who, view) in zip(st.columns(len(views)), views, strict=True):
            column.caption(f"**{who}:** {view}")
    draw_chart(norms_chart(found), key="norms", alt=ALT)


def results_summary(found: Sequence[Seen], results: Sequence[Result], said: Sequence[str]) -> None:
    """How far each network is, and what that says."""
    st.markdown(standings(found, results, dict(training_service().queue_status().seconds_left)), unsafe_allow_html=True)
    # As high from the beginning as it will be, so that nothing below it moves.
    with st.container(key="said-of-many" if len(found) > 3 else "said-of-several"):
        st.markdown("\n".join(f"- {sentence}" for sentence in said))
    beside(found, results)


def published_marks(found: Sequence[Seen]) -> list[PublishedMark]:
    """The first published test error of each very network on its pictures, in runs that are meant to come near it."""
    if current_experiment().length != "full":
        return []
    marks = []
    for group in (each.group for each in found):
        beyond = max(run.steps for run in group.runs) < (THEIRS.steps or 0)
        for figure in reference_figures(group.plan, pictures_of(group.runs[0]))[:1]:
            marks.append(PublishedMark(group.title, figure.value / 100, figure_source(figure), beyond))
    return marks


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
