"""On the Explore page, the rest of a network that asks for values: drawn by one press, and what such a picture is."""

import pytest

from explorer.models.spec import Spec
from explorer.tracing.number_runs import number_runs
from testing.waiting import until
from tests.conftest import OpenPage

SPEC = Spec("tasks", "ssdlite320_mobilenet_v3_large", (("image_height", 64), ("image_width", 64)), seed=0)
QUERY = {"source": "tasks", "model": SPEC.name, "image_height": "64", "image_width": "64"}


def press(app, label: str):
    next(button for button in app.button if button.label == label).click()
    return app.run()


def said(app) -> str:
    return " ".join(each.value for each in app.markdown)


def test_one_press_draws_the_rest_and_another_takes_it_back(open_page: OpenPage) -> None:
    app = open_page("explore", **QUERY)
    assert any("depends on the numbers" in warning.value for warning in app.warning)
    app = press(app, "Draw the rest")
    until(lambda: not number_runs().under_way(SPEC))
    app = app.run()
    assert not app.exception and not app.warning
    assert "One of several paths" in said(app) and "by seed 0" in said(app)
    assert app.session_state["place"].seed == 0
    app = press(app, "Up to the question only")
    assert app.session_state["place"].seed is None and "One of several paths" not in said(app)


def test_a_link_to_a_run_that_is_not_here_offers_it(open_page: OpenPage) -> None:
    app = open_page("explore", **QUERY, numbers="5")
    assert not app.exception and "One of several paths" not in said(app)
    assert [button.label for button in app.button].count("Draw the rest") == 1


@pytest.mark.parametrize("query", [{"model": "LeNet"}, {"source": "torchvision", "model": "vgg16", "image_size": "16"}])
def test_nothing_is_offered_where_numbers_would_not_help(open_page: OpenPage, query: dict[str, str]) -> None:
    assert "Draw the rest" not in [button.label for button in open_page("explore", **query).button]
