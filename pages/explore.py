"""Explore: build a network live, see it, take it apart, know what it costs."""

import streamlit as st

from explorer.ui.chooser import choose
from explorer.ui.headline import headline
from explorer.ui.state import arrive, publish, show_problems
from explorer.ui.studio import shown, studio

arrive(st.session_state.entered)
choose()
place, now, before = shown()
show_problems()
headline(place, now, before)
studio()
publish()
