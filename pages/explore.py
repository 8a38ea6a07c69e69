"""Explore: build a network live, see it, take it apart, know what it costs."""

import streamlit as st

from explorer.ui.chooser import choose
from explorer.ui.explore.page_state import arrive, publish
from explorer.ui.headline import headline
from explorer.ui.session import picture_first, show_problems
from explorer.ui.studio import shown, studio

arrive(st.session_state.entered)
alone = picture_first()
choose(alone)
place, now, before = shown()
show_problems(keep=alone)
headline(place, now, before, alone)
studio(alone)
publish()
