"""What a visitor does is done as a whole, and once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from playwright.sync_api import BrowserContext, Page, expect
from streamlit.runtime.scriptrunner import RerunData, RerunException
from streamlit.runtime.state import QueryParamsProxy, SafeSessionState, SessionState
from streamlit.testing.v1 import AppTest

from explorer.ui import session
from explorer.ui.session import bind_widget, unbroken
from testing.browser import serve
from tests.conftest import OpenPage


class Context:
    """Of a run to which another call of the browser's has come: every look into the session breaks it off."""

    def __init__(self) -> None:
        self.waiting = [RerunException(RerunData())]
        self.session_state = SafeSessionState(SessionState(), self.pause)

    def pause(self) -> None:
        if self.waiting:
            raise self.waiting.pop()


def test_a_callback_is_carried_out_and_the_call_that_came_meanwhile_is_heard_after_it(monkeypatch: Any) -> None:
    context = Context()
    monkeypatch.setattr(session, "get_script_run_ctx", lambda: context)
    state, done = context.session_state, []

    def act(value: int) -> None:
        state["first"] = value
        state["second"] = state["first"] + 1
        done.append(value)

    unbroken(act)(1)
    assert done == [1] and len(context.waiting) == 1
    with pytest.raises(RerunException):
        state["third"] = 3
    assert state["second"] == 2
    with pytest.raises(ZeroDivisionError):
        unbroken(lambda: 1 / 0)()
    context.waiting.append(RerunException(RerunData()))
    with pytest.raises(RerunException):  # also after a callback that failed
        state["fourth"] = 4


def number_of_the_page() -> None:
    import streamlit as st

    from explorer.ui.session import bind_widget

    def choose(value: int) -> None:
        st.session_state.heard = [*st.session_state.get("heard", []), value]
        st.session_state.shown = min(value, 10)

    st.number_input("Number", **bind_widget("number", st.session_state.setdefault("shown", 1), choose))


def test_the_pages_state_overrules_a_widget_which_is_another_one_then() -> None:
    app = AppTest.from_function(number_of_the_page).run()
    first = app.number_input[0]
    first.set_value(7).run()
    assert app.number_input[0].value == 7 and app.number_input[0].id == first.id  # it is what was chosen in it
    first.set_value(12).run()
    second = app.number_input[0]
    assert second.value == 10 and second.id != first.id and app.session_state.heard == [7, 12]
    second.set_value(12).run()  # the same again is a choice again
    assert app.number_input[0].value == 10 and app.session_state.heard == [7, 12, 12]


def axes_of_the_page() -> None:
    import streamlit as st

    from explorer.ui.session import bind_widget

    st.session_state.setdefault("shown", "error")
    told = bind_widget(
        "axis", st.session_state.shown, lambda chosen: st.session_state.update(shown=chosen), tucked=True
    )
    st.segmented_control("Axis", ["error", "accuracy"], required=True, **told)


def test_no_drawing_takes_back_a_click_in_a_popover_and_one_that_is_opened_late_shows_what_holds() -> None:
    app = AppTest.from_function(axes_of_the_page).run()
    for shown, place in (("error", 0), ("error", 0), ("accuracy", 1), ("accuracy", 1)):
        app.session_state["shown"] = shown
        widget = app.run().button_group[0]
        assert widget.proto.default == [place] and not widget.proto.set_value
        assert widget.value == shown
    before = widget.id
    widget.set_value("error").run()
    assert app.session_state["shown"] == "error" and app.button_group[0].id == before


def page_that_warns() -> None:
    import streamlit as st

    from explorer.ui.session import again, bind_widget, complain, show_problems

    def choose(on: bool) -> None:
        st.session_state.on = on
        complain("of the click")

    if "on" not in st.session_state:
        complain("of the link")
    st.toggle("On", **bind_widget("toggle", st.session_state.setdefault("on", False), choose))
    show_problems()
    if st.session_state.pop("grown", False):
        again()


def test_a_warning_outlives_a_run_that_nobody_asked_for_but_no_click() -> None:
    app = AppTest.from_function(page_that_warns)
    app.session_state["grown"] = True
    app.run()
    assert [each.value for each in app.warning] == ["of the link"]
    app.session_state["problems"] = ["of the link"]  # `again` was called as the click came: one run is both
    app.toggle[0].set_value(True).run()
    assert [each.value for each in app.warning] == ["of the click"]


def a_part_that_somebody_began_and_that_ends_while_it_is_drawn() -> None:
    import streamlit as st

    from explorer.ui.session import show_growing

    state = st.session_state
    state.setdefault("there", 15)

    def draw() -> None:
        st.markdown(f"{state.there} of 16")
        state.there = 16

    show_growing(draw, lambda: state.there == 16, 1.0, growing=False)


def test_what_comes_while_a_part_is_drawn_is_drawn_too() -> None:
    app = AppTest.from_function(a_part_that_somebody_began_and_that_ends_while_it_is_drawn).run()
    assert app.markdown[0].value == "16 of 16"


def test_several_choices_are_the_same_in_any_order(monkeypatch: Any) -> None:
    state: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", state)
    monkeypatch.setattr(session, "get_script_run_ctx", Context)
    heard: list[list[str]] = []
    told = bind_widget("several", ["a", "b"], heard.append)
    state["several"] = ["b", "a"]
    told["on_change"]()
    assert bind_widget("several", ["a", "b"], heard.append)["key"] == "several" and heard == []
    state["several"] = ["b"]
    told["on_change"]()
    assert heard == [["b"]] and bind_widget("several", ["a"], heard.append)["key"] == "several~1"


