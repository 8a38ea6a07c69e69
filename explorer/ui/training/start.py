"""What the networks of an experiment start from: chosen in the sidebar, where the experiment is a transfer."""

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
from explorer.training.starts import RUN, fetch, on_disk, published
from explorer.training.store import Run
from explorer.ui.literal import literal
from explorer.ui.training.fetch import show
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
    names = {key: titled(run) for key, run in runs.items()} | {key: published()[key].network for key in on_disk()}
    names = {key: f"{name} · {key.partition(':')[2]}" for key, name in names.items()} | {"": NOTHING}
    key = f"start/{len(names)}"  # what is new comes first, and is meant
    chosen = st.selectbox("Start from", list(names), format_func=names.__getitem__, key=key, on_change=anew)
    if IMAGENET not in names:
        fetch_weights()
    if not chosen:
        st.caption("First a backbone, on all of these pictures. When it is done, choose other pictures.")
        return Offer(f"backbone/{lab.length}", (BACKBONE,), BACKBONE_RECIPES[lab.length])
    if chosen not in runs:
        return from_weights(lab, chosen)
    plan = plan_of(runs[chosen].plan)
    if plan.dataset == pictures(lab):
        st.caption("These weights know these pictures already: choose others to see a transfer.")
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


def titled(run: Run) -> str:
    return f"{run.title}, {name_of(plan_of(run.plan).dataset)}, {run.step:,} steps"


def fetch_weights() -> None:
    """Only when it is asked for."""
    weights = published()[IMAGENET]
    label = f"Download ResNet-18’s ImageNet weights ({weights.size / 1e6:.0f} MB)"
    if not st.button(label, icon=":material/download:", width="stretch"):
        return
    bar = st.progress(0.0, text="Fetching the weights")
    try:
        fetch(IMAGENET, lambda done, total: show(bar, done, total))
    except ValueError as error:
        st.warning(literal(str(error)))
        return
    st.rerun()
