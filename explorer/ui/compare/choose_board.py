"""The board of “Which one?” in the browser: the sentence one fills in, the ranking, and the code."""

from collections.abc import Callable
from typing import Any

from streamlit.components.v2 import component

from explorer.ui.components.component import Event, receiver
from explorer.ui.scripts import read

KEY = "choose/board"


def board(data: dict[str, Any], on_event: Callable[[Event], None]) -> None:
    """Mounts it; `on_event` is called before the rerun, once for each thing done."""
    COMPONENT(key=KEY, data=data, on_event_change=receiver(KEY, on_event))


COMPONENT = component(
    "choose_board",
    html=read("compare/choose_board.html"),
    css=read("compare/choose_board.css"),
    js=read("shared.js", "compare/make.js", "compare/choose_board.js", "compare/choose_parts.js"),
)
