"""A button that does something with runs, or says why it cannot."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from explorer.formatting import literal


def action_button(
    label: str, icon: str, deed: Callable[[], None], help: str | None = None, primary: bool = False
) -> None:
    kind: Any = "primary" if primary else "secondary"
    if st.button(label, icon=icon, type=kind, help=help):
        try:
            deed()
        except ValueError as error:
            st.toast(literal(str(error)))
        else:
            st.rerun()
