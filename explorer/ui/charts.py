"""Charts as a page shows them: in projector mode no letter is too small for the back row."""

import json
import re
from typing import Any

import plotly.graph_objects as go
import streamlit as st

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
