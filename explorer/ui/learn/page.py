"""The Learn page: the lessons in order, what each covers and how far the visitor has come."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import streamlit as st

from explorer.formatting import literal
from explorer.lessons.lesson import Lesson, lesson_shelf
from explorer.ui.learn.drawer import go_to
from explorer.ui.session import PageState, show_problems, unbroken
from explorer.url_params import decode_query


@dataclass(frozen=True)
class LearnState:
    """Nothing of its own: a lesson's place stands in the link to every page."""


def decode_learn(query: Mapping[str, str]) -> tuple[LearnState, tuple[str, ...]]:
    return decode_query(LearnState, query)


PAGE = PageState("learn", decode_learn)


def learn_page() -> None:
    PAGE.arrive(st.session_state.entered)
    st.markdown("### Learn")
    show_problems()
    for lesson in lesson_shelf().lessons.values():
        lesson_row(lesson)
    PAGE.publish()


def lesson_row(lesson: Lesson) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{literal(lesson.title)}**  \n{literal(lesson.covers)}")
        st.button("Begin", key=f"begin/{lesson.name}", on_click=unbroken(partial(go_to, lesson.name, 1)))
