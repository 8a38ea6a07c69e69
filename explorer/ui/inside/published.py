"""More networks to look into: torchvision's published weights, each fetched by a button that says what it fetches."""

from functools import partial
from operator import setitem
from urllib.parse import urlparse

import streamlit as st

from explorer.formatting import literal
from explorer.training.runs.pretrained_weights import Published, on_disk, published_weights
from explorer.ui.fetch_button import fetch_button, fetchable_weights, megabytes
from explorer.ui.inside.networks import weights_name
from explorer.ui.inside.page_state import PAGE
from explorer.ui.session import bind_widget

STATED = "https://docs.pytorch.org/vision/stable/models.html#table-of-all-available-classification-weights"
TERMS = "https://github.com/pytorch/vision#pre-trained-model-license"
CHOSEN = "inside/wanted"  # in the session: the weights that are offered


def look_into_fetched() -> None:
    """The weights that were chosen here to be fetched, once they have come."""
    if st.session_state.get(CHOSEN, "") in on_disk():
        PAGE.look_into(st.session_state.pop(CHOSEN))


def more_networks() -> None:
    here = on_disk()
    offered = {start: weights for start, weights in published_weights().items() if start not in here}
    names = {"": f"Choose one of {len(offered)}"}
    names |= {start: f"{weights_name(start)} · {megabytes(weights.size)}" for start, weights in offered.items()}
    chosen = st.session_state.get(CHOSEN, "")
    chosen = chosen if chosen in offered else ""
    choose = partial(setitem, st.session_state, CHOSEN)
    with st.expander("More networks"):
        widget = bind_widget("inside/more", chosen, choose)
        st.selectbox("torchvision’s weights", list(names), format_func=names.__getitem__, **widget)
        if chosen:
            st.caption(offer_words(offered[chosen]))
            fetch_button(fetchable_weights(chosen, weights_name(chosen)))


def offer_words(weights: Published) -> str:
    """What is fetched, from where, under which terms, and where it lands: a line each."""
    return "  \n".join(
        (
            f"{weights.accuracy:.1f} % right on ImageNet, [as published]({STATED})",
            f"{megabytes(weights.size)} from {urlparse(weights.address).netloc}",
            f"Licence: {licence_words(weights)}",
            f"Lands in {literal(str(weights.file.path.parent))}",
        )
    )


def licence_words(weights: Published) -> str:
    if weights.license:
        return f"[one of its own]({weights.license}), CC BY-NC 4.0, [says torchvision]({TERMS})"
    return f"torchvision names none; [terms of ImageNet may apply]({TERMS})"
