"""Compare: the whole field on one chart, any networks side by side, every number with its witness."""

import streamlit as st

from explorer.ui.compare.crosscheck import witnesses
from explorer.ui.compare.history import evolution
from explorer.ui.compare.leaderboard import field
from explorer.ui.compare.page_state import arrive_compare, chosen_view, publish_bench
from explorer.ui.compare.recommend import recommend
from explorer.ui.compare.side_by_side import side
from explorer.ui.compare.speed import speed
from explorer.ui.session import show_problems

SHOW = {
    "field": field,
    "side": side,
    "witnesses": witnesses,
    "speed": speed,
    "choose": recommend,
    "evolution": evolution,
}

arrive_compare(st.session_state.entered)
view = chosen_view()
show_problems()
SHOW[view]()
publish_bench()
