"""Questions in the drawer: asked, answered, judged, and what was seen afterwards."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

from explorer.formatting import literal
from explorer.lessons.answers import (
    LONGEST,
    AnswerVerdict,
    Prediction,
    VisitorRecord,
    asked_curve,
    highest,
    is_share,
    judge,
    may_answer,
    plain_text,
    sampled,
)
from explorer.lessons.lesson import Lesson, LessonQuestion
from explorer.lessons.quantities import NotMeasured, Subject, asked_speeds
from explorer.ui.components.component import Event, heard, link_modules, read_files, receiver
from explorer.ui.learn.views import filled, open_view, record, standing_view, subject_of
from explorer.ui.session import bind_widget, unbroken

JUDGED_LATER = "Your guess is judged as soon as it has been measured here."
KEPT = 2_000_000  # letters of a record that a browser has kept, at most
LOOK = {True: ("success", ":material/check_circle:"), False: ("warning", ":material/cancel:"), None: ("info", None)}


@dataclass(frozen=True)
class PendingQuestion:
    """A question that waits for its answer."""

    question: LessonQuestion
    subject: Subject
    key: str  # of its widgets
    give: Callable[[object], None]


def ask(lesson: Lesson, number: int) -> None:
    """The step's question, and after its answer what it reveals. Nothing where the step asks nothing."""
    if st.session_state.pop("lesson_moved", False):
        st.rerun()  # the view follows the answer
    step = lesson.steps[number - 1]
    subject = subject_of(lesson, number)
    given = record().given.get((lesson.name, number)) if step.question else None
    with st.container(key="lesson-question", gap="small"):
        if step.question:
            st.html(filled(step.question.text, subject))
            if given:
                answered(lesson, number, step.question)
            else:
                asked = PendingQuestion(
                    step.question, subject, f"lesson/{lesson.name}/{number}", partial(give, lesson, number)
                )
                ASK[step.question.kind](asked)
        if step.reveal and (given or not step.question):
            st.html(filled(step.reveal.text, subject))


def give(lesson: Lesson, number: int, said: object) -> None:
    """For a callback: the answer is judged and kept, and the view behind it is opened."""
    question = lesson.steps[number - 1].question
    assert question
    st.session_state.pop("lesson_refused", None)
    try:
        judge(question, said, subject_of(lesson, number))
    except NotMeasured:
        pass  # it is judged once it is
    except ValueError as error:
        st.session_state.lesson_refused = str(error)
        return
    record().given[lesson.name, number] = Prediction(bounded(said))
    if link := standing_view(lesson, number):
        open_view(link)
    st.session_state.lesson_moved = True


def judged(lesson: Lesson, number: int) -> AnswerVerdict:
    """What the visitor's answer is worth now; where it cannot be said, why."""
    question, said = lesson.steps[number - 1].question, record().given[lesson.name, number].said
    assert question
    subject = subject_of(lesson, number)
    try:
        return judge(question, said, subject)
    except ValueError as error:  # it is to be measured, or the lesson is another one by now
        told = JUDGED_LATER if isinstance(error, NotMeasured) else str(error)
        places = {"choice": [said], "order": said}.get(question.kind, [])
        words = " > ".join(plain_texts(question, subject)[place] for place in places)
        return AnswerVerdict(said if isinstance(said, str) else words, None, told)


def answered(lesson: Lesson, number: int, question: LessonQuestion) -> None:
    verdict = judged(lesson, number)
    if question.kind == "curve":
        subject = subject_of(lesson, number)
        draw_pad(
            PendingQuestion(question, subject, f"lesson/{lesson.name}/{number}", lambda said: None), verdict.points
        )
        st.caption("Dashed: what you expected. Solid: the run.")
    else:
        st.html(f'<div class="lesson-text said">You said: <b>{escape(verdict.said)}</b></div>')
    if verdict.sentence:
        how, icon = LOOK[verdict.right]
        getattr(st, how)(literal(verdict.sentence), icon=icon)

    def forget() -> None:
        record().given.pop((lesson.name, number), None)
        st.session_state.lesson_moved = True  # figures are hidden again, and the browser keeps it no longer

    st.button("Answer again", type="tertiary", icon=":material/undo:", on_click=unbroken(forget), key="lesson/again")


def ask_what_was_seen(lesson: Lesson, number: int) -> None:
    """No part of its own: of two parts Streamlit (1.67) hears one, and the next click may be on another button."""
    question, given = lesson.steps[number - 1].question, record().given.get((lesson.name, number))
    if not (question and given and question.seen):
        st.empty()  # what comes below keeps its place
        return

    @unbroken
    def keep() -> None:
        record().given[lesson.name, number] = replace(given, seen=(st.session_state[key] or "")[:LONGEST])

    key = f"lesson/{lesson.name}/{number}/seen"
    # What was kept comes along with every run: after a reload the browser may never see the first.
    st.text_area(literal(question.seen), given.seen, max_chars=LONGEST, height=92, key=key, on_change=keep)


def measure_what_is_asked(lesson: Lesson, number: int) -> None:
    """The speed that the step speaks of, where nobody has measured it here; an answer can be given meanwhile."""
    try:
        speeds = asked_speeds(lesson.steps[number - 1].computed, subject_of(lesson, number))
    except ValueError:  # told where it is asked
        speeds = {}
    if missing := tuple(spec for spec, speed in speeds.items() if not speed):
        from explorer.ui.compare.speed_setup import measure_asked  # the rest of the lessons need not wait for it

        measure_asked(missing)
    else:
        st.empty()  # what comes below keeps its place


