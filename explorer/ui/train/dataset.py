"""The pictures that are trained on: a look at them, how many there are, and a button that fetches what is not here."""

from functools import partial
from html import escape
from pathlib import Path

import streamlit as st
from torch import Tensor

from explorer.datasets.dataset import Dataset, Split, base_name
from explorer.datasets.registry import is_available
from explorer.datasets.torchvision_datasets import SOURCES, fetch_dataset, fetched_files
from explorer.formatting import literal
from explorer.paths import data_folder
from explorer.training.dataloader import cut
from explorer.training.image_preview import address, augmented, examples, image_strip, pick_image, sized, tile
from explorer.training.recipe import Recipe
from explorer.training.results.prediction_charts import balance_chart
from explorer.ui.charts import show_chart
from explorer.ui.fetch_button import Fetchable, fetch_button
from explorer.ui.session import draw_fragment, unbroken

CSS = Path(__file__).with_name("dataset.css")
ACROSS, MOST_CLASSES = 10, 20  # what a screen shows at once
RESULTS = 10
DICE = ":material/casino:"
DEEDS = {
    "flip": "Every time the picture comes it is mirrored, or not, with equal chance.",
    "crop+flip": "Every time the picture comes it is moved by up to 4 pixels each way, black following behind, and "
    "mirrored, or not, with equal chance.",
}


def fetch_pictures(meant: str, chosen: str) -> None:
    """Offers the experiment's own dataset, where it is not on this computer, nor chosen as a folder: by its name."""
    if is_available(meant) or meant not in SOURCES or base_name(chosen) == SOURCES[meant].title:
        return
    source = SOURCES[meant]
    files = tuple(fetched_files(meant, data_folder()))
    wanted = Fetchable(source.title, source.size, files, partial(fetch_dataset, meant, data_folder()))
    if not fetch_button(wanted):
        st.caption(f"{source.title} is not on this computer. Until it is, other pictures stand in for it.")


def pictures_tab(dataset: Dataset, recipe: Recipe) -> None:
    st.html(CSS)
    left, right = st.columns([6, 5], gap="large")
    with left:
        draw_fragment(partial(samples, dataset))
    with right:
        st.markdown(dataset_facts(dataset, recipe))
        chart = balance_chart(dataset.classes, *class_balance(dataset))
        show_chart(chart, key="balance", config={"displayModeBar": False}, alt=evenness(dataset))
        draw_fragment(partial(effect, dataset, recipe))


def dataset_facts(dataset: Dataset, recipe: Recipe) -> str:
    channels, height, width = dataset.shape
    kind = "colour" if channels == 3 else "grey"
    return (
        f"**{literal(dataset.name)}** · {len(dataset.train):,} training and {len(dataset.test):,} test pictures of "
        f"{width}×{height} pixels in {kind}, {len(dataset.classes)} classes. {evenness(dataset)} "
        f"{subset_words(dataset, recipe)}"
    )


def subset_words(dataset: Dataset, recipe: Recipe) -> str:
    """How much of it the recipe uses, where that is not all."""
    parts = (("trains on", recipe.subset, dataset.train), ("tests on", recipe.test_subset, dataset.test))
    fewer = [f"{deed} **{count:,}**" for deed, count, whole in parts if count and count < len(whole)]
    return f"The recipe {' and '.join(fewer)} of them, as many of every class." if fewer else ""


def evenness(dataset: Dataset) -> str:
    train, test = class_balance(dataset)
    if len({*train}) == len({*test}) == 1:
        return f"Every class has as many: {train[0]:,} and {test[0]:,}."
    few, many = min(train), max(train)
    names = dataset.classes[train.index(few)], dataset.classes[train.index(many)]
    return f"To train on, there are from {few:,} ({literal(names[0])}) to {many:,} ({literal(names[1])}) of a class."


def class_balance(dataset: Dataset) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return dataset.train.balance(len(dataset.classes)), dataset.test.balance(len(dataset.classes))


def samples(dataset: Dataset) -> None:
    page = st.session_state.setdefault("samples/page", 0)
    st.html(sheet((dataset.key, len(dataset.train)), page, dataset))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Other pictures", icon=DICE, key="samples/next", on_click=next_preview, args=("samples/page",))
        part = f"The first {MOST_CLASSES} of {len(dataset.classes)} classes. "
        part = part if len(dataset.classes) > MOST_CLASSES else ""
        st.caption(f"{part}Source: {literal(dataset.origin.rstrip('.'))}.", width="stretch")


@unbroken
def next_preview(key: str) -> None:
    st.session_state[key] += 1


@st.cache_data(show_spinner=False, max_entries=32)
def sheet(key: tuple[str, int], page: int, _dataset: Dataset) -> str:
    """As HTML: a line for each class, its name and some of its training pictures."""
    lines = []
    for label, name in enumerate(_dataset.classes[:MOST_CLASSES]):
        row = address(image_strip(examples(_dataset.train, label, ACROSS, page), ACROSS))
        lines.append(f'<span>{escape(name)}</span><img src="{row}" alt="Training pictures of {escape(name)}">')
    return f'<div class="samples">{"".join(lines)}</div>'


def effect(dataset: Dataset, recipe: Recipe) -> None:
    """What becomes of one picture on its way to the network."""
    number = st.session_state.setdefault("effect/number", 0)
    image, label = pick_image(used((dataset.key, len(dataset.train), recipe.subset), dataset), number)
    given = sized(image, recipe.size)
    shown = one(image, f"{escape(dataset.classes[label])}, as it is")
    if given.shape != image.shape:
        shown += one(given, f"as the network gets it: {given.shape[2]}×{given.shape[1]}")
    if recipe.augment != "none":
        results = augmented(given, recipe.augment, RESULTS, recipe.seed, number)
        several = "".join(f'<img src="{address(tile(each))}" alt="">' for each in results)
        caption = f"<figcaption>after augmentation, {RESULTS} times</figcaption>"
        shown += f'<figure><div class="many">{several}</div>{caption}</figure>'
    nothing = "No augmentation: the network gets the same picture every time."
    st.html(f'<div class="effect">{shown}</div>')
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Another picture", icon=DICE, key="effect/next", on_click=next_preview, args=("effect/number",))
        st.caption(DEEDS.get(recipe.augment, nothing), width="stretch")


def one(image: Tensor, caption: str) -> str:
    return f'<figure class="one"><img src="{address(tile(image))}" alt=""><figcaption>{caption}</figcaption></figure>'


@st.cache_resource(show_spinner=False, max_entries=8)
def used(key: tuple[str, int, int | None], _dataset: Dataset) -> Split:
    """The training pictures that the recipe takes."""
    return cut(_dataset.train, None, key[2])
