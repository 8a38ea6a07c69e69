"""The Pareto front: the points that no other beats in one quantity without losing in the other."""

from collections.abc import Iterable
from dataclasses import dataclass

from explorer.compare.entries import Entry
from explorer.compare.facts import QUANTITIES


@dataclass(frozen=True)
class Point:
    """An entry with a figure for both axes."""

    entry: Entry
    x: float
    y: float


@dataclass(frozen=True)
class Missing:
    """An entry that cannot be drawn, and why."""

    entry: Entry
    why: str


def points(entries: Iterable[Entry], x: str, y: str) -> tuple[Point, ...]:
    return tuple(
        Point(entry, across, up)
        for entry in entries
        if (across := entry.value(x)) is not None and (up := entry.value(y)) is not None
    )


def front(found: Iterable[Point], x: str, y: str) -> tuple[Point, ...]:
    """From the best in x to the best in y. Of points in the same place the first stands for all."""
    across, up = (-1 if QUANTITIES[quantity].better == "high" else 1 for quantity in (x, y))
    kept: list[Point] = []
    for point in sorted(found, key=lambda point: (across * point.x, up * point.y)):
        if not kept or up * point.y < up * kept[-1].y:
            kept.append(point)
    return tuple(kept)


def missing(entries: Iterable[Entry], x: str, y: str) -> tuple[Missing, ...]:
    """Those without a figure for an axis: they are listed, and drawn nowhere."""
    found = []
    for entry in entries:
        lacks = [quantity for quantity in dict.fromkeys((y, x)) if entry.value(quantity) is None]
        if lacks:
            found.append(Missing(entry, ", ".join(LACKING[quantity] for quantity in lacks)))
    return tuple(found)


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
