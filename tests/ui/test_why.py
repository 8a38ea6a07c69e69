"""“Why this class?” on the Inside page: what is asked, and what the words say of it."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from explorer.activations.attribution import ClassMap
from explorer.activations.reasons import CHANCE, METHODS, Reason
from explorer.ui.inside import networks
from explorer.ui.inside.page_state import InsideState, decode_inside
from explorer.ui.inside.why import alike_words, deletion_words
from explorer.url_params import encode_query
from tests.conftest import OpenPage, Visit
from tests.ui.test_inside import opened, said
from tests.ui.test_laboratories import run_id


def curve_of(area: float) -> Reason:
    return Reason(ClassMap(np.ones((2, 2), np.float32)), np.full(33, area, np.float32))


def test_the_words_follow_from_the_areas() -> None:
    asked = {method: method for method in (*METHODS, CHANCE)}
    areas = {"grad-cam": 0.5, "gradient": 0.2, "integrated": 0.1, "occlusion": 0.3, CHANCE: 0.4}
    found = {method: curve_of(area) for method, area in areas.items()}
    words = deletion_words(found, asked)  # type: ignore[arg-type]
    assert "Integrated gradients 0.10, Gradient 0.20, Occlusion 0.30, Grad-CAM 0.50; by chance 0.40" in words
    assert "No earlier than by chance: Grad-CAM." in words
    assert "No earlier" not in deletion_words({"gradient": curve_of(0.1)} | {CHANCE: curve_of(0.2)}, asked)  # type: ignore[arg-type]


def test_the_most_alike_is_named_and_where_none_is_known_none() -> None:
    assert "the most alike is Gradient, ρ = 0.31" in alike_words(
        {"gradient": 0.31, "occlusion": -0.2, "grad-cam": None}
    )
    assert "most alike" not in alike_words({"gradient": None})


def test_a_link_holds_what_is_asked_and_a_class_that_is_none_is_named() -> None:
    state = InsideState(panel="why", label=5, randomised=True)
    assert decode_inside(encode_query(state)) == (state, ())
    assert "no number of one" in " ".join(decode_inside({"class": "frog"})[1])


@pytest.mark.parametrize("at", ["", "stem", "head"])
def test_it_opens_whatever_is_selected(open_page: OpenPage, at: str) -> None:
    app = opened(open_page("inside", panel="why", at=at))
    assert not app.warning and "Covered with grey" in said(app)
    assert app.selectbox(key="inside/class").value is not None


def test_random_weights_have_none_more_random(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the weights are: to make them takes a worker, which another test's service may have ended."""
    real = networks.opened_run
    monkeypatch.setattr(networks, "opened_run", lambda key, weights: real(key, "trained"))
    networks.begin_opening.clear()
    app = opened(open_page("inside", panel="why", weights="initial", randomised="yes"))
    networks.begin_opening.clear()
    assert "random already" in said(app)


@pytest.mark.tour
def test_four_maps_come_in_and_the_same_with_random_weights(visit: Visit) -> None:
    page = visit(f"inside?network={run_id('ResNet-20')}&panel=why&randomised=yes")
    expect(page.locator(".reasons figure")).to_have_count(4)
    expect(page.locator(".reasons .pale")).to_have_count(0)
    expect(page.locator(".randomised figure")).to_have_count(16)
    expect(page.get_by_text(re.compile("Area under each line: .*; by chance"))).to_be_visible()
    expect(page.get_by_text("the most alike is")).to_be_visible()
    page.get_by_text("head", exact=True).first.click()
    expect(page.get_by_text("choose one before it")).to_be_visible()
