"""The chart of every result as a plotly figure: axes, points, the Pareto front, names and what a point says."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby, pairwise
from math import log10
from typing import Any

import plotly.graph_objects as go

from explorer.colors import BARE, GREY, GRID, PALE
from explorer.formatting import escaped
from explorer.leaderboard.entries import Entry
from explorer.leaderboard.filters import LeaderboardFilters
from explorer.leaderboard.pareto import ChartPoint, front
from explorer.models.facts import QUANTITIES, Fact
from explorer.models.names import family_style, ordered_families

ACCURACIES = ("top-1", "top-5")
AXES = {  # how the ticks of an axis are written: plotly's format, what comes before them, what follows them
    **dict.fromkeys(ACCURACIES, ("", " %")),
    **dict.fromkeys(("MACs", "parameters", "activations"), ("~s", "")),
    **dict.fromkeys(("file size", "memory"), ("~s", "B")),
    "latency": ("~s", "s"),
    "throughput": ("~s", "/s"),
}

MARGIN = {"t": 8, "b": 50, "l": 62, "r": 176}  # room for the legend at the right
UNTOUCHED: dict[str, Any] = {"hoverinfo": "skip", "showlegend": False}
SIZE = 11
MARKED = "resnet50"  # whose recipes stand out, as long as nothing else is chosen

KINDS = {"published": "published", "computed": "computed here", "measured": "measured here"}
ORDER = tuple(QUANTITIES)
WIDTH = 62  # letters to a line

# Networks everybody knows by name: where one's eyes start.
LANDMARKS = (
    *("resnet50/IMAGENET1K_V1", "vgg16/IMAGENET1K_V1", "efficientnet_b0/IMAGENET1K_V1", "alexnet/IMAGENET1K_V1"),
    *("resnet50/IMAGENET1K_V2", "mobilenet_v2/IMAGENET1K_V1", "efficientnet_b7/IMAGENET1K_V1"),
    *("vit_b_16/IMAGENET1K_V1", "resnet152/IMAGENET1K_V1", "googlenet/IMAGENET1K_V1", "resnet18/IMAGENET1K_V1"),
    *("densenet121/IMAGENET1K_V1", "convnext_tiny/IMAGENET1K_V1", "swin_t/IMAGENET1K_V1"),
    *("squeezenet1_1/IMAGENET1K_V1", "shufflenet_v2_x1_0/IMAGENET1K_V1", "mobilenet_v3_large/IMAGENET1K_V2"),
)
RANK = {f"torchvision/{key}": number for number, key in enumerate(LANDMARKS)}


def axis_of(quantity: str, log: bool, values: list[float]) -> dict[str, object]:
    shown = QUANTITIES[quantity]
    ticks, suffix = AXES[quantity]
    better = "more is better" if shown.better == "high" else "less is better"
    axis: dict[str, object] = {
        "title": {"text": f"{shown.title} <span style='font-size:13px'>({better})</span>", "standoff": 6},
        "type": "log" if log else "linear",
        "gridcolor": GRID,
        "zeroline": False,
        "tickformat": ticks,
        "ticksuffix": suffix,
        "range": room(values, log),
        "exponentformat": "SI",
        "showticklabels": bool(values),
    }
    if not log:
        return axis
    powers = log10(max(values) / min(values)) if values else 1  # of ten, between the least and the most
    units = {"ticksuffix": "", "labelalias": tick_labels(suffix)} if suffix and ticks else {}
    return axis | units | {"dtick": "D2" if powers < 3 else 1}


@cache
def tick_labels(unit: str) -> dict[str, str]:
    """“200 ms” for plotly's “200m”: between powers of ten it leaves the unit out."""
    numbers = [f"{digit}{'0' * zeros}" for digit in range(1, 10) for zeros in range(3)]
    return {f"{number}{prefix}": f"{number} {prefix}{unit}" for number in numbers for prefix in ("µ", "m", "", *"kMGT")}


def room(values: list[float], log: bool) -> list[float]:
    """A little more than the points need, for what is written beside them."""
    low, high = (min(values), max(values)) if values else (1.0, 10.0)
    if log:
        low, high = log10(low), log10(high)
    gap = (high - low or abs(high) or 1) * 0.05
    return [low - gap, high + gap]


