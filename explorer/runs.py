"""What a set of runs amounts to: a curve, a strip of gradients and a result for every network among them."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from explorer.learning import evaluated, measured
from explorer.learning_charts import HUES, Entry, Strip
from explorer.recorded import curve_of, norms_of
from explorer.specs import Spec, settings
from explorer.tracing import graph_of
from explorer.training.curves import Curve, Norms
from explorer.training.plan import Plan, parse
from explorer.training.store import Run, Store
from explorer.verdicts import Result


@dataclass(frozen=True, eq=False)
class Group:
    """The runs of one network, which differ in their seed alone."""

    title: str
    plan: Plan
    colour: str
    runs: tuple[Run, ...]

    @property
    def plain(self) -> bool:
        return is_plain(self.plan.spec)


def is_plain(spec: Spec) -> bool:
    """Without shortcuts, in a family that has the choice."""
    options = settings(spec)
    return options.get("shortcut") == "none" or options.get("residual") is False


def groups(runs: Sequence[Run]) -> tuple[Group, ...]:
    """One for each network, in the order in which they were started; each has a colour of its own."""
    found: dict[Hashable, list[Run]] = {}
    for run in runs:
        found.setdefault((run.title, seedless(plan_of(run.plan))), []).append(run)
    return tuple(
        Group(title, plan_of(same[0].plan), HUES[index % len(HUES)], tuple(same))
        for index, (title, same) in enumerate(zip(names(found), found.values(), strict=True))
    )


def seedless(plan: Plan) -> Plan:
    return replace(plan, recipe=replace(plan.recipe, seed=0))


def names(found: Mapping[Any, object]) -> list[str]:
    """The titles; the same network trained in another way is told apart by a number."""
    seen: Counter[str] = Counter()
    told = []
    for title, _ in found:
        seen[title] += 1
        told.append(title if seen[title] == 1 else f"{title} ({seen[title]})")
    return told


@lru_cache(maxsize=512)
def plan_of(text: str) -> Plan:
    return parse(text)


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


def seen(store: Store, group: Group) -> Seen:
    return Seen(group, tuple(curve_of(store, run) for run in group.runs), norms_of(store, group.runs[0]))


def entry(seen: Seen, quantity: str, smooth: bool, marks: tuple[tuple[float, str], ...] = ()) -> Entry:
    group = seen.group
    train = measured(seen.curves, quantity, smooth)
    return Entry(group.title, group.colour, group.plain, train, evaluated(seen.curves, "test_error"), marks)


def strip(seen: Seen) -> Strip:
    return Strip(seen.group.title, seen.group.colour, seen.group.plain, seen.norms)


def result(seen: Seen) -> Result:
    loss, test = measured(seen.curves, "loss", smooth=True), evaluated(seen.curves, "test_error")
    usual = np.median(seen.norms.norms, axis=0) if len(seen.norms.step) else np.empty(0)
    runs = seen.group.runs
    return Result(
        name=seen.group.title,
        spec=seen.group.plan.spec,
        params=size_of(seen.group.plan.spec),
        loss=loss.last,
        test_error=test.last if len(test.x) else None,
        step=min(run.step for run in runs),
        steps=max(run.steps for run in runs),
        seeds=len(runs),
        spread=float(loss.high[-1] - loss.low[-1]) if len(loss.x) else 0.0,
        first=float(usual[0]) if len(usual) else None,
    )
