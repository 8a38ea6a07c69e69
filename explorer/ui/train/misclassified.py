"""The pictures that a network got wrong, the most confident answers first, or those of one field of its matrix."""

from html import escape
from typing import Any

import streamlit as st
from torch import Tensor

from explorer.datasets.dataset import Dataset
from explorer.training.dataloader import cut
from explorer.training.image_preview import address, tile
from explorer.training.results.grouping import plan_of
from explorer.training.results.prediction_charts import height_of
from explorer.training.results.predictions import Answers
from explorer.training.runs.store import Run

SHOWN = 30
REGION = 'tabindex="0" role="region" aria-label="Pictures"'  # it scrolls, for the keyboard as well


def mistakes(run: Run, known: Answers, dataset: Dataset) -> None:
    numbers = known.surest(*fields(known.classes))
    images = cut(dataset.test, None, plan_of(run.plan).recipe.test_subset).images
    if len(images) != len(known.labels):
        st.caption("The dataset has changed since, so the pictures are not shown.")
        return
    if not len(numbers):
        st.caption("There are none.")
        return
    cards = [misclassified_card(images[number], known, int(number)) for number in numbers[:SHOWN]]
    tall = height_of(len(known.classes)) - 30  # pixels: as far down as the matrix beside them
    st.html(f'<div class="cards" style="max-height:{tall}px" {REGION}>{"".join(cards)}</div>')
    st.caption(summary(len(numbers), known, dataset))


def fields(classes: tuple[str, ...]) -> tuple[int | None, int | None]:
    """Which field of the matrix is looked at; None: any mistake."""
    choices = range(-1, len(classes))
    settings: dict[str, Any] = {"format_func": lambda label: "anything" if label < 0 else classes[label]}
    left, right = st.columns(2)
    true = left.selectbox("The picture is", choices, key="after/true", **settings)
    said = right.selectbox("It was taken for", choices, key="after/said", **settings)
    return None if true < 0 else true, None if said < 0 else said


def misclassified_card(image: Tensor, known: Answers, number: int) -> str:
    classes = known.classes
    said, true = int(known.predicted[number]), int(known.labels[number])
    kind, truth = ("right", "") if said == true else ("wrong", f"<br>is: {escape(classes[true])}")
    words = f'<span class="{kind}">{escape(classes[said])}</span> {known.confidence[number]:.0%}{truth}'
    return f'<figure><img src="{address(tile(image))}" alt=""><figcaption>{words}</figcaption></figure>'


def summary(count: int, known: Answers, dataset: Dataset) -> str:
    _, height, width = known.shape
    shown = f"The {SHOWN} surest of {count:,}" if count > SHOWN else f"All {count:,}"
    small = f" The network saw them at {width}×{height} pixels." if (height, width) != dataset.shape[1:] else ""
    return f"{shown}, with the probability that the network gave its answer.{small}"
