"""The runs that are shown: their curves, how far each is and what they say; redrawn while they grow."""

from collections.abc import Sequence

import streamlit as st

from explorer.gradient_charts import norms_chart
from explorer.learning_charts import Axes, Entry, Mark, curves_chart
from explorer.published_errors import THEIRS, published
from explorer.recorded import every_run, provenance
from explorer.runs import Seen, entry, groups, pictures_of, result, seen, strip
from explorer.training.jobs import jobs
from explorer.training.store import UNDER_WAY, Run, StoreTrouble
from explorer.ui.components.plotly_chart import draw_chart
from explorer.ui.components.replay import ReplayChart, pace_of, show_replay
from explorer.ui.literal import literal
from explorer.ui.session import again
from explorer.ui.training.beside import beside, source
from explorer.ui.training.controls import Look, controls
from explorer.ui.training.library_deeds import REPLAYING
from explorer.ui.training.standings import standings
from explorer.ui.training.state import current
from explorer.verdicts import Result, verdicts

EVERY = 0.6  # seconds
PLAYED = "Training loss and test error of every network, drawn over time as they were measured."
ALT = "The gradient norm of the first layer of every network over the steps, and below it that of every layer as a map."


def board(classes: int) -> None:
    """Nothing where nothing runs or ran."""
    runs = shown()
    if not runs:
        return
    st.session_state.growing = any(run.state in UNDER_WAY for run in runs)
    st.fragment(grow, run_every=EVERY if st.session_state.growing else None)(classes)


def shown() -> tuple[Run, ...]:
    """Those of the lab that are still in the store."""
    wanted = current().runs
    known = every_run(jobs().store) if wanted else {}
    return tuple(known[run] for run in wanted if run in known)


def grow(classes: int) -> None:
    try:
        runs = shown()
        found = [seen(jobs().store, group) for group in groups(runs)]
    except StoreTrouble as trouble:
        st.warning(literal(str(trouble)), icon=":material/hourglass_empty:")
        return
    look = controls(runs)
    if trouble := jobs().queue_status().trouble:
        st.warning(literal(trouble))
    if st.session_state.get(REPLAYING) and not st.session_state.growing:
        play(found, look, classes)
    else:
        draw(found, look, classes)
    if st.session_state.growing and not any(run.state in UNDER_WAY for run in runs):
        again()  # without the timer


def play(found: Sequence[Seen], look: Look, classes: int) -> None:
    """The charts alone: all else would give the end away, and opens below."""
    curves = ReplayChart(curves_chart(*chart_of(found, look, classes)), PLAYED)
    strips = ReplayChart(norms_chart([strip(each) for each in found], steps_of(found)), ALT)
    runs = [run for each in found for run in each.group.runs]
    show_replay(curves, strips, [pace_of(each.group) for each in found], provenance(runs), current().experiment.views)
    with st.expander("How it ended"):
        results = [result(each) for each in found]
        ending(found, results, verdicts(results, classes))


def chart_of(found: Sequence[Seen], look: Look, classes: int) -> tuple[list[Entry], Axes]:
    axes = Axes(look.quantity, steps_of(found), classes, look.logarithmic)
    return [entry(each, look.quantity, look.smooth, marks_of(each)) for each in found], axes


def steps_of(found: Sequence[Seen]) -> int:
    return max((run.steps for each in found for run in each.group.runs), default=0) or 1


def draw(found: Sequence[Seen], look: Look, classes: int) -> None:
    results = [result(each) for each in found]
    said = verdicts(results, classes) or ("No steps yet.",)
    draw_chart(curves_chart(*chart_of(found, look, classes)), key="curves", alt=" ".join(said))
    if made := provenance([run for each in found for run in each.group.runs]):
        st.caption(literal(made))
    ending(found, results, said)
    if views := current().experiment.views:  # what others say of the gradients, above the measured ones
        for column, (who, view) in zip(st.columns(len(views)), views, strict=True):
            column.caption(f"**{who}:** {view}")
    draw_chart(norms_chart([strip(each) for each in found], steps_of(found)), key="norms", alt=ALT)


def ending(found: Sequence[Seen], results: Sequence[Result], said: Sequence[str]) -> None:
    """How far each network is, and what that says."""
    st.markdown(standings(found, results, dict(jobs().queue_status().seconds_left)), unsafe_allow_html=True)
    # As high from the beginning as it will be, so that nothing below it moves.
    with st.container(key="said-of-many" if len(found) > 3 else "said-of-several"):
        st.markdown("\n".join(f"- {sentence}" for sentence in said))
    beside(found, results)


def marks_of(each: Seen) -> tuple[Mark, ...]:
    """The first published test error of this very network on these pictures, in runs that are meant to come near it."""
    if current().length != "full":
        return ()
    beyond = max(run.steps for run in each.group.runs) < (THEIRS.steps or 0)
    figures = published(each.group.plan, pictures_of(each.group.runs[0]))[:1]
    return tuple(Mark(figure.value / 100, source(figure), beyond) for figure in figures)
