"""Buttons that fetch what is not on this computer: with its size, and progress while it comes."""

from collections.abc import Callable

import streamlit as st

from explorer.datasets.shelf import at_hand
from explorer.datasets.vision import SOURCES
from explorer.datasets.vision import fetch as download
from explorer.paths import data_folder
from explorer.ui.literal import literal

Progress = Callable[[int, int], None]  # bytes here so far, bytes in all


def fetch_pictures(meant: str) -> None:
    """Offers the experiment's own dataset, where it is not on this computer."""
    if at_hand(meant) or meant not in SOURCES:
        return
    source = SOURCES[meant]
    if not fetch(source.title, source.size, lambda progress: download(meant, data_folder(), progress)):
        st.caption(f"{source.title} is not on this computer. Until it is, other pictures stand in for it.")


def fetch(what: str, size: int, deed: Callable[[Progress], None]) -> bool:
    """A button; whether it was pressed. What it fetched is on the page that is then drawn anew."""
    if not st.button(f"Get {what} ({size / 1e6:.0f} MB)", icon=":material/download:", width="stretch"):
        return False
    bar = st.progress(0.0, text=f"Fetching {what}")

    def show(done: int, total: int) -> None:
        bar.progress(min(1.0, done / max(1, total)), text=f"{done / 1e6:.0f} of {total / 1e6:.0f} MB")

    try:
        deed(show)
    except ValueError as error:
        st.warning(literal(str(error)))
    else:
        st.rerun()
    return True
