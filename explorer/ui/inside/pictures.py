"""Which picture goes in: drawn for this, of the data set, or the visitor's own, from a file or the camera."""

from collections.abc import Callable

import streamlit as st
from torch import Tensor

from explorer.datasets.drawings import drawings
from explorer.datasets.registry import load_dataset
from explorer.formatting import literal
from explorer.training.image_preview import pick_image
from explorer.training.runs.recorded_runs import every_run
from explorer.training.scheduler.service import training_service
from explorer.ui.inside.page_state import PAGE, UPLOADED, current_view
from explorer.ui.session import bind_widget
from explorer.ui.train.own_picture import KEPT_WHERE, SUFFIXES, new_picture
from explorer.ui.train.page_state import dataset_here

TEST = "test "  # before the number of a test picture
MOST_TESTS = 9_999
KEPT = "inside/own"  # in the session: the visitor's picture
FIRST = "cat 1"


def choose_picture(key: str) -> None:
    view = current_view()

    def choose(word: str) -> None:
        PAGE.change(picture=word)

    select_picture("Picture", "inside/picture", view.picture, choose)
    if pictures := dataset_of(key):
        number = int(view.picture.removeprefix(TEST)) if is_test(view.picture) else None
        st.number_input(
            f"or a test picture of {literal(load_dataset(pictures).name)}, by its number",
            *(0, MOST_TESTS),
            placeholder="0 to 9,999",
            **bind_widget(
                "inside/test", number, lambda chosen: choose("" if chosen is None else f"{TEST}{chosen}"), empty=True
            ),
        )
    with st.expander("Your own", icon=":material/add_photo_alternate:"):
        take_picture()


def select_picture(label: str, key: str, word: str, then: Callable[[str], None]) -> None:
    """Of those that were drawn, and the visitor's."""
    names = {each.name: each.name for each in drawings()}
    if word == UPLOADED or KEPT in st.session_state:
        names = {UPLOADED: "your picture"} | names
    chosen = (word or FIRST) if (word or FIRST) in names else None
    st.selectbox(
        label,
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder=word or "Choose",
        **bind_widget(key, chosen, lambda name: then(name or ""), empty=True),
    )


def take_picture() -> None:
    file = st.file_uploader("A file", SUFFIXES, key="inside/file")
    st.caption(KEPT_WHERE)
    photo = st.camera_input("The camera", key="inside/camera") if st.toggle("Use the camera") else None
    picture = new_picture(photo or file, "inside/taken")
    if picture is None:
        return
    st.session_state[KEPT] = picture
    PAGE.change(picture=UPLOADED)
    st.rerun()


def is_test(word: str) -> bool:
    number = word.removeprefix(TEST)
    return word.startswith(TEST) and number.isascii() and number.isdigit() and len(number) <= 4


def dataset_of(key: str) -> str:
    """The key of the pictures that the run was trained on, where they are here."""
    run = every_run(training_service().store).get(key)
    return dataset_here(run) if run else ""


def picture_named(word: str, key: str) -> tuple[Tensor, str]:
    """(C, S, S) of bytes, and what it is called. Raises `ValueError` where there is none of that name."""
    if word == UPLOADED:
        if KEPT not in st.session_state:
            raise ValueError("The link was made for a picture of somebody's own, which no link holds: choose one.")
        return st.session_state[KEPT], "your picture"
    if is_test(word):
        if not (pictures := dataset_of(key)):
            raise ValueError("The data set of that test picture is not on this computer: choose another picture.")
        dataset = load_dataset(pictures)
        image, label = pick_image(dataset.test, int(word.removeprefix(TEST)))
        return image, f"{word}: {dataset.classes[label]}"
    found = {each.name: each for each in drawings()}.get(word or FIRST)
    if not found:
        raise ValueError(f"There is no picture “{word[:40]}” here: choose one.")
    return found.image, found.name
