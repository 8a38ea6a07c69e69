"""More networks to look into: torchvision's published weights, each fetched by a button that says what it fetches."""

from urllib.parse import urlparse

import streamlit as st

from explorer.formatting import literal
from explorer.training.runs.pretrained_weights import Published, on_disk, published_weights
from explorer.ui.fetch_button import fetch_button, fetchable_weights
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
    chosen = st.session_state.get(CHOSEN)
    chosen = chosen if chosen in offered else None
    with st.expander("More networks"):
        st.selectbox(
            "Weights that torchvision publishes",
            list(offered),
            index=None,
            format_func=lambda start: f"{weights_name(start)} · {offered[start].size / 1e6:.0f} MB",
            placeholder=f"Choose one of {len(offered)}",
            **bind_widget("inside/more", chosen, lambda start: st.session_state.update({CHOSEN: start})),
        )
        if chosen:
            st.markdown(offer_words(offered[chosen]))
            fetch_button(fetchable_weights(chosen, weights_name(chosen)))


def offer_words(weights: Published) -> str:
    """What is fetched, from where, under which terms, and where it lands."""
    return "\n".join(
        (
            f"- **{weights.accuracy:.1f} %** of ImageNet’s validation pictures right, [says torchvision]({STATED})",
            f"- **{weights.size / 1e6:.0f} MB** from {urlparse(weights.address).netloc}",
            f"- Licence: {licence_words(weights)}",
            f"- It lands in {literal(str(weights.file.path.parent))} as {literal(weights.file.path.name)}",
        )
    )


def licence_words(weights: Published) -> str:
    if weights.license:
        return f"one of its own, [see there]({weights.license}): CC BY-NC 4.0, says [torchvision]({TERMS})"
    return f"torchvision names none for the weights. They may have terms that come from ImageNet: [check]({TERMS})"
