"""The sidebar: which experiment, on which pictures, from which weights, how long; and the recipe, to be changed."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import log
from typing import Any, get_args

import streamlit as st

from explorer.analysis.crosscheck.efficiency import EXERCISE
from explorer.datasets.registry import load_dataset
from explorer.formatting import literal
from explorer.glossary import read_glossary
from explorer.models.selection import ModelSelection
from explorer.models.sources import CLASSIFIERS
from explorer.models.spec import Spec
from explorer.training.experiments.experiment import AT_ONCE, Contestant, Length, everything
from explorer.training.experiments.presets import (
    BACKBONE,
    BACKBONE_RECIPES,
    EXPERIMENTS,
    IMAGENET,
    IMAGENET_SIZE,
    NOTHING,
    TRANSFER,
    ExperimentSelection,
    contenders,
)
from explorer.training.recipe import Recipe, choices
from explorer.training.results.grouping import dataset_title, pictures_of, plan_of
from explorer.training.results.predictions import checkpoints
from explorer.training.runs.curves import evaluated, measured
from explorer.training.runs.pretrained_weights import RUN, on_disk, published_weights, ships
from explorer.training.runs.recorded_runs import collection, curve_of
from explorer.training.runs.store import Run, Store
from explorer.training.scheduler.service import training_service
from explorer.ui.compare.page_state import compare_counts
from explorer.ui.fetch_button import fetch_button, fetchable_weights
from explorer.ui.session import bind_widget, complain
from explorer.ui.train.dataset import fetch_pictures
from explorer.ui.train.page_state import (
    current_experiment,
    dataset_here,
    dataset_name,
    go_experiment,
    offered,
    used_dataset,
)

LENGTHS = {"quick": "Quick", "full": "Full"}
MOST = 50  # finished runs to choose from


@dataclass(frozen=True)
class Offer:
    """Who may take part, and the recipe before any knob is turned."""

    key: str  # of the widgets that belong to it
    entries: tuple[Contestant, ...]
    recipe: Recipe


def experiment_form() -> tuple[tuple[Contestant, ...], Recipe, int]:
    """Draws the form. Gives the networks that take part, the recipe, and how many seeds of each."""
    with st.sidebar:
        lab = current_experiment()
        choose_experiment(lab)
        choose_length(lab)
        choice_control("Pictures", "dataset", offered(), used_dataset(lab), dataset_name)
        fetch_pictures(lab.experiment.dataset, dataset_title(used_dataset(lab)))
        offer = start_offer(lab) if lab.key == "transfer" else usual_start(lab)
        chosen = networks(lab, offer)
        seeds = st.number_input("Seeds", 1, 5, 1, help=SEEDS, key=f"seeds/{lab.key}/{lab.length}")
        with st.expander("Recipe"):
            recipe = knobs(offer)
    return chosen, recipe, int(seeds)


def choose_experiment(lab: ExperimentSelection) -> None:
    """Exercise 4 trains nothing: its entry leads to where its networks stand in one table."""
    if st.session_state.pop("exercise4", False):
        compare_counts(EXERCISE)
    keys = list(EXPERIMENTS)
    keys.insert(keys.index("exercise5"), "exercise4")
    titles = {key: read_glossary("experiments")[key]["title"].partition(":")[0] for key in keys}

    def choose(key: str) -> None:
        if key == "exercise4":
            st.session_state["exercise4"] = True
        elif key != lab.key:
            go_experiment(replace(current_experiment(), key=key, runs=(), replay=None))

    st.selectbox("Experiment", keys, format_func=titles.__getitem__, **bind_widget("lab/key", lab.key, choose))


SEEDS = "How many times each network is trained, each time from other weights and in another order of the pictures."


def choose_length(lab: ExperimentSelection) -> None:
    settings: dict[str, Any] = {"required": True, "width": "stretch", "format_func": LENGTHS.__getitem__}
    st.segmented_control("Length", get_args(Length), **settings, **bind_choice("length", lab.length))


def networks(lab: ExperimentSelection, offer: Offer) -> tuple[Contestant, ...]:
    if lab.key == "own":
        return any_networks()
    entries = {each.title: each for each in offer.entries}
    chosen = [each.title for each in entries.values() if each.chosen]
    key = f"networks/{offer.key}"
    titles = st.pills("Networks", list(entries), selection_mode="multi", default=chosen, key=key) or []
    if len(titles) > AT_ONCE:
        st.caption(f"The first {AT_ONCE} take part: a chart with more is not to be read.")
    return tuple(entries[title] for title in titles[:AT_ONCE])


def any_networks() -> tuple[Contestant, ...]:
    """From the whole catalogue, and the one on the Explore page."""
    offer = everything()
    place: ModelSelection | None = st.session_state.get("place")
    if place and place.source in CLASSIFIERS:  # workers cannot build what lives in this process
        title = f"{place.title}, as on Explore"
        offer = {title: Contestant(title, place.spec)} | offer
    usual = ["Plain 6-layer CNN", "6-block ResNet"]
    titles = st.multiselect("Networks", list(offer), usual, max_selections=AT_ONCE, key="networks/own")
    return tuple(offer[title] for title in titles)


def knobs(offer: Offer) -> Recipe:
    """The recipe with what was turned; what does not go together is said, and the usual one is taken."""
    usual, key = offer.recipe, f"recipe/{offer.key}/"
    unit = "steps" if usual.steps else "epochs"
    changes: dict[str, Any] = {
        unit: st.number_input(unit.capitalize(), 1, 200_000, usual.steps or usual.epochs, key=f"{key}{unit}"),
        "batch": st.number_input("Batch", 1, 1024, usual.batch, key=f"{key}batch"),
        "optimiser": st.segmented_control(
            "Optimiser", choices("optimiser"), default=usual.optimiser, required=True, key=f"{key}optimiser"
        ),
        "rate": st.number_input("Learning rate", 0.0001, 10.0, usual.rate, format="%g", step=0.01, key=f"{key}rate"),
        "schedule": st.selectbox(
            "Schedule", choices("schedule"), choices("schedule").index(usual.schedule), key=f"{key}schedule"
        ),
        "weight_decay": st.number_input(
            "Weight decay", 0.0, 0.1, usual.weight_decay, format="%g", step=0.0001, key=f"{key}weight_decay"
        ),
        "augment": st.selectbox(
            "Augmentation", choices("augment"), choices("augment").index(usual.augment), key=f"{key}augment"
        ),
        "seed": st.number_input("First seed", 0, 9999, usual.seed, key=f"{key}seed"),
    }
    if changes["schedule"] != "steps" or changes[unit] <= max(usual.milestones, default=0):
        changes["milestones"] = ()
    try:
        return replace(usual, **changes)
    except ValueError as error:
        st.warning(literal(str(error)))
        return usual


def usual_start(lab: ExperimentSelection) -> Offer:
    return Offer(f"{lab.key}/{lab.length}", lab.experiment.entries(lab.length), lab.experiment.recipe(lab.length))


def start_offer(lab: ExperimentSelection) -> Offer:
    """Of the transfer; where there is nothing to start from, that is trained first."""
    runs = {f"{RUN}{run.id}": run for run in finished()}
    called = titles(runs)
    names = {key: called[key] for key, run in runs.items() if not run.recorded}
    names |= {key: weights_label(key) for key in on_disk()}
    names |= {NOTHING: "Nothing: train a backbone"}  # before quick networks, which learnt less than that one will
    names |= {key: f"{called[key]}, recorded" for key, run in runs.items() if run.recorded}
    store = training_service().store
    chosen = available_start(lab, tuple(names), lambda key: key not in runs or beats_guessing(store, runs[key]))
    go_experiment(replace(lab, start=chosen))  # so that a link leads to the same
    choice_control("Start from", "start", tuple(names), chosen, names.__getitem__)
    if IMAGENET not in names:
        fetch_button(fetchable_weights(IMAGENET, "ResNet-18’s ImageNet weights"))
    if chosen == NOTHING:
        st.caption("First a backbone, on all of these pictures. When it is done, choose other pictures.")
        return Offer(f"backbone/{lab.length}", (BACKBONE,), BACKBONE_RECIPES[lab.length])
    if chosen in runs:
        plan = plan_of(runs[chosen].plan)
        same = dataset_here(runs[chosen]) == used_dataset(lab)
        known = " already, so there is nothing to transfer: choose others" if same else ""
        st.caption(f"Learnt on {literal(pictures_of(runs[chosen]))}{known}. {runs[chosen].step:,} steps.")
        spec, size = plan.spec, plan.recipe.size
    else:
        spec, size = Spec("torchvision", published_weights()[chosen].network), IMAGENET_SIZE
    usual = usual_start(lab)
    return replace(usual, entries=contenders(spec, chosen), recipe=replace(usual.recipe, size=size))


def available_start(lab: ExperimentSelection, offered: tuple[str, ...], able: Callable[[str], bool]) -> str:
    """The start that was chosen; a backbone that was trained for lack of one is meant as soon as it is done.

    Nobody is led to one that is not able: of `offered`, `NOTHING` always is.
    """
    trained = [f"{RUN}{run}" for run in lab.runs if lab.start == NOTHING and f"{RUN}{run}" in offered]
    if trained or not lab.start:
        return next(filter(able, (*trained, *offered)))
    if lab.start not in offered:
        complain(f"What this link starts from, “{lab.start}”, is not on this computer: choose another start.")
        return next(filter(able, offered))
    return lab.start


def beats_guessing(store: Store, run: Run) -> bool:
    """Whether its training loss and its test error are lower than by chance gives: else it has learnt nothing.

    Both, for what has exploded may still get a few more right by luck. Where its pictures are gone, nobody knows what
    chance would give.
    """
    try:
        classes = len(load_dataset(dataset_here(run)).classes)
    except ValueError:
        return False
    curves = (curve_of(store, run),)
    return measured(curves, "loss", smooth=True).last < log(classes) and evaluated(curves).last < 1 - 1 / classes


def finished() -> tuple[Run, ...]:
    """The newest first. What a transfer trained has too few pictures to be worth a start."""
    store = training_service().store
    done = [run for run in store.runs() if run.state == "done"]
    able = [run for run in done if run.name != TRANSFER.title or run.title == BACKBONE.title][:MOST]
    kept = checkpoints(store, tuple(run.id for run in able))
    return *(run for run in able if run.id in kept), *(run for run in collection().runs() if ships(run))


def titles(runs: Mapping[str, Run]) -> dict[str, str]:
    """By key; no two are alike, for a control tells its choices apart by what they are called."""
    found: dict[str, str] = {}
    namesakes = Counter(run.title for run in runs.values())
    for key, run in runs.items():
        name = run.title if namesakes[run.title] == 1 else f"{run.title}, {run.step:,} steps"
        found[key] = f"{name} {run.id}" if name in found.values() else name
    return found


def weights_label(key: str) -> str:
    """Published weights, as short as the sidebar is narrow."""
    network, _, weights = key.partition(":")[2].partition("/")
    return f"{network}, {weights.removesuffix('_V1').replace('IMAGENET1K', 'ImageNet').replace('_', ' ')}"


def choice_control(label: str, field: str, choices: tuple[str, ...], value: str, spell: Callable[[str], str]) -> None:
    st.selectbox(label, choices, format_func=spell, **bind_choice(field, value))


def bind_choice(field: str, shown: str) -> dict[str, Any]:
    """Another experiment, length or dataset: the runs that are shown belong to the last one."""

    def choose(chosen: str) -> None:
        if chosen != shown:
            go_experiment(replace(current_experiment(), **{field: chosen}, runs=(), replay=None))

    return bind_widget(f"lab/{field}", shown, choose)
