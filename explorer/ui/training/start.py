"""What the networks of an experiment start from: chosen in the sidebar, where the experiment is a transfer."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import streamlit as st

from explorer.experiments.experiment import Contestant
from explorer.experiments.transfer import BACKBONE, BACKBONE_RECIPES, IMAGENET, IMAGENET_SIZE, TRANSFER, contenders
from explorer.labs import NOTHING, ExperimentSelection
from explorer.runs import plan_of
from explorer.specs import Spec
from explorer.takeaways import checkpoints
from explorer.training.jobs import jobs
from explorer.training.recipe import Recipe
from explorer.training.starts import RUN, on_disk, published
from explorer.training.starts import fetch as fetch_published
from explorer.training.store import Run
from explorer.ui.literal import literal
from explorer.ui.session import complain
from explorer.ui.training.choosing import choose
from explorer.ui.training.fetch import fetch
from explorer.ui.training.state import go, name_of, pictures

MOST = 50  # finished runs to choose from


@dataclass(frozen=True)
class Offer:
    """Who may take part, and the recipe before any knob is turned."""

    key: str  # of the widgets that belong to it
    entries: tuple[Contestant, ...]
    recipe: Recipe


def usual(lab: ExperimentSelection) -> Offer:
    return Offer(f"{lab.key}/{lab.length}", lab.experiment.entries(lab.length), lab.experiment.recipe(lab.length))


def start(lab: ExperimentSelection) -> Offer:
    """Of the transfer; where there is nothing to start from, that is trained first."""
    runs = {f"{RUN}{run.id}": run for run in finished()}
    names = titles(runs) | {key: spoken(key) for key in on_disk()} | {NOTHING: "Nothing: train a backbone"}
    chosen = at_hand(lab, tuple(names))
    go(replace(lab, start=chosen))  # so that a link leads to the same
    choose("Start from", "start", tuple(names), chosen, names.__getitem__)
    if IMAGENET not in names:
        size = published()[IMAGENET].size
        fetch("ResNet-18’s ImageNet weights", size, lambda progress: fetch_published(IMAGENET, progress))
    if chosen == NOTHING:
        st.caption("First a backbone, on all of these pictures. When it is done, choose other pictures.")
        return Offer(f"backbone/{lab.length}", (BACKBONE,), BACKBONE_RECIPES[lab.length])
    if chosen not in runs:
        return from_weights(lab, chosen)
    plan = plan_of(runs[chosen].plan)
    known = " already, so there is nothing to transfer: choose others" if plan.dataset == pictures(lab) else ""
    st.caption(f"Learnt on {literal(name_of(plan.dataset))}{known}. {runs[chosen].step:,} steps.")
    recipe = replace(lab.experiment.recipe(lab.length), size=plan.recipe.size)
    return Offer(f"{lab.key}/{lab.length}", contenders(plan.spec, chosen), recipe)


def at_hand(lab: ExperimentSelection, offered: tuple[str, ...]) -> str:
    """The start that was chosen; a backbone that was trained for lack of one is meant as soon as it is done."""
    trained = [f"{RUN}{run}" for run in lab.runs if lab.start == NOTHING and f"{RUN}{run}" in offered]
    if trained or not lab.start:
        return (*trained, *offered)[0]
    if lab.start not in offered:
        complain(f"What this link starts from, “{lab.start}”, is not on this computer: choose another start.")
        return offered[0]
    return lab.start


def from_weights(lab: ExperimentSelection, chosen: str) -> Offer:
    spec = Spec("torchvision", published()[chosen].network)
    recipe = replace(lab.experiment.recipe(lab.length), size=IMAGENET_SIZE)
    return Offer(f"{lab.key}/{lab.length}", contenders(spec, chosen), recipe)


def finished() -> tuple[Run, ...]:
    """The newest first. What a transfer trained has too few pictures to be worth a start."""
    done = [run for run in jobs().store.runs() if run.state == "done" and not run.recorded]
    able = [run for run in done if run.name != TRANSFER.title or run.title == BACKBONE.title][:MOST]
    kept = checkpoints(jobs().store, tuple(run.id for run in able))
    return tuple(run for run in able if run.id in kept)


def titles(runs: Mapping[str, Run]) -> dict[str, str]:
    """By key; no two are alike, for a control tells its choices apart by what they are called."""
    found: dict[str, str] = {}
    for key, run in runs.items():
        found[key] = f"{run.title} {run.id}" if run.title in found.values() else run.title
    return found


def spoken(key: str) -> str:
    """Published weights, as short as the sidebar is narrow."""
    network, _, weights = key.partition(":")[2].partition("/")
    return f"{network}, {weights.removesuffix('_V1').replace('IMAGENET1K', 'ImageNet').replace('_', ' ')}"
