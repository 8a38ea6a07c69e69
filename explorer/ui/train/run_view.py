"""The runs as they go on: what can be done with them, curves, words and table, the replay, and what stands below."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from explorer.datasets.dataset import Dataset, base_name
from explorer.formatting import join_words, literal
from explorer.glossary import explain_words
from explorer.training.recipe import Recipe
from explorer.training.results.charts import CurvesLook, PublishedMark, curves_chart, cut_off, norms_chart
from explorer.training.results.findings import Result, run_findings
from explorer.training.results.grouping import (
    Seen,
    epoch_of,
    groups,
    pictures_of,
    plan_of,
    run_result,
    seen_group,
)
from explorer.training.results.guess import Entrant, guess_answers, judge_guess
from explorer.training.results.reference_errors import THEIRS, reference_figures
from explorer.training.runs.recorded_runs import collection, every_run, provenance
from explorer.training.runs.store import CAN_GO_ON, UNDER_WAY, Run, StoreTrouble
from explorer.training.scheduler.service import training_service
from explorer.ui.components.plotly_chart import draw_chart
from explorer.ui.components.replay import replay_chart, show_replay, training_pace
from explorer.ui.session import again, bind_widget, draw_fragment, shared_state
from explorer.ui.train.dataset import pictures_tab
from explorer.ui.train.library import GROW, action_button, library_tab
from explorer.ui.train.page_state import current_experiment, current_score, go_experiment, link, publish_experiment
from explorer.ui.train.results import after_tab
from explorer.ui.train.run_table import beside, figure_source, standings

EVERY = 1.5  # seconds: drawn twice as often, the charts take half of two cores from the training that they show
PLAYED = "Training {} and test {} of every network, drawn over time as they were measured."
ALT = "The gradient norm of the first layer of every network over the steps, and below it that of every layer as a map."


def discussion_sections(dataset: Dataset, recipe: Recipe) -> None:
    fills = {
        "Pictures": lambda: next_pictures(dataset, recipe),
        "Questions": discussion_questions,
        "After the run": lambda: after_tab(shown_runs()),
        "Library": library_tab,
    }
    for tab, fill in zip(st.tabs(list(fills), key="below/train", on_change="rerun"), fills.values(), strict=True):
        if tab.open:
            with tab:
                fill()


def next_pictures(dataset: Dataset, recipe: Recipe) -> None:
    """Those that were chosen; what is shown above may have been trained on others."""
    others = sorted({name for name in map(pictures_of, shown_runs()) if base_name(name) != base_name(dataset.name)})
    if others:
        above = f"The runs above were trained on **{literal(join_words(others))}**."
        here = f"These are the pictures of the next run, **{literal(dataset.name)}**"
        st.markdown(f":material/info: {above} {here}: *Pictures*, in the sidebar, chooses them.")
    pictures_tab(dataset, recipe)


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
    draw_fragment(partial(grow, classes), EVERY if st.session_state.growing else None)


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
    playing = current_experiment().replay is not None and not st.session_state.growing
    if playing and not shared_state().lesson:  # which asks by itself
        ask_guess(entrants_of(found))
    look = run_controls(runs, found)
    if trouble := training_service().queue_status().trouble:
        st.warning(literal(trouble))
    if playing:
        replay_board(found, look, classes)
    else:
        draw_runs(found, look, classes)
    over = st.session_state.growing and not any(run.state in UNDER_WAY for run in runs)
    if over or st.session_state.pop("rescored", False):
        again()  # without the timer


def ask_guess(entrants: Sequence[Entrant]) -> None:
    """Before the answer can be seen; what was guessed is kept for when it is judged."""
    experiment = current_experiment().experiment
    answers = guess_answers(experiment.guess, entrants)
    if not answers:
        return
    kept = f"guess/{experiment.key}/kept"

    def keep(chosen: str | None) -> None:
        st.session_state[kept] = chosen

    value = st.session_state.get(kept)
    bound = bind_widget(f"guess/{experiment.key}", value if value in answers else None, keep, empty=True)
    st.pills(f"First guess: {experiment.question}", answers, format_func=literal, **bound)


def entrants_of(found: Sequence[Seen]) -> list[Entrant]:
    return [(each.group.title, each.group.plan.spec) for each in found]


def replay_board(found: Sequence[Seen], look: CurvesLook, classes: int) -> None:
    """The charts alone: all else would give the end away, and opens below."""
    lab, runs = current_experiment(), [run for each in found for run in each.group.runs]
    played = PLAYED.format("loss" if look.quantity == "loss" else look.score.name, look.score.name)
    curves = replay_chart(curves_chart(found, look, classes, published_marks(found)), played)
    strips = replay_chart(norms_chart(found, look.epochs), ALT)
    words = provenance(runs), lab.experiment.views
    show_replay(curves, strips, (training_pace(each, look.epochs) for each in found), words, paused=not lab.replay)
    not_recorded(found)
    with st.expander("How it ended"):
        results = [run_result(each) for each in found]
        results_summary(found, results, said_of(found, results, look, classes))


def draw_runs(found: Sequence[Seen], look: CurvesLook, classes: int) -> None:
    results = [run_result(each) for each in found]
    said = said_of(found, results, look, classes)
    if not any(result.step for result in results):
        said = ("No steps yet.",)
    alt = " ".join(said) or "The curves of one network."  # of which nothing else can be said
    draw_chart(curves_chart(found, look, classes, published_marks(found)), key="curves", alt=alt)
    if made := provenance([run for each in found for run in each.group.runs]):
        st.caption(literal(made))
    not_recorded(found)
    results_summary(found, results, said)
    if views := current_experiment().experiment.views:  # what others say of the gradients, above the measured ones
        for column, (who, view) in zip(st.columns(len(views)), views, strict=True):
            column.caption(f"**{who}:** {view}")
    draw_chart(norms_chart(found, look.epochs), key="norms", alt=ALT)


def said_of(found: Sequence[Seen], results: Sequence[Result], look: CurvesLook, classes: int) -> tuple[str, ...]:
    return *run_findings(results, classes, look.score), *cut_off(found, look, classes)


def not_recorded(found: Sequence[Seen]) -> None:
    """Says which network of the experiment has no recording, where recordings are shown."""
    lab = current_experiment()
    if not all(run.recorded for each in found for run in each.group.runs):
        return
    known = {each.group.title for each in found} | {run.title for run in collection().of(lab.key, lab.length)}
    missing = [each.title for each in lab.experiment.contestants if each.chosen and each.title not in known]
    if missing:
        st.caption(f"Not recorded: {literal(join_words(missing))}. “New run” trains it beside the others.")


def may_guess() -> bool:
    """By pressing “Replay”; in a lesson, which asks by itself, one may not."""
    return current_experiment().replay is None and not shared_state().lesson


def results_summary(found: Sequence[Seen], results: Sequence[Result], said: Sequence[str]) -> None:
    """Whether the guess was right, how far each network is, and what that says."""
    experiment, score = current_experiment().experiment, current_score()
    guess = st.session_state.get(f"guess/{experiment.key}/kept") or ""
    over = not any(run.state in UNDER_WAY for each in found for run in each.group.runs)
    if guess:
        judged = judge_guess(experiment.guess, guess, results, score)
        st.markdown(f"**{judged or f'Your guess: {literal(guess)}.'}**")
    elif over and may_guess() and guess_answers(experiment.guess, entrants_of(found)):
        st.caption(UNGUESSED)
    left = dict(training_service().queue_status().seconds_left)
    st.markdown(standings(found, results, left, score), unsafe_allow_html=True)
    # As high from the beginning as it will be, so that nothing below it moves.
    with st.container(key="said-of-many" if len(found) > 3 else "said-of-several"):
        words = "\n".join(f"- {sentence}" for sentence in said)
        st.markdown(words, help=explain_words(words))
        if over and experiment.expect:
            st.markdown(f"**What was expected:** {experiment.expect}")
    beside(found, results, score)


def published_marks(found: Sequence[Seen]) -> list[PublishedMark]:
    """The first published test error of each very network on its pictures, in runs that are meant to come near it."""
    if current_experiment().length != "full":
        return []
    marks = []
    for group in (each.group for each in found):
        beyond = max(run.steps for run in group.runs) < (THEIRS.steps or 0)
        for figure in reference_figures(group.plan, pictures_of(group.runs[0]))[:1]:
            marks.append(PublishedMark(group.title, figure.value / 100, figure_source(figure), beyond, group.colour))
    return marks


def run_controls(runs: Sequence[Run], found: Sequence[Seen]) -> CurvesLook:
    with st.container(horizontal=True, vertical_alignment="center", key="controls"):
        look = looks(found)
        st.space("stretch")
        run_actions(runs)
    return look


def looks(found: Sequence[Seen]) -> CurvesLook:
    lab = current_experiment()
    scores = {"loss": "loss", "error": current_score().name}
    settings: dict[str, Any] = {"required": True, "label_visibility": "collapsed"}
    quantity = st.segmented_control(
        "Training", ["loss", "error"], default="loss", format_func=scores.__getitem__, key="quantity", **settings
    )
    with st.popover("Axes", icon=":material/straighten:"):
        axis_control("Across", "axis", ("steps", "epochs"), lab.axis)
        axis_control("Upwards", "score", ("error", "accuracy"), lab.score)
        smooth = st.toggle("Smooth", True, key="smooth", help="The mean over the last 20 steps, or every step.")
        logarithmic = st.toggle("Log", key="logarithmic", help="A logarithmic scale for the training curves.")
        unknown = [each.group.title for each in found if lab.axis == "epochs" and not epoch_of(each.group.runs[0])]
        if unknown:
            told = f"How many pictures {literal(join_words(unknown))} saw is not known here"
            st.caption(f"{told}: the axis counts steps.")
    epochs = lab.axis == "epochs" and not unknown
    return CurvesLook(quantity or "loss", smooth, logarithmic, epochs, current_score())


def axis_control(label: str, field: str, choices: tuple[str, ...], value: str) -> None:
    def choose(chosen: str) -> None:
        go_experiment(replace(current_experiment(), **{field: chosen}))
        publish_experiment()  # from a fragment: the page does not run as a whole
        st.session_state.rescored = field == "score"  # which the sections below say as well

    st.segmented_control(label, choices, required=True, **bind_widget(f"train/{field}", value, choose, tucked=True))


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
        lab = current_experiment()
        st.toggle("Replay", help=GROW, **bind_widget("train/replay", lab.replay is not None, switch_replay))
        if again_able:
            action_button("Another seed", ":material/casino:", lambda: add_seed(again_able), ANOTHER)
        with st.popover("Link for a class", icon=":material/link:"):
            st.caption("It opens at the beginning, paused, and asks for a guess first.")
            st.code(link(replace(lab, replay=False)), language=None, wrap_lines=True)
            if again_able:
                st.caption("It works for all who use this server, until the runs are deleted.")
        cleared = replace(lab, runs=(), replay=None)
        action_button("New run", ":material/restart_alt:", lambda: go_experiment(cleared), NEW)


def switch_replay(on: bool) -> None:
    go_experiment(replace(current_experiment(), replay=True if on else None))
    publish_experiment()


ANOTHER = "Train every network once more, from other weights: the curves become means with a band."
UNGUESSED = "Nobody has guessed, and the end is in view already: “Replay” begins anew and asks first."
NEW = "Back to the set-up. These runs stay in the library."


def add_seed(runs: Sequence[Run]) -> None:
    """Every network once more, with a seed that none of its runs has had."""
    fresh = []
    for group in groups(runs):
        seed = 1 + max(plan_of(run.plan).recipe.seed for run in group.runs)
        fresh.append(training_service().again(group.runs[0].id, seed))
    go_experiment(replace(current_experiment(), runs=(*current_experiment().runs, *fresh), replay=None))
