"""Where a scaled network can be taken: to the Explore page, to a comparison, or to training at CIFAR size."""

from urllib.parse import urlencode

import streamlit as st

from explorer.models.selection import ModelSelection
from explorer.ui.compare.page_state import ComparePageState
from explorer.url_params import encode_query

TRAIN = "./train?experiment=scaling"


def explore_link(place: ModelSelection) -> str:
    """Explore is the page without a name."""
    return f"./?{urlencode(encode_query(place))}"


def compare_link(place: ModelSelection, other: ModelSelection | None = None) -> str:
    return f"./compare?{urlencode(encode_query(ComparePageState('side', (place, other) if other else (place,))))}"


def page_links(place: ModelSelection, other: ModelSelection | None = None) -> None:
    with st.container(horizontal=True, gap="small"):
        st.link_button("Open in Explore", explore_link(place), icon=":material/schema:")
        st.link_button("Compare", compare_link(place, other), icon=":material/compare:")
        st.link_button("Train", TRAIN, icon=":material/play_arrow:", help=TRAINED)


TRAINED = (
    "A small CIFAR ResNet, and four networks of equal MACs made from it: one deeper, one wider, one on larger "
    "pictures, one a little of each. Trained side by side on the Train page."
)
