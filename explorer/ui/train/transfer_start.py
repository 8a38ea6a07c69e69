"""What the networks of an experiment start from: chosen in the sidebar, where the experiment is a transfer."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import streamlit as st

from explorer.formatting import literal
from explorer.models.spec import Spec
from explorer.training.experiments.experiment import Contestant
from explorer.training.experiments.selection import NOTHING, ExperimentSelection
from explorer.training.experiments.transfer import (
    BACKBONE,
    BACKBONE_RECIPES,
    IMAGENET,
    IMAGENET_SIZE,
    TRANSFER,
    contenders,
)
from explorer.training.recipe import Recipe
from explorer.training.results.checkpoint_export import checkpoints
from explorer.training.results.grouping import plan_of
from explorer.training.runs.pretrained_weights import RUN, on_disk, published_weights
from explorer.training.runs.pretrained_weights import fetch_weights as fetch_published
from explorer.training.runs.store import Run
from explorer.training.scheduler.service import training_service
from explorer.ui.session import complain
from explorer.ui.train.dataset import fetch_button
from explorer.ui.train.page_state import dataset_name, go_experiment, used_dataset
from explorer.ui.train.selectors import choice_control

MOST = 50  # finished runs to choose from


@dataclass(frozen=True)
class Offer:
    """Who may take part, and the recipe before any knob is turned."""

    key: str  # of the widgets that belong to it
    entries: tuple[Contestant, ...]
    recipe: Recipe


def usual_start(lab: ExperimentSelection) -> Offer:
    return Offer(f"{lab.key}/{lab.length}", lab.experiment.entries(lab.length), lab.experiment.recipe(lab.length))


def start_offer(lab: ExperimentSelection) -> Offer:
    """Of the transfer; where there is nothing to start from, that is trained first."""
    runs = {f"{RUN}{run.id}": run for run in finished()}
    names = titles(runs) | {key: weights_label(key) for key in on_disk()} | {NOTHING: "Nothing: train a backbone"}
    chosen = available_start(lab, tuple(names))
    go_experiment(replace(lab, start=chosen))  # so that a link leads to the same
    choice_control("Start from", "start", tuple(names), chosen, names.__getitem__)
    if IMAGENET not in names:
        size = published_weights()[IMAGENET].size
        fetch_button("ResNet-18’s ImageNet weights", size, lambda progress: fetch_published(IMAGENET, progress))
    if chosen == NOTHING:
        st.caption("First a backbone, on all of these pictures. When it is done, choose other pictures.")
        return Offer(f"backbone/{lab.length}", (BACKBONE,), BACKBONE_RECIPES[lab.length])
    if chosen in runs:
        plan = plan_of(runs[chosen].plan)
        known = " already, so there is nothing to transfer: choose others" if plan.dataset == used_dataset(lab) else ""
        st.caption(f"Learnt on {literal(dataset_name(plan.dataset))}{known}. {runs[chosen].step:,} steps.")
        spec, size = plan.spec, plan.recipe.size
    else:
        spec, size = Spec("torchvision", published_weights()[chosen].network), IMAGENET_SIZE
    usual = usual_start(lab)
    return replace(usual, entries=contenders(spec, chosen), recipe=replace(usual.recipe, size=size))


def available_start(lab: ExperimentSelection, offered: tuple[str, ...]) -> str:
    """The start that was chosen; a backbone that was trained for lack of one is meant as soon as it is done."""
    trained = [f"{RUN}{run}" for run in lab.runs if lab.start == NOTHING and f"{RUN}{run}" in offered]
    if trained or not lab.start:
        return (*trained, *offered)[0]
    if lab.start not in offered:
        complain(f"What this link starts from, “{lab.start}”, is not on this computer: choose another start.")
        return offered[0]
    return lab.start


def finished() -> tuple[Run, ...]:
    """The newest first. What a transfer trained has too few pictures to be worth a start."""
    done = [run for run in training_service().store.runs() if run.state == "done" and not run.recorded]
    able = [run for run in done if run.name != TRANSFER.title or run.title == BACKBONE.title][:MOST]
    kept = checkpoints(training_service().store, tuple(run.id for run in able))
    return tuple(run for run in able if run.id in kept)


def titles(runs: Mapping[str, Run]) -> dict[str, str]:
    """By key; no two are alike, for a control tells its choices apart by what they are called."""
    found: dict[str, str] = {}
    for key, run in runs.items():
        found[key] = f"{run.title} {run.id}" if run.title in found.values() else run.title
    return found


def weights_label(key: str) -> str:
    """Published weights, as short as the sidebar is narrow."""
    network, _, weights = key.partition(":")[2].partition("/")
    return f"{network}, {weights.removesuffix('_V1').replace('IMAGENET1K', 'ImageNet').replace('_', ' ')}"
