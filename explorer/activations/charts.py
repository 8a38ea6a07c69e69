"""An operation's output as charts: all channels in a grid, and one by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, inf, sqrt
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from explorer.activations.feature_maps import COLOURS, FeatureMaps, Numbers
from explorer.analysis.pixel_windows import PixelFrame
from explorer.colors import GRID
from explorer.training.image_preview import address

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


# What a number sees: the picture with a frame on it, and the heat of its pixels; filters as colour tiles


FRAME, HALO = "#0072b2", "#ffffff"  # the blue of what is computed, on white, which shows on any picture
PIXEL, ORANGE = "#d55e00", (213, 94, 0, 255)
TILE, GAP, LINE = 40, 6, 4  # of filters, in pixels
CLICKED = 64  # places a side that can be clicked, at most: of more pixels one in each square
WARM = COLOURS[len(COLOURS) // 2 :]  # from 0 up
CLEAR = [[0, "rgba(0,0,0,0)"], [1, "rgba(0,0,0,0)"]]


def picture_chart(image: Tensor, frame: PixelFrame, pixel: tuple[int, int] | None, height: int) -> go.Figure:
    """(C, H, W) of bytes, of one channel or three; a click chooses "row,column" of a pixel."""
    levels = image[0] if len(image) == 1 else image.permute(1, 2, 0)
    high, wide = image.shape[1:]
    step = ceil(max(high, wide) / CLICKED)
    rows, columns = (np.arange(step // 2, side, step) for side in (high, wide))
    names = np.array([[f"{row},{column}" for column in columns] for row in rows], object)
    figure = go.Figure(go.Image(source=address(Image.fromarray(levels.contiguous().numpy()).convert("RGB"))))
    look = dict(colorscale=CLEAR, showscale=False, hovertemplate="row %{y}, column %{x}<extra></extra>")
    figure.add_trace(go.Heatmap(x=columns, y=rows, z=np.zeros(names.shape), customdata=names, **look))
    draw_frame(figure, frame)
    if pixel:
        draw_frame(figure, PixelFrame(pixel[0], pixel[0] + 1, pixel[1], pixel[1] + 1), PIXEL)
    return finished(figure, (high, wide), height)


def heat_chart(pixels: Numbers, frame: PixelFrame | None, height: int) -> go.Figure:
    """(H, W), none below 0."""
    figure = heatmap(pixels, float(pixels.max()) or 1.0, height, "row %{y}, column %{x}: %{z:.3g}<extra></extra>")
    figure.update_traces(showscale=False)
    if frame:
        draw_frame(figure, frame)
    return finished(figure, pixels.shape, height)


def change_chart(numbers: Numbers, frame: PixelFrame | None, height: int) -> go.Figure:
    """(H, W) of one channel, none below 0; a click chooses "row,column" of a number."""
    figure = heat_chart(numbers, frame, height)
    names = np.array([[f"{row},{column}" for column in range(numbers.shape[1])] for row in range(len(numbers))], object)
    scale = [[at / (len(WARM) - 1), colour] for at, colour in enumerate(WARM)]
    figure.update_traces(customdata=names, zmin=0, colorscale=scale, showscale=True)
    return figure


def draw_frame(figure: go.Figure, frame: PixelFrame, colour: str = FRAME) -> None:
    corners = dict(x0=frame.left - 0.5, x1=frame.right - 0.5, y0=frame.top - 0.5, y1=frame.bottom - 0.5)
    figure.add_shape(type="rect", line=dict(color=HALO, width=4), **corners)
    figure.add_shape(type="rect", line=dict(color=colour, width=2), **corners)


def finished(figure: go.Figure, shape: tuple[int, ...], height: int) -> go.Figure:
    """With room for the frame's line around the edge."""
    room = max(shape) * 0.02
    figure.update_xaxes(**AXIS, range=[-0.5 - room, shape[1] - 0.5 + room], constrain="domain")
    figure.update_yaxes(**AXIS, range=[shape[0] - 0.5 + room, -0.5 - room], scaleanchor="x", constrain="domain")
    figure.update_layout(height=height, margin=NOTHING)
    return plain(figure)


