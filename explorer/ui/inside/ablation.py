"""Take a block out: the error of a trained network without one of its blocks, without several, in another order."""

import streamlit as st


def ablation_section() -> None:
    st.caption("…")