def spell_record(own: VisitorRecord) -> str:
    """For the browser to keep; empty where there is nothing."""
    if own == VisitorRecord():
        return ""
    given = [[name, number, each.said, each.seen] for (name, number), each in own.given.items()]
    return json.dumps([given, list(own.reached.items()), sorted(own.done)], ensure_ascii=False)


def read_record(text: object, lessons: Mapping[str, Lesson]) -> VisitorRecord:
    """What a browser kept, read like a link: what fits no lesson at hand is left out, and no verdict is believed."""
    try:
        given, reached, done = map(list, json.loads(text)) if isinstance(text, str) and len(text) < KEPT else ([],) * 3
    except (ValueError, TypeError, RecursionError):
        return VisitorRecord()
    own = VisitorRecord(done={name for name in done if isinstance(name, str) and name in lessons})
    for each in given:
        match each:
            case [str(name), int(number), said, str(seen)] if is_asked(lessons, name, number, said):
                own.given[name, number] = Prediction(bounded(said), bounded(seen))
    for each in reached:
        match each:
            case [str(name), int(number)] if name in lessons and 0 < number <= len(lessons[name].steps):
                own.reached[name] = number
    return own


def is_asked(lessons: Mapping[str, Lesson], name: str, number: int, said: object) -> bool:
    steps = lessons[name].steps if name in lessons else ()
    question = steps[number - 1].question if 0 < number <= len(steps) else None
    return bool(question) and may_answer(question, said)


def bounded(said: Any) -> Any:
    return said[:LONGEST] if isinstance(said, str) else said


def refused() -> None:
    """Why the last answer was none."""
    if problem := st.session_state.pop("lesson_refused", None):
        st.warning(literal(problem))


def in_form(asked: PendingQuestion, draw: Callable[[str], Any]) -> None:
    """One widget, and the button that gives what it holds."""
    key = f"{asked.key}/answer"

    def hand_in() -> None:
        asked.give(st.session_state.get(key))

    with st.form(f"{asked.key}/form", border=False):
        draw(key)
        refused()
        st.form_submit_button("Answer", type="primary", on_click=unbroken(hand_in))


def ask_number(asked: PendingQuestion) -> None:
    unit = asked.question.unit
    label = literal(f"Your guess, in {unit}" if unit else "Your guess")
    in_form(asked, lambda key: st.text_input(label, key=key, max_chars=60, placeholder="1.5 M, 2e6, 300"))


def ask_choice(asked: PendingQuestion) -> None:
    texts = answer_texts(asked)
    places = list(range(len(texts)))
    in_form(asked, lambda key: st.radio("Your guess", places, index=None, key=key, format_func=texts.__getitem__))


def ask_order(asked: PendingQuestion) -> None:
    texts, kept = answer_texts(asked), f"{asked.key}/order"
    order: list[int] = st.session_state.get(kept, [])

    def choose(chosen: list[int] | None) -> None:
        fresh = chosen or []
        st.session_state[kept] = [
            *(each for each in order if each in fresh),
            *(each for each in fresh if each not in order),
        ]

    st.pills(
        *("Click them in their order, the largest first", list(range(len(texts)))),
        selection_mode="multi",
        format_func=texts.__getitem__,
        **bind_widget(f"{asked.key}/pills", order, choose),
    )
    st.markdown(" > ".join(texts[place] for place in order) or ":gray[None is chosen yet.]")
    refused()
    hand_in = unbroken(lambda: asked.give(order))
    st.button("Answer", type="primary", on_click=hand_in, key=f"{asked.key}/answer")


def answer_texts(asked: PendingQuestion) -> list[str]:
    """As Markdown, without what a lesson must not bring."""
    return [literal(text) for text in plain_texts(asked.question, asked.subject)]


def plain_texts(question: LessonQuestion, subject: Subject) -> list[str]:
    texts = []
    for answer in question.answers:
        try:
            texts.append(plain_text(answer, subject))
        except ValueError:
            texts.append("…")
    return texts


def ask_words(asked: PendingQuestion) -> None:
    in_form(asked, lambda key: st.text_area("Your answer", key=key, max_chars=LONGEST, height=120))


def ask_curve(asked: PendingQuestion) -> None:
    refused()
    draw_pad(asked, None)


def draw_pad(asked: PendingQuestion, guess: tuple[float, ...] | None) -> None:
    try:
        band = asked_curve(asked.question, asked.subject)
    except ValueError as error:
        st.warning(literal(str(error)))
        return
    steps, _ = sampled(band)
    parts = (band.x - band.x[0]) / (band.x[-1] - band.x[0])
    run = [[round(float(x), 4), round(float(y), 4)] for x, y in zip(parts, band.y, strict=True)] if guess else None

    def hear(event: Event) -> None:
        try:
            asked.give(json.loads(event.value))
        except (ValueError, RecursionError):
            asked.give(None)

    told = {"question": asked.key, "guess": list(guess) if guess else None, "run": run}
    chart = {"high": highest(band), "steps": steps, "share": is_share(asked.question)}
    key = "lesson-curve"
    curve_pad()(key=key, data=told | chart | heard(key), on_event_change=receiver(key, hear))


@st.cache_resource(show_spinner=False)
def curve_pad() -> Any:
    css = read_files("curve_pad.css")
    return component("curve_pad", html='<div class="curve-pad"></div>', css=css, js=link_modules("curve_pad.js"))


ASK: dict[str, Callable[[PendingQuestion], None]] = {
    "number": ask_number,
    "choice": ask_choice,
    "order": ask_order,
    "curve": ask_curve,
    "words": ask_words,
}
