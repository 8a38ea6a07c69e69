"""Which networks there are to look into, and opening one: in the background, since some take seconds."""

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Literal

import streamlit as st

from explorer.activations.gradient_flow import FAMILY
from explorer.activations.networks import (
    LiveNetwork,
    initial_state,
    initial_weights,
    live_network,
    plan_intake,
    published_intake,
    spec_of_plan,
)
from explorer.models.selection import ModelSelection, selection_of
from explorer.models.spec import Spec, spec_settings
from explorer.subprocess_loop import first_line
from explorer.training.plan import parse_plan
from explorer.training.results.grouping import plan_of
from explorer.training.results.predictions import Intake, checkpoints, read_intake
from explorer.training.runs.pretrained_weights import (
    PUBLISHED,
    loaded,
    of_run,
    on_disk,
    read_weights,
    shipped_head,
    ships,
)
from explorer.training.runs.recorded_runs import every_run
from explorer.training.runs.store import UNDER_WAY, Run, StoreTrouble
from explorer.training.scheduler.service import training_service
from explorer.ui.train.page_state import dataset_here

MOST_DRAWN = 110  # layers of a network that is drawn block by block
Weights = Literal["trained", "initial"]
AGAIN = 30.0  # seconds after which what failed is tried once more
GONE = "The run was deleted meanwhile: choose another network."
NO_PICTURES = "The pictures that {} was trained on are not on this computer, so what it takes is not known."


def known_networks() -> dict[str, str]:
    """Those with weights at hand, by their keys: runs that ship, the deepest residual one first; the visitor's own;
    torchvision's, where their files are here."""
    runs = runs_with_weights()
    return {run.id: network_name(run) for run in runs} | {start: weights_name(start) for start in on_disk()}


def runs_with_weights() -> Sequence[Run]:
    store = training_service().store
    try:
        runs = every_run(store)
        own = [run for run in runs.values() if not run.recorded and run.state not in UNDER_WAY]
        kept = checkpoints(store, tuple(run.id for run in own))
    except StoreTrouble:  # what ships is there all the same
        return shipped_runs({})
    return [*shipped_runs(runs), *(run for run in own if run.id in kept)]


def shipped_runs(runs: dict[str, Run]) -> list[Run]:
    """The deepest first; of the same network what was trained for longer, and then the original form."""

    def place(run: Run) -> tuple[Any, ...]:
        return -depth(run), "plain" in run.title, -run.step, "Pre-act" in run.title

    return sorted(filter(ships, runs.values()), key=place)


def depth(run: Run) -> int:
    return int(dict(plan_of(run.plan).spec.options).get("depth", 0))


def run_of_family(wanted: dict[str, Any], beside: Run | None = None) -> str:
    """Of a run with weights of a CIFAR ResNet with these options, the shortest that ships if one does: those are small,
    and a gradient goes through them in seconds. `beside`: one that learnt the same data, in the same experiment if
    there is one. Empty where there is none."""
    if wanted["shortcut"] == "none":  # then both forms of the blocks are one chain of layers
        wanted = {name: value for name, value in wanted.items() if name != "pre_activation"}

    def place(run: Run) -> tuple[Any, ...]:
        return bool(beside and run.experiment != beside.experiment), not run.recorded, run.step

    for run in sorted(runs_with_weights(), key=place):
        spec, other = plan_of(run.plan).spec, beside and plan_of(beside.plan).dataset != plan_of(run.plan).dataset
        if spec.name == FAMILY and not other and wanted.items() <= spec_settings(spec).items():
            return run.id
    return ""


def twin_of(key: str) -> str:
    """The run of the same layers with shortcuts, or without, on the same data; empty where there is none."""
    run = next((run for run in runs_with_weights() if run.id == key), None)
    spec = plan_of(run.plan).spec if run else None
    if not run or not spec or spec.name != FAMILY:
        return ""
    told = spec_settings(spec)
    wanted = {name: told[name] for name in ("depth", "width", "pre_activation")}
    return run_of_family(wanted | {"shortcut": "identity" if told["shortcut"] == "none" else "none"}, run)


