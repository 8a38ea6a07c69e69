"""Compare: the whole field on one chart, any networks side by side, every number with its witness."""

import streamlit as st

from explorer.ui.compare.evolution import evolution
from explorer.ui.compare.field import field
from explorer.ui.compare.recommend import recommend
from explorer.ui.compare.side import side
from explorer.ui.compare.speed import speed
from explorer.ui.compare.state import arrive, publish
from explorer.ui.compare.views import chosen
from explorer.ui.compare.witnesses import witnesses
from explorer.ui.session import show_problems

SHOW = {
    "field": field,
    "side": side,
    "witnesses": witnesses,
    "speed": speed,
    "choose": recommend,
    "evolution": evolution,
}

arrive(st.session_state.entered)
view = chosen()
show_problems()
SHOW[view]()
publish()
