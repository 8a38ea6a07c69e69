"""The diagram viewer: shows a drawn network in the browser, and says what was clicked."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

import streamlit as st
from streamlit.components.v2 import component

from explorer.diagram import Picture
from explorer.palette import COLOURS
from explorer.ui.scripts import read

SCRIPTS = (
    *("shared", "viewer", "viewer_common", "viewer_picture", "viewer_camera", "viewer_input", "viewer_panels"),
    "viewer_export",
)


@dataclass(frozen=True)
class Display:
    """How a picture is shown."""

    name: str  # "ResNet-50": what the picture is of, and the name of saved files
    alt: str = ""  # the picture in words, one line for each thing in it
    colour: Literal["kind", "params", "macs", "memory", "field"] = "kind"
    direction: str = "TB"  # as it was drawn
    repeats: bool = True  # as it was drawn
    selected: str = ""  # obeyed when `revision` changes, so that clicks need no way back from Python
    revision: int = 0
    height: str = "620px"  # a length in CSS


@dataclass(frozen=True)
class Event:
    """What somebody did in the viewer."""

    # select, toggle, fold_all, open_level, open_everything, direction, repeats, colour, address, settled (it is drawn)
    type: str
    id: str = ""  # the box or frame of `select` and `toggle`; empty when nothing is selected any more
    value: str = ""  # the new direction, colour or address; "on" or "off" for repeats


def show(picture: Picture, display: Display, *, key: str, on_event: Callable[[Event], None]) -> None:
    """Mount the viewer; `on_event` is called before the rerun, once for each thing done."""
    boxes = {name: vars(box) for name, box in picture.boxes.items()}
    data = {"svg": picture.svg, "boxes": boxes} | asdict(display)
    COMPONENT(key=key, data=data, on_event_change=receiver(key, on_event))


def receiver(key: str, on_event: Callable[[Event], None]) -> Callable[[], None]:
    """What a component of that key calls when something was done in it."""

    def receive() -> None:
        told = st.session_state.get(key) or {}  # none where the visitor has left the page meanwhile
        for event in unseen(told.get("event") or [], key):
            on_event(event)

    return receive


def unseen(recent: list[dict[str, Any]], key: str) -> list[Event]:
    """The events not handed out before.

    Of several triggers that wait for a busy script Streamlit keeps only the newest, so the browser numbers its events
    and repeats the last few: what was lost arrives with the next one.
    """
    seen: int = st.session_state.get(f"{key}:seen", 0)
    fresh = [event for event in recent if event["number"] > seen]
    if fresh:
        st.session_state[f"{key}:seen"] = fresh[-1]["number"]
    return [Event(event["type"], event.get("id", ""), event.get("value", "")) for event in fresh]


def kind_colours() -> str:
    return "\n".join(f".viewer .kind-{kind} {{ --pure: {colour}; }}" for kind, colour in COLOURS.items())


COMPONENT = component(
    "diagram_viewer",
    html=read("viewer.html"),
    css=f"{kind_colours()}\n{read('viewer.css')}",
    js=read(*(f"{name}.js" for name in SCRIPTS)),
)
