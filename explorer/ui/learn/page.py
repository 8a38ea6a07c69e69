"""The Learn page: the lessons, how far the visitor has come, and what one takes home from them."""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import Any

import streamlit as st

from explorer.analysis.model_summary import study
from explorer.diagram.render import standalone_svg, told_by_shades
from explorer.formatting import literal
from explorer.lessons.answers import POWERS, judge, plain_text
from explorer.lessons.lesson import SHIPPED, Lesson, LessonQuestion, Passage, ViewLink, authored, lesson_folders
from explorer.lessons.lesson_parser import lesson_shelf
from explorer.lessons.quantities import Subject, computed, seen_runs
from explorer.models.selection import ModelSelection
from explorer.models.spec import Spec
from explorer.scaling.base_models import BASES
from explorer.scaling.compound_law import PAPER
from explorer.training.results.charts import plain_curves
from explorer.training.runs.recorded_runs import provenance
from explorer.ui.charts import chart_svg
from explorer.ui.components.component import read_files
from explorer.ui.learn.drawer import go_to, hear_browser, running, watch_shelf
from explorer.ui.learn.questions import judged
from explorer.ui.learn.views import checked, decoded, filled, inside_run, networks_of, record, recorded, subject_of
from explorer.ui.network_picture import draw_spec, picture_view
from explorer.ui.session import PageState, show_problems, unbroken
from explorer.url_params import decode_query

INTRO = (
    "A lesson stands beside the other pages and opens them where it speaks of them. It asks what you expect before it "
    "shows what comes: those who guess first understand more "
    "([Crouch et al. 2004](https://doi.org/10.1119/1.1707018))."
)

DONE = '<button data-said="">Done</button>'
TAKEN = "The lesson as one HTML file: its text, pictures of its views, its questions. It opens by itself, and prints."


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
        for file, sentence in shelf.troubles:
            st.warning(literal(f"{file.name}: {sentence}"), icon=":material/draft:")
        for lesson in shelf.lessons.values():
            lesson_problems(lesson)
        for lesson in shelf.lessons.values():
            lesson_row(lesson)
        if len(lesson_folders()) > 1:
            watch_shelf(shelf)
        if not running():  # else the lesson's drawer does
            hear_browser({})
    PAGE.publish()


def lesson_row(lesson: Lesson) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"lesson-row-{lesson.name}"):
        minutes = f"{lesson.minutes:g} minutes" if lesson.minutes else ""
        mine = "" if lesson.file.parent == SHIPPED else "yours"
        facts = " · ".join(filter(None, (minutes, lesson.level, progress(lesson), mine)))
        words = f"<b>{escape(lesson.title)}</b><p>{escape(lesson.covers)}</p><small>{escape(facts)}</small>"
        st.html(f'<div class="lesson-row">{words}</div>')
        reached = record().reached.get(lesson.name, 1)
        over = lesson.name in record().done
        going = 1 < reached <= len(lesson.steps) and not over
        st.button(
            f"Go on at {reached}" if going else "Once more" if over else "Begin",
            icon=":material/play_arrow:",
            type="secondary" if over else "primary",
            help=literal(lesson.title),
            key=f"begin/{lesson.name}",
            on_click=unbroken(partial(go_to, lesson.name, reached if going else 1)),
        )
        st.download_button(
            *("File", partial(lesson_file, lesson), f"{lesson.name}.html", "text/html"),
            icon=":material/download:",
            help=TAKEN,
            key=f"take/{lesson.name}",
            on_click="ignore",
        )


def progress(lesson: Lesson) -> str:
    """Of this visitor, since the tab was opened."""
    asked = [number for number, step in enumerate(lesson.steps, 1) if step.question]
    given = sum((lesson.name, number) in record().given for number in asked)
    told = f"{len(lesson.steps)} steps, {len(asked)} questions"
    done = "done" if lesson.name in record().done else ""
    return " · ".join(filter(None, (told, f"{given} answered" if given else "", done)))


def lesson_problems(lesson: Lesson) -> None:
    """Of a shipped one what reading it finds: its steps are opened by `make lessons`."""
    found = checked(lesson) if authored(lesson) else lesson.problems
    if found:
        told = "\n".join(f"- {literal(f'{lesson.file.name}, line {each.line}: {each.sentence}')}" for each in found)
        st.warning(told, icon=":material/draft:")


