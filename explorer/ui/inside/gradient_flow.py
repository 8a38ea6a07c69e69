"""The "+1", measured: what comes back through a deep network, plain and residual, and through each of its blocks."""

import streamlit as st


def gradient_section() -> None:
    st.caption("…")
