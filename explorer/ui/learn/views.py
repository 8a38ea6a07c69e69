"""The views of a lesson: opened on whatever page they are, checked with that page's own words, and what they show.

`python -m explorer.ui.learn.views` opens every step of every lesson at hand, and says what is wrong with file and line.
"""

import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import escape, unescape
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from explorer.analysis.model_summary import study
from explorer.graph.outline import walk
from explorer.lessons.answers import VisitorRecord
from explorer.lessons.lesson import PARTS, Lesson, LessonProblem, LessonStep, Passage, ViewLink, nearest, split_link
from explorer.lessons.lesson_parser import COMPUTED, lesson_shelf
from explorer.lessons.quantities import MEASURED, ComputedQuantity, NotMeasured, Subject, computed, find_run, holds
from explorer.models.selection import ModelSelection
from explorer.models.spec import Spec, options
from explorer.training.runs.recorded_runs import collection
from explorer.training.runs.run_log import Run
from explorer.ui.navigation import leave_next
from explorer.ui.session import PageState, shared_state
from explorer.url_params import encode_query

LETTERS = "ABCD"


def page_state(page: str) -> PageState[Any]:
    """Imported when it is asked for: who looks at one page need not wait for the code of all."""
    name = "glossary_page" if page == "glossary" else f"{page}.page_state"
    return import_module(f"explorer.ui.{name}").PAGE


def current_page() -> str:
    """The first page has no name in the address."""
    return st.session_state.get("page") or "explore"


def open_view(link: ViewLink) -> None:
    """For a callback: at once where the page is open already, else with the run that follows."""
    query = dict(link.words) | encode_query(shared_state())
    if link.page == current_page():
        if link.page == "inside" and "picture" not in query:
            query |= own_picture()
        page_state(link.page).follow(query)
    else:
        leave_next(link.page, query)


def own_picture() -> dict[str, str]:
    """What a visitor brought stays where a view of Inside names none."""
    from explorer.ui.inside.page_state import UPLOADED, current_view  # its code is there: it is the page that is open

    return {"picture": UPLOADED} if current_view().picture == UPLOADED else {}


def seen_view() -> ViewLink | None:
    """What the visitor looks at now, as the page last spelled it; none on a page that is no view."""
    page = current_page()
    if page == "learn":
        return None
    words = st.session_state.get("addresses", {}).get(st.session_state.page, {})
    return split_link(f"{page}?{urlencode(words)}")


def spelled(link: ViewLink) -> str:
    """As the address bar has it."""
    return f"{link.page}?{urlencode(link.words, safe=',/:')}" if link.words else link.page


def followed(target: str, seen: ViewLink | None) -> ViewLink | None:
    """Where a link of a text leads from a view. None where there is none; raises `ValueError` with a sentence."""
    if target.startswith("#"):
        return seen and seen.turned([("at", target[1:])])
    if target.startswith("?"):
        return seen and seen.turned(parse_qsl(target[1:], keep_blank_values=True, max_num_fields=100))
    return split_link(target)


@lru_cache(maxsize=256)
def decoded(link: ViewLink) -> tuple[Any, tuple[str, ...]]:
    """The page's state, and a sentence for everything that is wrong with the link."""
    return page_state(link.page).decode(dict(link.words))


def networks_of(link: ViewLink) -> tuple[Spec, ...]:
    """Those that a view shows, in its order."""
    state, _ = decoded(link)
    if link.page == "explore":
        return (state.spec,)
    if link.page == "compare":
        return tuple(place.spec for place in state.bench)
    if run := inside_run(link):
        from explorer.training.plan import parse_plan

        return (parse_plan(run.plan).spec,)
    return ()


def inside_run(link: ViewLink) -> Run | None:
    """Whose network a view of Inside shows, if that ships."""
    if link.page != "inside":
        return None
    from explorer.ui.inside.networks import known_networks

    state, _ = decoded(link)
    key = state.network or next(iter(known_networks()), "")
    return collection()[key].run if key in collection() else None


