"""Measured speed as plotly figures on logarithmic axes: time against MACs, and the roofline."""

from collections.abc import Callable, Sequence
from math import ceil, floor, log, log10, sqrt
from typing import Any

import plotly.graph_objects as go

from explorer.colors import BARE, GREEN, GREY, GRID, PALE
from explorer.formatting import escaped, short_number
from explorer.models.facts import milliseconds
from explorer.models.names import family_style
from explorer.models.spec import Spec
from explorer.profiler.measurements import BUSY, Roof
from explorer.profiler.roofline import RooflinePoint, attainable, ridge

UNITS = ("", " k", " M", " G", " T", " P")
ROOM = 1.6  # factors around the points, so that their names have a place
Span = tuple[float, float]
XY = tuple[float, float]

HEIGHT = 430
MARGIN = {"t": 22, "b": 52, "l": 70, "r": 18}
RATES = (1e9, 1e10, 1e11, 1e12, 1e13, 1e14)  # MACs a second
EACH = 3  # the rank of a name that stands wherever there is room
Families = dict[Spec, str]


def axis_span(values: Sequence[float]) -> Span:
    """Of an axis, with room around."""
    return min(values) / ROOM, max(values) * ROOM


def log_axis(span: Span, spell: Callable[[float], str]) -> dict[str, Any]:
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
        "title_standoff": 8,
    }


def plain_tick(number: float) -> str:
    """Of a tick: "500 M", "0.5"."""
    return f"{number:g}" if number < 1000 else f"{number / 1000 ** (power := int(log10(number) // 3)):g}{UNITS[power]}"


def tick_duration(seconds: float) -> str:
    return f"{seconds:g} s" if seconds >= 1 else f"{seconds * 1e3:g} ms" if seconds >= 1e-3 else f"{seconds * 1e6:g} µs"


def latency_chart(points: Sequence[RooflinePoint], roof: Roof | None, families: Families) -> go.Figure:
    """Both scales logarithmic: along a diagonal all networks do as many MACs a second."""
    figure = go.Figure()
    x = axis_span([point.macs for point in points])
    y = axis_span([seconds for point in points for seconds in (point.timing.low, point.timing.high)])
    xy = [(point.macs, point.seconds) for point in points]
    for rate in RATES:
        if roof is None or rate < roof.rate:
            add_diagonal(figure, rate, (x, y), xy)
    if roof:
        add_diagonal(figure, roof.rate, (x, y), xy, roof=True)
    add_points(figure, points, xy, families)
    figure.update_xaxes(title="MACs", **log_axis(x, plain_tick))
    figure.update_yaxes(title="Time", **log_axis(y, tick_duration))
    return figure


def roofline_chart(points: Sequence[RooflinePoint], roof: Roof, families: Families) -> go.Figure:
    """The roof is what was measured of the machine: the slope is its memory, the flat part its arithmetic."""
    figure = go.Figure()
    corner = ridge(roof)
    x = axis_span([*(point.intensity for point in points), corner])
    y = axis_span([*(point.rate for point in points), roof.rate])
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
        text=f"arithmetic: {short_number(roof.rate)} MACs/s",
    )  # fmt: skip
    if x[0] * 1.3 < corner:
        figure.add_annotation(
            x=log10(middle := sqrt(x[0] * corner)), y=log10(attainable(roof, middle)), xanchor="left", yanchor="top",
            showarrow=False, font_color=GREEN, text=f"memory: {short_number(roof.bandwidth)}B/s", xshift=8,
        )  # fmt: skip
    add_points(figure, points, [(point.intensity, point.rate) for point in points], families)
    figure.update_xaxes(title="MACs for each byte moved", **log_axis(x, plain_tick))
    figure.update_yaxes(title="MACs a second", **log_axis(y, plain_tick))
    return figure


