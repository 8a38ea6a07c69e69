"""What each visitor sees: kept in the session, spelled out in the address bar; and what is wrong, said once."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial, wraps
from threading import Event
from time import monotonic, sleep
from typing import Annotated, Any, Generic, TypeVar

import streamlit as st
from streamlit import runtime
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import get_script_run_ctx

from explorer.formatting import literal
from explorer.subprocess_client import StreamedAnswers
from explorer.url_params import Param, choice_param, decode_query, encode_query, params_of, text_param

State = TypeVar("State")
MOST_STEPS = 1000  # of a lesson
LONGEST = 10.0  # seconds that a run waits until it has been sent


def decode_step(word: str, usual: int, known: object) -> int:
    if word and not (word.isascii() and word.isdigit() and 0 < int(word[:9]) < MOST_STEPS):
        raise ValueError(f"The link's step “{word[:20]}” is no step of a lesson: it begins with the first.")
    return int(word) if word else usual


@dataclass(frozen=True)
class SharedState:
    """What holds for every page, and stands in the link to each."""

    projector: Annotated[bool, choice_param("projector", (False, True), encode=lambda on: "1" if on else "0")] = False
    lesson: Annotated[str, text_param("lesson", 80)] = ""  # that runs beside the page; empty: none
    step: Annotated[int, Param("step", decode_step)] = 1  # of the lesson


SHARED_WORDS = [param.name for _, _, param in params_of(SharedState) if isinstance(param, Param)]


class PageState(Generic[State]):
    """What one page shows, one frozen value for each visitor."""

    def __init__(self, key: str, decode: Callable[[Mapping[str, str]], tuple[State, tuple[str, ...]]]) -> None:
        self.key, self.decode = key, decode

    def arrive(self, entered: bool) -> None:
        """Follow the link that led to the page, if one did: on entering, and where the browser went back or forward.

        Else the address may lie behind what has been written to it; on entering it may be that of the page before.
        """
        query, addresses = st.query_params.to_dict(), st.session_state.setdefault("addresses", {})
        led = st.session_state.get("returned") or (entered and query and query not in addresses.values())
        if entered:
            addresses.pop(st.session_state.get("page"), None)
        if self.key not in st.session_state or led:
            self.follow(own_words(query) | encode_query(shared_state()))  # of which the app has read the rest

    def follow(self, query: Mapping[str, str]) -> None:
        follow_shared(query)
        state, problems = self.decode(own_words(query))
        self.go(state)
        self.revise()
        complain(*problems)

    def current(self) -> State:
        return st.session_state[self.key]

    def go(self, state: State) -> None:
        """Also where the next click breaks this one off: what it changed must not be lost from sight."""
        unbroken(st.session_state.__setitem__)(self.key, state)

    def revision(self) -> int:
        """Grows when the page's components are to show what they would not know of."""
        return st.session_state.get(f"{self.key}_revision", 0)

    def revise(self) -> None:
        st.session_state[f"{self.key}_revision"] = self.revision() + 1

    def publish(self) -> None:
        """Spells it out, where the address does not say it yet: the one that comes with a click may lie behind."""
        words, addresses = page_query(self.current()), st.session_state.setdefault("addresses", {})
        if not words == st.query_params.to_dict() == addresses.get(st.session_state.get("page"), words):
            st.query_params.from_dict(words)
        addresses[st.session_state.get("page")] = words


def shared_state() -> SharedState:
    return st.session_state.get("shared", SharedState())


def page_query(state: Any) -> dict[str, str]:
    """The words of a link to that state of a page, shown as here."""
    return encode_query(state) | encode_query(shared_state())


def own_words(query: Mapping[str, str]) -> dict[str, str]:
    """Of the page."""
    return {name: word for name, word in query.items() if name not in SHARED_WORDS}


def arrive_shared(entered: bool) -> None:
    """Follow the link that led here. One that says nothing of it, as those within the app, leaves all as it is."""
    query = st.query_params.to_dict()
    said = st.session_state.get("returned") or (entered and any(name in query for name in SHARED_WORDS))
    if "shared" not in st.session_state or said:
        follow_shared(query)


def follow_shared(query: Mapping[str, str]) -> None:
    st.session_state.shared, problems = decode_query(SharedState, query)
    complain(*problems)


def unbroken(act: Callable[..., object]) -> Callable[..., None]:
    """A callback that is carried out to its end.

    Streamlit (1.67) breaks it off where it looks into the session, if meanwhile another call of the browser's has come,
    be it a timer's: the click would be forgotten. That call is heard after it.
    """

    def whole(*args: Any, **kwargs: Any) -> None:
        context = get_script_run_ctx()
        if not context:  # outside the app there is nobody to break it off
            act(*args, **kwargs)
            return
        state: dict[str, Any] = vars(context.session_state)
        pause = state["_yield_callback"]
        state["_yield_callback"] = lambda: None
        try:
            act(*args, **kwargs)
        finally:
            state["_yield_callback"] = pause

    return whole