def record() -> VisitorRecord:
    """What the visitor predicted, saw and reached: kept here and in the tab of the browser, on this machine."""
    return st.session_state.setdefault("lesson_record", VisitorRecord())


def standing_view(lesson: Lesson, number: int) -> ViewLink | None:
    """What the step shows: not the answer before it was asked for, but what stood there before."""
    for place in range(number, 0, -1):
        step = lesson.steps[place - 1]
        shown = step.opens_after if not step.question or (lesson.name, place) in record().given else step.opens
        if shown:
            return shown
    return None


def filled(passage: Passage, subject: Subject) -> str:
    """With its quantities computed; in a place of its own, for style.css."""

    def figure(words: str) -> str:
        try:
            return figure_html(words, computed(words, subject))
        except ValueError as error:
            told = "not measured yet" if isinstance(error, NotMeasured) else "not computed"
            return f'<em title="{escape(str(error))}">{told}</em>'

    html = COMPUTED.sub(lambda found: figure(unescape(found[1])), passage.html)
    return f'<div class="lesson-text">{html}</div>' if html else ""


def figure_html(words: str, found: ComputedQuantity) -> str:
    kind, title = ("published", found.source) if found.source else ("computed", words)
    kind = "measured" if found.measured else kind
    return f'<b class="{kind}" title="{kind}: {escape(title)}">{escape(found.words)}</b>'


def subject_of(lesson: Lesson, number: int) -> Subject:
    """What is spoken of in the step with this number, counted from 1."""
    networks: dict[str, Spec] = {}
    runs: list[Any] = []
    for link in lesson.subject_links(number):
        shown = networks_of(link)
        networks = {"": shown[0], **dict(zip(LETTERS, shown, strict=False))} | networks if shown else networks
        runs += recorded(link) if link.page == "train" else []
    for link in earlier_trainings(lesson, number) if not runs else ():
        runs += recorded(link)
    named = {letter: networks_of(link)[0] for letter, link in lesson.steps[number - 1].networks if networks_of(link)}
    return Subject(networks | named, tuple(dict.fromkeys(runs)))


def earlier_trainings(lesson: Lesson, number: int) -> tuple[ViewLink, ...]:
    """The last view of training before this step: what was measured there can still be spoken of."""
    for place in range(number - 1, 0, -1):
        if found := tuple(link for link in lesson.subject_links(place) if link.page == "train"):
            return found
    return ()


def recorded(link: ViewLink) -> Sequence[Any]:
    """The recorded runs of a view of training: those it names, else those that ship with its experiment."""
    state, _ = decoded(link)
    named = [collection()[run].run for run in state.runs if run in collection()]
    return named or collection().of(state.key, state.length)


@lru_cache(maxsize=64)
def checked(lesson: Lesson) -> tuple[LessonProblem, ...]:
    """For the page: once for each content of the file."""
    return tuple(check_lesson(lesson))


def check_lesson(lesson: Lesson) -> Iterator[LessonProblem]:
    """All that is wrong with it: what reading it found, and what its steps ask for that is not there."""
    yield from lesson.problems
    for number, step in enumerate(lesson.steps, 1):
        yield from check_step(lesson, number, step)


def check_step(lesson: Lesson, number: int, step: LessonStep) -> Iterator[LessonProblem]:
    revealed = [step.reveal.link] if step.reveal and step.reveal.link else []
    links = [*([step.view.link] if step.view else []), *revealed, *(link for _, link in step.networks)]
    for link in links:
        yield from (LessonProblem(link.line, problem) for problem in check_view(link))
    if step.view:
        yield from check_names(step)
    if step.question and not step.opens_after and not lesson.subject_links(number):
        yield LessonProblem(step.question.line, "no view stands behind this question, nor before it.")
    texts = [step.text, *([step.reveal.text] if step.reveal else []), *([step.question.text] if step.question else [])]
    seen = next(iter(lesson.subject_links(number)), None)
    for passage in texts:
        yield from check_links(lesson, passage, seen)
    yield from check_computed(step, texts, subject_of(lesson, number))


