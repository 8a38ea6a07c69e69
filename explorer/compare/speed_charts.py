"""Measured speed → plotly figures: time against MACs, and the roofline."""

from collections.abc import Callable, Sequence
from html import escape
from math import ceil, floor, log10, sqrt
from typing import Any

import plotly.graph_objects as go

from explorer.compare.families import style
from explorer.compare.label_places import places
from explorer.compare.roofline import Point, attainable
from explorer.compare.timing import Roof
from explorer.palette import GREEN, PALE
from explorer.words import short

GRID = "rgba(128,128,128,0.18)"
HEIGHT = 430
BARE = {
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "margin": {"t": 16, "b": 52, "l": 62, "r": 18},
}
RATES = (1e9, 1e10, 1e11, 1e12, 1e13, 1e14)  # MACs a second
UNITS = ("", " k", " M", " G", " T", " P")
ROOM = 1.6  # factors around the points, so that their names have a place
Families = dict[str, str]  # by title


def latency_chart(points: Sequence[Point], roof: Roof | None, families: Families) -> go.Figure:
    """Both scales logarithmic: along a diagonal all networks do as many MACs a second."""
    figure = go.Figure()
    x, y = span([point.macs for point in points]), span([point.seconds for point in points])
    for rate in RATES:
        if roof is None or rate < roof.rate:
            add_diagonal(figure, rate, (x, y), "dot", PALE)
    if roof:
        add_diagonal(figure, roof.rate, (x, y), "solid", GREEN)
    xy = [(point.macs, point.seconds) for point in points]
    add_points(figure, points, xy, (x, y), families)
    figure.update_xaxes(title="MACs", **axis(x, plain))
    figure.update_yaxes(title="Time", **axis(y, duration))
    return figure.update_layout(height=HEIGHT, showlegend=False, **BARE)


def roofline_chart(points: Sequence[Point], roof: Roof, families: Families) -> go.Figure:
    """The roof is what was measured of the machine: the slope is its memory, the flat part its arithmetic."""
    figure = go.Figure()
    x = span([*(point.intensity for point in points), roof.rate / roof.bandwidth])
    y = span([*(point.rate for point in points), roof.rate])
    corner = roof.rate / roof.bandwidth
    line = [x[0], *([corner] if x[0] < corner < x[1] else []), x[1]]
    figure.add_scatter(
        x=line,
        y=[attainable(roof, at) for at in line],
        mode="lines",
        line={"color": GREEN, "width": 3},
        hovertemplate="at most %{y:.3s} MACs a second<extra>this machine</extra>",
    )
    figure.add_annotation(
        x=log10(x[1]), y=log10(roof.rate), xanchor="right", yanchor="bottom", showarrow=False, font_color=GREEN,
        text=f"arithmetic: {short(roof.rate)} MACs/s",
    )  # fmt: skip
    if x[0] * 1.3 < corner:
        figure.add_annotation(
            x=log10(middle := sqrt(x[0] * corner)), y=log10(attainable(roof, middle)), xanchor="left", yanchor="top",
            showarrow=False, font_color=GREEN, text=f"memory: {short(roof.bandwidth)}B/s", xshift=8,
        )  # fmt: skip
    add_points(figure, points, [(point.intensity, point.rate) for point in points], (x, y), families)
    figure.update_xaxes(title="MACs for each byte moved", **axis(x, plain))
    figure.update_yaxes(title="MACs a second", **axis(y, plain))
    return figure.update_layout(height=HEIGHT, showlegend=False, **BARE)


Span = tuple[float, float]
XY = tuple[float, float]


