"""Projector mode: in the link of every page, and large enough for the back row."""

import pytest
from streamlit.testing.v1 import AppTest

from explorer.ui.charts import LEAST, enlarge_letters
from testing.browser import APP
from testing.waiting import PATIENCE
from tests.conftest import OpenPage

PAGES = ("explore", "compare", "train", "scale")


@pytest.mark.parametrize("page", PAGES)
def test_a_link_turns_it_on_and_off(open_page: OpenPage, page: str):
    on = open_page(page, projector="1")
    assert not on.exception and not on.warning
    assert on.query_params["projector"] == "1"
    on.button(key="switch").click().run()
    assert "projector" not in on.query_params
    off = open_page(page, projector="0")
    assert not off.warning and "projector" not in off.query_params


@pytest.mark.parametrize("page", PAGES)
def test_another_word_is_named_once(page: str):
    app = AppTest.from_file(APP, default_timeout=PATIENCE)
    app.query_params["projector"] = "maybe"
    app.switch_page(f"../pages/{page}.py").run()
    assert len(app.warning) == 1 and "projector “maybe”" in app.warning[0].value


def test_it_goes_from_page_to_page(open_page: OpenPage):
    app = open_page("explore", projector="1", model="VGG")
    for page in ("scale", "train", "explore"):
        app.query_params.clear()  # as Streamlit does
        app.switch_page(f"../pages/{page}.py").run()
        assert app.query_params["projector"] == "1"
    assert app.query_params["model"] == "VGG"


def test_charts_have_no_small_letters():
    figure = {
        "data": [{"type": "bar", "textfont": {"size": 12}, "x": [1]}],
        "layout": {
            "font": {"size": 14},
            "height": 100,
            "margin": {"l": 40},
            "title": {"text": "<span style='font-size:13px'>small</span>"},
            "xaxis2": {"tickfont": {"size": 20}, "title": {"text": "step"}},
            "annotations": [{"text": "guessing", "font": {"color": "red"}}],
        },
    }
    found = enlarge_letters(figure)
    layout = found["layout"]
    assert found["data"][0]["textfont"]["size"] == layout["font"]["size"] == layout["legend"]["font"]["size"] == LEAST
    assert layout["xaxis2"]["tickfont"]["size"] == 20 and layout["xaxis2"]["title"]["font"]["size"] == LEAST
    assert layout["yaxis"]["tickfont"]["size"] == layout["annotations"][0]["font"]["size"] == LEAST
    assert "font-size:16px" in layout["title"]["text"]
    assert layout["height"] > 100 and layout["margin"]["l"] > 40
