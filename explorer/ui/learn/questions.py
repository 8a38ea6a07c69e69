"""Questions in the drawer: asked, answered, judged, and what was seen afterwards."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

from explorer.formatting import literal
from explorer.lessons.answers import LONGEST, AnswerVerdict, asked_curve, highest, is_share, judge, plain_text, sampled
from explorer.lessons.lesson import Lesson, LessonQuestion
from explorer.lessons.quantities import Subject
from explorer.ui.components.component import Event, heard, link_modules, read_files, receiver
from explorer.ui.learn.views import filled, open_view, record, standing_view, subject_of
from explorer.ui.session import bind_widget, unbroken

LARGEST_FIRST = "Click them in their order, the largest first"
LOOK = {True: ("success", ":material/check_circle:"), False: ("warning", ":material/cancel:"), None: ("info", None)}


@dataclass(frozen=True)
class Prediction:
    """What was answered, what was computed, and what the visitor saw."""

    verdict: AnswerVerdict
    seen: str = ""


def ask(lesson: Lesson, number: int) -> None:
    """The step's question, and after its answer what it reveals. Nothing where the step asks nothing."""
    if st.session_state.pop("lesson_moved", False):
        st.rerun()  # the view follows the answer
    step = lesson.steps[number - 1]
    subject = subject_of(lesson, number)
    given = record().get((lesson.name, number)) if step.question else None
    with st.container(key="lesson-question", gap="small"):
        if step.question:
            st.html(filled(step.question.text, subject))
            if given:
                answered(lesson, number, given)
            else:
                ASK[step.question.kind](step.question, subject, partial(give, lesson, number))
        if step.reveal and (given or not step.question):
            st.html(filled(step.reveal.text, subject))
        if given and step.question and step.question.seen:
            ask_what_was_seen(lesson, number, given, step.question.seen)


def give(lesson: Lesson, number: int, said: object) -> None:
    """For a callback: the answer is judged and kept, and the view behind it is opened."""
    question = lesson.steps[number - 1].question
    assert question
    st.session_state.pop("lesson_refused", None)
    try:
        verdict = judge(question, said, subject_of(lesson, number))
    except ValueError as error:
        st.session_state.lesson_refused = str(error)
        return
    record()[lesson.name, number] = Prediction(verdict)
    if link := standing_view(lesson, number):
        open_view(link)
    st.session_state.lesson_moved = True


def answered(lesson: Lesson, number: int, given: Prediction) -> None:
    question, verdict = lesson.steps[number - 1].question, given.verdict
    assert question
    if question.kind == "curve":
        drawn_curve(question, subject_of(lesson, number), verdict)
    else:
        st.markdown(f"You said: **{literal(verdict.said)}**")
    if verdict.sentence:
        how, icon = LOOK[verdict.right]
        getattr(st, how)(literal(verdict.sentence), icon=icon)

    def forget() -> None:
        record().pop((lesson.name, number), None)

    st.button("Answer again", type="tertiary", icon=":material/undo:", on_click=unbroken(forget), key="lesson/again")


def ask_what_was_seen(lesson: Lesson, number: int, given: Prediction, asked: str) -> None:
    def keep(words: str | None) -> None:
        record()[lesson.name, number] = replace(given, seen=(words or "")[:LONGEST])

    bound = bind_widget(f"lesson/{lesson.name}/{number}/seen", given.seen, keep)
    st.text_area(literal(asked), max_chars=LONGEST, height=92, **bound)


def refused() -> None:
    """Why the last answer was none."""
    if problem := st.session_state.pop("lesson_refused", None):
        st.warning(literal(problem))


def in_form(question: LessonQuestion, give: Callable[[object], None], draw: Callable[[str], Any]) -> None:
    """One widget, and the button that gives what it holds."""
    key = f"lesson/answer/{question.line}"

    def hand_in() -> None:
        give(st.session_state.get(key))

    with st.form(f"lesson-form-{question.line}", border=False):
        draw(key)
        refused()
        st.form_submit_button("Answer", type="primary", on_click=unbroken(hand_in))


def ask_number(question: LessonQuestion, subject: Subject, give: Callable[[object], None]) -> None:
    label = f"Your guess, in {question.unit}" if question.unit else "Your guess"
    in_form(
        question, give, lambda key: st.text_input(literal(label), key=key, max_chars=60, placeholder="1.5 M, 2e6, 300")
    )


def ask_choice(question: LessonQuestion, subject: Subject, give: Callable[[object], None]) -> None:
    texts = answer_texts(question, subject)
    places = list(range(len(texts)))
    in_form(
        question, give, lambda key: st.radio("Your guess", places, index=None, key=key, format_func=texts.__getitem__)
    )


def ask_order(question: LessonQuestion, subject: Subject, give: Callable[[object], None]) -> None:
    texts = answer_texts(question, subject)
    places = list(range(len(texts)))
    in_form(question, give, lambda key: st.multiselect(LARGEST_FIRST, places, key=key, format_func=texts.__getitem__))


def answer_texts(question: LessonQuestion, subject: Subject) -> list[str]:
    """As Markdown, without what a lesson must not bring."""
    texts = []
    for answer in question.answers:
        try:
            texts.append(literal(plain_text(answer, subject)))
        except ValueError:
            texts.append("…")
    return texts


def ask_words(question: LessonQuestion, subject: Subject, give: Callable[[object], None]) -> None:
    in_form(question, give, lambda key: st.text_area("Your answer", key=key, max_chars=LONGEST, height=120))


def ask_curve(question: LessonQuestion, subject: Subject, give: Callable[[object], None]) -> None:
    refused()
    draw_pad(question, subject, None, give)


def drawn_curve(question: LessonQuestion, subject: Subject, verdict: AnswerVerdict) -> None:
    draw_pad(question, subject, verdict.points, lambda said: None)
    st.caption("Dashed: what you expected. Solid: the run.")


def draw_pad(
    question: LessonQuestion, subject: Subject, guess: tuple[float, ...] | None, give: Callable[[object], None]
) -> None:
    try:
        band = asked_curve(question, subject)
    except ValueError as error:
        st.warning(literal(str(error)))
        return
    steps, _ = sampled(band)
    parts = (band.x - band.x[0]) / (band.x[-1] - band.x[0])
    run = [[round(float(x), 4), round(float(y), 4)] for x, y in zip(parts, band.y, strict=True)] if guess else None
    key = "lesson-curve"
    data = {"question": question.asked, "high": highest(band), "steps": steps, "share": is_share(question)}

    def hear(event: Event) -> None:
        try:
            give(json.loads(event.value))
        except ValueError:
            give(None)

    told = {"guess": list(guess) if guess else None, "run": run}
    curve_pad()(key=key, data=data | told | heard(key), on_event_change=receiver(key, hear))


@st.cache_resource(show_spinner=False)
def curve_pad() -> Any:
    css = read_files("curve_pad.css")
    return component("curve_pad", html='<div class="curve-pad"></div>', css=css, js=link_modules("curve_pad.js"))


ASK: dict[str, Callable[[LessonQuestion, Subject, Callable[[object], None]], None]] = {
    "number": ask_number,
    "choice": ask_choice,
    "order": ask_order,
    "curve": ask_curve,
    "words": ask_words,
}
