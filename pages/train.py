"""Train: see degradation happen, live, and do the lesson's exercises the same way."""

import streamlit as st

from explorer.training.store import StoreTrouble
from explorer.ui.components.plotly_chart import load_plotly
from explorer.ui.literal import literal
from explorer.ui.session import show_problems
from explorer.ui.training.below import below
from explorer.ui.training.board import board
from explorer.ui.training.question import question
from explorer.ui.training.setup import set_up
from explorer.ui.training.state import arrive, publish

arrive(st.session_state.entered)
load_plotly()
try:
    chosen, recipe, seeds = set_up()
    warnings = st.container()
    dataset = question(chosen, recipe, seeds)
    with warnings:
        show_problems()
    board(len(dataset.classes))
    below(dataset, recipe)
except StoreTrouble as trouble:
    st.warning(literal(str(trouble)), icon=":material/hourglass_empty:")
publish()
