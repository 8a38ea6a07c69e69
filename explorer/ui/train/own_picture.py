"""Any picture, and what a trained network takes it for: one that was drawn for this, or the visitor's own."""

from concurrent.futures import Future
from functools import partial
from html import escape
from typing import Any

import streamlit as st
import torch
from torch import Tensor

from explorer.datasets.drawings import drawings
from explorer.datasets.image_folder import read_picture
from explorer.formatting import literal
from explorer.training.results.predictions import Intake, probabilities
from explorer.training.runs.pretrained_weights import weights_of
from explorer.training.runs.store import Run
from explorer.training.scheduler.service import training_service
from explorer.ui.session import show_growing
from explorer.ui.train.dataset import one

LIKELIEST = 5  # classes that are listed
SUFFIXES = ["png", "jpg", "jpeg", "webp", "bmp", "gif"]
LARGEST = 512  # pixels of its sides, where it is kept: what networks for ImageNet take is less
KEPT_WHERE = "It is cut to a square, stays in this server's memory, and is never written to its disk."
EVERY = 0.3  # seconds between looks at a worker that is busy with it
CSS = """<style>
.asked { display: flex; flex-wrap: wrap; gap: 1rem 1.25rem; align-items: center; }
.asked figure { margin: 0; text-align: center; font-size: 0.8rem; }
.asked img { width: 112px; height: 112px; image-rendering: pixelated; border-radius: 6px; display: block; }
.asked img { object-fit: cover; }
.asked ol { list-style: none; margin: 0; padding: 0; flex: 1 0 17rem; }
.asked li { display: grid; grid-template-columns: 6rem 3.5rem 1fr; align-items: center; margin: 0.3rem 0; }
.asked i { height: 0.8rem; width: calc(var(--share) * 100%); min-width: 2px; background: #0072b2; border-radius: 2px; }
</style>"""


def own_picture(run: Run, intake: Intake) -> None:
    """Folded up until somebody wants it."""
    with st.expander("Ask it about another picture", icon=":material/image_search:"):
        try:
            picture = chosen_picture(intake)
            if picture is None:
                return
            image = intake.fitted(picture)
            asked = ask_worker(run, intake, image)
        except ValueError as error:
            st.warning(literal(str(error)), icon=":material/error:")
            return
        show_growing(partial(show_probabilities, run, intake, (picture, image), asked), asked.done, EVERY)


def chosen_picture(intake: Intake) -> Tensor | None:
    """(C, S, S) of bytes: the visitor's own, else one that was drawn, if the network knows what is on it."""
    drawn = {each.name: each for each in drawings() if each.label in intake.classes}
    left, right = st.columns(2)
    content = right.file_uploader("A picture of yours", SUFFIXES, key="after/picture")
    right.caption("It stays on this server, is cut to a square, and is forgotten when you leave.")
    name = None
    if drawn:
        name = left.selectbox("One drawn for this", list(drawn), None, placeholder="Choose", key="after/drawn")
        left.caption("Drawn by code: a network that knows photographs alone need not see what you see.")
    if content:
        return torch.from_numpy(read_picture(content.getvalue()))
    return drawn[name].image if name else None


def new_picture(given: Any, key: str) -> Tensor | None:
    """(C, S, S) of bytes, once for each file; the last one is noted under the key. What is no picture is said."""
    if not given or st.session_state.get(key) == (given.file_id, given.name):
        return None
    st.session_state[key] = given.file_id, given.name
    try:
        return torch.from_numpy(read_picture(given.getvalue(), LARGEST))
    except ValueError as error:
        st.warning(literal(str(error)), icon=":material/error:")
        return None


def ask_worker(run: Run, intake: Intake, image: Tensor) -> Future[tuple[float, ...]]:
    """Once for each picture: a page is drawn anew at every click."""
    key = run.id, run.step, image.numpy().tobytes()
    kept: dict[str, Any] = st.session_state.setdefault("after/asked", {})
    if kept.get("key") != key:
        checkpoint = weights_of(run, training_service().store)
        if not checkpoint:
            raise ValueError("The run was deleted meanwhile.")
        answer = training_service().run_on_worker(probabilities, run.plan, checkpoint.state, intake, image)
        kept.update(key=key, answer=answer)
    return kept["answer"]


def show_probabilities(
    run: Run, intake: Intake, images: tuple[Tensor, Tensor], asked: Future[tuple[float, ...]]
) -> None:
    """`images`: as it was, and as the network gets it."""
    if not asked.done():
        st.caption(f"{literal(run.title)} looks at it …")
    elif error := asked.exception():
        st.warning(literal(str(error)), icon=":material/error:")
    else:
        channels, height, width = intake.shape
        kind = "colour" if channels == 3 else "grey"
        captions = "the picture", f"as it gets it: {width}×{height}, {kind}"
        pictures = [one(image, caption) for image, caption in zip(images, captions, strict=True)]
        st.html(CSS)
        st.html(asked_html(pictures, likeliest(intake.classes, asked.result())))
        st.caption(f"It can only answer with one of its {len(intake.classes)} classes, whatever the picture shows.")


def likeliest(classes: tuple[str, ...], chances: tuple[float, ...]) -> list[tuple[str, float]]:
    return sorted(zip(classes, chances, strict=True), key=lambda pair: -pair[1])[:LIKELIEST]


def asked_html(pictures: list[str], ranked: list[tuple[str, float]]) -> str:
    rows = [
        f'<li><span>{escape(name)}</span><span>{chance:.1%}</span><i style="--share: {chance:.4f}"></i></li>'
        for name, chance in ranked
    ]
    return f'<div class="asked">{"".join(pictures)}<ol>{"".join(rows)}</ol></div>'
