"""The axes of the chart of the field: their title, their ticks with the quantity's unit, and how far they reach."""

from math import log10

from explorer.compare.facts import QUANTITIES
from explorer.compare.log_axes import GRID

ACCURACIES = ("top-1", "top-5")
AXES = {  # how the ticks of an axis are written: plotly's format, what comes before them, what follows them
    **dict.fromkeys(ACCURACIES, ("", " %")),
    **dict.fromkeys(("MACs", "parameters", "activations"), ("~s", "")),
    **dict.fromkeys(("file size", "memory"), ("~s", "B")),
    "latency": ("~s", "s"),
    "throughput": ("~s", "/s"),
}


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
    return axis | ({"dtick": "D2" if powers(values) < 3 else 1} if log else {})


def powers(values: list[float]) -> float:
    """Of ten, between the least and the most."""
    return log10(max(values) / min(values)) if values else 1


def room(values: list[float], log: bool) -> list[float]:
    """A little more than the points need, for what is written beside them."""
    low, high = (min(values), max(values)) if values else (1.0, 10.0)
    if log:
        low, high = log10(low), log10(high)
    gap = (high - low or abs(high) or 1) * 0.05
    return [low - gap, high + gap]
