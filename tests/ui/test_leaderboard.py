"""The chart of the field in a real browser: choose an axis, click a point, land in Explore."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from benchmarks.compare import CHART, DRAWN, POINTS, axis
from testing.browser import settle
from tests.conftest import OpenPage, Visit

BOXES = """() => [...document.querySelectorAll(".st-key-field-chart .annotation-text-g")].map(name => {
  const {left, right, top, bottom} = name.getBoundingClientRect();
  return {name: name.textContent, left, right, top, bottom};
})"""


def opened(visit: Visit, query: str = "", **look: Any) -> Page:
    page = visit(f"compare{query}", **look)
    page.wait_for_selector(DRAWN)
    expect(page.get_by_label("Across")).to_be_visible()
    settle(page)
    return page


def click(page: Page, key: str) -> None:
    point = next(point for point in page.evaluate(POINTS) if point["key"] == key)
    page.mouse.click(point["x"], point["y"])
    settle(page)


@pytest.mark.tour
def test_choose_an_axis_click_a_point_land_in_explore(visit: Visit) -> None:
    page = opened(visit)
    axis(page, "File size")
    expect(page.locator(f"{CHART} .xtitle")).to_contain_text("File size")
    settle(page)
    click(page, "torchvision/alexnet/IMAGENET1K_V1")
    card = page.locator(".st-key-field-card")
    expect(card).to_contain_text("61,100,840")
    expect(card).to_contain_text("AlexNet_Weights.IMAGENET1K_V1")
    page.wait_for_url(lambda url: "x=file+size" in url and "at=torchvision%2Falexnet" in url)
    card.get_by_role("button", name="Open in Explore").click()
    page.wait_for_selector("svg.diagram")
    expect(page.locator(".st-key-headline")).to_contain_text("61,100,840")


@pytest.mark.tour
def test_a_link_shows_what_was_shown_and_names_do_not_overlap(visit: Visit) -> None:
    query = "?x=parameters&from=torchvision&search=resnet&at=torchvision/resnet50/IMAGENET1K_V2"
    page = opened(visit, query, width=1280, height=800, scheme="dark")
    expect(page.locator(".st-key-field-card")).to_contain_text("80.86 %")
    expect(page.get_by_role("textbox", name="Search")).to_have_value("resnet")
    boxes = page.evaluate(BOXES)
    assert "resnet50 V2" in {box["name"] for box in boxes} and len(boxes) > 5
    for one in boxes:
        for other in boxes:
            apart = one["right"] <= other["left"] or other["right"] <= one["left"]
            assert one is other or apart or one["bottom"] <= other["top"] + 3 or other["bottom"] <= one["top"] + 3


@pytest.mark.tour
def test_a_family_leaves_by_the_legend_and_the_sentence_follows(visit: Visit) -> None:
    page = opened(visit, "?from=torchvision")
    expect(page.locator(".st-key-field-finding")).to_contain_text("Of the 114 shown")
    page.locator(f"{CHART} .legendtoggle").nth(1).click()  # VGG
    expect(page.locator(".st-key-field-finding")).to_contain_text("Of the 106 shown")
    settle(page)
    page.wait_for_url(lambda url: "off=VGG" in url)
    opened_late = page.get_by_test_id("stPopoverBody")  # it was not on the screen when its values came
    page.get_by_test_id("stPopover").get_by_text("Filters").click()
    expect(opened_late.get_by_role("radio", name="All", exact=True)).to_be_checked()
    expect(opened_late.get_by_text("VGG", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_test_id("stPopover").get_by_text("Columns").click()
    expect(opened_late.get_by_text("Parameters, M", exact=True)).to_be_visible()


SLOWLY = """() => {
  const react = Plotly.react;
  Plotly.react = async (...all) => {
    window.begun = (window.begun ?? 0) + 1;
    const drawn = await react(...all);
    await new Promise((done) => setTimeout(done, 1000));
    setTimeout(() => { window.ended = (window.ended ?? 0) + 1; });
    return drawn;
  };
}"""


@pytest.mark.tour
def test_a_chart_that_is_left_while_it_is_drawn_touches_nothing_any_more(visit: Visit) -> None:
    page = opened(visit)
    page.evaluate(SLOWLY)
    page.get_by_role("radio", name="Who counts what?").click()
    page.wait_for_selector(CHART, state="detached")
    page.get_by_role("radio", name="The field").click()
    page.wait_for_selector(f"{CHART} .main-svg")
    page.get_by_role("radio", name="Who counts what?").click()
    page.wait_for_selector(CHART, state="detached")
    page.wait_for_function("() => window.begun && window.begun === window.ended")
    # Whatever it still did after its drawing would be in the console, which `visit` reads.


@pytest.mark.parametrize("query", ["from=lesson&search=b7", "from=lesson", "from=torchvision&search=resnet"])
def test_the_words_under_the_table_cover_none_of_its_rows(visit: Visit, query: str) -> None:
    """Of 1, 5 and 12 rows."""
    page = opened(visit, f"?x=parameters&{query}", width=1280, height=800)
    table = page.locator(".st-key-field-table .stDataFrame").bounding_box()
    words = page.get_by_text("Click a column's head to sort").bounding_box()
    assert table and words and table["height"] > 70 and table["y"] + table["height"] <= words["y"]
    tools = page.locator(".st-key-field-table-head").bounding_box()
    assert tools and table["y"] - tools["y"] - tools["height"] > 30  # room for the table's own, above its corner


def test_what_a_link_gets_wrong_is_said(open_page: OpenPage) -> None:
    app = open_page("compare", x="weight", search="50")
    assert not app.exception
    assert any("“weight” is none of" in warning.value for warning in app.warning)