def in_diagram(block: str, spec: Spec, depth: int) -> ModelSelection:
    """The block opened, with its addition selected; of very many equal ones, the one that stands for them."""
    stage, _, number = block.partition(".")
    shown = block if depth <= MOST_DRAWN else f"{stage}.{min(int(number), 1)}"
    told = {"opened": (stage, shown), "repeats": depth > MOST_DRAWN, "selected": f"{shown}/add"}
    return replace(selection_of(spec), **told)


def network_name(run: Run) -> str:
    """With what tells it from its namesakes."""
    return f"{run.title} · {f'{run.step:,} steps' if run.recorded else f'yours, {run.id}'}"


def weights_name(start: str) -> str:
    """Of torchvision's: "resnet50, V2". All of them learnt ImageNet's 1,000 classes."""
    network, _, version = start.removeprefix(PUBLISHED).partition("/")
    return f"{network}, {version.removeprefix('IMAGENET1K_').replace('_', ' ')}"


def other_recipe(key: str) -> str:
    """The key of other weights of the same network of torchvision's, the first that are here; empty where none are."""
    network = key.rpartition("/")[0]
    return next((start for start in on_disk() if start != key and start.rpartition("/")[0] == network), "")


def last_step(key: str) -> int:
    """Of the run's checkpoint: one that goes on is opened anew."""
    return 0 if key.startswith(PUBLISHED) else checkpoints(training_service().store, (key,)).get(key, 0)


@st.cache_resource(show_spinner=False)
def openers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(2, thread_name_prefix="opening")


@dataclass(frozen=True)
class Opening:
    """Of a network: under way, done, or failed."""

    future: Future[LiveNetwork]
    begun: float  # by `time.monotonic`

    @property
    def stale(self) -> bool:
        """It failed, long enough ago to be tried again. At once it would fail, and be tried, without an end."""
        failed = self.future.done() and self.future.exception() is not None
        return failed and time.monotonic() - self.begun > AGAIN


def open_network(key: str, weights: Weights) -> Future[LiveNetwork]:
    """Once for all visitors. Its troubles are `ValueError`s with a sentence."""
    wanted = key, last_step(key), weights
    if begin_opening(*wanted).stale:
        begin_opening.clear(*wanted)
    return begin_opening(*wanted).future


@st.cache_resource(show_spinner=False, max_entries=24)
def begin_opening(key: str, step: int, weights: Weights) -> Opening:
    return Opening(openers().submit(opened, key, weights), time.monotonic())


def opened(key: str, weights: Weights) -> LiveNetwork:
    try:
        return opened_published(key, weights) if key.startswith(PUBLISHED) else opened_run(key, weights)
    except ValueError:
        raise
    except Exception as error:  # of a worker that was lost, or of a file that somebody else wrote
        raise ValueError(f"It could not be opened: {first_line(error)}") from error


def opened_run(key: str, weights: Weights) -> LiveNetwork:
    service = training_service()
    run = every_run(service.store).get(key)
    if not run:
        raise ValueError(GONE)
    intake = intake_of_run(run)
    if weights == "trained":
        state = of_run(key, service.store)
    else:
        state = loaded(service.run_on_worker(initial_state, run.plan, intake).result(), run.title)["model"]
    return live_network(run.title, spec_of_plan(parse_plan(run.plan), intake), state, intake)


def intake_of_run(run: Run) -> Intake:
    if ships(run):
        return read_intake(shipped_head(run))
    pictures = dataset_here(run)
    if not pictures:
        raise ValueError(NO_PICTURES.format(run.title))
    plan = replace(parse_plan(run.plan), dataset=pictures).json()
    return training_service().run_on_worker(plan_intake, plan).result()


def opened_published(key: str, weights: Weights) -> LiveNetwork:
    intake = published_intake(key)
    spec = published_spec(key, intake)
    if weights == "trained":
        state = read_weights(key)
    else:
        state = loaded(training_service().run_on_worker(initial_weights, spec).result(), spec.name)["model"]
    return live_network(weights_name(key), spec, state, intake)


def published_spec(key: str, intake: Intake) -> Spec:
    """Some weights want larger pictures than others of the same network, and a transformer is built for one size."""
    return Spec("torchvision", key.removeprefix(PUBLISHED).partition("/")[0], (("image_size", intake.shape[1]),))
