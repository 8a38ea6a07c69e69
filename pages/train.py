"""Train: see degradation happen, live, and do the lesson's exercises the same way."""

import streamlit as st

from explorer.formatting import literal
from explorer.training.runs.store import StoreTrouble
from explorer.ui.session import show_problems
from explorer.ui.train.experiment_header import question
from explorer.ui.train.page_state import arrive_train, publish_experiment
from explorer.ui.train.run_view import discussion_sections, run_board
from explorer.ui.train.sidebar import experiment_form

arrive_train(st.session_state.entered)
try:
    chosen, recipe, seeds = experiment_form()
    warnings = st.container()
    dataset = question(chosen, recipe, seeds)
    with warnings:
        show_problems()
    run_board(len(dataset.classes))
    discussion_sections(dataset, recipe)
except StoreTrouble as trouble:
    st.warning(literal(str(trouble)), icon=":material/hourglass_empty:")
publish_experiment()
