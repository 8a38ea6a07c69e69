"""Inside: what a network computes of a picture, in every box."""

import streamlit as st

from explorer.formatting import literal
from explorer.training.runs.store import StoreTrouble
from explorer.ui.inside.page import inside_page
from explorer.ui.inside.page_state import arrive_inside, publish_inside

arrive_inside(st.session_state.entered)
try:
    inside_page()
except StoreTrouble as trouble:
    st.warning(literal(str(trouble)), icon=":material/hourglass_empty:")
publish_inside()
