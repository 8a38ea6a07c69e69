"""What a set of runs amounts to: curves, gradients and a result for every network among them."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import cycle
from typing import Any

import numpy as np

from explorer.colors import BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION, YELLOW
from explorer.datasets.dataset import base_name
from explorer.datasets.registry import load_dataset
from explorer.datasets.torchvision_datasets import SOURCES
from explorer.models.spec import Spec, spec_settings
from explorer.tracing.tracer import graph_of
from explorer.training.plan import Plan, parse_plan
from explorer.training.results.findings import Result
from explorer.training.runs.curves import Curve, Norms, evaluated, measured
from explorer.training.runs.recorded_runs import curve_of, norms_of, run_summary
from explorer.training.runs.store import Run, Store

TITLES = {"shapes10": "Shapes-10", **{key: source.title for key, source in SOURCES.items()}}
# Neighbours in an experiment are far apart; yellow comes last, for it is weak on white.
HUES = (SKY, ORANGE, BLUE, VERMILLION, GREEN, PURPLE, GREY, YELLOW)
PICTURES = {"CIFAR-10": 50_000, "MNIST": 60_000, "FashionMNIST": 60_000}  # to train on, where they are not here
STATES = {"queued": "waiting", "running": "training"}


@dataclass(frozen=True, eq=False)
class Group:
    """The runs of one network, which differ in their seed alone."""

    title: str
    plan: Plan
    colour: str
    dashed: bool  # where some networks are plain and some are not, dashes tell the plain ones
    runs: tuple[Run, ...]


def is_plain(spec: Spec) -> bool:
    """Without shortcuts, in a family that has the choice."""
    options = spec_settings(spec)
    return options.get("shortcut") == "none" or options.get("residual") is False


def groups(runs: Sequence[Run]) -> tuple[Group, ...]:
    """One for each network, in the order in which they were started; each has a colour of its own."""
    found: dict[Hashable, list[Run]] = {}
    for run in runs:
        found.setdefault((run.title, seedless(plan_of(run.plan))), []).append(run)
    plans = [plan_of(same[0].plan) for same in found.values()]
    plain = [is_plain(plan.spec) for plan in plans]
    lines = zip(group_names(found), plans, cycle(HUES), [each and not all(plain) for each in plain], found.values())
    return tuple(Group(title, plan, hue, dashed, tuple(same)) for title, plan, hue, dashed, same in lines)


def seedless(plan: Plan) -> Plan:
    return replace(plan, recipe=replace(plan.recipe, seed=0))


def group_names(found: Mapping[Any, object]) -> list[str]:
    """The titles; the same network trained in another way is told apart by a number."""
    seen: Counter[str] = Counter()
    told = []
    for title, _ in found:
        seen[title] += 1
        told.append(title if seen[title] == 1 else f"{title} ({seen[title]})")
    return told


@lru_cache(maxsize=512)
def plan_of(text: str) -> Plan:
    return parse_plan(text)


def state_of(run: Run) -> str:
    """In the word that the pages have for it."""
    return "recorded" if run.recorded else STATES.get(run.state, run.state)


def pictures_of(run: Run) -> str:
    """The name of what it was trained on: a folder is called what it turned out to hold."""
    key = plan_of(run.plan).dataset
    return run_summary(run, "data") or TITLES.get(key) or dataset_title(key)


@lru_cache(maxsize=64)
def dataset_title(key: str) -> str:
    try:
        return load_dataset(key).name
    except ValueError:  # it is gone since
        return key.rpartition("/")[2]


def epoch_of(run: Run) -> float | None:
    """How many steps it takes to see every training picture once; None where nobody here knows how many there are."""
    recipe = plan_of(run.plan).recipe
    if recipe.epochs and run.steps:
        return run.steps / recipe.epochs
    pictures = recipe.subset or picture_count(plan_of(run.plan).dataset) or PICTURES.get(base_name(pictures_of(run)))
    return pictures / min(recipe.batch, pictures) if pictures else None


def picture_count(key: str) -> int | None:
    try:
        return len(load_dataset(key).train)
    except ValueError:
        return None


@lru_cache(maxsize=128)
def size_of(spec: Spec) -> int:
    """Its parameters; 0 for a network that this computer cannot build."""
    try:
        return graph_of(spec).params
    except ValueError:
        return 0


@dataclass(frozen=True, eq=False)
class Seen:
    """What was measured of a group so far."""

    group: Group
    curves: tuple[Curve, ...]
    norms: Norms  # of its first seed


def seen_group(store: Store, group: Group) -> Seen:
    return Seen(group, tuple(curve_of(store, run) for run in group.runs), norms_of(store, group.runs[0]))


def run_result(seen: Seen) -> Result:
    loss, error = (measured(seen.curves, quantity, smooth=True) for quantity in ("loss", "error"))
    test = evaluated(seen.curves)
    usual = np.median(seen.norms.norms, axis=0) if len(seen.norms.step) else np.empty(0)
    runs = seen.group.runs
    spec = seen.group.plan.spec
    return Result(
        name=seen.group.title,
        spec=spec,
        params=size_of(spec),
        loss=loss.last,
        error=error.last,
        test_error=test.last if len(test.x) else None,
        step=min(run.step for run in runs),
        steps=max(run.steps for run in runs),
        seeds=len(runs),
        spread=float(loss.high[-1] - loss.low[-1]) if len(loss.x) else 0.0,
        first=float(usual[0]) if len(usual) else None,
        began=float(seen.norms.norms[0, 0]) if len(usual) else None,
    )
