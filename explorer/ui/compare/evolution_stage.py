"""The timeline in the browser: it scrolls, plays and draws its bars by itself."""

from collections.abc import Callable
from typing import Any

from streamlit.components.v2 import component

from explorer.ui.components.component import Event, read_files, receiver
from explorer.ui.components.network_viewer import kind_colours
from explorer.ui.scripts import read

KEY = "evolution/stage"


def stage(data: dict[str, Any], on_event: Callable[[Event], None]) -> None:
    """Mounts it; `on_event` is called before the rerun, once for each thing done."""
    COMPONENT(key=KEY, data=data, on_event_change=receiver(KEY, on_event))


COMPONENT = component(
    "evolution_stage",
    html=read("compare/evolution_stage.html"),
    # The pictures look as on the Explore page.
    css=f"{kind_colours()}\n{read_files('network_viewer/viewer.css')}\n{read('compare/evolution_stage.css')}",
    js=read("shared.js", "compare/make.js", "compare/evolution_stage.js", "compare/evolution_figures.js"),
)
