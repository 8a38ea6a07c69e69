"""Charts as a page shows them: in projector mode no letter is too small for the back row. And as SVG, for a file."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape, unescape
from itertools import groupby, pairwise
from math import ceil, floor, log10
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from explorer.formatting import short_number, spell_power
from explorer.ui.session import shared_state

LEAST = 16  # px
RAISED = 23  # px, so that an exponent, at 0.7 of it, is as large
ROOM = 1.15  # times what was meant for smaller letters
WRITTEN = re.compile(r"(?<=font-size:)\d+(?=px)")  # in a title


def show_chart(figure: go.Figure, **how: Any) -> None:
    """As `st.plotly_chart`."""
    st.plotly_chart(legible_figure(figure), **how)


def legible_figure(figure: go.Figure) -> go.Figure:
    return go.Figure(enlarge_letters(figure.to_plotly_json())) if shared_state().projector else figure


def legible_json(figure: str) -> str:
    return json.dumps(enlarge_letters(json.loads(figure))) if shared_state().projector else figure


def enlarge_letters(figure: dict[str, Any]) -> dict[str, Any]:
    """Also where the figure says nothing of a size: plotly's own, and those of Streamlit's theme, are smaller."""
    layout = raise_sizes(figure["layout"])
    axes = {"xaxis", "yaxis"} | {name for name in layout if name.startswith(("xaxis", "yaxis"))}
    for place in ("", "legend", "hoverlabel", *(f"{axis} title" for axis in axes)):
        raise_font(layout, "font", *place.split())
    for axis in axes:
        raise_font(layout, "tickfont", axis)
    for name in {"l", "r", "t", "b"} & layout.get("margin", {}).keys():
        layout["margin"][name] *= ROOM
    if layout.get("height"):
        layout["height"] = round(layout["height"] * ROOM)
    return {"data": [raise_sizes(trace) for trace in figure["data"]], "layout": layout}


def raise_font(layout: dict[str, Any], font: str, *place: str) -> None:
    for name in place:
        told = layout.get(name)
        layout[name] = {"text": told} if isinstance(told, str) else dict(told or {})
        layout = layout[name]
    layout[font] = {"size": LEAST} | layout.get(font, {})


def raise_sizes(part: Any, name: str = "") -> Any:
    """A copy with every size of letters that it names at least so large."""
    if isinstance(part, dict):
        raised = {key: raise_sizes(value, key) for key, value in part.items()}
        if part.get("exponentformat") == "power" or "<sup>" in str(part.get("ticktext")):
            raised["tickfont"] = raised.get("tickfont", {}) | {"size": RAISED}
        return raised | ({"size": max(LEAST, raised.get("size", LEAST))} if name.endswith("font") else {})
    if isinstance(part, list | tuple) and part and isinstance(part[0], dict):
        return [raise_sizes(each) for each in part]
    if isinstance(part, str):
        return WRITTEN.sub(lambda size: str(max(LEAST, int(size[0]))), part)
    return part


WIDE, HIGH = 780, 440  # of a picture, in px
LEFT, RIGHT, TOP, BOTTOM = 60, 590, 34, 390  # of its pane; the legend stands beside it
POINT = 5.0  # half of one, px
LETTER = 6.6  # px: how wide, on average
DASHES = {"dash": "7 4", "dot": "2 4"}
SHAPES = {  # by plotly's names; whatever else there is, is a circle
    "square": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    "diamond": ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
    "triangle-up": ((0, -1.2), (1.2, 1), (-1.2, 1)),
    "triangle-down": ((0, 1.2), (1.2, -1), (-1.2, -1)),
    "cross": (
        *((-0.4, -1.2), (0.4, -1.2), (0.4, -0.4), (1.2, -0.4), (1.2, 0.4), (0.4, 0.4)),
        *((0.4, 1.2), (-0.4, 1.2), (-0.4, 0.4), (-1.2, 0.4), (-1.2, -0.4), (-0.4, -0.4)),
    ),
}

Spot = tuple[float, float]


def chart_svg(figure: go.Figure) -> str:
    """A chart of one pane, whose axes have ranges: lines, points, their names. What draws it else is a browser."""
    drawn: Any = figure
    across, up = (ChartAxis.of(axis) for axis in (drawn.layout.xaxis, drawn.layout.yaxis))

    def spots(trace: Any) -> list[Spot | None]:
        return [
            None if None in pair else (across.place(pair[0], LEFT, RIGHT), up.place(pair[1], BOTTOM, TOP))
            for pair in zip(trace.x, trace.y, strict=True)
        ]

    shown = [(trace, spots(trace)) for trace in drawn.data if trace.visible in (None, True)]
    parts = [*grid(across, up), *(part for trace, found in shown for part in drawn_trace(trace, found))]
    names = (drawn.layout.meta or {}).get("labels", ())
    named = [(name, across.place(x, LEFT, RIGHT), up.place(y, BOTTOM, TOP)) for name, x, y, *_ in names]
    parts += [*legend(trace for trace, _ in shown), *placed_names(named)]
    look = f'viewBox="0 0 {WIDE} {HIGH}" font-family="sans-serif" font-size="13"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {look}>{"".join(parts)}</svg>'


@dataclass(frozen=True)
class ChartAxis:
    low: float  # a power of ten where it is logarithmic
    high: float
    log: bool
    title: str
    form: str
    unit: str

    @classmethod
    def of(cls, axis: Any) -> "ChartAxis":
        (low, high), form = axis.range, axis.tickformat or axis.exponentformat or ""
        return cls(low, high, axis.type == "log", without_html(axis.title.text), form, axis.ticksuffix or "")

    def place(self, value: float, start: float, end: float) -> float:
        share = ((log10(value) if self.log else value) - self.low) / (self.high - self.low)
        return round(start + share * (end - start), 1)

    def ticks(self) -> list[float]:
        if self.log:
            steps = (1, 2, 5) if self.high - self.low < 3 else (1,)
            powers = range(floor(self.low), ceil(self.high) + 1)
            known = [step * 10.0**power for power in powers for step in steps]
            found = [each for each in known if self.low <= log10(each) <= self.high]
            return found if len(found) > 1 else even_steps(10**self.low, 10**self.high)
        return even_steps(self.low, self.high)

    def spell(self, value: float) -> str:
        if self.form == "power":
            return spell_power(log10(value)).removeprefix("1 · ")
        words = f"{value:{self.form}}" if "%" in self.form else re.sub(r"\.0+(?= |$)", "", short_number(value))
        return words + self.unit


def even_steps(low: float, high: float) -> list[float]:
    """At most six, of 1, 2 or 5 times a power of ten."""
    size = 10.0 ** floor(log10((high - low) / 4))
    step = next(size * each for each in (1, 2, 5, 10) if (high - low) / (size * each) <= 6)
    return [step * number for number in range(ceil(low / step), floor(high / step) + 1)]


def without_html(words: str | None) -> str:
    """As letters, of what plotly reads as HTML."""
    return unescape(re.sub("<[^>]*>", "", words or ""))


def grid(across: ChartAxis, up: ChartAxis) -> Iterator[str]:
    for value in across.ticks():
        x = across.place(value, LEFT, RIGHT)
        yield f'<path d="M{x} {TOP}V{BOTTOM}" stroke="#ddd"/>{letters(x, BOTTOM + 18, across.spell(value), "middle")}'
    for value in up.ticks():
        y = up.place(value, BOTTOM, TOP)
        yield f'<path d="M{LEFT} {y}H{RIGHT}" stroke="#ddd"/>{letters(LEFT - 6, y + 4, up.spell(value), "end")}'
    yield letters((LEFT + RIGHT) / 2, BOTTOM + 40, across.title, "middle")
    yield letters(LEFT - 6, TOP - 14, up.title)


def letters(x: float, y: float, words: str, anchor: str = "start") -> str:
    """On white, so that a line under them does not strike them through."""
    look = 'stroke="#fff" stroke-width="3" paint-order="stroke"'
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" {look}>{escape(words)}</text>'


def drawn_trace(trace: Any, found: Sequence[Spot | None]) -> Iterator[str]:
    if trace.fill == "toself":
        corners = " ".join(f"{x},{y}" for x, y in filter(None, found))
        yield f'<polygon points="{corners}" fill="{trace.fillcolor}" opacity="{trace.opacity}"/>'
    elif "lines" in trace.mode:
        for there, part in groupby(found, key=lambda spot: spot is not None):
            if there:
                yield polyline(trace.line, [spot for spot in part if spot])
    if "markers" in trace.mode and trace.marker.symbol != "arrow":
        symbols = trace.marker.symbol
        each = symbols if isinstance(symbols, tuple) else (symbols,) * len(found)
        yield from (marker(spot, symbol, trace) for spot, symbol in zip(found, each, strict=False) if spot)


def polyline(line: Any, spots: Sequence[Spot]) -> str:
    """As steps where the line goes first along one axis, then along the other."""
    turns = {"hv": lambda one, other: (other[0], one[1]), "vh": lambda one, other: (one[0], other[1])}
    turn, path = turns.get(line.shape), [*spots[:1]]
    for one, other in pairwise(spots):
        path += [*([turn(one, other)] if turn else []), other]
    points = " ".join(f"{x},{y}" for x, y in path)
    dash = f' stroke-dasharray="{DASHES[line.dash]}"' if line.dash in DASHES else ""
    return f'<polyline points="{points}" fill="none" stroke="{line.color}" stroke-width="{line.width or 2}"{dash}/>'


def marker(spot: Spot, symbol: str | None, trace: Any) -> str:
    x, y = spot
    shape, size = (symbol or "circle").removesuffix("-open"), trace.marker.size
    colour = trace.marker.color or trace.line.color
    look = f'fill="{colour}"' if shape == (symbol or shape) else f'fill="none" stroke="{colour}" stroke-width="2"'
    if shape not in SHAPES:
        return f'<circle cx="{x}" cy="{y}" r="{size / 2 if isinstance(size, int | float) else POINT}" {look}/>'
    corners = " ".join(f"{x + POINT * right:.1f},{y + POINT * down:.1f}" for right, down in SHAPES[shape])
    return f'<polygon points="{corners}" {look}/>'


def legend(traces: Iterable[Any]) -> Iterator[str]:
    listed = [trace for trace in traces if trace.showlegend is not False and trace.name]
    for number, trace in enumerate(listed):
        x, y = RIGHT + 24, TOP + 8 + 19 * number
        yield from drawn_trace(trace, [(x - 8, y), (x + 8, y)] if "lines" in trace.mode else [(x, y)])
        yield letters(x + 15, y + 4, without_html(trace.name))


def placed_names(named: Sequence[tuple[str, float, float]]) -> Iterator[str]:
    """The first are the weightiest: a name for which there is no room beside its point is left out."""
    taken = [(x - POINT, y - POINT, x + POINT, y + POINT) for _, x, y in named]
    for name, x, y in named:
        wide = LETTER * len(name)
        middle = x - wide / 2
        sides = ((x + 8, y - 7, 0, "start"), (x - 8 - wide, y - 7, wide, "end"))
        for left, top, ahead, anchor in (*sides, *((middle, y + down, wide / 2, "middle") for down in (-22, 8))):
            box = (left, top, left + wide, top + 14)
            inside = left >= LEFT and box[2] <= RIGHT and top >= TOP and box[3] <= BOTTOM
            if inside and not any(overlap(box, other) for other in taken):
                taken.append(box)
                yield letters(round(left + ahead, 1), round(top + 11, 1), name, anchor)
                break


Box = tuple[float, float, float, float]  # left, top, right, bottom


def overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
