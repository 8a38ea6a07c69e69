"""The loss around a network's weights: what is known of a slice, its charts, and what the figures say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import log

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from explorer.colors import BARE, GREY, GRID, LETTER_COLORS
from explorer.formatting import escaped, join_words, literal, signed
from explorer.training.results.weight_space import SPAN, SPARSE, STEP, Point, SliceFacts, SliceKey

TOP = 10  # times guessing: no chart shows a higher loss
LEARNT = 0.97  # of guessing: a network with a higher loss has learnt next to nothing
TALL = 430  # pixels
NOTE = dict(showarrow=False, xshift=9, xanchor="left", font={"color": "#fff", "size": 14}, bgcolor="rgba(0,0,0,0.55)")
EYE = {"x": 1.1, "y": -1.35, "z": 0.8}
TICKS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 3, 5, 10, 20, 30, 50, 70)


@dataclass(frozen=True)
class LossSlice:
    """What is known of one."""

    key: SliceKey
    losses: Mapping[Point, float | None] = field(default_factory=dict)
    facts: SliceFacts | None = None
    recorded: str = ""  # when it was, where it came with the program

    @property
    def centre(self) -> float | None:
        return self.losses.get((0, 0))

    def line(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Distances −1 … 1 and losses (41,); NaN where none is known, infinite where it is no number."""
        return np.array(SPAN) * STEP, np.array([self.height((along, 0)) for along in SPAN])

    def plane(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Distances (21,), and losses (21, 21): a row for each step along the second direction."""
        places = SPAN[::SPARSE]
        return np.array(places) * STEP, np.array([[self.height((x, y)) for x in places] for y in places])

    def height(self, point: Point) -> float:
        found = self.losses.get(point, np.nan)
        return np.inf if found is None else found

    def rise(self, distance: float) -> float | None:
        """How far the loss lies above the centre at that distance on the line, the mean of both sides."""
        there = round(distance / STEP)
        sides = [self.height((along, 0)) for along in (-there, there)]
        return None if self.centre is None or np.isnan(sides).any() else float(np.mean(sides)) - self.centre

    @property
    def guessing(self) -> float | None:
        """The loss of one that gives every class the same share: ln of their number."""
        return log(self.facts.classes) if self.facts else None


# Charts: both networks by one scale, which is that of the logarithm

Pair = dict[str, LossSlice]  # by what the networks are called


def span_of(found: Pair) -> tuple[float, float]:
    """Of all that is known, as logarithms to 10, cut off above."""
    known = [loss for each in found.values() for loss in each.losses.values() if loss] or [1.0]
    return float(np.log10(min(known))), float(np.log10(max(min(max(known), top_of(found)), min(known) * 1.1)))


def ticks_of(low: float, high: float) -> dict[str, object]:
    shown = [tick for tick in TICKS if low - 0.02 <= np.log10(tick) <= high + 0.02]
    return {"tickvals": [float(np.log10(tick)) for tick in shown], "ticktext": [f"{tick:g}" for tick in shown]}


def line_chart(found: Pair) -> go.Figure:
    figure = go.Figure()
    for (name, each), colour in zip(found.items(), LETTER_COLORS.values(), strict=False):
        distances, losses = each.line()
        tip = f"{escaped(name)}, at %{{x:.2f}}: %{{y:.4g}}<extra></extra>"
        look = dict(line={"color": colour, "width": 2.5}, marker={"color": colour, "size": 5}, hovertemplate=tip)
        heights = np.where(np.isfinite(losses), losses, np.nan)
        figure.add_scatter(x=distances, y=heights, name=escaped(name), mode="lines+markers", **look)
    low, high = span_of(found)
    guess = next((each.guessing for each in found.values() if each.guessing), None)
    if guess:
        dotted = {"color": GREY, "dash": "dot", "width": 1.5}
        figure.add_scatter(
            x=[-1, 1], y=[guess] * 2, mode="lines", line=dotted, name=f"guessing: {guess:.2f}", hoverinfo="skip"
        )
    title = "distance from the weights, 1: the norm of each filter"
    figure.update_xaxes(title_text=title, range=[-1.02, 1.02], gridcolor=GRID, zerolinecolor=GREY)
    figure.update_yaxes(type="log", title_text="loss", range=[low - 0.04, high + 0.04], gridcolor=GRID, showgrid=True)
    figure.update_yaxes(tickvals=[tick for tick in TICKS if 10 ** (low - 0.1) <= tick <= 10 ** (high + 0.1)])
    figure.update_layout(BARE, height=TALL, margin=dict(l=60, r=20, t=34, b=50), uirevision="line", template="none")
    legend = dict(orientation="h", y=1.0, yanchor="bottom", x=0, font={"size": 14})
    return figure.update_layout(legend=legend, font_size=14, showlegend=True)


def plane_chart(found: Pair, name: str, surface: bool) -> go.Figure:
    """Of one of them; what is not yet known is left out."""
    places, losses = found[name].plane()
    low, high = span_of(found)
    with np.errstate(divide="ignore"):
        heights = np.clip(np.log10(losses), low, high)
    tips = [[f"{loss:.4g}" if np.isfinite(loss) else "no finite number" for loss in row] for row in losses]
    bar = dict(thickness=12, outlinewidth=0, title={"text": "loss"}, tickfont={"size": 13}, **ticks_of(low, high))
    common = dict(x=places, y=places, z=heights, text=tips, colorscale="Viridis", colorbar=bar)
    facts = found[name].facts
    place = (
        "" if facts and facts.way else "%{x:.1f} and %{y:.1f} from the weights: "
    )  # these axes have no common measure
    tip = f"{place}%{{text}}<extra></extra>"
    figure = go.Figure()
    if surface:
        lines = {"z": {"show": True, "usecolormap": False, "color": "rgba(255,255,255,0.35)", "width": 1}}
        figure.add_surface(cmin=low, cmax=high, contours=lines, hovertemplate=tip, **common)
        scene_of(figure, low, high)
    else:
        levels = dict(start=low, end=high, size=(high - low) / 14, coloring="heatmap")
        look = dict(contours=levels, line={"color": "rgba(255,255,255,0.55)", "width": 1}, hovertemplate=tip)
        figure.add_contour(zmin=low, zmax=high, **look, **common)
        cross = {"symbol": "cross-thin", "size": 13, "line": {"color": "#fff", "width": 2}}
        figure.add_scatter(x=[0], y=[0], mode="markers", marker=cross, hoverinfo="skip", showlegend=False)
        name_axes(figure, facts)
        if facts and facts.way:
            draw_way(figure, facts)
    title = dict(text=f"<b>{escaped(name)}</b>", x=0.02, y=0.98, font={"size": 16})
    margin = dict(l=10, r=10, t=34, b=10) if surface else dict(l=56, r=10, t=34, b=46)
    figure.update_layout(BARE, height=TALL, margin=margin, title=title, uirevision="plane", font_size=13)
    return figure.update_layout(template="none", legend={})


def name_axes(figure: go.Figure, facts: SliceFacts | None) -> None:
    """Of a map; the training's own directions say how much of its way they hold, each by a measure of its own."""
    shares = [f", {share:.1%} of the way" for share in facts.shares] if facts and facts.way else ["", ""]
    figure.update_xaxes(title_text=f"first direction{shares[0]}", range=[-1, 1], constrain="domain", showgrid=False)
    figure.update_yaxes(title_text=f"second direction{shares[1]}", range=[-1, 1], scaleanchor="x", constrain="domain")
    figure.update_yaxes(showgrid=False)
    if facts and facts.way:
        for update in (figure.update_xaxes, figure.update_yaxes):
            update(showticklabels=False, ticks="", zeroline=False)


def draw_way(figure: go.Figure, facts: SliceFacts) -> None:
    """Of the training, from its start to the middle."""
    steps, along, across = zip(*facts.way, strict=True)
    for width, colour in ((5, "rgba(0,0,0,0.55)"), (2, "#fff")):
        figure.add_scatter(
            x=[*along, 0],
            y=[*across, 0],
            mode="lines+markers",
            line={"width": width, "color": colour},
            marker={"size": width + 4, "color": colour},
            text=[*(f"after {step:,} updates" for step in steps), "the end"],
            hovertemplate="%{text}<extra></extra>",
            showlegend=False,
        )
    figure.add_annotation(x=along[0], y=across[0], text="start", **NOTE)


def scene_of(figure: go.Figure, low: float, high: float) -> None:
    grid = dict(gridcolor=GRID, zerolinecolor=GRID, showbackground=False, title={"font": {"size": 13}})
    sides = {f"{axis}axis": grid | {"title": {"text": words}} for axis, words in (("x", "first"), ("y", "second"))}
    up = grid | {"title": {"text": "loss"}, "range": [low - 0.01, high + 0.03]} | ticks_of(low, high)
    look = dict(aspectmode="manual", aspectratio={"x": 1, "y": 1, "z": 0.75}, camera={"eye": EYE})
    figure.update_layout(scene=sides | {"zaxis": up, "uirevision": "camera"} | look)


# What the figures say


def top_of(found: Pair) -> float:
    """The highest loss that is shown."""
    return TOP * max((each.guessing or 1.0 for each in found.values()), default=1.0)


def rise_words(rise: float) -> str:
    if not np.isfinite(rise):
        return "beyond any number"
    return signed(rise, lambda size: f"{size:.2f}" if size < 100 else f"{size:,.0f}") if round(rise, 2) else "0.00"


def sharper_words(found: Pair) -> str:
    """Which one is sharper at half the distance and at the whole, and what a flat one is worth."""
    rises = {name: (each.rise(0.5), each.rise(1.0)) for name, each in found.items()}
    if any(rise is None for pair in rises.values() for rise in pair):
        return ""
    near, far = ({name: pair[at] or 0.0 for name, pair in rises.items()} for at in (0, 1))
    sharp, flat = sorted(near, key=near.__getitem__, reverse=True)
    if round(near[sharp] - near[flat], 2) == 0:
        return f"At distance 0.5 both rise alike, by {rise_words(near[sharp])}."
    said = f"At distance 0.5 the loss of {literal(sharp)} has changed by {rise_words(near[sharp])}, that of "
    said += f"{literal(flat)} by {rise_words(near[flat])}: along this direction **{literal(sharp)} is the sharper one**"
    said += f"; at distance 1 it is {literal(flat)}." if far[flat] > far[sharp] else ", and at distance 1 too."
    each = found[flat]
    if each.centre and each.guessing and each.centre > LEARNT * each.guessing:
        said += f" But {literal(flat)} does hardly better than guessing ({each.centre:.2f}; guessing: "
        said += f"{each.guessing:.2f}): it has little to lose nearby, so this flatness is no sign of a good solution."
    return said


def clipped_words(found: Pair) -> str:
    """What the charts cut off."""
    top = top_of(found)
    higher = [name for name, each in found.items() if any(loss is None or loss > top for loss in each.losses.values())]
    if not higher:
        return ""
    names = literal(join_words(higher))
    return f"Where the loss of {names} is above {top:.0f}, ten times guessing, it is drawn as {top:.0f}."
