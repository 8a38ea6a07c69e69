"""The drawer: a lesson beside the live page, its text, its question, and the way from step to step."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from html import escape
from math import inf
from secrets import token_hex
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

from explorer.formatting import literal
from explorer.lessons.answers import VisitorRecord
from explorer.lessons.lesson import Lesson, LessonShelf, LessonStep, authored, nearest
from explorer.lessons.lesson_parser import lesson_shelf
from explorer.ui.components.component import link_modules
from explorer.ui.learn.questions import ask, ask_what_was_seen, measure_what_is_asked, read_record, spell_record
from explorer.ui.learn.views import (
    checked,
    current_page,
    filled,
    followed,
    open_view,
    record,
    seen_view,
    spelled,
    standing_view,
    subject_of,
)
from explorer.ui.navigation import being_left, leave_next
from explorer.ui.session import SHARED_WORDS, complain, draw_fragment, shared_state, unbroken
from explorer.url_params import encode_query

LINKS = "lesson-links"  # the key of the component that hears of clicks on them, and of what the browser keeps
SELECTORS = {
    "sidebar": ".stSidebar, [data-testid=stExpandSidebarButton]",
    "figures": ".st-key-headline",
    "details": ".stColumn:has(.st-key-details, .st-key-inside-details)",  # the picture has its room
    "tables": ".st-key-below, .st-key-below-train, .st-key-scale-view",
}
MAKE = "Make a step of what I see"
EVERY = 0.5  # seconds: as often it is looked whether a lesson that somebody writes has changed


def running() -> tuple[Lesson, int] | None:
    """The lesson beside the page, and the number of its step, counted from 1."""
    shared = shared_state()
    lesson = lesson_shelf().lessons.get(shared.lesson) if shared.lesson else None
    return (lesson, min(shared.step, len(lesson.steps))) if lesson else None


def begin_linked() -> None:
    """Where a link names a step and no view, the step's own is opened. Before the page is drawn."""
    shared = shared_state()
    if not shared.lesson or st.session_state.get("lesson_at") == (shared.lesson, shared.step):
        return
    st.session_state.lesson_at = (shared.lesson, shared.step)
    found = running()
    if not found:
        told = nearest(shared.lesson, tuple(lesson_shelf().lessons) or ("none",))
        complain(f"There is no lesson “{shared.lesson[:40]}”: {told}.")
        leave_lesson()
        return
    link = standing_view(*found)
    if not link or st.query_params.to_dict().keys() - set(SHARED_WORDS):
        return
    st.session_state.lesson_led = link
    query = dict(link.words) | encode_query(shared_state())
    if link.page != current_page():
        st.switch_page(f"../pages/{link.page}.py", query_params=query)
    st.query_params.from_dict(query)  # for the page to follow when it arrives


def folds_sidebar() -> bool:
    """Beside a lesson there is no room for it, unless the step is about the knobs."""
    found = running()
    return bool(found) and not shown_parts(*found, "show")


def go_to(lesson: str, number: int) -> None:
    """For a callback: begins the step, and opens its view."""
    st.session_state.shared = replace(shared_state(), lesson=lesson, step=number)
    st.session_state.lesson_at = (lesson, number)
    record().reached[lesson] = number
    if (found := running()) and (link := standing_view(*found)):
        open_view(link)


def leave_lesson() -> None:
    st.session_state.shared = replace(shared_state(), lesson="", step=1)


def lesson_drawer() -> None:
    """Nothing where no lesson runs. Drawn before the page: style.css puts it beside it."""
    found = running()
    if not found:
        return
    lesson, number = found
    step = lesson.steps[number - 1]
    still = being_left()  # no part may call any more
    with st.container(key="lesson"):
        lesson_head(lesson, number, still)
        st.html(step_html(lesson, number))
        if still:
            for _ in ("the question", "what is measured", "what was seen"):
                st.empty()  # else the buttons below would stand in their places, and for a while in both
        else:
            draw_fragment(partial(question_part, lesson.name, number))
            measure_what_is_asked(lesson, number)
            ask_what_was_seen(lesson, number)
        if authored(lesson) and not still:
            step_problems(lesson, number)
            watch_shelf(lesson_shelf())
        lesson_steps(lesson, number, still)
        limit_page(lesson, number)
        if not still:
            hear_links(lesson, step, number)


