"""Gradient norms of training → a plotly figure: a line for the first layer of each network, a map of all of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from explorer.learning_charts import BARE
from explorer.training.curves import Norms


@dataclass(frozen=True, eq=False)
class Strip:
    """The gradients of one network."""

    name: str
    colour: str
    dashed: bool
    norms: Norms


def norms_chart(strips: Sequence[Strip], steps: int) -> go.Figure:
    """A line for the first layer of each network, and below a map of all layers: plain networks above residual ones.

    All maps share one scale of colours, so that they compare.
    """
    shown = sorted(strips, key=lambda strip: not strip.dashed)
    rows = -(-len(shown) // 2)
    # Plotly's code in the browser stumbles over axes with nothing on them: an odd map stands alone in its row.
    specs = [[{"colspan": 2}, None], *[[{}, {} if 2 * row + 1 < len(shown) else None] for row in range(rows)]]
    titles = [
        "Gradient norm at the first layer",
        *(f"{strip.name}: every layer, the first at the top" for strip in shown),
    ]
    height = 230 + 220 * rows
    room = {"row_heights": [1.0, *[1.0] * rows], "vertical_spacing": 70 / height, "horizontal_spacing": 0.08}
    figure = make_subplots(1 + rows, 2, specs=specs, subplot_titles=titles, **room)
    for index, strip in enumerate(shown):
        add_first(figure, strip)
        add_map(figure, strip, 2 + index // 2, 1 + index % 2)
    figure.update_layout(BARE, uirevision="same", height=height, font_size=14, showlegend=False)
    figure.update_layout(coloraxis=scale(shown))
    figure.update_xaxes(range=[0, steps], zeroline=False, showgrid=False, title_font_size=14, tickformat=",")
    figure.update_xaxes(title_text="step", row=1 + rows)
    figure.update_yaxes(zeroline=False, showgrid=False, title_font_size=14)
    figure.update_yaxes(
        type="log", exponentformat="power", showgrid=True, gridcolor="rgba(128,128,128,0.18)", row=1, col=1
    )
    return figure


def add_first(figure: go.Figure, strip: Strip) -> None:
    norms = strip.norms
    figure.add_scatter(
        x=norms.step,
        y=norms.first if len(norms.step) else [],
        mode="lines",
        name=strip.name,
        legendgroup=strip.name,
        line={"color": strip.colour, "width": 2, "dash": "dash" if strip.dashed else "solid"},
        hovertemplate=f"{strip.name}, step %{{x}}: %{{y:.3g}}<extra></extra>",
        row=1,
        col=1,
    )


def add_map(figure: go.Figure, strip: Strip, row: int, column: int) -> None:
    norms = strip.norms
    figure.add_heatmap(
        x=norms.step,
        y=np.arange(1, norms.norms.shape[1] + 1),
        z=logarithm(norms.norms).T,
        coloraxis="coloraxis",
        legendgroup=strip.name,
        hovertemplate=f"{strip.name}, layer %{{y}}, step %{{x}}: 10^%{{z:.2f}}<extra></extra>",
        row=row,
        col=column,
    )
    figure.update_yaxes(autorange="reversed", title_text="layer", row=row, col=column)


def logarithm(norms: np.ndarray) -> np.ndarray:
    """A gradient of nought has no logarithm: it is left blank."""
    with np.errstate(divide="ignore"):
        found = np.log10(norms, dtype=np.float32)
    return np.where(np.isfinite(found), found, np.nan)


def scale(strips: Sequence[Strip]) -> dict[str, object]:
    """From the 2nd to the 98th percentile of all that is drawn: single steps must not wash out the rest."""
    found = np.concatenate([logarithm(strip.norms.norms).ravel() for strip in strips] or [np.empty(0)])
    found = found[np.isfinite(found)]
    low, high = np.percentile(found, (2, 98)) if len(found) else (-3, 1)
    ticks = np.arange(np.floor(low), np.ceil(high) + 1)
    bar = {
        "title": {"text": "norm", "font": {"size": 14}},
        "tickvals": ticks,
        "ticktext": [f"10<sup>{tick:.0f}</sup>" for tick in ticks],
        "thickness": 12,
    }
    return {"colorscale": "Viridis", "cmin": low, "cmax": max(high, low + 0.1), "colorbar": bar}
