"""What each visitor sees: kept in the session, spelled out in the address bar; and what is wrong, said once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Generic, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import RerunException

from explorer.formatting import literal
from explorer.url_params import Param, choice_param, decode_query, encode_query, params_of

State = TypeVar("State")
LARGER, SMALLER = "Projector: letters for the back row, the picture at full width", "Letters of the usual size"


@dataclass(frozen=True)
class SharedState:
    """What holds for every page, and stands in the link to each."""

    projector: Annotated[bool, choice_param("projector", (False, True), encode=lambda on: "1" if on else "0")] = False


SHARED_WORDS = [param.name for _, _, param in params_of(SharedState) if isinstance(param, Param)]


class PageState(Generic[State]):
    """What one page shows, one frozen value for each visitor."""

    def __init__(self, key: str, decode: Callable[[Mapping[str, str]], tuple[State, tuple[str, ...]]]) -> None:
        self.key, self.decode = key, decode

    def arrive(self, entered: bool) -> None:
        """Follow the link that led to the page, if one did.

        Only on entering: later the address that comes with a click may lie behind what has been written to it since.
        """
        query = st.query_params.to_dict()
        if self.key not in st.session_state or (entered and query):
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
        try:
            st.session_state[self.key] = state
        except RerunException:
            st.session_state[self.key] = state
            raise

    def revision(self) -> int:
        """Grows when the page's components are to show what they would not know of."""
        return st.session_state.get(f"{self.key}_revision", 0)

    def revise(self) -> None:
        st.session_state[f"{self.key}_revision"] = self.revision() + 1

    def publish(self) -> None:
        """Spells it out, where the address does not say it yet."""
        if st.query_params.to_dict() != (words := page_query(self.current())):
            st.query_params.from_dict(words)


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
    if "shared" not in st.session_state or (entered and any(name in query for name in SHARED_WORDS)):
        follow_shared(query)


def follow_shared(query: Mapping[str, str]) -> None:
    st.session_state.shared, problems = decode_query(SharedState, query)
    complain(*problems)


def projector_switch() -> None:
    """In the header of every page."""
    on = shared_state().projector

    def switch() -> None:
        st.session_state.shared = replace(shared_state(), projector=not on)

    with st.container(key="projector"):
        icon, help = (":material/zoom_in_map:", SMALLER) if on else (":material/co_present:", LARGER)
        st.button("Projector", icon=icon, help=help, on_click=switch, type="tertiary", key="switch")


def bind_widget(key: str, value: Any, then: Callable[[Any], object]) -> dict[str, Any]:
    """What a widget is given that shows this value and passes on what is chosen: the page's state is the truth."""
    st.session_state[key] = value
    return {"key": key, "on_change": lambda: then(st.session_state[key])}


def complain(*problems: str) -> None:
    st.session_state.problems = [*st.session_state.get("problems", []), *problems]


def show_problems(keep: bool = False) -> None:
    """Each once: the next thing the visitor does clears them."""
    problems = st.session_state.get("problems", []) if keep else st.session_state.pop("problems", [])
    st.session_state.warned = problems
    for problem in problems:
        st.warning(literal(problem), icon=":material/link_off:")


def again() -> None:
    """The page once more as a whole, though nobody clicked: what it warned of still stands."""
    st.session_state.problems = st.session_state.get("warned", [])
    st.rerun()


def show_growing(draw: Callable[[], None], settled: Callable[[], bool], every: float) -> None:
    """A part of the page to which more comes in the background: drawn anew after so many seconds until all is there.

    Then, and where there is more to come after all, the page runs once more as a whole.
    """
    growing = not settled()

    def part() -> None:
        draw()
        if settled() == growing:
            again()

    st.fragment(part, run_every=every if growing else None)()


def picture_first(key: str = "settled") -> bool:
    """True in a visitor's first run: it brings the picture alone, and the picture asks for the rest once it is drawn.

    The browser loads the code of every kind of widget before it draws any: a third of the time to the first picture.
    """
    if st.session_state.get(key):
        return False
    st.session_state[key] = True  # from the next run on, should the picture never ask
    return True
