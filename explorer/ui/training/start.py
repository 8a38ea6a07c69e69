"""What the networks of an experiment start from: chosen in the sidebar, where the experiment is a transfer."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import streamlit as st

from explorer.experiments.experiment import Contestant
from explorer.experiments.transfer import BACKBONE, BACKBONE_RECIPES, IMAGENET, IMAGENET_SIZE, TRANSFER, contenders
from explorer.labs import Lab
from explorer.runs import plan_of
from explorer.specs import Spec
from explorer.takeaways import checkpoints
from explorer.training.jobs import jobs
from explorer.training.recipe import Recipe
from explorer.training.starts import RUN, on_disk, published
from explorer.training.starts import fetch as fetch_published
from explorer.training.store import Run
from explorer.ui.literal import literal
from explorer.ui.training.fetch import fetch
from explorer.ui.training.state import current, go, name_of, pictures

NOTHING = "Nothing: train a backbone"
MOST = 50  # finished runs to choose from


@dataclass(frozen=True)
class Offer:
    """Who may take part, and the recipe before any knob is turned."""

    key: str  # of the widgets that belong to it
    entries: tuple[Contestant, ...]
    recipe: Recipe


def usual(lab: Lab) -> Offer:
    return Offer(f"{lab.key}/{lab.length}", lab.experiment.entries(lab.length), lab.experiment.recipe(lab.length))


def start(lab: Lab) -> Offer:
    """Of the transfer; where there is nothing to start from, that is trained first."""
    runs = {f"{RUN}{run.id}": run for run in finished()}
    names = titles(runs) | {key: spoken(key) for key in on_disk()} | {"": NOTHING}
    key = f"start/{len(names)}"  # what is new comes first, and is meant
    chosen = st.selectbox("Start from", list(names), format_func=names.__getitem__, key=key, on_change=anew)
    if IMAGENET not in names:
        size = published()[IMAGENET].size
        fetch("ResNet-18’s ImageNet weights", size, lambda progress: fetch_published(IMAGENET, progress))
    if not chosen:
        st.caption("First a backbone, on all of these pictures. When it is done, choose other pictures.")
        return Offer(f"backbone/{lab.length}", (BACKBONE,), BACKBONE_RECIPES[lab.length])
    if chosen not in runs:
        return from_weights(lab, chosen)
    plan = plan_of(runs[chosen].plan)
    known = " already, so there is nothing to transfer: choose others" if plan.dataset == pictures(lab) else ""
    st.caption(f"Learnt on {literal(name_of(plan.dataset))}{known}. {runs[chosen].step:,} steps.")
    recipe = replace(lab.experiment.recipe(lab.length), size=plan.recipe.size)
    return Offer(f"{lab.key}/{lab.length}", contenders(plan.spec, chosen), recipe)


def from_weights(lab: Lab, chosen: str) -> Offer:
    spec = Spec("torchvision", published()[chosen].network)
    recipe = replace(lab.experiment.recipe(lab.length), size=IMAGENET_SIZE)
    return Offer(f"{lab.key}/{lab.length}", contenders(spec, chosen), recipe)


def anew() -> None:
    """The runs that are shown belong to another start."""
    go(replace(current(), runs=()))


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
