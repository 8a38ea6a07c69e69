"""What came of taking blocks out: as charts, and in words that follow from the figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import Any

import plotly.graph_objects as go

from explorer.activations.ablation import AblationUnit, Piece
from explorer.activations.charts import CHOSEN, LETTERS, plain
from explorer.colors import GRID, PALE

CHEAP, DEAR = 0.05, 0.1  # of the error: what costs less is cheap; from here on it is said to be lost


@dataclass(frozen=True)
class AblationSeen:
    """As much as has come."""

    units: tuple[AblationUnit, ...]
    errors: dict[str, float]  # 0 … 1, by what was taken out: "" for nothing, "out" for several
    points: tuple[tuple[int, float, float], ...]  # of each draw its number, how many or how far, and the error
    count: int  # pictures
    share: float  # of all that is to come

    @property
    def plain(self) -> bool:
        """Without a unit nothing but what it was given remains."""
        return all(unit.remains in ("", "what it was given") for unit in self.units)


def seen_ablation(pieces: Sequence[Piece]) -> AblationSeen:
    units = tuple(AblationUnit(**each) for piece in pieces for each in piece.get("units", ()))
    told = [piece for piece in pieces if "wrong" in piece]
    drawn = [piece for piece in told if "draw" in piece]
    errors = {piece.get("unit", "out"): piece["wrong"] / piece["count"] for piece in told if "draw" not in piece}
    points = [
        (each["draw"], float(each.get("k", each.get("moved", 0))), each["wrong"] / each["count"]) for each in drawn
    ]
    count = max((piece["count"] for piece in told), default=0)
    whole = max((piece.get("whole", 0) for piece in pieces), default=0)
    share = len(told) / whole if whole else float(bool(pieces))  # there may be nothing to measure
    return AblationSeen(units, errors, tuple(points), count, share)


Colors = Mapping[str, str]
Spans = Mapping[str, tuple[float, float]]  # of each unit the least error and the most, over the seeds


def seed_spans(seen: AblationSeen, others: Sequence[AblationSeen]) -> Spans:
    """Of the units that were measured with every seed; empty where there is one seed."""
    if not others:
        return {}
    alike = {unit: [each.errors[unit] for each in (seen, *others) if unit in each.errors] for unit in seen.errors}
    return {unit: (min(found), max(found)) for unit, found in alike.items() if len(found) == len(others) + 1}


def sweep_chart(
    seen: Mapping[str, AblationSeen], colors: Colors, out: Sequence[str], spans: Mapping[str, Spans] | None = None
) -> go.Figure:
    """A bar for each unit, of each network; those in `out` in a frame. A click gives the unit's name. `spans`: of a
    network's bars, over its seeds."""
    figure = go.Figure()
    for place, (name, each) in enumerate(seen.items()):
        there = [unit.name for unit in each.units if unit.name in each.errors]
        frames = [3 if unit in out and not place else 0 for unit in there]
        look = dict(color=colors[name], line=dict(color=CHOSEN, width=frames))
        words = f"{name} without %{{x}}: %{{y:.1%}}<extra></extra>"
        values = [each.errors[unit] for unit in there]
        span = (spans or {}).get(name, {})
        ends = [(value, *span.get(unit, (value, value))) for unit, value in zip(there, values, strict=True)]
        whiskers = span_bars(ends) if span else {}
        figure.add_bar(x=there, y=values, customdata=there, name=name, marker=look, hovertemplate=words, **whiskers)
        if "" in each.errors:
            figure.add_hline(each.errors[""], line=dict(color=colors[name], width=2, dash="dot"))
        add_greyed(figure, name, each)
    order = [unit.name for unit in next(iter(seen.values())).units]
    axis = dict(categoryorder="array", categoryarray=order, tickfont=LETTERS, tickangle=-60, fixedrange=True)
    figure.update_xaxes(axis, type="category", range=[-0.6, len(order) - 0.4], visible=bool(order))
    return error_axis(figure).update_layout(barmode="group", bargap=0.2, margin=dict(l=50, r=8, t=34, b=76))


def span_bars(found: Sequence[tuple[float, float, float]]) -> dict[str, Any]:
    """Of each bar its height, and the least and the most."""
    up, down = [most - value for value, _, most in found], [value - least for value, least, _ in found]
    return dict(error_y=dict(type="data", array=up, arrayminus=down, symmetric=False, color=PALE, thickness=2, width=3))


def add_greyed(figure: go.Figure, name: str, seen: AblationSeen) -> None:
    lost = [unit for unit in seen.units if not unit.removable]
    if lost:
        told = [f"{name}, {unit.name}: {unit.reason}" for unit in lost]
        look = dict(marker_color="rgba(128,128,128,0.35)", hovertext=told, hovertemplate="%{hovertext}<extra></extra>")
        heights = [seen.errors.get("", 0.0)] * len(lost)
        figure.add_bar(x=[unit.name for unit in lost], y=heights, name=f"{name}: cannot be taken out", **look)


