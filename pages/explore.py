"""Explore: build a network live, see it, take it apart, know what it costs."""

from functools import partial

import streamlit as st

from explorer.ui.explore.metrics import headline
from explorer.ui.explore.page import shown_studies, studio
from explorer.ui.explore.page_state import arrive, publish
from explorer.ui.explore.sidebar import model_form
from explorer.ui.session import draw_fragment, picture_first, show_problems

arrive(st.session_state.entered)
alone = picture_first()
model_form(alone)
place, now, before = shown_studies()
show_problems(keep=alone)
headline(place, now, before, alone)
draw_fragment(partial(studio, alone))
publish()