def bind_widget(
    key: str, value: Any, then: Callable[[Any], object], *, empty: bool = False, tucked: bool = False
) -> dict[str, Any]:
    """What a widget is given that shows this value and passes on what is chosen: the page's state is the truth.

    `empty`: a choice may be taken back, of which `then` hears as None; else None is none. `tucked`: it lies in a
    popover, which the browser fills once opened: so what it begins with always comes. Set, it would take back a click.

    A click may come before the browser has heard of the last run, with its widgets as they were before, and Streamlit
    takes for a choice what differs from what it knows by now. So a widget that shows something else than was last
    chosen in it is another one, with its own key, and what comes of one that has gone is no choice.
    """
    turns: Counter[str] = st.session_state.setdefault("overruled", Counter())
    if not alike(st.session_state.get(widget_key(key, turns[key]), value), value):
        turns[key] += 1
    own, known = widget_key(key, turns[key]), value
    if not tucked and own not in st.session_state:
        st.session_state[own] = value

    @unbroken
    def passed_on() -> None:
        nonlocal known
        chosen = st.session_state[own]
        if not alike(chosen, known) and (empty or chosen is not None):
            known = chosen
            gone = st.session_state.pop("warned", [])  # also where the run of this click is that of `again` as well
            st.session_state["problems"] = [each for each in st.session_state.get("problems", []) if each not in gone]
            then(chosen)

    begins = {"value" if isinstance(value, int | float) else "default": value}
    return {"key": own, "on_change": passed_on} | (begins if tucked else {})


def widget_key(key: str, turn: int) -> str:
    return f"{key}~{turn}" if turn else key


def alike(one: Any, other: Any) -> bool:
    """Of several choices the order says nothing."""
    if isinstance(one, list) and isinstance(other, list):
        return sorted(map(str, one)) == sorted(map(str, other))
    return one == other


def complain(*problems: str) -> None:
    st.session_state.problems = list(dict.fromkeys((*st.session_state.get("problems", []), *problems)))


def show_problems(keep: bool = False) -> None:
    """Each once: the next click clears them. However many, what stands below keeps its place: else it is drawn anew."""
    problems = st.session_state.get("problems", []) if keep else st.session_state.pop("problems", [])
    st.session_state.warned = problems
    with st.container():
        for problem in problems:
            st.warning(literal(problem), icon=":material/link_off:")


def again() -> None:
    """The page once more as a whole, though nobody clicked: what it warned of still stands."""
    st.session_state.problems = st.session_state.get("warned", [])
    st.rerun()


def show_growing(
    draw: Callable[[], None], settled: Callable[[], bool], every: float, growing: bool | None = None
) -> None:
    """A part of the page to which more comes in the background: drawn anew after so many seconds until all is there.

    Then, and where more is to come after all, the page runs again. `growing`: what its rest was drawn by, if it asked.
    """
    growing = not settled() if growing is None else growing

    def part() -> None:
        complete = settled()  # what came while it was drawn is not in the drawing
        draw()
        if growing in (complete, settled()):
            again()

    draw_fragment(part, every if growing else None)


def stream_controls(streams: Sequence[tuple[StreamedAnswers[Any], Any]], done: float, words: str) -> bool:
    """Of questions to processes: how far they are, with a button that stops them; or why there will be no more of one,
    with a button that asks again. Whether there was anything to say."""

    def stop() -> None:
        for answers, asked in streams:
            if not answers.settled(asked):
                answers.stop(asked)

    def again() -> None:
        for answers, asked in streams:
            if answers.trouble(asked):
                answers.again(asked)

    troubles = dict.fromkeys(filter(None, (answers.trouble(asked) for answers, asked in streams)))
    with st.container(horizontal=True, vertical_alignment="center", key="stream"):
        if troubles:
            st.markdown(f":material/error: {literal(' '.join(troubles))}", width="content")
            st.button("Measure it again", icon=":material/replay:", on_click=unbroken(again))
        elif not all(answers.settled(asked) for answers, asked in streams):
            st.progress(min(1.0, done), words)
            st.button("Stop", icon=":material/stop:", on_click=unbroken(stop))
        else:
            return False
    return True


UNDER_A_CLOCK = ContextVar("UNDER_A_CLOCK", default=False)


def draw_fragment(draw: Callable[[], None], every: float | None = None) -> None:
    """A part of the page that is drawn anew by itself: for what is done in it, and every so many seconds.

    In a place of its own. Where a fragment's turn comes right after a run of the page, Streamlit (1.67) drops what the
    run has drawn of it and not sent yet: the browser takes it off the page, and all that stands beside it moves up by
    one, so that the next drawing lands in the place of another or in none. Within one that has a clock it needs none:
    what is drawn in it would come before the place in which it stands.
    """

    @wraps(draw.func if isinstance(draw, partial) else draw)  # Streamlit tells fragments apart by their names
    def timed() -> None:
        token = UNDER_A_CLOCK.set(every is not None or UNDER_A_CLOCK.get())
        try:
            draw()
        finally:
            UNDER_A_CLOCK.reset(token)
        if (context := get_script_run_ctx()) and context.fragment_ids_this_run:
            await_sent()

    with st.container():
        st.fragment(timed, run_every=None if UNDER_A_CLOCK.get() else every)()


def await_sent() -> None:
    """Returns once all that was drawn is on its way to the browser: for the end of a run.

    A fragment's turn that comes before makes Streamlit (1.67) drop what was drawn of it, but not what was drawn of the
    fragments inside it: the browser looks for their places in vain (“Bad delta path index”), and the page is dead.
    """
    context = get_script_run_ctx()
    session = runtime.get_instance().get_app_session(context.session_id) if context and runtime.exists() else None
    if not isinstance(session, AppSession):  # nobody looks on any more, or a test's stand-in
        return
    drawn, end = Event(), monotonic() + LONGEST
    session._call_soon_on_event_loop(drawn.set)  # behind all that was drawn
    drawn.wait(LONGEST)
    while not session._browser_queue.is_empty() and monotonic() < end:
        sleep(0.002)


def picture_first(key: str = "settled") -> bool:
    """True in a visitor's first run: it brings the picture alone, and the picture asks for the rest once it is drawn.

    The browser loads the code of every kind of widget before it draws any: a third of the time to the first picture.
    """
    if st.session_state.get(key):
        return False
    st.session_state[key] = True  # from the next run on, should the picture never ask
    return True