def filter_tiles(weights: Tensor, chosen: int) -> Image.Image:
    """(filters, 1 or 3, K, K), all by one scale: mid-grey is 0, full colour the largest absolute weight, black its
    negative; the chosen one in a frame."""
    weights = weights.detach()
    count, _, high, wide = weights.shape
    zoom = max(1, TILE // wide)
    largest = float(weights.abs().max()) or 1.0
    levels = ((weights / largest + 1) * 127.5).round().byte().expand(-1, 3, -1, -1).permute(0, 2, 3, 1).numpy()
    tiles = levels.repeat(zoom, 1).repeat(zoom, 2)
    high, wide, across = high * zoom, wide * zoom, ceil(sqrt(count * 2))
    whole = np.zeros((ceil(count / across) * (high + GAP) + GAP, across * (wide + GAP) + GAP, 4), np.uint8)
    for place, each in enumerate(tiles):
        top, left = place // across * (high + GAP) + GAP, place % across * (wide + GAP) + GAP
        if place == chosen:
            whole[top - LINE : top + high + LINE, left - LINE : left + wide + LINE] = ORANGE
        whole[top : top + high, left : left + wide] = np.dstack([each, np.full((high, wide), 255, np.uint8)])
    return Image.fromarray(whole, "RGBA")


# As charts: log axes, on which 0 and what is no number stand at the ends, as marks of their own


CHOSEN = "#e69f00"


@dataclass(frozen=True)
class Line:
    name: str
    color: str
    points: Sequence[tuple[int, float, str]]  # the layer, the norm, the block's name
    dashed: bool = False


def depth_chart(lines: Sequence[Line], depth: int, chosen: int | None, height: int = 330) -> go.Figure:
    """`chosen`: the first layer of the block that is shown. A click gives the block's name."""
    values = [value for line in lines for _, value, _ in line.points if 0 < value < inf]
    low, high = np.log10(min(values, default=1e-3)), np.log10(max(values, default=1))
    room = max(0.5, 0.09 * (high - low))
    figure = go.Figure()
    for line in lines:
        add_line(figure, line, {"0": 10 ** (low - room), "inf or NaN": 10 ** (high + room)})
    if chosen is not None:
        figure.add_vline(chosen, line=dict(color=CHOSEN, width=2, dash="dot"))
    axis = dict(tickfont=LETTERS, zeroline=False)
    about = "layer: the picture at the left, the loss at the right"
    figure.update_xaxes(axis, range=[0, depth + 1], title=about, title_font=LETTERS, tickformat=",", showgrid=False)
    decades = ceil((high - low + 2 * room) / 7)
    span = [low - 1.6 * room, high + 1.6 * room]
    figure.update_yaxes(axis, type="log", range=span, exponentformat="power", gridcolor=GRID, dtick=decades)
    figure.update_layout(height=height, margin=dict(l=60, r=12, t=34, b=44), uirevision=f"{depth}")
    legend = dict(orientation="h", y=1.13, x=0, font=LETTERS, itemclick=False, itemdoubleclick=False)
    return plain(figure).update_layout(legend=legend, showlegend=True)


def add_line(figure: go.Figure, line: Line, ends: Mapping[str, float]) -> None:
    """`ends`: where 0 and what is no number are marked."""
    there = [point for point in line.points if 0 < point[1] < inf]
    words = f"{line.name}, layer %{{x}}: %{{y:.3g}}<extra></extra>"
    look = dict(color=line.color, width=2, dash="dot" if line.dashed else "solid")
    add_points(figure, there, line=look, mode="lines+markers", marker_size=4, name=line.name, hovertemplate=words)
    for said, end in ends.items():
        marked = [(x, end, block) for x, y, block in line.points if not 0 < y < inf and (y == 0) == (said == "0")]
        if marked:
            mark = dict(color=line.color, size=8, symbol="x" if said == "0" else "triangle-up")
            told = dict(name=f"{line.name}: {said}", hovertemplate=f"{line.name}, layer %{{x}}: {said}<extra></extra>")
            add_points(figure, marked, mode="markers", marker=mark, **told)


def add_points(figure: go.Figure, points: Sequence[tuple[int, float, str]], **how: Any) -> None:
    layers, values, names = zip(*points, strict=True) if points else ((), (), ())
    figure.add_scatter(x=layers, y=values, customdata=names, **how)
