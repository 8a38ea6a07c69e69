"""The field → a plotly figure: a point for each entry, the Pareto front, and lines between recipes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import plotly.graph_objects as go

from explorer.compare.entries import Entry
from explorer.compare.facts import QUANTITIES
from explorer.compare.families import in_order, style
from explorer.compare.field_axes import ACCURACIES, axis_of
from explorer.compare.field_hover import hover
from explorer.compare.field_view import LeaderboardFilters
from explorer.compare.labels import labels
from explorer.compare.pareto import Point, front
from explorer.palette import GREY, PALE

MARGIN = {"t": 8, "b": 50, "l": 62, "r": 176}  # room for the legend at the right
SIZE = 11
TOLD = "resnet50"  # whose recipes stand out, as long as nothing else is chosen


@dataclass(frozen=True)
class Field:
    """What the chart shows of the field."""

    points: tuple[Point, ...]
    front: tuple[Point, ...]
    families: tuple[str, ...]  # of the legend: those switched off too

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(point.entry for point in self.points)


def field_of(found: tuple[Point, ...], view: LeaderboardFilters, families: Iterable[str]) -> Field:
    return Field(found, front(found, view.x, view.y), in_order(set(families)))


def field_figure(field: Field, view: LeaderboardFilters) -> go.Figure:
    figure = go.Figure()
    if view.y in ACCURACIES:
        told = next((p.entry.architecture for p in field.points if p.entry.key == view.chosen), TOLD)
        add_recipes(figure, [pair for name, pair in recipes(field.points) if name != told], PALE, 1.2)
        add_recipes(figure, [pair for name, pair in recipes(field.points) if name == told], GREY, 3)
    add_front(figure, field, view)
    for family in field.families:
        add_family(figure, family, [point for point in field.points if point.entry.family == family])
    add_chosen(figure, [point for point in field.points if point.entry.key == view.chosen])
    lay_out(figure, field, view)
    return figure


def recipes(found: tuple[Point, ...]) -> Iterator[tuple[str, tuple[Point, Point]]]:
    """From each of torchvision's weights to the next of the same architecture, with the architecture's name."""
    of: dict[str, list[Point]] = {}
    for point in found:
        if point.entry.origin == "torchvision":
            of.setdefault(point.entry.architecture, []).append(point)
    for name, several in of.items():
        yield from ((name, pair) for pair in pairwise(several))


def add_recipes(figure: go.Figure, pairs: list[tuple[Point, Point]], colour: str, width: float) -> None:
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
        hoverinfo="skip",
        showlegend=False,
        name="recipes",
    )


def add_front(figure: go.Figure, field: Field, view: LeaderboardFilters) -> None:
    """As steps: up to the next member nothing better can be had."""
    ends_low = QUANTITIES[view.x].better == "low"
    figure.add_scatter(
        x=[point.x for point in field.front],
        y=[point.y for point in field.front],
        mode="lines",
        line={"color": PALE, "width": 2.5, "dash": "dot", "shape": "hv" if ends_low else "vh"},
        hoverinfo="skip",
        showlegend=False,
        name="front",
    )


def add_family(figure: go.Figure, family: str, found: list[Point]) -> None:
    colour, symbol = style(family)
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
        hovertext=[hover(point.entry) for point in found],
        hoverinfo="text",
    )


def symbol_of(entry: Entry, symbol: str) -> str:
    """Filled: weights one can load. Open: a figure in print. A star: a visitor's own."""
    if entry.origin == "yours":
        return "star"
    return symbol if entry.origin == "torchvision" else f"{symbol}-open"


def add_chosen(figure: go.Figure, found: list[Point]) -> None:
    figure.add_scatter(
        x=[point.x for point in found],
        y=[point.y for point in found],
        mode="markers",
        marker={"symbol": "circle-open", "size": SIZE + 13, "color": "#d55e00", "line": {"width": 3}},
        hoverinfo="skip",
        showlegend=False,
        name="chosen",
    )


def lay_out(figure: go.Figure, field: Field, view: LeaderboardFilters) -> None:
    figure.update_layout(
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        margin=MARGIN,
        font_size=15,
        hovermode="closest",
        dragmode="zoom",
        hoverlabel={"align": "left", "font": {"size": 14}, "namelength": -1},
        legend={"x": 1.012, "y": 1, "tracegroupgap": 0},
        uirevision=f"{view.x} {view.y} {view.x_log} {view.y_log}",  # another axis, another view
        meta={"labels": labels(field.points, field.front, view.chosen), "name": f"{view.y} against {view.x}"},
    )
    log = {"x": view.x_log, "y": view.y_log}
    for axis, quantity, values in (
        ("x", view.x, [point.x for point in field.points]),
        ("y", view.y, [point.y for point in field.points]),
    ):
        figure.update_layout({f"{axis}axis": axis_of(quantity, log[axis], values)})