@dataclass(frozen=True)
class LeaderboardView:
    """What the chart shows of the field."""

    points: tuple[ChartPoint, ...]
    front: tuple[ChartPoint, ...]
    families: tuple[str, ...]  # of the legend: those switched off too

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(point.entry for point in self.points)


def leaderboard_view(found: tuple[ChartPoint, ...], view: LeaderboardFilters, families: set[str]) -> LeaderboardView:
    return LeaderboardView(found, front(found, view.x, view.y), ordered_families(families))


def field_figure(field: LeaderboardView, view: LeaderboardFilters) -> go.Figure:
    figure = go.Figure()
    if view.y in ACCURACIES:
        marked = next((p.entry.architecture for p in field.points if p.entry.key == view.chosen), MARKED)
        add_recipes(figure, [pair for name, pair in recipes(field.points) if name != marked], PALE, 1.2)
        add_recipes(figure, [pair for name, pair in recipes(field.points) if name == marked], GREY, 3)
    add_front(figure, field, view)
    for family in field.families:
        add_family(figure, family, [point for point in field.points if point.entry.family == family])
    add_chosen(figure, [point for point in field.points if point.entry.key == view.chosen])
    lay_out(figure, field, view)
    return figure


def recipes(found: tuple[ChartPoint, ...]) -> Iterator[tuple[str, tuple[ChartPoint, ChartPoint]]]:
    """From each of torchvision's weights to the next of the same architecture, with the architecture's name."""
    of: dict[str, list[ChartPoint]] = {}
    for point in found:
        if point.entry.origin == "torchvision":
            of.setdefault(point.entry.architecture, []).append(point)
    for name, several in of.items():
        yield from ((name, pair) for pair in pairwise(several))


def add_recipes(figure: go.Figure, pairs: list[tuple[ChartPoint, ChartPoint]], colour: str, width: float) -> None:
    figure.add_scatter(
        x=[x for one, other in pairs for x in (one.x, other.x, None)],
        y=[y for one, other in pairs for y in (one.y, other.y, None)],
        mode="lines+markers",
        line={"color": colour, "width": width},
        marker={
            "symbol": "arrow",
            "angleref": "previous",
            "size": [0, 8 + width, 0] * len(pairs),
            "standoff": 6,
            "color": colour,
        },
        opacity=0.8,
        name="recipes",
        **UNTOUCHED,
    )


def add_front(figure: go.Figure, field: LeaderboardView, view: LeaderboardFilters) -> None:
    """As steps: up to the next member nothing better can be had."""
    ends_low = QUANTITIES[view.x].better == "low"
    figure.add_scatter(
        x=[point.x for point in field.front],
        y=[point.y for point in field.front],
        mode="lines",
        line={"color": PALE, "width": 2.5, "dash": "dot", "shape": "hv" if ends_low else "vh"},
        name="front",
        **UNTOUCHED,
    )


def add_family(figure: go.Figure, family: str, found: list[ChartPoint]) -> None:
    colour, symbol = family_style(family)
    figure.add_scatter(
        x=[point.x for point in found] or [None],
        y=[point.y for point in found] or [None],
        name=family,
        mode="markers",
        visible=True if found else "legendonly",
        marker={
            "color": colour,
            "symbol": [symbol_of(point.entry, symbol) for point in found] or [symbol],
            "size": [SIZE + 5 if point.entry.origin == "yours" else SIZE for point in found] or [SIZE],
            "line": {
                "width": [1 if point.entry.origin == "torchvision" else 2 for point in found] or 1,
                "color": colour,
            },
            "opacity": 0.92,
        },
        customdata=[point.entry.key for point in found],
        hovertext=[entry_hover(point.entry) for point in found],
        hoverinfo="text",
    )


def symbol_of(entry: Entry, symbol: str) -> str:
    """Filled: weights one can load. Open: a figure in print. A star: a visitor's own."""
    if entry.origin == "yours":
        return "star"
    return symbol if entry.origin == "torchvision" else f"{symbol}-open"