def lesson_head(lesson: Lesson, number: int, still: bool) -> None:
    with st.container(key="lesson-head", horizontal=True, vertical_alignment="center", wrap=False):
        st.markdown(f":small[{literal(lesson.title)} · {number}\u00a0of\u00a0{len(lesson.steps)}]")
        st.button(
            "Leave the lesson",
            icon=":material/close:",
            type="tertiary",
            disabled=still,
            help="Leave the lesson. Its place and your answers are kept.",
            on_click=unbroken(leave_lesson),
            key="lesson/leave",
        )


def step_html(lesson: Lesson, number: int) -> str:
    step = lesson.steps[number - 1]
    return f"<h3>{escape(step.title)}</h3>{filled(step.text, subject_of(lesson, number))}"


def question_part(name: str, number: int) -> None:
    """Of its own: what is typed in an answer draws the page anew only once it is given."""
    found = lesson_shelf().lessons.get(name)
    if found and number <= len(found.steps):
        ask(found, number)


def lesson_steps(lesson: Lesson, number: int, still: bool) -> None:
    last = number == len(lesson.steps)
    with st.container(key="lesson-steps", horizontal=True):
        st.button(
            *("Back", "lesson/back"),
            disabled=still or number == 1,
            icon=":material/arrow_back:",
            on_click=unbroken(partial(go_to, lesson.name, number - 1)),
            shortcut="P",
        )
        link = standing_view(lesson, number)
        st.button(
            *("Lesson’s view", "lesson/view"),
            disabled=still or not link,
            icon=":material/my_location:",
            help="Back to what this step shows, after looking around.",
            on_click=unbroken(lambda: open_view(link) if link else None),
            shortcut="V",
        )
        st.button(
            *("Finish" if last else "Next", "lesson/next"),
            type="primary",
            disabled=still,
            icon=":material/flag:" if last else ":material/arrow_forward:",
            on_click=unbroken(partial(finish, lesson) if last else partial(go_to, lesson.name, number + 1)),
            shortcut="N",
        )


def finish(lesson: Lesson) -> None:
    record().done.add(lesson.name)
    st.session_state.lesson_over = lesson.name
    leave_lesson()
    leave_next("learn", encode_query(shared_state()))


def shown_parts(lesson: Lesson, number: int, how: str) -> tuple[str, ...]:
    """Of the page, those that the step hides, locks or shows; none on another page than the step's. Figures are hidden
    until what they would tell has been answered."""
    view = lesson.steps[number - 1].view
    parts = getattr(view, how) if view and view.link.page == current_page() else ()
    return tuple(part for part in parts if part != "figures" or (lesson.name, number) not in record().given)


def limit_page(lesson: Lesson, number: int) -> None:
    hidden, locked = (selectors(shown_parts(lesson, number, how)) for how in ("hide", "lock"))
    rules = f"{hidden} {{ display: none !important; }}" if hidden else ""
    if "figures" in shown_parts(lesson, number, "hide"):
        rules += " :root { --amounts: hidden; }"  # those on the boxes too
    rules += f"{locked} {{ pointer-events: none; opacity: 0.6; }}" if locked else ""
    st.html(f"<style>.lesson-none {{}} {rules}</style>")


def selectors(names: Sequence[str]) -> str:
    """In CSS: a knob's key ends with its name, and perhaps a number."""
    knobs = (f'[class*="st-key-"]:is([class$="-{name}"], [class*="-{name} "], [class*="-{name}-"])' for name in names)
    return ", ".join(SELECTORS.get(name, knob) for name, knob in zip(names, knobs, strict=True))


