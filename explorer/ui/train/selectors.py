"""What is chosen in the sidebar goes into the visitor's place, and so into the link."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from explorer.ui.train.page_state import current_experiment, go_experiment


def choice_control(label: str, field: str, choices: tuple[str, ...], value: str, spell: Callable[[str], str]) -> None:
    key = f"lab/{field}"
    st.session_state[key] = value
    st.selectbox(label, choices, format_func=spell, key=key, on_change=choice_moved, args=(field, value))


def choice_moved(field: str, shown: str) -> None:
    """Another experiment, length or dataset: the runs that are shown belong to the last one."""
    if (chosen := st.session_state[f"lab/{field}"]) != shown:
        go_experiment(replace(current_experiment(), **{field: chosen}, runs=()))
