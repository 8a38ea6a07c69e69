"""The button that fetches a dataset: with its size, and progress while it comes."""

import streamlit as st

from explorer.datasets.shelf import at_hand, data_folder
from explorer.datasets.vision import SOURCES
from explorer.datasets.vision import fetch as download
from explorer.ui.literal import literal


def fetch(meant: str) -> None:
    """Offers the experiment's own dataset, where it is not on this computer."""
    if at_hand(meant) or meant not in SOURCES:
        return
    source = SOURCES[meant]
    megabytes = source.size / 1e6
    if not st.button(f"Download {source.title} ({megabytes:.0f} MB)", icon=":material/download:", width="stretch"):
        st.caption(f"{source.title} is not on this computer. Until it is, other pictures stand in for it.")
        return
    bar = st.progress(0.0, text=f"Fetching {source.title}")
    try:
        download(meant, data_folder(), lambda done, total: show(bar, done, total))
    except ValueError as error:
        st.warning(literal(str(error)))
        return
    st.rerun()


def show(bar, done: int, total: int) -> None:
    bar.progress(min(1.0, done / max(1, total)), text=f"{done / 1e6:.0f} of {total / 1e6:.0f} MB")
