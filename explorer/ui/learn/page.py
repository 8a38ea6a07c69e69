"""The Learn page: the lessons in order, how far the visitor has come, and what was predicted and seen."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from html import escape

import streamlit as st

from explorer.formatting import literal
from explorer.lessons.lesson import SHIPPED, Lesson, LessonProblem, authored
from explorer.lessons.lesson_parser import lesson_shelf
from explorer.ui.learn.drawer import go_to
from explorer.ui.learn.questions import Prediction
from explorer.ui.learn.views import check_lesson, record
from explorer.ui.session import PageState, show_problems, unbroken
from explorer.url_params import decode_query

INTRO = (
    "A lesson stands beside the other pages and opens them where it speaks of them. It asks what you expect before it "
    "shows what comes: those who guess first understand more "
    "([Crouch et al. 2004](https://doi.org/10.1119/1.1707018))."
)
SHEET = """body { font: 16px/1.5 "Segoe UI", sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin: 2rem 0 0.3rem; } section { break-inside: avoid; border-top: 1px solid #ccc; padding: 0.4rem 0 0.6rem; }
h3 { margin: 0.4rem 0 0.2rem; font-size: 1.05rem; } dl { display: grid; grid-template-columns: 9rem 1fr; margin: 0; }
dt { opacity: 0.7; } dd { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }"""


@dataclass(frozen=True)
class LearnState:
    """Nothing of its own: a lesson's place stands in the link to every page."""


def decode_learn(query: Mapping[str, str]) -> tuple[LearnState, tuple[str, ...]]:
    return decode_query(LearnState, query, "this page has no words of its own")


PAGE = PageState("learn", decode_learn)


def learn_page() -> None:
    PAGE.arrive(st.session_state.entered)
    shelf = lesson_shelf()
    with st.container(key="learn"):
        st.markdown("### Learn")
        show_problems()
        st.markdown(INTRO)
        show_predictions(shelf.lessons)
        for lesson in shelf.lessons.values():
            lesson_row(lesson)
        for file, sentence in shelf.troubles:
            st.warning(literal(f"{file.name}: {sentence}"), icon=":material/draft:")
        for lesson in shelf.lessons.values():
            lesson_problems(lesson)
    PAGE.publish()


def lesson_row(lesson: Lesson) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"lesson-row-{lesson.name}"):
        minutes = f"{lesson.minutes:g} minutes" if lesson.minutes else ""
        mine = "" if lesson.file.parent == SHIPPED else "yours"
        facts = " · ".join(filter(None, (minutes, lesson.level, progress(lesson), mine)))
        words = f"<b>{escape(lesson.title)}</b><p>{escape(lesson.covers)}</p><small>{escape(facts)}</small>"
        st.html(f'<div class="lesson-row">{words}</div>')
        reached = st.session_state.get("lessons_reached", {}).get(lesson.name, 1)
        over = lesson.name in st.session_state.get("lessons_done", ())
        going = 1 < reached <= len(lesson.steps) and not over
        st.button(
            f"Go on at {reached}" if going else "Once more" if over else "Begin",
            icon=":material/play_arrow:",
            type="secondary" if over else "primary",
            help=literal(lesson.title),
            key=f"begin/{lesson.name}",
            on_click=unbroken(partial(go_to, lesson.name, reached if going else 1)),
        )


def progress(lesson: Lesson) -> str:
    """Of this visitor, since the page was opened."""
    asked = [number for number, step in enumerate(lesson.steps, 1) if step.question]
    given = sum((lesson.name, number) in record() for number in asked)
    told = f"{len(lesson.steps)} steps, {len(asked)} questions"
    done = "done" if lesson.name in st.session_state.get("lessons_done", ()) else ""
    return " · ".join(filter(None, (told, f"{given} answered" if given else "", done)))


def lesson_problems(lesson: Lesson) -> None:
    """Of a shipped one what reading it finds: its steps are opened by `make lessons`."""
    found = checked(lesson) if authored(lesson) else lesson.problems
    if found:
        told = "\n".join(f"- {literal(f'{lesson.file.name}, line {each.line}: {each.sentence}')}" for each in found)
        st.warning(told, icon=":material/draft:")


@lru_cache(maxsize=64)
def checked(lesson: Lesson) -> tuple[LessonProblem, ...]:
    return tuple(check_lesson(lesson))


def show_predictions(lessons: Mapping[str, Lesson]) -> None:
    """Open where a lesson has just ended."""
    mine = [lesson for lesson in lessons.values() if any(name == lesson.name for name, _ in record())]
    if not mine:
        return
    over = st.session_state.pop("lesson_over", None)
    with st.expander("What you expected, and what came", expanded=bool(over), icon=":material/fact_check:"):
        sheet = "".join(map(predictions_html, mine))
        page = (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>What I expected</title><style>{SHEET}</style>'
        )
        st.download_button(
            *("To print or keep", f"{page}<body>{sheet}</body></html>", "what-i-expected.html", "text/html"),
            on_click="ignore",
            icon=":material/download:",
            help="One HTML file. Nothing of it goes anywhere else, and it is forgotten with this visit.",
        )
        st.html(f'<div class="predictions">{sheet}</div>')


def predictions_html(lesson: Lesson) -> str:
    given = sorted((number, name) for name, number in record() if name == lesson.name)
    sections = (prediction_html(lesson, *at) for at in given if at[0] <= len(lesson.steps))
    return f"<h2>{escape(lesson.title)}</h2>{''.join(sections)}"


def prediction_html(lesson: Lesson, number: int, name: str) -> str:
    given: Prediction = record()[name, number]
    verdict = given.verdict
    lines = [("You expected", verdict.said), ("It came", verdict.sentence), ("You saw", given.seen)]
    title = f"{number}. {escape(lesson.steps[number - 1].title)}"
    return f"<section><h3>{title}</h3><dl>{''.join(terms(lines))}</dl></section>"


def terms(lines: Iterable[tuple[str, str]]) -> Iterable[str]:
    return (f"<dt>{term}</dt><dd>{escape(words)}</dd>" for term, words in lines if words)