def hear_links(lesson: Lesson, step: LessonStep, number: int) -> None:
    passages = [step.text, *(part.text for part in (step.question, step.reveal) if part)]
    known = {target for passage in passages for target, _ in passage.links}

    def follow() -> None:
        told = st.session_state.get(LINKS)  # gone where the page is being left
        target = str((told and told.target) or "")
        if target not in known:
            return
        st.session_state.lesson_told = True
        name = target.removeprefix("lesson:")
        if name != target:
            if number == len(lesson.steps):
                record().done.add(lesson.name)
            go_to(name, 1)
        elif link := followed(target, standing_view(lesson, number)):
            open_view(link)

    told = {
        "locked": selectors(shown_parts(lesson, number, "lock")),
        "step": f"{lesson.name} {number}",
        "answered": (lesson.name, number) in record().given,
    }
    hear_browser(told, follow)


def hear_browser(told: Mapping[str, object], follow: Callable[[], None] = lambda: None) -> None:
    """Of clicks on links of the text; and of what the visitor answered before the page was loaded anew, or the server
    started anew: the tab keeps it, as long as it is open. Of its own, for else a click that comes with it is forgotten.
    """
    draw_fragment(partial(browser_part, told, follow))


def browser_part(told: Mapping[str, object], follow: Callable[[], None]) -> None:
    own = {
        "visit": st.session_state.setdefault("lesson_visit", token_hex(8)),
        "heard": st.session_state.get("lesson_heard", False),
        "record": spell_record(record()),
    }
    calls = {"on_target_change": unbroken(follow), "on_kept_change": unbroken(take_kept)}
    lesson_links()(key=LINKS, data={**told, **own}, **calls)
    if st.session_state.pop("lesson_told", False):
        st.rerun()


def take_kept() -> None:
    """What was answered since counts. Where a step was opened by its number alone, what stands behind its answer is."""
    told = st.session_state.get(LINKS)
    kept, own = read_record(told and told.kept, lesson_shelf().lessons), record()
    both = VisitorRecord(kept.given | own.given, kept.reached | own.reached, kept.done | own.done)
    st.session_state.lesson_record, st.session_state.lesson_heard, st.session_state.lesson_told = both, True, True
    led = st.session_state.pop("lesson_led", None)
    if led and (found := running()) and (link := standing_view(*found)) and link != led:
        open_view(link)


@st.cache_resource(show_spinner=False)
def lesson_links() -> Any:
    return component("lesson_links", html="<span></span>\n", js=link_modules("lesson_links.js"))


def watch_shelf(shelf: LessonShelf) -> None:
    """The page once more as soon as a file is another, for who is writing one."""
    draw_fragment(lambda: None if lesson_shelf() == shelf else st.rerun(), EVERY)


def step_problems(lesson: Lesson, number: int) -> None:
    """With their lines, for who is writing the lesson."""
    end = lesson.steps[number].line if number < len(lesson.steps) else inf
    mine = [each for each in checked(lesson) if lesson.steps[number - 1].line <= each.line < end]
    if mine:
        told = "\n".join(f"- {literal(f'{lesson.file.name}, line {each.line}: {each.sentence}')}" for each in mine)
        st.warning(told, icon=":material/draft:")


def step_maker() -> None:
    """In the header of every page that a step can open."""
    if current_page() != "learn":
        draw_fragment(make_step)


def make_step() -> None:
    with (
        st.container(key="step-maker"),
        st.popover(
            MAKE, icon=":material/add_notes:", type="tertiary", help=MAKE, on_change="rerun", key="make"
        ) as made,
    ):
        if made.open and (link := seen_view()):
            st.markdown("For a lesson of yours, as the README says under “Writing a lesson”:")
            st.code(f"## …\n\n…\n\n:::{{view}} {spelled(link)}\n:::", language="markdown", wrap_lines=True)
