"""Parameters, MACs and activations of several networks, by the resolution they work at, as grouped bars."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from explorer.analysis.stage_costs import Costs, total_costs
from explorer.colors import LETTER_COLORS
from explorer.formatting import dimensions, escaped
from explorer.graph.expansion import named_blocks
from explorer.graph.outline import Outline
from explorer.graph.segments import VECTOR, shape_positions, units

PANELS = (("params", "Parameters"), ("macs", "MACs"), ("activations", "Activations"))


@dataclass(frozen=True)
class Level:
    """What a network does at one resolution."""

    level: int  # how many times the image has been halved
    map: str  # "56×56", or "head" where no map is left
    parts: tuple[str, ...]  # of the network, "stage1"
    costs: Costs


Networks = Sequence[tuple[str, str, tuple[Level, ...]]]  # of each its letter, its name and its levels


def by_level(outline: Outline) -> tuple[Level, ...]:
    """From fine to coarse; a block counts where its output lies. The costs sum up to the network's."""
    found: dict[int, Level] = {}
    for unit in units(outline, named_blocks(outline)):
        shape = unit.nodes[-1].shape
        side = dimensions(shape[1:]) if len(shape) > 2 else f"{shape_positions(shape)} tokens"
        known = found.get(unit.level) or Level(unit.level, "head" if unit.level == VECTOR else side, (), Costs())
        parts = tuple(dict.fromkeys((*known.parts, unit.part.strip("/"))))
        found[unit.level] = replace(known, parts=parts, costs=known.costs + total_costs(unit.nodes))
    return tuple(found[level] for level in sorted(found))


def levels_chart(networks: Networks) -> go.Figure:
    """One panel for each quantity."""
    shown = sorted({level.level for _, _, levels in networks for level in levels})
    labels = [axis_label(level, networks) for level in shown]
    figure = make_subplots(1, len(PANELS), subplot_titles=[title for _, title in PANELS], horizontal_spacing=0.055)
    for letter, name, levels in networks:
        known = {level.level: level for level in levels}
        title = escaped(name)
        for column, (quantity, unit) in enumerate(PANELS, 1):
            values = [getattr(known[level].costs, quantity) if level in known else 0 for level in shown]
            parts = [escaped(", ".join(known[level].parts)) if level in known else "nothing" for level in shown]
            bar = go.Bar(
                x=labels,
                y=values,
                name=f"{letter} · {title}",
                legendgroup=letter,
                showlegend=column == 1,
                marker={"color": LETTER_COLORS[letter], "line": {"width": 0}},
                customdata=[[title, f"{value:,}", part] for value, part in zip(values, parts, strict=True)],
                hovertemplate=f"<b>%{{customdata[0]}}</b><br>%{{x}}: %{{customdata[1]}} {unit.lower()}"
                "<br>%{customdata[2]}<extra></extra>",
            )
            figure.add_trace(bar, 1, column)
    return styled(figure, highest(networks))


def highest(networks: Networks) -> dict[str, int]:
    """Of each quantity, over all networks; one where all are zero, for an axis needs some length."""
    costs = [level.costs for _, _, levels in networks for level in levels]
    return {quantity: max((getattr(each, quantity) for each in costs), default=0) or 1 for quantity, _ in PANELS}


def axis_label(level: int, networks: Networks) -> str:
    """The map's size where all networks agree on it; else how much smaller than the image it is."""
    maps = {each.map for _, _, levels in networks for each in levels if each.level == level}
    return next(iter(maps)) if len(maps) == 1 else f"1/{2**level} of the side" if level < VECTOR else "head"


def styled(figure: go.Figure, tops: dict[str, int]) -> go.Figure:
    figure.update_layout(
        barmode="group",
        bargap=0.28,
        bargroupgap=0.06,
        height=330,
        margin={"t": 62, "b": 8, "l": 8, "r": 8},
        legend={"orientation": "h", "y": 1.3, "x": 0},
    )
    figure.update_yaxes(tickformat="~s", rangemode="tozero", nticks=6, automargin=True)
    for column, (quantity, _) in enumerate(PANELS, 1):
        figure.update_yaxes(range=[0, 1.06 * tops[quantity]], col=column)
    figure.update_xaxes(type="category", tickfont={"size": 12})
    return figure