def test_nothing_is_no_choice_but_where_one_may_be_taken_back(monkeypatch: Any) -> None:
    state: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", state)
    monkeypatch.setattr(session, "get_script_run_ctx", Context)
    heard: list[str | None] = []
    for key, more, expected in (("kept", {}, []), ("taken back", {"empty": True}, [None])):
        told = bind_widget(key, "a", heard.append, **more)
        state[key] = None  # as the browser says of a popover that it drew late
        told["on_change"]()
        assert heard == expected
    assert bind_widget("kept", "a", heard.append)["key"] == "kept~1"  # drawn anew, so that it shows what holds


def test_a_page_is_not_led_by_the_address_of_the_page_before(open_page: OpenPage) -> None:
    app = open_page("train", length="full")
    app.query_params.clear()  # as Streamlit does
    app.switch_page("../pages/explore.py").run().run()
    assert app.query_params["model"] == "ResNet"
    app.switch_page("../pages/train.py").run()  # by a call that came before the browser had heard of the new page
    assert app.session_state.lab.length == "full" and not app.warning
    app.switch_page("../pages/explore.py").run()
    app.query_params.clear()
    app.query_params["length"] = "quick"
    app.switch_page("../pages/train.py").run()
    assert app.session_state.lab.length == "quick"  # a link


SLOW_SERVER = """
import time
import streamlit as st
from streamlit.runtime import get_instance
from explorer.ui.session import draw_fragment

def first() -> None:
    st.text(f"first {st.session_state.run}")

def second() -> None:
    st.text(f"second {st.session_state.run}")

st.session_state.run = st.session_state.get("run", 0) + 1
st.button("again")
if st.session_state.run > 1:
    time.sleep(0.5)  # both clocks have called meanwhile
    get_instance()._get_async_objs().eventloop.call_soon_threadsafe(time.sleep, 1.5)
    time.sleep(0.2)  # from now on nothing is sent
draw_fragment(first, 0.2)
draw_fragment(second, 0.2)
st.text("below")
"""


@contextmanager
def served(chromium: BrowserContext, folder: Path, code: str) -> Iterator[Page]:
    """A page of a server of its own."""
    (app := folder / "app.py").write_text(code)
    with serve(folder / "log.txt", app) as url:
        page = chromium.new_page()
        page.goto(url)
        yield page
        page.close()


@pytest.mark.tour
def test_what_has_a_clock_keeps_its_place_where_a_run_is_over_before_it_was_sent(
    chromium: BrowserContext, tmp_path: Path
) -> None:
    with served(chromium, tmp_path, SLOW_SERVER) as page:
        texts = page.get_by_test_id("stText")
        expect(texts).to_have_text(["first 1", "second 1", "below"])
        page.get_by_role("button", name="again").click()
        expect(texts).to_have_text(["first 2", "second 2", "below"])
        page.evaluate("() => new Promise((done) => setTimeout(done, 1000))")  # five more calls of each
        expect(texts).to_have_text(["first 2", "second 2", "below"])


NESTED = """
import time
import streamlit as st
from streamlit.runtime import get_instance
from explorer.ui.session import draw_fragment

def outer() -> None:
    st.session_state.run = run = st.session_state.get("run", 0) + 1
    st.button("again")
    if run == 2:
        time.sleep(0.5)  # the second click has come meanwhile
        get_instance()._get_async_objs().eventloop.call_soon_threadsafe(time.sleep, 1.5)
        time.sleep(0.2)  # from now on nothing is sent
        for line in range(5):
            st.text(f"line {line}")
    draw_fragment(lambda: st.text(f"inner {run}"))

draw_fragment(outer)
"""


@pytest.mark.tour
def test_a_part_within_a_part_keeps_its_place_where_the_next_click_comes_before_it_was_sent(
    chromium: BrowserContext, tmp_path: Path
) -> None:
    with served(chromium, tmp_path, NESTED) as page:
        troubles: list[str] = []
        page.on("pageerror", lambda error: troubles.append(str(error)))
        texts = page.get_by_test_id("stText")
        expect(texts).to_have_text(["inner 1"])
        page.get_by_role("button", name="again").click()
        page.wait_for_selector("[data-test-script-state=running]")
        page.get_by_role("button", name="again").click()
        expect(texts).to_have_text(["inner 3"])
        assert troubles == []


def test_an_address_that_lies_two_clicks_behind_is_written_anew(open_page: OpenPage, monkeypatch: Any) -> None:
    written: list[dict[str, str]] = []
    write = QueryParamsProxy.from_dict
    app = open_page("scale", phi="1")
    monkeypatch.setattr(QueryParamsProxy, "from_dict", lambda own, words: (written.append(words), write(own, words)))
    for phi in (0.0, 1.0):  # both clicks were made before the browser heard of the first
        app.query_params["phi"] = "1"
        app.session_state.stand = replace(app.session_state.stand, phi=phi)
        app.run()
    assert written == [{}, {"phi": "1"}]
    app.run()
    assert len(written) == 2  # nothing new: the browser's history gets no further entry