def add_points(
    figure: go.Figure, points: Sequence[Point], xy: Sequence[XY], spans: tuple[Span, Span], families: Families
) -> None:
    marks = [style(families.get(point.title, "")) for point in points]
    figure.add_scatter(
        x=[x for x, _ in xy],
        y=[y for _, y in xy],
        mode="markers+text",
        text=[point.title for point in points],
        textposition=places([point.title for point in points], [unit(each, spans) for each in xy]),
        textfont={"size": 12},
        error_y=spread(points) if [y for _, y in xy] == [point.seconds for point in points] else None,
        marker={
            "size": 12,
            "color": [colour for colour, _ in marks],
            "symbol": [symbol for _, symbol in marks],
            "line": {"width": 1, "color": "white"},
        },
        customdata=[hover(point) for point in points],
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
    )


def spread(points: Sequence[Point]) -> dict[str, Any]:
    """Half of all timings lie inside."""
    return {
        "array": [point.timing.high - point.seconds for point in points],
        "arrayminus": [point.seconds - point.timing.low for point in points],
        "thickness": 1.2,
        "width": 3,
    }


def hover(point: Point) -> str:
    timing = point.timing
    low, middle, high = (f"{seconds * 1e3:.3g}" for seconds in (timing.low, timing.median, timing.high))
    return (
        f"<b>{escape(point.title)}</b>, {timing.batch} image{'s' * (timing.batch > 1)} at once<br>"
        f"{middle} ms; half of {timing.runs} timings lie from {low} to {high} ms<br>"
        f"{short(point.macs)} MACs, {short(point.rate)} MACs a second<br>{point.intensity:.1f} MACs for each byte moved"
    )


def add_diagonal(figure: go.Figure, rate: float, spans: tuple[Span, Span], dash: str, colour: str) -> None:
    """All networks of that many MACs a second, where it crosses the picture."""
    (left, right), (low, high) = spans
    ends = max(left, low * rate), min(right, high * rate)
    if ends[0] >= ends[1] * 0.9:
        return
    roof = dash == "solid"
    figure.add_scatter(
        x=list(ends),
        y=[macs / rate for macs in ends],
        mode="lines",
        line={"color": colour, "width": 3 if roof else 1.2, "dash": dash},
        hoverinfo="skip",
    )
    at = ends[0] if roof else ends[1]  # the roof is named at its foot, where no network can be
    figure.add_annotation(
        x=log10(at),
        y=log10(at / rate),
        xanchor="left" if roof else "right",
        yanchor="bottom",
        xshift=14 if roof else -4,
        showarrow=False,
        text=f"at most {short(rate)} MACs/s" if roof else f"{plain(rate)} MACs/s",
        font={"color": colour, "size": 12},
    )


def span(values: Sequence[float]) -> Span:
    """Of an axis, with room around."""
    return min(values) / ROOM, max(values) * ROOM


def unit(xy: XY, spans: tuple[Span, Span]) -> XY:
    """The place in the picture, 0 … 1 each way."""
    x, y = (
        (log10(value) - log10(low)) / (log10(high) - log10(low)) for value, (low, high) in zip(xy, spans, strict=True)
    )
    return x, y


def axis(span: Span, spell: Callable[[float], str]) -> dict[str, Any]:
    """Logarithmic, its ticks written with their unit."""
    steps = (1, 2, 5) if span[1] / span[0] < 300 else (1,)
    first, last = floor(log10(span[0])), ceil(log10(span[1]))
    ticks = [step * 10.0**power for power in range(first, last) for step in steps]
    ticks = [tick for tick in ticks if span[0] <= tick <= span[1]]
    return {
        "type": "log",
        "range": [log10(end) for end in span],
        "tickvals": ticks,
        "ticktext": [spell(tick) for tick in ticks],
        "gridcolor": GRID,
        "zeroline": False,
    }


def plain(number: float) -> str:
    """Of a tick: "500 M", "0.5"."""
    return f"{number:g}" if number < 1000 else f"{number / 1000 ** (power := int(log10(number) // 3)):g}{UNITS[power]}"


def duration(seconds: float) -> str:
    return f"{seconds:g} s" if seconds >= 1 else f"{seconds * 1e3:g} ms" if seconds >= 1e-3 else f"{seconds * 1e6:g} µs"
