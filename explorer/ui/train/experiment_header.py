"""What an experiment asks, a first guess, and the button that starts it, with how long it will take here."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial

import streamlit as st

from explorer.datasets.dataset import Dataset, base_name
from explorer.datasets.registry import load_dataset
from explorer.formatting import literal
from explorer.models.spec import Spec
from explorer.tracing.tracer import graph_of
from explorer.training.engine import forecast, time_side_by_side
from explorer.training.experiments.experiment import Contestant, recipe_of
from explorer.training.plan import Plan, fitted
from explorer.training.recipe import Recipe
from explorer.training.results.grouping import pictures_of, plan_of, seedless
from explorer.training.results.guess import guess_answers
from explorer.training.runs.store import Run
from explorer.training.scheduler.service import training_service
from explorer.ui.session import complain, show_growing, unbroken
from explorer.ui.train.library import offer_recorded
from explorer.ui.train.page_state import current_experiment, dataset_name, go_experiment, used_dataset
from explorer.ui.train.run_table import readable_duration
from explorer.ui.train.run_view import ask_guess, shown_runs

START = "train/start"  # in the session: what is set up shall be trained
LETTERS = 70  # of all answers to a question, that they stand in one line with the buttons
HOW = "On this computer: a few steps of each network were measured, and thrown away."


def announce(chosen: Sequence[Contestant], recipe: Recipe, seeds: int, dataset: Dataset) -> None:
    """Says that it is being measured, until it is."""
    plans = (plan for _, plan in planned_runs(chosen, recipe, seeds, dataset))
    try:
        answers = [measured_by(seedless(plan).json()) for plan in plans]
    except ValueError as error:  # another server trains
        st.caption(literal(str(error)))
        return
    show_growing(partial(say_estimate, answers), lambda: all(answer.done() for answer in answers), 1.0)


@st.cache_resource(max_entries=500, show_spinner=False)
def measured_by(plan: str) -> Future[float]:
    """Asked once on this server, whatever the seed."""
    return training_service().run_on_worker(forecast, plan)


def say_estimate(answers: Sequence[Future[float]]) -> None:
    if not all(answer.done() for answer in answers):
        done = sum(answer.done() for answer in answers)
        st.caption(f"Timing: {done} of {len(answers)} …", width="content", help=HOW)
        return
    try:
        seconds = time_side_by_side([answer.result() for answer in answers], training_service().queue_status().workers)
    except ValueError as error:
        st.caption(literal(str(error)))
    else:
        st.caption(f"About **{readable_duration(seconds)}** here", help=HOW, width="content")


def question(chosen: Sequence[Contestant], recipe: Recipe, seeds: int) -> Dataset:
    """Draws it; gives the pictures."""
    training_service().warm()
    dataset = experiment_dataset(used_dataset(current_experiment()))
    if (
        st.session_state.pop(START, False) and not st.session_state.entered
    ):  # here, where all is known that was turned until the press
        unbroken(start_runs)(planned_runs(chosen, recipe, seeds, dataset), dataset)
    lab = current_experiment()
    experiment = lab.experiment
    with st.container(key="question", gap="xsmall"):
        st.markdown(f"### {experiment.title}")
        st.markdown(f"**Look for:** {experiment.look_for}{stand_in(dataset)}{cut_short()}{start_said()}")
    if not lab.runs:
        entrants = [(each.title, each.spec) for each in chosen]
        wide = sum(map(len, guess_answers(lab.experiment.guess, entrants))) > LETTERS
        if wide:
            ask_guess(entrants)
        with st.container(horizontal=True, vertical_alignment="bottom", key="start"):
            if not wide:
                ask_guess(entrants)
            label = f"Train {len(chosen)} networks" if len(chosen) != 1 else "Train the network"
            ask = unbroken(partial(st.session_state.update, {START: True}))
            st.button(label, type="primary", icon=":material/play_arrow:", disabled=not chosen, on_click=ask)
            announce(chosen, recipe, seeds, dataset)
            offer_recorded()
    return dataset


def experiment_dataset(key: str) -> Dataset:
    """The pictures, or Shapes-10 and the reason why not."""
    try:
        return load_dataset(key)
    except ValueError as error:
        complain(str(error))
        go_experiment(replace(current_experiment(), dataset="shapes10"))
        return load_dataset("shapes10")


def stand_in(dataset: Dataset) -> str:
    """What stands in for the pictures that the experiment is meant for, where others do."""
    meant = dataset_name(current_experiment().experiment.dataset)
    trained_on = {pictures_of(run) for run in shown_runs()}
    used = sorted(trained_on or {dataset.name})
    if used == [meant]:
        return ""
    deed = "Trained on" if trained_on else "Here on"
    fits = current_experiment().key == "own" or {base_name(name) for name in used} == {meant}
    but = "" if fits else f"; the experiment is meant for {meant}"
    return f" :gray[{deed} **{literal(' and '.join(used))}**{but}.]"


def cut_short() -> str:
    """How much of the recipe the runs that are shown have taken, where they took less."""
    whole = current_experiment().experiment.recipe("full").steps or 0
    steps = max(map(steps_of, shown_runs()), default=0)
    if not 0 < steps < whole:
        return ""
    return f" :gray[These runs took {steps:,} steps; one that is started here at *Full* takes {whole:,}.]"


def steps_of(run: Run) -> int:
    """How long it is: before its network is built, as the recipe says."""
    return run.steps or plan_of(run.plan).recipe.steps or 0


def start_said() -> str:
    """How the networks begin, where that is not as usual, before a run and beside one of theirs."""
    lab = current_experiment()
    began = [dict(plan_of(run.plan).spec.options).get("last_gamma", 1) for run in shown_runs()]
    if lab.length != "quick" or not lab.experiment.start or (began and min(began) == 1):
        return ""
    return f" :gray[{lab.experiment.start}]"


def planned_runs(chosen: Sequence[Contestant], recipe: Recipe, seeds: int, dataset: Dataset) -> list[tuple[str, Plan]]:
    """Seed by seed, so that all networks are trained once before any is trained twice."""
    rounds = (replace(recipe, seed=seed) for seed in range(recipe.seed, recipe.seed + seeds))
    pairs = ((each, recipe_of(each, seeded)) for seeded in rounds for each in chosen)
    return [(each.title, Plan(each.spec, dataset.key, how, each.start, each.frozen)) for each, how in pairs]


def start_runs(plans: Sequence[tuple[str, Plan]], dataset: Dataset) -> None:
    """All of them or, with a reason, none."""
    lab = current_experiment()
    try:
        for spec, size in dict.fromkeys((plan.spec, plan.recipe.size) for _, plan in plans):
            try_out(spec, dataset, size)
        runs = training_service().submit(lab.experiment.title, plans)
    except ValueError as error:
        complain(str(error))
        return
    go_experiment(replace(lab, runs=runs, replay=None))


def try_out(spec: Spec, dataset: Dataset, size: int | None) -> None:
    """Raises `ValueError` with a sentence if the network cannot take these pictures."""
    channels, height, _ = dataset.shape
    graph = graph_of(fitted(spec, channels, size or height, len(dataset.classes)))
    if graph.broken:
        raise ValueError(graph.broken)
