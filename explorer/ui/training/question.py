"""What the experiment asks, the guess of the class, and the button that starts it."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from explorer.datasets.dataset import Dataset, kind_of
from explorer.datasets.shelf import load
from explorer.experiments.experiment import Contestant, recipe_of
from explorer.runs import pictures_of
from explorer.specs import Spec
from explorer.tracing import graph_of
from explorer.training.jobs import jobs
from explorer.training.plan import Plan, fitted
from explorer.training.recipe import Recipe
from explorer.ui.literal import literal
from explorer.ui.session import complain
from explorer.ui.training.board import shown
from explorer.ui.training.expected import expected
from explorer.ui.training.library_deeds import offer_recorded
from explorer.ui.training.state import current, go, name_of, pictures


def question(chosen: Sequence[Contestant], recipe: Recipe, seeds: int) -> Dataset:
    """Draws it; gives the pictures."""
    lab = current()
    experiment = lab.experiment
    jobs().warm()
    dataset = opened(pictures(lab))
    with st.container(key="question", gap="xsmall"):
        st.markdown(f"### {experiment.title}")
        st.markdown(f"**Look for:** {experiment.look_for}{stand_in(dataset)}")
    if not lab.runs:
        with st.container(horizontal=True, vertical_alignment="bottom", key="start"):
            guess(chosen)
            label = f"Train {len(chosen)} networks" if len(chosen) != 1 else "Train the network"
            ready = {"disabled": not chosen, "on_click": start, "args": (chosen, recipe, seeds, dataset)}
            st.button(label, type="primary", icon=":material/play_arrow:", **ready)
            announce(chosen, recipe, seeds, dataset)
            offer_recorded()
    return dataset


def opened(key: str) -> Dataset:
    """The pictures, or Shapes-10 and the reason why not."""
    try:
        return load(key)
    except ValueError as error:
        complain(str(error))
        go(replace(current(), dataset="shapes10"))
        return load("shapes10")


def stand_in(dataset: Dataset) -> str:
    """What stands in for the pictures that the experiment is meant for, where others do."""
    meant, trained_on = name_of(current().experiment.dataset), {pictures_of(run) for run in shown()}
    used = sorted(trained_on or {dataset.name})
    if used == [meant]:
        return ""
    deed = "Trained on" if trained_on else "Here on"
    but = "" if {kind_of(name) for name in used} == {meant} else f"; the experiment is meant for {meant}"
    return f" :gray[{deed} **{literal(' and '.join(used))}**{but}.]"


def guess(chosen: Sequence[Contestant]) -> None:
    """Asked before the run, shown beside it."""
    key = f"guess/{current().key}"
    said = st.pills(f"First guess: {current().experiment.question}", [each.title for each in chosen], key=key)
    st.session_state[f"{key}/kept"] = said


def planned(chosen: Sequence[Contestant], recipe: Recipe, seeds: int, dataset: Dataset) -> list[tuple[str, Plan]]:
    """Seed by seed, so that all networks are trained once before any is trained twice."""
    rounds = (replace(recipe, seed=seed) for seed in range(recipe.seed, recipe.seed + seeds))
    pairs = ((each, recipe_of(each, seeded)) for seeded in rounds for each in chosen)
    return [(each.title, Plan(each.spec, dataset.key, how, each.start, each.frozen)) for each, how in pairs]


def announce(chosen: Sequence[Contestant], recipe: Recipe, seeds: int, dataset: Dataset) -> None:
    try:
        expected([plan for _, plan in planned(chosen, recipe, seeds, dataset)])
    except ValueError as error:  # another server trains
        st.caption(literal(str(error)))


def start(chosen: Sequence[Contestant], recipe: Recipe, seeds: int, dataset: Dataset) -> None:
    """All of them or, with a reason, none."""
    lab = current()
    try:
        for each in chosen:
            try_out(each.spec, dataset, each.size or recipe.size)
        runs = jobs().submit(lab.experiment.title, planned(chosen, recipe, seeds, dataset))
    except ValueError as error:
        complain(str(error))
        return
    go(replace(lab, runs=runs))


def try_out(spec: Spec, dataset: Dataset, size: int | None) -> None:
    """Raises `ValueError` with a sentence if the network cannot take these pictures."""
    channels, height, _ = dataset.shape
    graph = graph_of(fitted(spec, channels, size or height, len(dataset.classes)))
    if graph.broken:
        raise ValueError(graph.broken)
