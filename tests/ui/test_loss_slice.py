"""The loss around the weights on the page Inside."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect
from streamlit.testing.v1 import AppTest

from explorer.ui.inside.page_state import decode_inside

Visit = Callable[..., Page]
OpenPage = Callable[..., AppTest]


def test_a_link_that_means_nothing_is_said_and_the_recorded_pair_is_there(open_page: OpenPage) -> None:
    strange = {"lab": "loss", "pair": "nobody,cb7c01c7", "seed": "many", "view": "hills"}
    page = open_page("inside", **strange)
    assert not page.exception
    said = " ".join(decode_inside(strange)[1])
    assert "pair “nobody,cb7c01c7”" in said and "seed “many”" in said and "view “hills”" in said
    words = " ".join(each.value for each in page.markdown)
    assert "ResNet-56 is the sharper one" in words and "is not the landscape" in words
    assert any("recorded on 20" in each.value for each in page.caption)


def test_two_networks_stand_side_by_side_and_the_link_holds_how(visit: Visit) -> None:
    page = visit("inside?lab=loss&pair=50083756,aee7099c")
    expect(page.locator(".plotly-chart .scatter")).to_have_count(3)  # both, and guessing
    page.get_by_text("Map of two").click()
    expect(page.locator(".plotly-chart .contour")).to_have_count(2)
    expect(page).to_have_url(re.compile("pair=50083756%2Caee7099c.*view=contour"))
