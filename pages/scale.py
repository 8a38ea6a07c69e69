"""Scale: compound scaling of φ, animated, with the real networks behind every frame."""

import streamlit as st

from explorer.ui.scale.animation import animation
from explorer.ui.scale.below import below
from explorer.ui.scale.state import arrive, publish
from explorer.ui.session import picture_first, show_problems

arrive(st.session_state.entered)
alone = picture_first()
show_problems(keep=alone)
animation(alone)
if not alone:
    below()
publish()
