"""An operation's output as charts: all channels in a grid, and one by itself."""

from collections.abc import Mapping, Sequence
from math import ceil, sqrt

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from explorer.activations.feature_maps import COLOURS, FeatureMaps, Numbers

SHOWN = 64  # channels at once
SIDE = 28  # numbers a side of each in the grid, at most
SCALE = [[at / (len(COLOURS) - 1), colour] for at, colour in enumerate(COLOURS)]
AXIS = {"visible": False, "fixedrange": True}
Window = tuple[int, int, int, int]
LINES = ("#d55e00", "#0072b2", "#009e73", "#cc79a7")
NOTHING = dict(l=0, r=0, t=4, b=4)
LETTERS = dict(size=12)  # named, so that projector mode can raise them
LEGEND = dict(orientation="h", y=-0.18, x=0, font=LETTERS, entrywidthmode="fraction", entrywidth=0.58)
SHARES = {"fixedrange": True, "tickformat": ".0%", "nticks": 5, "tickfont": LETTERS, "showgrid": False}
BAR = dict(thickness=9, x=1.0, xpad=6, ypad=0, outlinewidth=0, tickformat=".3~g", nticks=5, tickfont=LETTERS)


def channels_chart(shown: FeatureMaps, channels: NDArray[np.int64], chosen: int, height: int = 340) -> go.Figure:
    """Of these channels, as many as fit a square, in their order; the chosen one in a frame. All have one scale."""
    across = ceil(sqrt(len(channels)))
    small = [thinned(shown.maps[channel]) for channel in channels]
    (high, wide), down = small[0].shape, ceil(len(channels) / across)
    values = np.full((down * (high + 1) - 1, across * (wide + 1) - 1), np.nan, np.float32)
    names = np.full(values.shape, "", object)
    shapes = []
    for place, (channel, numbers) in enumerate(zip(channels, small, strict=True)):
        top, left = place // across * (high + 1), place % across * (wide + 1)
        values[top : top + high, left : left + wide] = numbers
        names[top : top + high, left : left + wide] = str(channel)
        if channel == chosen:
            corners = dict(x0=left - 0.5, x1=left + wide - 0.5, y0=top - 0.5, y1=top + high - 0.5)
            shapes.append(dict(type="rect", line=dict(color="#000", width=2.5), **corners))
    figure = heatmap(values, shown.largest(), height, "channel %{customdata}: %{z:.4g}<extra></extra>", names)
    figure.update_layout(shapes=shapes)
    return figure


def map_chart(numbers: Numbers, largest: float, frame: Window | None = None, height: int = 260) -> go.Figure:
    """(H, W) of one channel, every number of it, by the same scale as the grid; `frame`: rows and columns, from and
    up to."""
    rows, columns = np.indices(numbers.shape)
    names = np.array([f"{row},{column}" for row, column in zip(rows.flat, columns.flat, strict=True)], object)
    words = "row %{y}, column %{x}: %{z:.6g}<extra></extra>"
    figure = heatmap(numbers, largest, height, words, names.reshape(numbers.shape))
    if frame:
        top, bottom, left, right = frame
        corners = dict(x0=left - 0.5, x1=right - 0.5, y0=top - 0.5, y1=bottom - 0.5)
        figure.add_shape(type="rect", line=dict(color="#000", width=2.5), **corners)
    return figure


def vector_chart(shown: FeatureMaps, names: tuple[str, ...], height: int = 340) -> go.Figure:
    """Each number as a bar, with its class where the network answers with it."""
    numbers = shown.maps.ravel()
    places = np.arange(len(numbers))
    colours = np.where(numbers >= 0, COLOURS[-3], COLOURS[1])
    labels = list(names) if len(names) == len(numbers) else [f"number {place}" for place in places]
    look = dict(marker_color=colours, marker_line_width=0, hovertemplate="%{hovertext}: %{y:.4g}<extra></extra>")
    trace = go.Bar(x=places, y=numbers, hovertext=labels, customdata=[str(place) for place in places], **look)
    figure = go.Figure(trace)
    few = len(numbers) <= 20 and bool(names)
    figure.update_xaxes(fixedrange=True, **({"tickvals": places, "ticktext": labels} if few else {}))
    figure.update_yaxes(fixedrange=True, nticks=5)
    figure.update_layout(height=height, margin=dict(l=40, r=4, t=4, b=60 if few else 24), bargap=0.15, showlegend=False)
    return plain(figure)


def heatmap(values: Numbers, largest: float, height: int, words: str, names: object = None) -> go.Figure:
    trace = go.Heatmap(
        z=values,
        customdata=names,
        colorscale=SCALE,
        zmin=-largest,
        zmax=largest,
        hovertemplate=words,
        hoverongaps=False,
        colorbar=BAR,
    )
    figure = go.Figure(trace)
    figure.update_xaxes(**AXIS, range=[-0.5, values.shape[1] - 0.5], constrain="domain")
    figure.update_yaxes(**AXIS, range=[len(values) - 0.5, -0.5], scaleanchor="x", constrain="domain")
    figure.update_layout(height=height, margin=NOTHING)
    return plain(figure)


def plain(figure: go.Figure) -> go.Figure:
    figure.update_layout(template="none", paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)", legend={})
    return figure


def thinned(numbers: Numbers) -> Numbers:
    """At most `SIDE` a side: of larger maps every so-manieth number, none made up."""
    step = max(1, ceil(max(numbers.shape) / SIDE))
    return numbers[::step, ::step]


def deletion_chart(curves: Mapping[str, Numbers], names: Sequence[str], height: int = 270) -> go.Figure:
    """The share of a class by how much of the picture is covered; each of the `names` keeps its colour."""
    figure = go.Figure()
    for name, curve in curves.items():
        known = name in names
        line = dict(color=LINES[names.index(name)] if known else "#888888", width=2, dash="solid" if known else "dot")
        words = f"{name}, %{{x:.0%}} covered: %{{y:.1%}}<extra></extra>"
        covered = np.linspace(0, 1, len(curve))
        figure.add_scatter(x=covered, y=curve, name=name, mode="lines", line=line, hovertemplate=words)
    figure.update_xaxes(SHARES, range=[0, 1])
    figure.update_yaxes(SHARES, range=[0, None], rangemode="tozero")
    figure.update_layout(height=height, margin=dict(l=44, r=12, t=6, b=84))
    plain(figure)
    return figure.update_layout(legend=LEGEND, showlegend=True)
