"""The runs as they go on: curves, words and table, the replay, and what stands below."""

from collections.abc import Sequence

import streamlit as st

from explorer.datasets.dataset import Dataset
from explorer.formatting import literal
from explorer.training.recipe import Recipe
from explorer.training.results.charts import Axes, ChartSeries, PublishedMark, curves_chart, norms_chart
from explorer.training.results.findings import Result, run_findings
from explorer.training.results.grouping import (
    Seen,
    chart_entry,
    gradient_strip,
    groups,
    pictures_of,
    run_result,
    seen_group,
)
from explorer.training.results.reference_errors import THEIRS, reference_figures
from explorer.training.runs.recorded_runs import every_run, provenance
from explorer.training.runs.store import UNDER_WAY, Run, StoreTrouble
from explorer.training.scheduler.service import training_service
from explorer.ui.components.plotly_chart import draw_chart
from explorer.ui.components.replay import ReplayChart, pace_of, show_replay
from explorer.ui.session import again
from explorer.ui.train.dataset import pictures_tab
from explorer.ui.train.library import library_tab
from explorer.ui.train.library_actions import REPLAYING
from explorer.ui.train.page_state import current_experiment, publish_experiment
from explorer.ui.train.results import after_tab
from explorer.ui.train.run_controls import CurvesLook, run_controls
from explorer.ui.train.run_table import beside, figure_source, standings

EVERY = 0.6  # seconds
PLAYED = "Training loss and test error of every network, drawn over time as they were measured."
ALT = "The gradient norm of the first layer of every network over the steps, and below it that of every layer as a map."


def discussion_sections(dataset: Dataset, recipe: Recipe) -> None:
    fills = {
        "Pictures": lambda: pictures_tab(dataset, recipe),
        "Questions": discussion_questions,
        "After the run": lambda: after_tab(shown_runs()),
        "Library": lambda: library_tab(publish_experiment),
    }
    for tab, fill in zip(st.tabs(list(fills), key="below/train", on_change="rerun"), fills.values(), strict=True):
        if tab.open:
            with tab:
                fill()


def discussion_questions() -> None:
    asked = current_experiment().experiment.ask
    st.markdown("\n".join(f"1. {question}" for question in asked) if asked else "What did you expect, and what came?")


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
    curves = ReplayChart(curves_chart(*chart_of(found, look, classes)), PLAYED)
    strips = ReplayChart(norms_chart([gradient_strip(each) for each in found], steps_of(found)), ALT)
    runs = [run for each in found for run in each.group.runs]
    paces, views = [pace_of(each.group) for each in found], current_experiment().experiment.views
    show_replay(curves, strips, paces, provenance(runs), views)
    with st.expander("How it ended"):
        results = [run_result(each) for each in found]
        results_summary(found, results, run_findings(results, classes))


def chart_of(found: Sequence[Seen], look: CurvesLook, classes: int) -> tuple[list[ChartSeries], Axes]:
    axes = Axes(look.quantity, steps_of(found), classes, look.logarithmic)
    return [chart_entry(each, look.quantity, look.smooth, marks_of(each)) for each in found], axes


def steps_of(found: Sequence[Seen]) -> int:
    return max((run.steps for each in found for run in each.group.runs), default=0) or 1


def draw_runs(found: Sequence[Seen], look: CurvesLook, classes: int) -> None:
    results = [run_result(each) for each in found]
    said = run_findings(results, classes) or ("No steps yet.",)
    draw_chart(curves_chart(*chart_of(found, look, classes)), key="curves", alt=" ".join(said))
    if made := provenance([run for each in found for run in each.group.runs]):
        st.caption(literal(made))
    results_summary(found, results, said)
    if views := current_experiment().experiment.views:  # what others say of the gradients, above the measured ones
        for column, (who, view) in zip(st.columns(len(views)), views, strict=True):
            column.caption(f"**{who}:** {view}")
    draw_chart(norms_chart([gradient_strip(each) for each in found], steps_of(found)), key="norms", alt=ALT)


def results_summary(found: Sequence[Seen], results: Sequence[Result], said: Sequence[str]) -> None:
    """How far each network is, and what that says."""
    st.markdown(standings(found, results, dict(training_service().queue_status().seconds_left)), unsafe_allow_html=True)
    # As high from the beginning as it will be, so that nothing below it moves.
    with st.container(key="said-of-many" if len(found) > 3 else "said-of-several"):
        st.markdown("\n".join(f"- {sentence}" for sentence in said))
    beside(found, results)


def marks_of(each: Seen) -> tuple[PublishedMark, ...]:
    """The first published test error of this very network on these pictures, in runs that are meant to come near it."""
    if current_experiment().length != "full":
        return ()
    beyond = max(run.steps for run in each.group.runs) < (THEIRS.steps or 0)
    figures = reference_figures(each.group.plan, pictures_of(each.group.runs[0]))[:1]
    return tuple(PublishedMark(figure.value / 100, figure_source(figure), beyond) for figure in figures)
