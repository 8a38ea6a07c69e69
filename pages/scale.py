"""Scale: compound scaling of φ, animated, with the real networks behind every frame."""

import streamlit as st

from explorer.ui.scale.page import animation, scale_tabs
from explorer.ui.scale.page_state import arrive_scale, publish_scale
from explorer.ui.session import picture_first, show_problems

arrive_scale(st.session_state.entered)
alone = picture_first()
show_problems(keep=alone)
animation(alone)
if not alone:
    scale_tabs()
publish_scale()
