"""The timeline in the browser: it scrolls, plays and draws its bars by itself."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from streamlit.components.v2 import component

from explorer.ui.viewer import Event, kind_colours, receiver
from explorer.ui.viewer import read as of_viewer

HERE = Path(__file__).parent
KEY = "evolution/stage"


def stage(data: dict[str, Any], on_event: Callable[[Event], None]) -> None:
    """Mounts it; `on_event` is called before the rerun, once for each thing done."""
    COMPONENT(key=KEY, data=data, on_event_change=receiver(KEY, on_event))


def file(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


COMPONENT = component(
    "evolution_stage",
    html=file("evolution_stage.html"),
    # The pictures look as on the Explore page.
    css=f"{kind_colours()}\n{of_viewer('viewer.css')}\n{file('evolution_stage.css')}",
    js=file("evolution_stage.js") + file("evolution_figures.js"),
)