def check_view(link: ViewLink) -> Iterator[str]:
    """Sentences: of the page's own reading of the link, of a network that cannot be built, of parts that are gone."""
    state, problems = decoded(link)
    yield from problems
    if link.page == "train":
        yield from (f"there is no recorded run {run}." for run in state.runs if run not in collection())
    places = [state] if isinstance(state, ModelSelection) else [*getattr(state, "bench", ())]
    for place in places:
        try:
            known = study(place.spec)
        except ValueError as error:
            yield str(error)
            continue
        ids = [item.id for item in (*walk(known.outline.written), *walk(known.outline.folded))]
        for id in (*(place.opened or ()), *([place.selected] if place.selected else [])):
            if id not in ids:
                yield f"{place.title} has no part “{id:.60}”: {nearest(id, ids)}."


def check_names(step: LessonStep) -> Iterator[LessonProblem]:
    assert step.view
    shown = networks_of(step.view.link)
    known = (*PARTS, "preset", "name", "source", *(option.name for spec in shown for option in options(spec)))
    for name in (*step.view.hide, *step.view.lock, *step.view.show):
        if name not in known:
            yield LessonProblem(step.view.link.line, f"“{name}” is no part of this page: {nearest(name, known)}.")


def check_links(lesson: Lesson, passage: Passage, seen: ViewLink | None) -> Iterator[LessonProblem]:
    for target, line in passage.links:
        if target.startswith("lesson:"):
            if target.removeprefix("lesson:") not in lesson_shelf().lessons:
                yield LessonProblem(line, f"there is no lesson “{target.removeprefix('lesson:')}”.")
            continue
        link = followed(target, seen)
        if not link:
            yield LessonProblem(line, f"“{target}” leads to a part of a view, and no view is open here.")
        else:
            yield from (LessonProblem(line, problem) for problem in check_view(link))


def check_computed(step: LessonStep, texts: Sequence[Passage], subject: Subject) -> Iterator[LessonProblem]:
    question = step.question
    asked = [place for passage in texts for place in passage.quantities]
    if question:
        asked += [(question.asked, question.line)] if question.kind == "number" else []
        asked += [(answer.computed, answer.line) for answer in question.answers if question.kind == "order"]
        asked += [place for answer in question.answers for place in answer.text.quantities]
        if question.kind == "choice":
            yield from check_choices(step, subject)
        if question.kind == "curve":
            yield from tried(lambda: find_run(question.asked.partition(" of ")[2], subject), question.line)
    for words, line in asked:
        yield from tried(lambda words=words: computed(words, subject), line)


def check_choices(step: LessonStep, subject: Subject) -> Iterator[LessonProblem]:
    assert step.question
    true = []
    for answer in step.question.answers:
        if answer.computed:
            yield from tried(lambda answer=answer: true.append(holds(answer.computed, subject)), answer.line)
    if not any(true) and not any(MEASURED.search(answer.computed) for answer in step.question.answers):
        yield LessonProblem(step.question.line, "no answer is right: the condition of none of them holds.")


def tried(compute: Any, line: int) -> Iterator[LessonProblem]:
    try:
        compute()
    except NotMeasured:
        pass  # it is, once somebody asks
    except ValueError as error:
        yield LessonProblem(line, str(error))


def main() -> int:
    shelf = lesson_shelf()
    told = [f"{file}: {sentence}" for file, sentence in shelf.troubles]
    for lesson in shelf.lessons.values():
        told += [f"{lesson.file}:{problem.line}: {problem.sentence}" for problem in check_lesson(lesson)]
    for line in told:
        print(line)
    steps = sum(len(lesson.steps) for lesson in shelf.lessons.values())
    print(f"{len(shelf.lessons)} lessons, {steps} steps, {len(told)} problems.")
    return bool(told)


if __name__ == "__main__":
    sys.exit(main())