def show_predictions(lessons: Mapping[str, Lesson]) -> None:
    """Open where a lesson has just ended."""
    mine = [lesson for lesson in lessons.values() if any(name == lesson.name for name, _ in record().given)]
    if not mine:
        return
    over = st.session_state.pop("lesson_over", None)
    with st.expander("What you expected, and what came", expanded=bool(over), icon=":material/fact_check:"):
        sheet = "".join(map(predictions_html, mine))
        st.download_button(
            *("To print or keep", html_page("What I expected", sheet), "what-i-expected.html", "text/html"),
            on_click="ignore",
            icon=":material/download:",
            help="One HTML file. Nothing of it goes anywhere else.",
        )
        st.caption("It stays in this tab, also where the page is loaded anew; to close the tab forgets it.")
        st.html(f'<div class="predictions">{sheet}</div>')


def predictions_html(lesson: Lesson) -> str:
    asked = [number for number, step in enumerate(lesson.steps, 1) if step.question]
    sections = (prediction_html(lesson, number) for number in asked if (lesson.name, number) in record().given)
    return f"<h2>{escape(lesson.title)}</h2>{''.join(sections)}"


def prediction_html(lesson: Lesson, number: int) -> str:
    verdict, seen = judged(lesson, number), record().given[lesson.name, number].seen
    lines = [("You expected", verdict.said), ("What came", verdict.sentence), ("You saw", seen)]
    title = f"{number}. {escape(lesson.steps[number - 1].title)}"
    return f"<section><h3>{title}</h3><dl>{''.join(terms(lines))}</dl></section>"


def terms(lines: Iterable[tuple[str, str]]) -> Iterable[str]:
    return (f"<dt>{term}</dt><dd>{escape(words)}</dd>" for term, words in lines if words)


def lesson_file(lesson: Lesson) -> str:
    """All of it in one page that asks nothing of any other, for a screen or for paper."""
    steps = "".join(step_section(lesson, number) for number in range(1, len(lesson.steps) + 1))
    answering = f'<script type="module">{read_files("lesson_file.js")}</script>'
    return html_page(lesson.title, f"<h1>{escape(lesson.title)}</h1>{steps}{answering}")


def html_page(title: str, body: str) -> str:
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{read_files("lesson_file.css")}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>'


def step_section(lesson: Lesson, number: int) -> str:
    """What comes after the answer is folded: who reads on opens it, and it is printed open."""
    step, subject = lesson.steps[number - 1], subject_of(lesson, number)
    asks_figures = bool(step.question and step.view and "figures" in step.view.hide)
    before = pictures(step.opens, step.question, not asks_figures) if step.opens else []
    other = step.opens_after if step.opens_after != step.opens else None
    shown = pictures(other, step.question) if other else []
    asked, right = question_form(step.question, subject) if step.question else ("", "")
    right = f'<p class="right">Right: {escape(right)}</p>' if right else ""
    after = unlinked(step.reveal.text, subject) if step.reveal else ""
    after += "".join(each for each in shown if each not in before)
    if asked and after:
        after = f"<details><summary>What came</summary>{right}{after}</details>"
    title = f"{number}. {escape(step.title)}"
    return f"<section><h2>{title}</h2>{unlinked(step.text, subject)}{''.join(before)}{asked}{after or right}</section>"


def unlinked(passage: Passage, subject: Subject) -> str:
    """In a file there is no view for a link to change."""
    return re.sub(r"</?a\b[^>]*>", "", filled(passage, subject))


def question_form(question: LessonQuestion, subject: Subject) -> tuple[str, str]:
    """It answers by itself: every sentence that it may say was computed when the file was made. And what is right, for
    paper."""
    text = unlinked(question.text, subject)
    try:
        form, right = FORMS[question.kind](question, subject)
    except ValueError as error:
        form, right = f"<p>{escape(str(error))}</p>", ""
    return f'<div class="ask">{text}{form}<output></output></div>', right


def choice_form(question: LessonQuestion, subject: Subject) -> tuple[str, str]:
    verdicts = [judge(question, place, subject) for place in range(len(question.answers))]
    buttons = (
        f'<button class="answer" data-said="{escape(each.sentence)}">{escape(each.said)}</button>' for each in verdicts
    )
    right = (f"{each.said} ({each.sentence.removeprefix('Right: ').rstrip('.')})." for each in verdicts if each.right)
    return "".join(buttons), " ".join(right)


def number_form(question: LessonQuestion, subject: Subject) -> tuple[str, str]:
    right = computed(question.asked, subject)
    known = escape(
        f"{right.words} {question.unit}".rstrip() + (f" (measured {right.source})" if right.measured else "")
    )
    data = f'data-right="{right.value}" data-within="{question.within}" data-known="{known}" data-kind="{right.kind}"'
    box = f'<input inputmode="decimal" aria-label="Your guess" data-powers="{escape(json.dumps(POWERS))}" {data}>'
    return f"{box} {escape(question.unit)} <button>Answer</button>", f"{known}."


