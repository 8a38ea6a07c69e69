"""The board of “Which one?” in the browser: the sentence one fills in, the ranking, and the code."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from streamlit.components.v2 import component

from explorer.ui.viewer import Event, receiver

HERE = Path(__file__).parent
KEY = "choose/board"


def board(data: dict[str, Any], on_event: Callable[[Event], None]) -> None:
    """Mounts it; `on_event` is called before the rerun, once for each thing done."""
    COMPONENT(key=KEY, data=data, on_event_change=receiver(KEY, on_event))


def file(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


COMPONENT = component(
    "choose_board",
    html=file("choose_board.html"),
    css=file("choose_board.css"),
    js=file("choose_board.js") + file("choose_parts.js"),
)
