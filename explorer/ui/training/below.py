"""What stands under the curves: the pictures, the questions, what a network says of test pictures, all runs."""

import streamlit as st

from explorer.datasets.dataset import Dataset
from explorer.training.recipe import Recipe
from explorer.ui.training.after import after_tab
from explorer.ui.training.board import shown
from explorer.ui.training.library import library_tab
from explorer.ui.training.pictures import pictures_tab
from explorer.ui.training.state import current, publish


def below(dataset: Dataset, recipe: Recipe) -> None:
    fills = {
        "Pictures": lambda: pictures_tab(dataset, recipe),
        "Questions": questions,
        "After the run": lambda: after_tab(shown()),
        "Library": lambda: library_tab(publish),
    }
    for tab, fill in zip(st.tabs(list(fills), key="below/train", on_change="rerun"), fills.values(), strict=True):
        if tab.open:
            with tab:
                fill()


def questions() -> None:
    asked = current().experiment.ask
    st.markdown("\n".join(f"1. {question}" for question in asked) if asked else "What did you expect, and what came?")
