"""Rounding → plotly figures: what the law asks, what a network gets, and which φ B0 to B7 stand for."""

from collections.abc import Sequence
from typing import NamedTuple

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from explorer.palette import PURPLE
from explorer.scaling.charts import LEGEND, MARGIN, WAY_COLOURS

QUIET = WAY_COLOURS["baseline"]


class Lane(NamedTuple):
    """One dimension over φ: what the law asks, what the network gets, and what B0 to B7 have."""

    name: str
    phis: tuple[float, ...]
    asked: tuple[float, ...]
    given: tuple[float, ...]
    shipped: tuple[float, ...]


def rounding_chart(lanes: Sequence[Lane]) -> go.Figure:
    """Three rows: what the law asks, the steps a network takes, and B0 to B7 at their k."""
    titles = [f"{lane.name} beside B0’s" for lane in lanes]
    figure = make_subplots(len(lanes), 1, shared_xaxes=True, vertical_spacing=0.07, subplot_titles=titles)
    for row, lane in enumerate(lanes, 1):
        colour, first = WAY_COLOURS[lane.name], row == 1
        line = {"row": row, "col": 1}
        figure.add_scatter(
            x=lane.phis, y=lane.asked, name="asked by the law", line={"color": QUIET, "dash": "dash", "width": 1.6},
            legendgroup="asked", showlegend=first, hovertemplate="%{y:.2f}×<extra>asked</extra>", **line,
        )  # fmt: skip
        figure.add_scatter(
            x=lane.phis, y=lane.given, name="exact φ, rounded", line={"color": colour, "shape": "hv", "width": 2.6},
            legendgroup="given", showlegend=first, hovertemplate="%{y:.2f}×<extra>exact φ</extra>", **line,
        )  # fmt: skip
        figure.add_scatter(
            x=list(range(len(lane.shipped))), y=lane.shipped, name="shipped Bk, at φ = k", mode="markers",
            marker={"symbol": "diamond-open", "size": 12, "color": PURPLE, "line": {"width": 2.5}},
            legendgroup="shipped", showlegend=first, hovertemplate="B%{x}: %{y:.2f}×<extra>shipped</extra>", **line,
        )  # fmt: skip
    figure.update_layout(height=620, margin=MARGIN | {"t": 30}, legend=LEGEND | {"y": 1.05}, hovermode="x unified")
    figure.update_yaxes(ticksuffix="×", tickfont_size=14)
    figure.update_xaxes(dtick=1, tickfont_size=14)
    figure.update_xaxes(title="φ", row=len(lanes), col=1)
    figure.update_annotations(font_size=15, x=0, xanchor="left")
    return figure


def implied_chart(implied: Sequence[tuple[float, float, float]]) -> go.Figure:
    """For each of B0 to B7 the φ that its depth, its width and its resolution stand for."""
    figure = go.Figure(layout={"height": 420, "margin": MARGIN, "legend": LEGEND})
    names = [f"B{index}" for index in range(len(implied))]
    figure.add_scatter(
        x=list(range(len(implied))), y=names, mode="lines", name="φ = k", line={"color": QUIET, "dash": "dash"},
        hoverinfo="skip",
    )  # fmt: skip
    for index, phis in enumerate(implied):
        figure.add_scatter(
            x=[min(phis), max(phis)], y=[names[index]] * 2, mode="lines", showlegend=False, hoverinfo="skip",
            line={"color": QUIET, "width": 2},
        )  # fmt: skip
    ways = (("depth", "square"), ("width", "diamond"), ("resolution", "circle"))
    for part, (name, symbol) in enumerate(ways):
        figure.add_scatter(
            x=[phis[part] for phis in implied], y=names, mode="markers", name=f"by its {name}",
            marker={"symbol": symbol, "size": 13, "color": WAY_COLOURS[name]},
            hovertemplate="%{y}’s " + name + " is that of φ = %{x:.2f}<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title="φ that it stands for", dtick=1, title_font_size=15, tickfont_size=14)
    figure.update_yaxes(autorange="reversed", tickfont_size=15)
    return figure
