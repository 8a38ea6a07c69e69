"""The diagram viewer: shows a drawn network in the browser, and says what was clicked."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal

from streamlit.components.v2 import component

from explorer.diagram import Picture
from explorer.palette import COLOURS
from explorer.ui.components.component import Event, link_modules, read_files, receiver


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


def show(picture: Picture, display: Display, *, key: str, on_event: Callable[[Event], None]) -> None:
    """Mount the viewer; `on_event` is called before the rerun, once for each thing done."""
    boxes = {name: vars(box) for name, box in picture.boxes.items()}
    data = {"svg": picture.svg, "boxes": boxes} | asdict(display)
    COMPONENT(key=key, data=data, on_event_change=receiver(key, on_event))


def kind_colours() -> str:
    return "\n".join(f".viewer .kind-{kind} {{ --pure: {colour}; }}" for kind, colour in COLOURS.items())


COMPONENT = component(
    "diagram_viewer",
    html=read_files("network_viewer/viewer.html"),
    css=f"{kind_colours()}\n{read_files('network_viewer/viewer.css')}",
    js=link_modules("network_viewer/viewer.js"),
)