def order_form(question: LessonQuestion, subject: Subject) -> tuple[str, str]:
    ranked = sorted(
        range(len(question.answers)), key=lambda place: -computed(question.answers[place].computed, subject).value
    )
    said = judge(question, ranked, subject).sentence.removeprefix("Right. ")
    items = "".join(f"<li>{escape(plain_text(answer, subject))}</li>" for answer in question.answers)
    done = f'<button data-said="{escape(said)}">Done</button>'
    return f"<ul>{items}</ul><p>Write down their order, the largest first.</p>{done}", said


FORMS: dict[str, Callable[[LessonQuestion, Subject], tuple[str, str]]] = {
    "choice": choice_form,
    "number": number_form,
    "order": order_form,
    "curve": lambda question, subject: (f"<p>Draw it on paper first.</p>{DONE}", ""),
    "words": lambda question, subject: (f'<textarea rows="3" aria-label="Your answer"></textarea><p>{DONE}</p>', ""),
}


def pictures(link: ViewLink, question: LessonQuestion | None, figures: bool = True) -> list[str]:
    """Of the networks that a view shows, as they are opened in it, with figures or without; of recorded runs their
    curves, of test errors where these are asked for."""
    words, found = dict(link.words), [*more_pictures(link)]
    amount = words.get("colour", "")
    for title, place, spec in drawn_networks(link):
        known = study(spec)
        try:
            drawn = draw_spec(spec, picture_view(place, known))
        except ValueError:
            drawn = draw_spec(spec, known.view)
        told = title + (f": {known.graph.params:,} parameters" if figures else "")
        told = "; coloured by ".join(filter(None, (told, told_by_shades(drawn, amount))))
        found.append((standalone_svg(drawn, amount, figures), told))
    if link.page == "train" and (runs := recorded(link)):
        what, _, asked = question.asked.partition(" of ") if question else ("", "", "")
        waits = words.get("replay") == "0"  # at its beginning: it shows no more than what is asked of it
        if seen := [each for each in seen_runs(tuple(runs)) if not waits or each.group.title == asked]:
            found.append((chart_svg(plain_curves(seen, what == "test error")), provenance(runs)))
    return [f"<figure>{embedded(drawn)}<figcaption>{escape(told)}</figcaption></figure>" for drawn, told in found]


def drawn_networks(link: ViewLink) -> Iterable[tuple[str, Any, Spec]]:
    """Those of a view, each with its title and what says how it is opened there."""
    state, _ = decoded(link)
    if link.page == "scale" and state.mode == "shipped":
        place = ModelSelection("model_defs", "EfficientNet", f"EfficientNet-B{state.phi:g}")
        return [(place.title, place, place.spec)]
    if link.page == "scale":
        place = BASES["EfficientNet-B0"].at(PAPER, state.phi)
        return [(place.title + (f", scaled by φ = {state.phi:g}" if state.phi else ""), place, place.spec)]
    if link.page == "inside":
        run = inside_run(link) if state.lab == "maps" else None  # a laboratory shows no diagram
        return [(run.title, state, spec) for spec in networks_of(link)] if run else []
    places = [state] if link.page == "explore" else getattr(state, "bench", ())
    return [(place.title, place, spec) for place, spec in zip(places, networks_of(link), strict=False)]


def more_pictures(link: ViewLink) -> Iterable[tuple[str, str]]:
    """What a view shows beyond the diagrams of its networks."""
    if link.page not in ("compare", "inside"):
        return ()
    from explorer.ui.compare import history, leaderboard, recommend_state  # long to load, and wanted for a file alone
    from explorer.ui.inside import gradient_flow

    drawn_by = {
        "field": leaderboard.field_pictures,
        "choose": recommend_state.choice_tables,
        "evolution": history.milestone_pictures,
        "gradients": gradient_flow.flow_pictures,
    }
    state, _ = decoded(link)
    view = state.view if link.page == "compare" else state.lab
    return drawn_by[view](state) if view in drawn_by else ()


def embedded(drawn: str) -> str:
    """A picture by itself, so that the names in one are not those in another; a table as it is."""
    picture = f'<img alt="" src="data:image/svg+xml;base64,{b64encode(drawn.encode()).decode()}">'
    return picture if drawn.startswith("<svg") else drawn
