"""The Pareto front: the points that no other beats in one quantity without losing in the other."""

from collections.abc import Iterable
from dataclasses import dataclass

from explorer.leaderboard.entries import Entry
from explorer.leaderboard.filters import LeaderboardFilters
from explorer.models.facts import QUANTITIES


@dataclass(frozen=True)
class ChartPoint:
    """An entry with a place on both axes."""

    entry: Entry
    x: float
    y: float


def chart_points(entries: Iterable[Entry], view: LeaderboardFilters) -> tuple[ChartPoint, ...]:
    drawn = ((entry, entry.value(view.x), entry.value(view.y)) for entry in entries if not missing_figure(entry, view))
    return tuple(ChartPoint(entry, x, y) for entry, x, y in drawn if x is not None and y is not None)


def front(found: Iterable[ChartPoint], x: str, y: str) -> tuple[ChartPoint, ...]:
    """From the best in x to the best in y. Of points in the same place the first stands for all."""
    across, up = (-1 if QUANTITIES[quantity].better == "high" else 1 for quantity in (x, y))
    kept: list[ChartPoint] = []
    for point in sorted(found, key=lambda point: (across * point.x, up * point.y)):
        if not kept or up * point.y < up * kept[-1].y:
            kept.append(point)
    return tuple(kept)


def missing(entries: Iterable[Entry], view: LeaderboardFilters) -> tuple[tuple[Entry, str], ...]:
    """Those without a place on an axis, and why: they are listed, and drawn nowhere."""
    return tuple((entry, why) for entry in entries if (why := missing_figure(entry, view)))


def missing_figure(entry: Entry, view: LeaderboardFilters) -> str:
    """Why it has no place on the chart; empty where it has one."""
    axes = ((view.y, view.y_log), (view.x, view.x_log))
    reasons = (lacks_on(entry.value(quantity), quantity, log) for quantity, log in axes)
    return ", ".join(dict.fromkeys(filter(None, reasons)))


def lacks_on(value: float | None, quantity: str, log: bool) -> str:
    if value is None:
        return LACKING[quantity]
    return f"{value:g} {quantity}: no place for that on a logarithmic axis" if log and value <= 0 else ""


LACKING = {
    "top-1": "no published top-1 accuracy",
    "top-5": "no published top-5 accuracy",
    "MACs": "MACs neither published nor counted",
    "parameters": "parameters neither published nor counted",
    "activations": "activations not counted",
    "file size": "no published file size",
    "latency": "latency not measured on this machine",
    "throughput": "throughput not measured on this machine",
    "memory": "memory not measured on this machine",
}
assert LACKING.keys() == QUANTITIES.keys()
