"""Names at the ends of curves, none over another."""

from collections.abc import Sequence
from itertools import pairwise
from textwrap import wrap
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.formatting import escaped
from explorer.training.results.grouping import Group, Seen
from explorer.training.runs.curves import SeedBand

LETTERS, LINE = 14, 16  # in a line of a name; pixels from line to line
NAMES_END = "end"  # what a replay calls such a name, which would tell how it ended (growing_traces.js)
ROOM_FOR_NAMES = 118  # pixels, at the right of a chart


def room_between(found: Sequence[Seen]) -> float:
    """Of two charts, as a part of both: there the names of the first stand, before the figures of the second."""
    return 0.14 + 0.01 * max((len(line) for seen in found for line in lines_of(seen.group.title)), default=5)


def lines_of(title: str) -> list[str]:
    return wrap(title, LETTERS, max_lines=2, placeholder=" …")


def name_ends(figure: go.Figure, ends: Sequence[tuple[Group, SeedBand]], column: int) -> None:
    """Each network's name behind the last point of its curve; the figure has all else that it is to have."""
    drawn = [(group, line) for group, line in ends if len(line.y)]
    layout: Any = figure["layout"]
    axis, margin = layout["yaxis" if column == 1 else "yaxis2"], layout.margin
    low, high = axis.range or drawn_range(figure, "y" if column == 1 else "y2", axis.type == "log")
    pixels = (layout.height - margin.t - margin.b) / max(high - low, 1e-9)
    names = [lines_of(group.title) for group, _ in drawn]
    last = [np.log10(line.last) if axis.type == "log" else line.last for _, line in drawn]
    at = [float(np.clip(np.nan_to_num(value, nan=low), low, high)) for value in last]
    places = spread([pixels * (value - low) for value in at], [LINE * len(name) for name in names])
    for (group, line), name, value, place in zip(drawn, names, at, places, strict=True):
        mark = f'<span style="color:{group.colour}">■</span> '
        figure.add_annotation(
            x=line.x[-1],
            y=value,
            name=NAMES_END,
            text=mark + "<br>".join(map(escaped, name)),
            align="left",
            font_size=13,
            showarrow=False,
            xanchor="left",
            xshift=8 if column == 1 else 14,  # past the dot of a test, and the stroke of a published one
            yshift=place - pixels * (value - low),
            row=1,
            col=column,
        )


def drawn_range(figure: go.Figure, axis: str, logarithmic: bool) -> tuple[float, float]:
    """From the lowest to the highest of all that stands on it: so far plotly itself will make it, but for a margin."""
    layout: Any = figure["layout"]
    parts: Any = [trace.y for trace in figure.data if (trace.yaxis or "y") == axis]
    parts += [[shape.y0] for shape in layout.shapes if shape.yref == axis]
    values = np.concatenate([np.asarray(part, dtype=float) for part in parts] or [np.empty(0)])
    if logarithmic:
        with np.errstate(divide="ignore", invalid="ignore"):
            values = np.log10(values)
    values = values[np.isfinite(values)]
    return (values.min(), values.max()) if len(values) else (0.0, 1.0)


def spread(places: Sequence[float], sizes: Sequence[float]) -> list[float]:
    """Middles near to where they were, such that no two overlap and none is below 0."""
    order = sorted(range(len(places)), key=places.__getitem__)
    up, down = list(places), list(places)
    for below, above in pairwise(order):
        up[above] = max(up[above], up[below] + (sizes[below] + sizes[above]) / 2)
    for above, below in pairwise(reversed(order)):
        down[below] = min(down[below], down[above] - (sizes[below] + sizes[above]) / 2)
    middle = [(one + other) / 2 for one, other in zip(up, down, strict=True)]  # as far apart as both are
    low = -min(0.0, min(middle, default=0.0))
    return [each + low for each in middle]
