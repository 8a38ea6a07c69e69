"""The runs that are shown: their curves, how far each is and what they say; redrawn while they grow."""

from collections.abc import Sequence

import streamlit as st

from explorer.learning_charts import Axes, Entry, curves_chart, norms_chart
from explorer.recorded import about, every_run, provenance
from explorer.runs import Seen, entry, groups, result, seen, strip
from explorer.training.jobs import jobs
from explorer.training.store import UNDER_WAY, Run, StoreTrouble
from explorer.ui.literal import literal
from explorer.ui.live import live
from explorer.ui.training.controls import Look, controls
from explorer.ui.training.library_deeds import REPLAYING
from explorer.ui.training.replay import pace, replay
from explorer.ui.training.standings import standings
from explorer.ui.training.state import current
from explorer.verdicts import verdicts

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
    if trouble := jobs().outlook().trouble:
        st.warning(literal(trouble))
    if st.session_state.get(REPLAYING) and not st.session_state.growing:
        play(found, look, classes)
    else:
        draw(found, look, classes)
    if st.session_state.growing and not any(run.state in UNDER_WAY for run in runs):
        st.rerun()  # once more as a whole, without the timer


def play(found: Sequence[Seen], look: Look, classes: int) -> None:
    """The curves alone: all else would give the end away."""
    figure = curves_chart(*chart_of(found, look, classes))
    runs = [run for each in found for run in each.group.runs]
    replay(figure, [pace(each.group) for each in found], provenance(runs), key="replay", alt=PLAYED)


def chart_of(found: Sequence[Seen], look: Look, classes: int) -> tuple[list[Entry], Axes]:
    axes = Axes(look.quantity, steps_of(found), classes, look.logarithmic)
    return [entry(each, look.quantity, look.smooth, marks_of(each)) for each in found], axes


def steps_of(found: Sequence[Seen]) -> int:
    return max((run.steps for each in found for run in each.group.runs), default=0) or 1


def draw(found: Sequence[Seen], look: Look, classes: int) -> None:
    results = [result(each) for each in found]
    said = verdicts(results, classes)
    live(curves_chart(*chart_of(found, look, classes)), key="curves", alt=" ".join(said) or "No steps yet.")
    if made := provenance([run for each in found for run in each.group.runs]):
        st.caption(literal(made))
    st.markdown(standings(found, results, dict(jobs().outlook().seconds_left)), unsafe_allow_html=True)
    if said:
        st.markdown("\n".join(f"- {sentence}" for sentence in said))
    if views := current().experiment.views:  # what others say of the gradients, above the measured ones
        for column, (who, view) in zip(st.columns(len(views)), views, strict=True):
            column.caption(f"**{who}:** {view}")
    live(norms_chart([strip(each) for each in found], steps_of(found)), key="norms", alt=ALT)


def marks_of(each: Seen) -> tuple[tuple[float, str], ...]:
    """Published test errors: of this very network, on these pictures, after the whole recipe only."""
    plan = each.group.plan
    named = about(each.group.runs[0], "data") or plan.dataset  # a recorded run says what it was trained on
    if "cifar10" not in named.lower().replace("-", "") or current().length != "full":
        return ()
    entries = {entry.title: entry for entry in current().experiment.entries("full")}
    found = entries.get(each.group.title)
    figures = found.figures if found and found.spec == plan.spec else ()
    return tuple((f.value / 100, f"{f.source} {f.note}".strip()) for f in figures if f.quantity == "CIFAR-10 error")
