"""Curves and gradient norms of runs as plotly figures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from explorer.colors import BLUE, GREEN, GREY, ORANGE, PALE, PURPLE, SKY, VERMILLION, YELLOW
from explorer.training.results.curve_statistics import SeedBand
from explorer.training.runs.curves import Norms

# Neighbours in an experiment are far apart; yellow comes last, for it is weak on white.
HUES = (SKY, ORANGE, BLUE, VERMILLION, GREEN, PURPLE, GREY, YELLOW)
GRID = "rgba(128,128,128,0.18)"
BARE = {
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "margin": {"t": 34, "b": 44, "l": 56, "r": 26},
}


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
    # Plotly's code in the browser stumbles over axes with nothing on them: an odd map stands alone in its row.
    specs = [[{"colspan": 2}, None], *[[{}, {} if 2 * row + 1 < len(shown) else None] for row in range(rows)]]
    maps = [f"{strip.name}: every layer, the first at the top" for strip in shown]
    height = 230 + 220 * rows
    room = {"row_heights": [1.0, *[1.0] * rows], "vertical_spacing": 70 / height, "horizontal_spacing": 0.08}
    figure = make_subplots(1 + rows, 2, specs=specs, subplot_titles=["Gradient norm at the first layer", *maps], **room)
    for index, strip in enumerate(shown):
        add_first(figure, strip)
        add_map(figure, strip, 2 + index // 2, 1 + index % 2)
    figure.update_layout(BARE, uirevision="same", height=height, font_size=14, showlegend=False)
    figure.update_layout(coloraxis=scale(shown))
    figure.update_xaxes(range=[0, steps], zeroline=False, showgrid=False, title_font_size=14, tickformat=",")
    figure.update_xaxes(title_text="step", row=1 + rows)
    figure.update_yaxes(zeroline=False, showgrid=False, title_font_size=14)
    figure.update_yaxes(type="log", exponentformat="power", showgrid=True, gridcolor=GRID, row=1, col=1)
    return figure


def add_first(figure: go.Figure, strip: Strip) -> None:
    norms = strip.norms
    figure.add_scatter(
        x=norms.step,
        y=norms.first if len(norms.step) else [],
        mode="lines",
        name=strip.name,
        legendgroup=strip.name,
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
        legendgroup=strip.name,
        hovertemplate=f"{strip.name}, layer %{{y}}, step %{{x}}: 10^%{{z:.2f}}<extra></extra>",
        row=row,
        col=column,
    )
    figure.update_yaxes(autorange="reversed", title_text="layer", row=row, col=column)


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
        "title": {"text": "norm", "font": {"size": 14}},
        "tickvals": ticks,
        "ticktext": [f"10<sup>{tick:.0f}</sup>" for tick in ticks],
        "thickness": 12,
    }
    return {"colorscale": "Viridis", "cmin": low, "cmax": max(high, low + 0.1), "colorbar": bar}


@dataclass(frozen=True)
class PublishedMark:
    """A published test error."""

    value: float  # 0 … 1
    source: str
    beyond: bool  # it was measured after more steps than the chart has


@dataclass(frozen=True, eq=False)
class ChartSeries:
    """A network in the chart."""

    name: str
    colour: str
    dashed: bool
    train: SeedBand
    test: SeedBand
    marks: tuple[PublishedMark, ...] = ()


@dataclass(frozen=True)
class Axes:
    """How the curves are looked at."""

    quantity: str  # loss or error of the training batches
    steps: int  # in all, so that the curves grow into the room they have
    classes: int
    logarithmic: bool = False


def curves_chart(entries: Sequence[ChartSeries], axes: Axes) -> go.Figure:
    """Training on the left, test error on the right; a grey line where guessing would be."""
    titles = (f"Training {axes.quantity}", "Test error")
    figure = make_subplots(1, 2, subplot_titles=titles, horizontal_spacing=0.08)
    for entry in entries:
        for column, line in ((1, entry.train), (2, entry.test)):
            add_line(figure, entry, line, column)
        for mark in entry.marks:
            add_mark(figure, entry, mark, axes.steps)
    chance = np.log(axes.classes) if axes.quantity == "loss" else 1 - 1 / axes.classes
    for column, level in ((1, chance), (2, 1 - 1 / axes.classes)):
        add_chance(figure, level, column)
    style_figure(figure, entries, axes)
    return figure


def add_line(figure: go.Figure, entry: ChartSeries, line: SeedBand, column: int) -> None:
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


def add_mark(figure: go.Figure, entry: ChartSeries, mark: PublishedMark, steps: int) -> None:
    """Grey, because this run did not measure it; a stroke that leads out where it took more steps than this run has."""
    after = "<br>after more steps than these" if mark.beyond else ""
    symbol, size = ("line-ew-open", 16) if mark.beyond else ("diamond-open", 9)
    figure.add_scatter(
        x=[steps],
        y=[mark.value],
        mode="markers",
        marker={"symbol": symbol, "size": size, "color": PALE, "line": {"width": 2}},
        showlegend=False,
        name=f"{entry.name}, published",
        hovertemplate=f"{entry.name}, published: {mark.value:.2%}{after}<br>{mark.source}<extra></extra>",
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


def style_figure(figure: go.Figure, entries: Sequence[ChartSeries], axes: Axes) -> None:
    figure.update_layout(BARE, hovermode="x unified", uirevision="same", height=350, font_size=15)
    figure.update_layout(showlegend=False)  # the table below has the colours
    figure.update_xaxes(range=[0, axes.steps], title_text="step", title_font_size=15, tickformat=",")
    figure.update_xaxes(gridcolor=GRID, zeroline=False)
    figure.update_yaxes(gridcolor=GRID, zeroline=False)
    figure.update_yaxes(type="log" if axes.logarithmic else "linear", row=1, col=1)
    figure.update_yaxes(tickformat=".0%", row=1, col=2)
    if axes.quantity == "error":
        figure.update_yaxes(tickformat=".0%", row=1, col=1)
    if not any(len(entry.test.x) for entry in entries):
        figure.update_yaxes(range=[0, 1], row=1, col=2)