def dots_chart(seen: Mapping[str, AblationSeen], colors: Colors, cut: str) -> go.Figure:
    """Each draw as a dot; where blocks are taken out, a line through the means over the draws."""
    figure = go.Figure()
    for name, each in seen.items():
        dots = dict(x=[x for _, x, _ in each.points], y=[y for _, _, y in each.points], mode="markers")
        mark = dict(color=colors[name], size=6, opacity=0.5)
        figure.add_scatter(**dots, marker=mark, showlegend=cut == "order", name=name)
        if cut == "random":
            places = sorted({place for _, place, _ in each.points})
            means = [mean(y for _, x, y in each.points if x == place) for place in places]
            words = f"{name} without %{{x}}: %{{y:.1%}} (mean)<extra></extra>"
            line = dict(color=colors[name], width=2.5)
            figure.add_scatter(x=places, y=means, mode="lines", line=line, name=name, hovertemplate=words)
    title = "blocks taken out at random" if cut == "random" else "share of pairs of blocks in another order"
    figure.update_xaxes(title=title, title_font=LETTERS, tickfont=LETTERS, showgrid=False, rangemode="tozero")
    if cut == "order":
        figure.update_xaxes(tickformat=".0%")
    return error_axis(figure).update_layout(margin=dict(l=50, r=8, t=34, b=46))


def error_axis(figure: go.Figure) -> go.Figure:
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%", tickfont=LETTERS, gridcolor=GRID, title="", fixedrange=True)
    figure.update_layout(height=360, uirevision="same")
    legend = dict(orientation="h", y=1.12, x=0, font=LETTERS, itemclick=False, itemdoubleclick=False)
    return plain(figure).update_layout(legend=legend, showlegend=True)


def ablation_words(seen: Mapping[str, AblationSeen], cut: str, chance: float) -> list[str]:
    """A sentence for each network, once all of it is there. `chance`: the error of guessing."""
    tell = {"one": sweep_words, "random": count_words, "order": order_words}[cut]
    return [
        tell(name, each) + guessing_words(each, chance)
        if each.share >= 1
        else f"**{name}:** under way, so far on up to {each.count:,} pictures."
        for name, each in seen.items()
    ]


def guessing_words(seen: AblationSeen, chance: float) -> str:
    base = seen.errors.get("", next((error for _, place, error in seen.points if place == 0), 0.0))
    return (
        f" It hardly does better than guessing ({chance:.0%}): it has nothing to lose." if base > chance - 0.02 else ""
    )


def sweep_words(name: str, seen: AblationSeen) -> str:
    base, rest = seen.errors[""], {unit: each for unit, each in seen.errors.items() if unit}
    if not rest:
        return f"**{name}: {base:.1%} wrong; nothing of it can be taken out.**"
    worst = max(rest, key=rest.__getitem__)
    cheap = sum(each - base < CHEAP for each in rest.values())
    most = f"{worst} costs most, {100 * (rest[worst] - base):+.1f} points"
    span = f"without one of them {min(rest.values()):.1%} to {rest[worst]:.1%}"
    few = f"{cheap} of {len(rest)} cost less than 5 points"
    return f"**{name}: {base:.1%} wrong with all its blocks, {span}.** {few}; {most}."


def count_words(name: str, seen: AblationSeen) -> str:
    def at(k: int) -> float:
        return mean(error for _, place, error in seen.points if place == k)

    whole = int(max(place for _, place, _ in seen.points))
    lost = next((k for k in range(whole + 1) if at(k) - at(0) >= DEAR), None)
    when = f"ten points are lost without {lost} of {whole}" if lost is not None else "ten points are never lost"
    return f"**{name}: {at(0):.1%} wrong with all blocks; {when};** without all of them {at(whole):.1%}."


def order_words(name: str, seen: AblationSeen) -> str:
    if not seen.points:
        return f"**{name}:** no two of its blocks have the same shape before and after them."
    base = next(error for _, moved, error in seen.points if moved == 0)
    few = [error for _, moved, error in seen.points if 0 < moved <= 0.2]
    most = max(seen.points, key=lambda point: point[1])
    some = f" with up to a fifth of the pairs turned round {min(few):.1%} to {max(few):.1%};" if few else ""
    return f"**{name}: {base:.1%} wrong as trained;**{some} with {most[1]:.0%} turned round {most[2]:.1%}."


def kept_words(units: Sequence[AblationUnit]) -> list[str]:
    """What cannot be taken out, each with the reason."""
    reasons: dict[str, list[str]] = {}
    for unit in units:
        if unit.reason:
            reasons.setdefault(unit.reason, []).append(unit.name)
    return [f"Cannot be taken out: {', '.join(names)}; {reason}." for reason, names in reasons.items()]
