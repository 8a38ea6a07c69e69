"""Numbers of pictures → plotly figures: how many a dataset has of each class, and what a network took them for."""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go

from explorer.colors import BLUE, ORANGE
from explorer.formatting import escaped

MOST_NAMES = 25  # classes beyond which names and numbers would lie on one another
# How strong a share looks: small ones are what one looks for, so they do not fade into the page.
STRENGTHS = ((0.0, 0.03), (0.02, 0.12), (0.1, 0.32), (0.3, 0.6), (1.0, 1.0))
RIGHT, WRONG = (0, 114, 178), (213, 94, 0)  # the palette's blue and vermillion
STRONG = 0.35  # a share whose colour needs white letters


def balance_chart(classes: Sequence[str], train: Sequence[int], test: Sequence[int]) -> go.Figure:
    """How many pictures of each class there are to train on and to test on."""
    figure = go.Figure(layout={"barmode": "group", "bargap": 0.25, "height": 175})
    for name, colour, counts in (("training", BLUE, train), ("test", ORANGE, test)):
        figure.add_bar(
            name=name,
            x=list(map(escaped, classes)),
            y=list(counts),
            marker_color=colour,
            hovertemplate=f"%{{x}}: %{{y:,}} {name} pictures<extra></extra>",
        )
    legend = {"orientation": "h", "y": 1.3, "x": 0, "font_size": 14}
    figure.update_layout(margin={"t": 4, "b": 4, "l": 4, "r": 4}, legend=legend)
    figure.update_xaxes(showticklabels=len(classes) <= MOST_NAMES, tickfont_size=13)
    figure.update_yaxes(rangemode="tozero", tickformat=",", nticks=4)
    return figure


def confusion_chart(counts: np.ndarray, classes: Sequence[str], percent: bool) -> go.Figure:
    """A row for what a picture is, a column for what it was taken for; colour is the share of the row."""
    rows = counts.sum(1, keepdims=True)
    shares = counts / np.maximum(rows, 1)
    diagonal, places = np.eye(len(classes), dtype=bool), list(range(len(classes)))
    texts = spoken_cells(counts, shares, classes)
    figure = go.Figure()
    for where, colour in ((diagonal, RIGHT), (~diagonal, WRONG)):
        figure.add_heatmap(
            z=np.where(where, shares, np.nan),
            x=places,
            y=places,
            zmin=0,
            zmax=1,
            colorscale=shades(colour),
            showscale=False,
            xgap=1,
            ygap=1,
            hoverongaps=False,
            text=texts,
            hovertemplate="%{text}<extra></extra>",
        )
    named = len(classes) <= MOST_NAMES
    figure.update_layout(
        annotations=cell_annotations(counts, shares, percent) if named else [],
        height=height_of(len(classes)),
        margin={"t": 4, "b": 4, "l": 4, "r": 48 if named else 4},  # the last name leans out
    )
    ticks: dict[str, Any] = {"showgrid": False, "zeroline": False, "tickfont_size": 14}
    ticks |= {"tickvals": places, "ticktext": list(map(escaped, classes))} if named else {"showticklabels": False}
    figure.update_xaxes(**ticks, title="taken for", side="top", tickangle=-40, ticklabeloverflow="allow")
    figure.update_yaxes(**ticks, title="is", autorange="reversed")
    return figure


def height_of(classes: int) -> int:
    """Of a confusion matrix, in pixels."""
    return min(820, max(320, 47 * classes + 110))


def shades(colour: tuple[int, int, int]) -> list[list[Any]]:
    """From nothing to the full colour: what lies below may be light or dark."""
    red, green, blue = colour
    return [[share, f"rgba({red},{green},{blue},{strength})"] for share, strength in STRENGTHS]


def spoken_cells(counts: np.ndarray, shares: np.ndarray, classes: Sequence[str]) -> list[list[str]]:
    """Every field in words."""

    def field(true: int, said: int) -> str:
        deed = "recognised" if true == said else f"taken for {escape(classes[said])}"
        of = f"{counts[true, said]:,} of {counts[true].sum():,}"
        return f"{escape(classes[true])}: {of} {deed} ({shares[true, said]:.1%})"

    return [[field(true, said) for said in range(len(classes))] for true in range(len(classes))]


def cell_annotations(counts: np.ndarray, shares: np.ndarray, percent: bool) -> list[dict[str, Any]]:
    """In the fields that have any; the letters of pale ones are the page's own, light or dark."""
    found = []
    for true, said in zip(*counts.nonzero(), strict=True):
        share = shares[true, said]
        text = f"{share:.0%}" if percent else f"{counts[true, said]:,}"
        field: dict[str, Any] = {"x": int(said), "y": int(true), "text": text, "showarrow": False}
        font = {"size": 14} | ({"color": "white"} if share > STRONG else {})
        found.append(field | {"font": font})
    return found
