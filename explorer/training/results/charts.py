"""Curves and gradient norms of runs as plotly figures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from explorer.colors import BARE, GRID, PALE
from explorer.formatting import escaped, literal, spell_loss, spell_power
from explorer.training.results.curve_names import ROOM_FOR_NAMES, name_ends, room_between
from explorer.training.results.grouping import Group, Seen, epoch_of
from explorer.training.results.score import ERROR, ScoreKind
from explorer.training.runs.curves import SeedBand, evaluated, measured

ROOM = 1.5  # times guessing: how far up the training curves are shown
MARGIN = {"t": 34, "b": 44, "l": 56, "r": 26}
TALL = 350  # pixels


def norms_chart(found: Sequence[Seen], epochs: bool = False) -> go.Figure:
    """A line for the first layer of each network, and below a map of all layers: plain networks above residual ones.

    All maps share one scale of colours, so that they compare.
    """
    shown = sorted(found, key=lambda each: not each.group.dashed)
    rows = -(-len(shown) // 2)
    # Plotly's code in the browser stumbles over axes with nothing on them: an odd map stands alone in its row.
    specs = [[{"colspan": 2}, None], *[[{}, {} if 2 * row + 1 < len(shown) else None] for row in range(rows)]]
    maps = [f"{escaped(each.group.title)}: every layer, the first at the top" for each in shown]
    height = 230 + 220 * rows
    room = {"row_heights": [1.0, *[1.0] * rows], "vertical_spacing": 70 / height, "horizontal_spacing": 0.08}
    figure = make_subplots(1 + rows, 2, specs=specs, subplot_titles=["Gradient norm at the first layer", *maps], **room)
    for index, each in enumerate(shown if not epochs else map(in_epochs, shown)):
        add_first(figure, each)
        add_map(figure, each, 2 + index // 2, 1 + index % 2)
    figure.update_layout(BARE, margin=MARGIN, uirevision="same", height=height, font_size=14, showlegend=False)
    figure.update_layout(coloraxis=scale(shown))
    figure.update_xaxes(range=[0, longest(found, epochs)], zeroline=False, showgrid=False, title_font_size=14)
    figure.update_xaxes(title_text="epoch" if epochs else "step", row=1 + rows)
    figure.update_xaxes(tickformat="" if epochs else ",")
    figure.update_yaxes(zeroline=False, showgrid=False, title_font_size=14)
    powers = {"type": "log", "exponentformat": "power", "minorloglabels": "complete"}
    figure.update_yaxes(powers, showgrid=True, gridcolor=GRID, row=1, col=1)
    return figure


def add_first(figure: go.Figure, seen: Seen) -> None:
    group, norms = seen.group, seen.norms
    figure.add_scatter(
        x=norms.step,
        y=norms.norms[:, 0] if len(norms.step) else [],
        mode="lines",
        name=escaped(group.title),
        legendgroup=group.title,
        line={"color": group.colour, "width": 2, "dash": "dash" if group.dashed else "solid"},
        hovertemplate=f"{escaped(group.title)}, at %{{x}}: %{{y:.3g}}<extra></extra>",
        row=1,
        col=1,
    )


def add_map(figure: go.Figure, seen: Seen, row: int, column: int) -> None:
    group, norms = seen.group, seen.norms
    figure.add_heatmap(
        x=norms.step,
        y=np.arange(1, norms.norms.shape[1] + 1),
        z=logarithm(norms.norms).T,
        coloraxis="coloraxis",
        legendgroup=group.title,
        hovertemplate=f"{escaped(group.title)}, layer %{{y}}, at %{{x}}: 10^%{{z:.2f}}<extra></extra>",
        row=row,
        col=column,
    )
    figure.update_yaxes(autorange="reversed", title_text="layer", row=row, col=column)


def logarithm(norms: np.ndarray) -> np.ndarray:
    """A gradient of nought has no logarithm: it is left blank."""
    with np.errstate(divide="ignore"):
        found = np.log10(norms, dtype=np.float32)
    return np.where(np.isfinite(found), found, np.nan)


def scale(found: Sequence[Seen]) -> dict[str, object]:
    """From the 2nd to the 98th percentile of all that is drawn: single steps must not wash out the rest."""
    drawn = np.concatenate([logarithm(each.norms.norms).ravel() for each in found] or [np.empty(0)])
    drawn = drawn[np.isfinite(drawn)]
    low, high = np.percentile(drawn, (2, 98)) if len(drawn) else (-3, 1)
    high = max(high, low + 0.1)
    ticks, texts = bar_ticks(low, high)
    bar = {
        "title": {"text": "norm", "font": {"size": 14}},
        "tickvals": ticks,
        "ticktext": texts,
        "thickness": 12,
    }
    return {"colorscale": "Viridis", "cmin": low, "cmax": high, "colorbar": bar}


def bar_ticks(low: float, high: float) -> tuple[np.ndarray, list[str]]:
    """Of logarithms, and what they say: powers of ten, or as much finer as it takes to have two."""
    powers = np.arange(np.floor(low), np.ceil(high) + 1)
    between = np.sort(np.add.outer(powers, np.log10((1, 2, 5))).ravel())
    choices = [each[(each >= low) & (each <= high)] for each in (powers, between)]
    ticks = next((each for each in choices if len(each) > 1), np.linspace(low, high, 3))
    if ticks is choices[0]:
        return ticks, [f"10<sup>{tick:.0f}</sup>" for tick in ticks]
    return ticks, [f"{10**tick:.2g}" if tick > -3 else spell_power(tick) for tick in ticks]


@dataclass(frozen=True)
class PublishedMark:
    """A published test error."""

    network: str  # whose it is, as its group is called
    value: float  # 0 … 1
    source: str
    beyond: bool  # it was measured after more steps than the chart has
    colour: str  # that network's


@dataclass(frozen=True)
class CurvesLook:
    """How the curves are looked at."""

    quantity: str = "loss"  # or error, of the training batches
    smooth: bool = True
    logarithmic: bool = False
    epochs: bool = False  # rather than steps
    score: ScoreKind = ERROR


def curves_chart(
    found: Sequence[Seen], look: CurvesLook, classes: int, marks: Sequence[PublishedMark] = ()
) -> go.Figure:
    """Training on the left, tests on the right; a grey line where guessing would be."""
    left = look.quantity if look.quantity == "loss" else look.score.name
    titles = f"Training {left}", f"Test {look.score.name}"
    figure = make_subplots(1, 2, subplot_titles=titles, horizontal_spacing=room_between(found))
    lines = [seen_as(each, measured(each.curves, look.quantity, look.smooth), look) for each in found]
    tests = [seen_as(each, evaluated(each.curves), replace(look, quantity="error")) for each in found]
    for each, *both in zip(found, lines, tests, strict=True):
        for column, line in enumerate(both, 1):
            add_line(figure, each.group, line, column)
    end = longest(found, look.epochs)
    top = max((look.score.share(mark.value) for mark in marks), default=0.0)
    for mark in marks:
        value = look.score.share(mark.value)
        add_mark(figure, replace(mark, value=value), end, named=value == top)
    guessing = look.score.share(1 - 1 / classes)
    chance = np.log(classes) if look.quantity == "loss" else guessing
    for column, level in ((1, chance), (2, guessing)):
        add_chance(figure, level, column, look)
    style_figure(figure, found, look)
    if cut_off(found, look, classes):
        figure.update_yaxes(range=[0, ROOM * chance], row=1, col=1)  # one that goes astray presses no other flat
    for column, drawn in enumerate((lines, tests), 1):
        name_ends(figure, [(each.group, line) for each, line in zip(found, drawn, strict=True)], column)
    return figure


def cut_off(found: Sequence[Seen], look: CurvesLook, classes: int) -> tuple[str, ...]:
    """A sentence on every curve that leaves its chart, for off it a training that goes astray is not seen to do so."""
    top, said = ROOM * log(classes), []
    for each in found if look.quantity == "loss" and not look.logarithmic else ():
        line = measured(each.curves, "loss", look.smooth)
        if (highest := np.nanmax(line.high, initial=0.0)) > top:
            told = f"{literal(each.group.title)} leaves the chart, whose loss axis ends at {top:.2f}: its training loss"
            end = f"and is at {spell_loss(line.last)} now" if line.last <= top else "and has not come back"
            said.append(f"{told} went up to {spell_loss(highest)} {end}.")
    return tuple(said)


def seen_as(seen: Seen, line: SeedBand, look: CurvesLook) -> SeedBand:
    """In epochs, as accuracy, where that is how it is looked at."""
    if look.quantity == "error":
        y, low, high = map(look.score.share, (line.y, line.low, line.high))
        line = replace(line, y=y, low=np.minimum(low, high), high=np.maximum(low, high))
    return replace(line, x=line.x / steps_an_epoch(seen)) if look.epochs else line


def in_epochs(seen: Seen) -> Seen:
    """Its norms."""
    return replace(seen, norms=replace(seen.norms, step=seen.norms.step / steps_an_epoch(seen)))


def steps_an_epoch(seen: Seen) -> float:
    """1 where it is not known: who chooses epochs asks `epoch_of` first."""
    return epoch_of(seen.group.runs[0]) or 1.0


def longest(found: Sequence[Seen], epochs: bool) -> float:
    """In all, so that the curves grow into the room they have."""
    units = {each.group.title: steps_an_epoch(each) if epochs else 1 for each in found}
    return max((run.steps / units[each.group.title] for each in found for run in each.group.runs), default=0) or 1


def add_line(figure: go.Figure, group: Group, line: SeedBand, column: int) -> None:
    """The mean of the seeds, and the band between the best and the worst of them."""
    if len(line.x) and bool((line.high > line.low).any()):
        band = np.concatenate((line.high, line.low[::-1]))
        figure.add_scatter(
            x=np.concatenate((line.x, line.x[::-1])),
            y=band,
            mode="lines",
            fill="toself",
            fillcolor=group.colour,
            opacity=0.18,
            line_width=0,
            legendgroup=group.title,
            showlegend=False,
            hoverinfo="skip",
            row=1,
            col=column,
        )
    figure.add_scatter(
        x=line.x,
        y=line.y,
        name=escaped(group.title),
        mode="lines" if column == 1 else "lines+markers",
        marker={"size": 6},
        line={"color": group.colour, "width": 2.5, "dash": "dash" if group.dashed else "solid"},
        legendgroup=group.title,
        showlegend=column == 1,
        hovertemplate=f"{escaped(group.title)}: %{{y:.{'4' if column == 1 else '3'}}}<extra></extra>",
        cliponaxis=column == 1,  # the last test stands on the edge
        row=1,
        col=column,
    )


def add_mark(figure: go.Figure, mark: PublishedMark, end: float, named: bool) -> None:
    """In the colour of its network, and no part of its curve: a diamond, or a stroke after more steps than these.

    One word for all of them, for they lie close together.
    """
    after = "<br>after more steps than these" if mark.beyond else ""
    name = f"{escaped(mark.network)}, published"
    symbol, size = ("line-ew-open", 16) if mark.beyond else ("diamond-open", 9)
    figure.add_scatter(
        x=[end],
        y=[mark.value],
        mode="markers+text",
        text=["published" if named else ""],
        textposition="middle left",
        textfont={"size": 12, "color": PALE},
        marker={"symbol": symbol, "size": size, "color": mark.colour, "line": {"width": 2}},
        showlegend=False,
        name=name,
        hovertemplate=f"{name}: {mark.value:.2%}{after}<br>{mark.source}<extra></extra>",
        cliponaxis=False,
        row=1,
        col=2,
    )


def add_chance(figure: go.Figure, level: float, column: int, look: CurvesLook) -> None:
    words = f"{level:.3f}" if column == 1 and look.quantity == "loss" else f"{level:.0%}"
    note: dict[str, object] = {"text": f"guessing: {words}", "font_color": PALE}
    if column == 1 and look.logarithmic:
        note["y"] = np.log10(level)  # plotly takes the line's value as it is, but its note's as a power of ten
    figure.add_hline(
        y=level,
        line={"color": PALE, "width": 1, "dash": "dot"},
        annotation=note,
        annotation_position="top right",
        row=1,  # pyright: ignore[reportArgumentType]  # plotly says str, for "all"
        col=column,  # pyright: ignore[reportArgumentType]
    )


def style_figure(figure: go.Figure, found: Sequence[Seen], look: CurvesLook) -> None:
    margin = MARGIN | {"r": ROOM_FOR_NAMES}
    figure.update_layout(BARE, margin=margin, hovermode="x unified", uirevision="same", height=TALL, font_size=15)
    figure.update_layout(showlegend=False)  # the table below has the colours
    unit, form = ("epoch", "") if look.epochs else ("step", ",")
    figure.update_xaxes(range=[0, longest(found, look.epochs)], title_text=unit, title_font_size=15, tickformat=form)
    figure.update_xaxes(gridcolor=GRID, zeroline=False)
    figure.update_yaxes(gridcolor=GRID, zeroline=False)
    figure.update_yaxes(type="log" if look.logarithmic else "linear", minorloglabels="complete", row=1, col=1)
    figure.update_yaxes(tickformat=".0%", row=1, col=2)
    if look.quantity == "error":
        figure.update_yaxes(tickformat=".0%", row=1, col=1)
    if not any(len(curve.test_step) for each in found for curve in each.curves):
        figure.update_yaxes(range=[0, 1], row=1, col=2)


def plain_curves(found: Sequence[Seen], errors: bool) -> go.Figure:
    """The training loss, or the test error, of every network over the steps, for a picture of one pane."""
    figure = make_subplots(1, 1)
    lines = [evaluated(seen.curves) if errors else measured(seen.curves, "loss", smooth=True) for seen in found]
    for seen, line in zip(found, lines, strict=True):
        add_line(figure, seen.group, line, 1)
    most = max(float(line.high.max()) for line in lines)
    title, form = ("Test error", ".0%") if errors else ("Training loss", "")
    figure.update_xaxes(title_text="Step", range=[0, longest(found, epochs=False)])
    return figure.update_yaxes(title_text=title, tickformat=form, range=[0, 1.05 * most])