def add_chosen(figure: go.Figure, found: list[ChartPoint]) -> None:
    figure.add_scatter(
        x=[point.x for point in found],
        y=[point.y for point in found],
        mode="markers",
        marker={"symbol": "circle-open", "size": SIZE + 13, "color": "#d55e00", "line": {"width": 3}},
        name="chosen",
        **UNTOUCHED,
    )


def lay_out(figure: go.Figure, field: LeaderboardView, view: LeaderboardFilters) -> None:
    figure.update_layout(
        BARE | {"margin": MARGIN, "font_size": 15},
        hovermode="closest",
        dragmode="zoom",
        hoverlabel={"align": "left", "font": {"size": 14}, "namelength": -1},
        legend={"x": 1.012, "y": 1, "tracegroupgap": 0},
        uirevision=f"{view.x} {view.y} {view.x_log} {view.y_log}",  # another axis, another view
        meta={"labels": labels(field, view.chosen), "name": f"{view.y} against {view.x}"},
    )
    figure.update_xaxes(axis_of(view.x, view.x_log, [point.x for point in field.points]))
    figure.update_yaxes(axis_of(view.y, view.y_log, [point.y for point in field.points]))


def entry_hover(entry: Entry) -> str:
    """Plotly's HTML. Facts from one source stand together behind it."""
    at = f"{entry.side} pixels" if entry.side else "image size not said"
    head = f"<b>{escaped(entry.title)}</b><br>{escaped(entry.family)}, {entry.year or 'yours'} · {at}"
    return "<br>".join((head, *(line for group in grouped(entry.facts) for line in hover_lines(group))))


def grouped(facts: tuple[Fact, ...]) -> list[tuple[Fact, ...]]:
    kinds = tuple(KINDS)
    ordered = sorted(facts, key=lambda fact: (kinds.index(fact.kind), fact.source, ORDER.index(fact.quantity)))
    return [tuple(group) for _, group in groupby(ordered, key=lambda fact: (fact.kind, fact.source))]


def hover_lines(group: tuple[Fact, ...]) -> list[str]:
    first = group[0]
    source = "" if first.kind == "computed" else f" ({escaped(short_source(first.source))})"
    said = [f"{fact.quantity} {QUANTITIES[fact.quantity].spell(fact.value)}" for fact in group]
    return [f"<i>{KINDS[first.kind]}{source}:</i>", *wrapped(said)]


def wrapped(said: list[str]) -> list[str]:
    found = [""]
    for word in said:
        if len(found[-1]) + len(word) > WIDTH and found[-1]:
            found.append("")
        found[-1] += f"{' · ' if found[-1] else '  '}{word}"
    return found


def short_source(source: str) -> str:
    return source if len(source) <= WIDTH else f"{source[: WIDTH - 1]}…"


def labels(field: LeaderboardView, chosen: str) -> list[tuple[str, float, float, int]]:
    """Name, place and rank of each point: 0 the chosen one, 1 the ends of the front and the visitor's own, 2 landmarks,
    3 the rest of the front, 4 the rest."""
    called = short_names(field.entries)
    members = [point.entry.key for point in field.front]
    ends = members[:1] + members[-1:]

    def rank(entry: Entry) -> int:
        landmark = entry.key in RANK or entry.origin in ("lesson", "yours")
        tests = (entry.key == chosen, entry.key in ends or entry.origin == "yours", landmark, entry.key in members)
        return next((number for number, holds in enumerate(tests) if holds), 4)

    ranked = sorted(field.points, key=lambda point: (rank(point.entry), RANK.get(point.entry.key, len(RANK))))
    return [(called[point.entry.key], point.x, point.y, rank(point.entry)) for point in ranked]


def short_names(entries: tuple[Entry, ...]) -> dict[str, str]:
    """A short name for each: which weights is said only where the architecture alone would not tell."""
    short = {each.key: each.architecture if each.origin == "torchvision" else each.title for each in entries}
    counts = Counter(short.values())
    return {each.key: each.title if counts[short[each.key]] > 1 else short[each.key] for each in entries}
