"""The sidebar: which experiment, on which pictures, how long; and the recipe, which may be changed."""

from dataclasses import replace
from typing import Any, get_args

import streamlit as st

from explorer.formatting import literal
from explorer.models.selection import ModelSelection
from explorer.training.experiments import EXPERIMENTS
from explorer.training.experiments.experiment import AT_ONCE, Contestant, Length, everything
from explorer.training.experiments.selection import ExperimentSelection
from explorer.training.recipe import Recipe, choices
from explorer.ui.train.dataset import fetch_pictures
from explorer.ui.train.page_state import current_experiment, dataset_name, offered, used_dataset
from explorer.ui.train.selectors import choice_control, choice_moved
from explorer.ui.train.transfer_start import Offer, start_offer, usual_start

LENGTHS = {"quick": "Quick", "full": "Full"}


def experiment_form() -> tuple[tuple[Contestant, ...], Recipe, int]:
    """Draws the form. Gives the networks that take part, the recipe, and how many seeds of each."""
    with st.sidebar:
        lab = current_experiment()
        choice_control(
            "Experiment", "key", tuple(EXPERIMENTS), lab.key, lambda key: EXPERIMENTS[key].title.partition(":")[0]
        )
        choose_length(lab)
        choice_control("Pictures", "dataset", offered(), used_dataset(lab), dataset_name)
        fetch_pictures(lab.experiment.dataset)
        offer = start_offer(lab) if lab.key == "transfer" else usual_start(lab)
        chosen = networks(lab, offer)
        seeds = st.number_input("Seeds", 1, 5, 1, help=SEEDS, key=f"seeds/{lab.key}/{lab.length}")
        with st.expander("Recipe"):
            recipe = knobs(offer)
    return chosen, recipe, int(seeds)


SEEDS = "How many times each network is trained, each time from other weights and in another order of the pictures."


def choose_length(lab: ExperimentSelection) -> None:
    st.session_state["lab/length"] = lab.length
    settings: dict[str, Any] = {"required": True, "width": "stretch", "format_func": LENGTHS.__getitem__}
    args = ("length", lab.length)
    st.segmented_control("Length", get_args(Length), key="lab/length", on_change=choice_moved, args=args, **settings)


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
    if place and place.source != "own":  # workers cannot build what lives in this process
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
