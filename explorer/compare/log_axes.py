"""Logarithmic axes of a plotly figure: how far they reach, and ticks that carry their unit."""

from collections.abc import Callable, Sequence
from math import ceil, floor, log10
from typing import Any

GRID = "rgba(128,128,128,0.18)"
UNITS = ("", " k", " M", " G", " T", " P")
ROOM = 1.6  # factors around the points, so that their names have a place
Span = tuple[float, float]
XY = tuple[float, float]


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
        "title_standoff": 8,
    }


def plain(number: float) -> str:
    """Of a tick: "500 M", "0.5"."""
    return f"{number:g}" if number < 1000 else f"{number / 1000 ** (power := int(log10(number) // 3)):g}{UNITS[power]}"


def duration(seconds: float) -> str:
    return f"{seconds:g} s" if seconds >= 1 else f"{seconds * 1e3:g} ms" if seconds >= 1e-3 else f"{seconds * 1e6:g} µs"
