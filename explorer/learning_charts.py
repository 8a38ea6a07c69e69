"""Curves of training → plotly figures that may grow while one looks at them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from explorer.learning import Line
from explorer.palette import BLUE, GREEN, GREY, ORANGE, PALE, PURPLE, SKY, VERMILLION, YELLOW
from explorer.training.curves import Norms

# Neighbours in an experiment are far apart; yellow comes last, for it is weak on white.
HUES = (SKY, ORANGE, BLUE, VERMILLION, GREEN, PURPLE, GREY, YELLOW)
BARE = {
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "margin": {"t": 34, "b": 44, "l": 56, "r": 16},
}


@dataclass(frozen=True, eq=False)
class Entry:
    """A network in the chart."""

    name: str
    colour: str
    dashed: bool
    train: Line
    test: Line
    marks: tuple[tuple[float, str], ...] = ()  # published test errors, 0 … 1, each with its source


@dataclass(frozen=True)
class Axes:
    """How the curves are looked at."""

    quantity: str  # loss or error of the training batches
    steps: int  # in all, so that the curves grow into the room they have
    classes: int
    logarithmic: bool = False


def curves_chart(entries: Sequence[Entry], axes: Axes) -> go.Figure:
    """Training on the left, test error on the right; a grey line where guessing would be."""
    titles = (f"Training {axes.quantity}", "Test error")
    figure = make_subplots(1, 2, subplot_titles=titles, horizontal_spacing=0.08)
    mixed = not all(entry.dashed for entry in entries)
    for entry in entries:
        entry = replace(
            entry, dashed=entry.dashed and mixed
        )  # dashes tell plain networks from others, if there are any
        for column, line in ((1, entry.train), (2, entry.test)):
            add_line(figure, entry, line, column)
        for value, source in entry.marks:
            add_mark(figure, entry, value, source, axes.steps)
    chance = np.log(axes.classes) if axes.quantity == "loss" else 1 - 1 / axes.classes
    for column, level in ((1, chance), (2, 1 - 1 / axes.classes)):
        add_chance(figure, level, column)
    style(figure, entries, axes)
    return figure


def add_line(figure: go.Figure, entry: Entry, line: Line, column: int) -> None:
    """The mean of the seeds, and the band between the best and the worst of them."""
    if len(line.x) and bool((line.high > line.low).any()):
        band = np.concatenate((line.high, line.low[::-1]))
        figure.add_scatter(
            x=np.concatenate((line.x, line.x[::-1])),
            y=band,
            mode="lines",
            fill="toself",
            fillcolor=entry.colour,
            opacity=0.18,
            line_width=0,
            legendgroup=entry.name,
            showlegend=False,
            hoverinfo="skip",
            row=1,
            col=column,
        )
    figure.add_scatter(
        x=line.x,
        y=line.y,
        name=entry.name,
        mode="lines" if column == 1 else "lines+markers",
        marker={"size": 6},
        line={"color": entry.colour, "width": 2.5, "dash": "dash" if entry.dashed else "solid"},
        legendgroup=entry.name,
        showlegend=column == 1,
        hovertemplate=f"{entry.name}: %{{y:.{'4' if column == 1 else '3'}}}<extra></extra>",
        cliponaxis=column == 1,  # the last test stands on the edge
        row=1,
        col=column,
    )


def add_mark(figure: go.Figure, entry: Entry, value: float, source: str, steps: int) -> None:
    """A published figure: grey, because this run did not measure it."""
    figure.add_scatter(
        x=[steps],
        y=[value],
        mode="markers",
        marker={"symbol": "diamond-open", "size": 9, "color": PALE, "line": {"width": 2}},
        showlegend=False,
        name=f"{entry.name}, published",
        hovertemplate=f"{entry.name}, published: {value:.2%}<br>{source}<extra></extra>",
        cliponaxis=False,
        row=1,
        col=2,
    )


def add_chance(figure: go.Figure, level: float, column: int) -> None:
    figure.add_hline(
        y=level,
        line={"color": PALE, "width": 1, "dash": "dot"},
        annotation={"text": f"guessing: {level:.3f}" if column == 1 else f"guessing: {level:.0%}", "font_color": PALE},
        annotation_position="top right",
        row=1,  # pyright: ignore[reportArgumentType]  # plotly says str, for "all"
        col=column,  # pyright: ignore[reportArgumentType]
    )


def style(figure: go.Figure, entries: Sequence[Entry], axes: Axes) -> None:
    figure.update_layout(BARE, hovermode="x unified", uirevision="same", height=350, font_size=15)
    figure.update_layout(showlegend=False)  # the table below has the colours
    grid = "rgba(128,128,128,0.18)"
    figure.update_xaxes(range=[0, axes.steps], title="step", gridcolor=grid, zeroline=False)
    figure.update_yaxes(gridcolor=grid, zeroline=False)
    figure.update_yaxes(type="log" if axes.logarithmic else "linear", row=1, col=1)
    figure.update_yaxes(tickformat=".0%", row=1, col=2)
    if axes.quantity == "error":
        figure.update_yaxes(tickformat=".0%", row=1, col=1)
    if not any(len(entry.test.x) for entry in entries):
        figure.update_yaxes(range=[0, 1], row=1, col=2)


@dataclass(frozen=True, eq=False)
class Strip:
    """The gradients of one network."""

    name: str
    colour: str
    dashed: bool
    norms: Norms


def norms_chart(strips: Sequence[Strip], steps: int) -> go.Figure:
    """A line for the first layer of each network, and below a map of all layers: plain networks above residual ones.

    All maps share one scale of colours, so that they compare.
    """
    shown = sorted(strips, key=lambda strip: not strip.dashed)
    rows = -(-len(shown) // 2)
    specs = [[{"colspan": 2}, None], *[[{}, {}] for _ in range(rows)]]
    titles = ["First layer", *(f"{strip.name}: every layer, the first at the top" for strip in shown)]
    height = 210 + 210 * rows
    room = {"row_heights": [1.0, *[1.0] * rows], "vertical_spacing": 58 / height, "horizontal_spacing": 0.08}
    figure = make_subplots(1 + rows, 2, specs=specs, subplot_titles=titles, **room)
    for index, strip in enumerate(shown):
        add_first(figure, strip)
        add_map(figure, strip, 2 + index // 2, 1 + index % 2)
    figure.update_layout(BARE, uirevision="same", height=height, font_size=14, showlegend=False)
    figure.update_layout(coloraxis=scale(shown))
    figure.update_xaxes(range=[0, steps], zeroline=False, showgrid=False)
    figure.update_yaxes(zeroline=False, showgrid=False)
    figure.update_yaxes(
        type="log", exponentformat="power", showgrid=True, gridcolor="rgba(128,128,128,0.18)", row=1, col=1
    )
    return figure


def add_first(figure: go.Figure, strip: Strip) -> None:
    norms = strip.norms
    figure.add_scatter(
        x=norms.step,
        y=norms.first if len(norms.step) else [],
        mode="lines",
        name=strip.name,
        line={"color": strip.colour, "width": 2, "dash": "dash" if strip.dashed else "solid"},
        hovertemplate=f"{strip.name}, step %{{x}}: %{{y:.3g}}<extra></extra>",
        row=1,
        col=1,
    )


def add_map(figure: go.Figure, strip: Strip, row: int, column: int) -> None:
    norms = strip.norms
    figure.add_heatmap(
        x=norms.step,
        y=np.arange(1, norms.norms.shape[1] + 1),
        z=logarithm(norms.norms).T,
        coloraxis="coloraxis",
        hovertemplate=f"{strip.name}, layer %{{y}}, step %{{x}}: 10^%{{z:.2f}}<extra></extra>",
        row=row,
        col=column,
    )
    figure.update_yaxes(autorange="reversed", title="layer", row=row, col=column)


def logarithm(norms: np.ndarray) -> np.ndarray:
    """A gradient of nought has no logarithm: it is left blank."""
    with np.errstate(divide="ignore"):
        found = np.log10(norms, dtype=np.float32)
    return np.where(np.isfinite(found), found, np.nan)


def scale(strips: Sequence[Strip]) -> dict[str, object]:
    """From the 2nd to the 98th percentile of all that is drawn: single steps must not wash out the rest."""
    found = np.concatenate([logarithm(strip.norms.norms).ravel() for strip in strips] or [np.empty(0)])
    found = found[np.isfinite(found)]
    low, high = np.percentile(found, (2, 98)) if len(found) else (-3, 1)
    ticks = np.arange(np.floor(low), np.ceil(high) + 1)
    bar = {
        "title": {"text": "norm"},
        "tickvals": ticks,
        "ticktext": [f"10<sup>{tick:.0f}</sup>" for tick in ticks],
        "thickness": 12,
    }
    return {"colorscale": "Viridis", "cmin": low, "cmax": max(high, low + 0.1), "colorbar": bar}