def add_points(figure: go.Figure, points: Sequence[RooflinePoint], xy: Sequence[XY], families: Families) -> None:
    marks = [family_style(families.get(point.speed.spec, "")) for point in points]
    figure.add_scatter(
        x=[x for x, _ in xy],
        y=[y for _, y in xy],
        mode="markers",
        error_y=error_bars(points) if [y for _, y in xy] == [point.seconds for point in points] else None,
        marker={
            "size": 12,
            "color": [colour for colour, _ in marks],
            "symbol": [symbol for _, symbol in marks],
            "line": {"width": 1, "color": "white"},
        },
        customdata=[speed_hover(point) for point in points],
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
    )
    titles = ("⚠ " * (point.speed.busy > BUSY) + point.title for point in points)
    labels = [(title, x, y, EACH) for title, (x, y) in zip(titles, xy, strict=True)]
    uirevision = f"{points[0].timing.batch}"  # a zoom lasts while more is measured
    figure.update_layout(BARE, height=HEIGHT, margin=MARGIN, font_size=14, showlegend=False)
    figure.update_layout(meta={"labels": labels}, uirevision=uirevision)


def error_bars(points: Sequence[RooflinePoint]) -> dict[str, Any]:
    """Half of all timings lie inside."""
    return {
        "array": [point.timing.high - point.seconds for point in points],
        "arrayminus": [point.seconds - point.timing.low for point in points],
        "color": GREY,
        "thickness": 1.5,
        "width": 3,
    }


def speed_hover(point: RooflinePoint) -> str:
    timing = point.timing
    low, middle, high = (milliseconds(seconds) for seconds in (timing.low, timing.median, timing.high))
    lines = (
        f"<b>{escaped(point.title)}</b>, {timing.batch} image{'s' * (timing.batch > 1)} at once",
        f"{middle}; half of {timing.runs} timings lie from {low} to {high}"
        if timing.runs > 1
        else f"{middle}, run once",
        f"{short_number(point.macs)} MACs, {short_number(point.rate)} MACs a second",
        f"{point.intensity:.1f} MACs for each byte moved",
        f"meanwhile other programs used {timing.busy:.1f} cores" * (timing.busy > BUSY),
    )
    return "<br>".join(filter(None, lines))


def add_diagonal(
    figure: go.Figure, rate: float, spans: tuple[Span, Span], xy: Sequence[XY], roof: bool = False
) -> None:
    """All networks of that many MACs a second, where it crosses the picture. `xy`: where its name may not stand."""
    (left, right), (low, high) = spans
    ends = max(left, low * rate), min(right, high * rate)
    if ends[0] >= ends[1] * 0.9:
        return
    colour = GREEN if roof else PALE
    figure.add_scatter(
        x=list(ends),
        y=[macs / rate for macs in ends],
        mode="lines",
        line={"color": colour, "width": 3 if roof else 1.2, "dash": "solid" if roof else "dot"},
        hoverinfo="skip",
    )
    below = (ends[1] / (right / left) ** share for share in (0, 0.15, 0.3, 0.45))
    # The roof is named at its foot, where no network can be.
    at = ends[0] if roof else next((x for x in below if is_free((x, x / rate), spans, xy)), ends[1])
    before = not roof or at > sqrt(left * right)  # in the right half
    figure.add_annotation(
        x=log10(at),
        y=log10(at / rate),
        xanchor="right" if before else "left",
        yanchor="bottom",
        xshift=-4 if before else 14,
        showarrow=False,
        text=f"at most {short_number(rate)} MACs/s" if roof else f"{plain_tick(rate)} MACs/s",
        font={"color": colour, "size": 13},
    )


def is_free(end: XY, spans: tuple[Span, Span], xy: Sequence[XY]) -> bool:
    """Whether no point lies where a name would whose lower right corner this is: a quarter of the chart wide."""
    (left, right), (low, high) = spans
    around = ((log(end[0] / x, right / left), log(y / end[1], high / low)) for x, y in xy)
    return not any(-0.03 < before < 0.27 and -0.03 < above < 0.08 for before, above in around)
