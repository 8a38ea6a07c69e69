"""Networks side by side, as a visitor sees them in a real Chromium."""

import re
from itertools import pairwise
from urllib.parse import urlencode

import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

from explorer.diff.comparison import READY_MADE
from explorer.models.selection import ModelSelection
from explorer.ui.compare.page_state import ComparePageState
from explorer.url_params import encode_query
from testing.browser import address, settle
from testing.comparisons import MOBILENET_V2, RESNET_34, VGG_16
from testing.waiting import until
from tests.conftest import Visit

BENCHES = list(READY_MADE.values())


def link(*bench: ModelSelection, **words: str) -> str:
    return f"compare?{urlencode(encode_query(ComparePageState('side', bench).said(words)))}"


def compare(visit: Visit, address: str, *size: int, scheme: str = "light") -> Page:
    """The page, its pictures drawn and the charts under them too."""
    page = visit(address, *size, scheme=scheme)
    expect(page.locator(".viewer .box").first).to_be_visible()
    expect(page.locator(".st-key-side-charts .js-plotly-plot")).to_be_visible()
    settle(page)
    return page


def box(page: Page, letter: str, id: str):
    return page.get_by_test_id(f"pane-{letter}").locator(f'.box[data-id="{id}"]')


def costs(page: Page, letter: str):
    return page.get_by_test_id(f"costs-{letter}")


def click(page: Page, letter: str, id: str) -> None:
    box(page, letter, id).locator(".card").last.click()


def scales(page: Page) -> list[str]:
    """Of the pictures: how large they are drawn, and how far down."""
    transforms = page.locator(".viewer svg.diagram").evaluate_all("all => all.map(svg => svg.style.transform)")
    return [re.sub(r"translate\([^,]*,", "", transform) for transform in transforms]


@pytest.mark.tour
def test_two_networks_are_compared_moved_walked_and_exchanged(visit: Visit):
    page = compare(visit, "compare?view=side")  # an empty bench
    residual_learning_is_told(page)
    the_wheel_zooms_all_pictures_once_one_was_clicked(page)
    a_change_is_shown_in_the_pictures(page)
    a_box_opens_in_both_and_folds_again(page)
    the_keyboard_walks_in_a_pane_and_the_counterpart_follows(page)
    networks_come_go_and_change_places(page)


def residual_learning_is_told(page: Page) -> None:
    expect(page.get_by_test_id("side-told")).to_contain_text("Added: 16 additions and 3 projections.")
    expect(page.locator(".strip")).to_contain_text("+4.02 points")
    expect(box(page, "B", "stage1.0/add")).to_have_class(re.compile("added"))
    expect(page).to_have_url(re.compile("a=model.*b=model"))


def the_wheel_zooms_all_pictures_once_one_was_clicked(page: Page) -> None:
    before = scales(page)
    stage = page.get_by_test_id("pane-B").locator(".stage").bounding_box()
    assert stage
    page.mouse.move(stage["x"] + 30, stage["y"] + 60)
    page.mouse.wheel(0, -120)
    hint = page.get_by_test_id("viewer-hint")
    expect(hint).to_contain_text("Click, or Ctrl + scroll, to zoom")
    assert scales(page) == before
    expect(hint).to_be_hidden()  # by then the page has come to rest
    page.mouse.click(stage["x"] + 30, stage["y"] + 60)
    size = page.get_by_test_id("viewer-zoom-100")
    was = size.inner_text()
    page.mouse.wheel(0, 120)
    expect(size).not_to_have_text(was)
    assert scales(page) != before and len(set(scales(page))) == 1


def a_change_is_shown_in_the_pictures(page: Page) -> None:
    row = page.get_by_test_id("side-change").nth(3)
    row.click()
    expect(row).to_have_attribute("aria-selected", "true")
    expect(page.locator(".viewer .box.hit")).to_have_attribute("data-id", "stage3.0")


def a_box_opens_in_both_and_folds_again(page: Page) -> None:
    page.get_by_test_id("viewer-zoom-fit").click()
    box(page, "A", "stem").locator(".card").last.dblclick()
    expect(box(page, "A", "stem.0")).to_be_visible()
    expect(box(page, "B", "stem.0")).to_be_visible()
    expect(page).to_have_url(re.compile("open%3D"))
    page.get_by_test_id("viewer-fold-all").click()
    expect(page.get_by_test_id("pane-B").locator(".box")).to_have_count(8)


def the_keyboard_walks_in_a_pane_and_the_counterpart_follows(page: Page) -> None:
    page.get_by_test_id("viewer-zoom-fit").click()
    click(page, "A", "input")
    page.keyboard.press("ArrowDown")
    expect(box(page, "B", "stem")).to_have_class(re.compile("partner"))
    expect(costs(page, "B")).to_contain_text("stem")
    expect(page).to_have_url(re.compile("at=a%3Astem"))
    page.keyboard.press("Enter")
    expect(box(page, "B", "stem.0")).to_be_visible()
    page.keyboard.press("Escape")  # the frame has the focus that its box had
    expect(page.locator(".viewer .selected")).to_have_count(0)


def networks_come_go_and_change_places(page: Page) -> None:
    page.get_by_role("button", name="Add or replace").click()
    search = page.get_by_role("combobox", name=re.compile("Network"))
    search.fill("LeNet-5")
    page.get_by_role("option").first.click()
    expect(page.get_by_test_id("pane-C")).to_contain_text("LeNet-5")
    page.keyboard.press("Escape")
    expect(page.locator(".pane")).to_have_count(3)  # while a slow page is drawn anew, those before may still stand
    page.get_by_test_id("pane-A").locator("header").hover()
    page.get_by_test_id("remove-A").click()
    expect(page.locator(".pane")).to_have_count(2)
    page.get_by_test_id("right-A").click()
    expect(page.get_by_test_id("pane-B").locator("h4")).to_contain_text("ResNet-34")
    page.get_by_test_id("explore-B").click()
    expect(page.locator(".st-key-headline")).to_contain_text("21,797,672")


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)])
def test_the_first_view_shows_what_was_added_however_far_down_its_block(visit: Visit, size: tuple[int, int]):
    page = compare(visit, link(*READY_MADE["ResNeXt-50 → SE"]), *size)
    expect(box(page, "B", "stage1.1.se")).to_be_in_viewport(ratio=0.99)


@pytest.mark.tour
def test_four_networks_move_as_one_and_the_whole_comparison_is_a_link(visit: Visit):
    page = compare(visit, link(*BENCHES[-1]), 1280, 800)
    expect(costs(page, "A")).to_be_hidden()  # what could be clicked covers no picture
    nothing_is_cut_off_at_the_side(page)
    a_network_has_one_colour_in_pane_strip_and_chart(page)
    all_pictures_move_as_one(page)
    told = a_comparison_goes_into_the_address(page)
    again = compare(visit, address(page).rpartition("/")[2], 1280, 800, scheme="dark")
    expect(again.get_by_test_id("side-told")).to_have_text(told)
    expect(again.locator(".viewer .box.selected")).to_have_attribute("data-id", "stem")
    expect(again.locator(".viewer .box.partner")).to_have_count(3)
    expect(again.get_by_test_id("viewer-colour")).to_have_value("macs")
    expect(again.locator(".pane")).to_have_count(4)
    nothing_is_cut_off_at_the_side(again)
    a_network_has_one_colour_in_pane_strip_and_chart(again)
    again.get_by_role("radio", name=list(READY_MADE)[2], exact=True).click()
    a_click_shows_the_counterpart_and_what_both_cost(again)


def nothing_is_cut_off_at_the_side(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    tools = page.locator(".viewer .bar").bounding_box()
    assert tools and tools["height"] < 60


def a_network_has_one_colour_in_pane_strip_and_chart(page: Page) -> None:
    colour = "all => all.map(el => [el.textContent, getComputedStyle(el).backgroundColor])"
    panes = dict(page.locator(".pane header .letter").evaluate_all(colour))
    assert dict(page.locator(".strip .letter").evaluate_all(colour)) == panes
    bar = "all => all.map(el => [el.textContent.trim()[0], getComputedStyle(el.querySelector('.layers path')).fill])"
    entries = page.locator(".st-key-side-charts .legend .traces")
    expect(entries).to_have_count(4)
    assert dict(entries.evaluate_all(bar)) == panes
    assert list(panes) == ["A", "B", "C", "D"] and len(set(panes.values())) == 4


def all_pictures_move_as_one(page: Page) -> None:
    assert len(set(scales(page))) == 1
    size = page.get_by_test_id("viewer-zoom-100")
    was = size.inner_text()
    page.get_by_test_id("viewer-zoom-in").click()
    expect(size).not_to_have_text(was)
    expect(page.locator(".viewer .diagram.moving")).to_have_count(0)
    zoomed = scales(page)
    stage = page.get_by_test_id("pane-C").locator(".stage").bounding_box()
    assert stage and len(zoomed) == 4
    page.mouse.move(stage["x"] + 20, stage["y"] + 200)
    page.mouse.down()
    page.mouse.move(stage["x"] + 30, stage["y"] + 90, steps=4)
    page.mouse.up()
    assert scales(page) != zoomed and len(set(scales(page))) == 1


def a_comparison_goes_into_the_address(page: Page) -> str:
    """What is told of it."""
    page.get_by_test_id("viewer-zoom-fit").click()
    page.get_by_test_id("viewer-colour").select_option("macs")
    click(page, "D", "stem")
    page.get_by_role("button", name="B → C").click()
    told = page.get_by_test_id("side-told")
    expect(told).to_contain_text("Pre-act ResNet-50")
    expect(page).to_have_url(re.compile("at=d%3Astem.*colour=macs.*pair=bc"))
    return told.inner_text()


def a_click_shows_the_counterpart_and_what_both_cost(page: Page) -> None:
    expect(page.locator(".pane")).to_have_count(2)
    page.get_by_test_id("viewer-zoom-fit").click()
    click(page, "A", "stage2.0")
    expect(box(page, "B", "stage2.0")).to_have_class(re.compile("partner"))
    expect(costs(page, "A")).to_contain_text("379 k params")
    expect(costs(page, "B")).to_contain_text("349 k params (−30.2 k)")
    expect(page.locator(".differences tr.on")).to_have_count(4)
    expect(page).to_have_url(re.compile("at=a%3Astage2.0"))


def test_one_scale_of_colour_for_all_and_room_for_both_on_a_telephone(visit: Visit):
    page = compare(visit, link(VGG_16, MOBILENET_V2, colour="params"))
    fill = "el => el.style.getPropertyValue('--fill')"
    expect(page.get_by_test_id("viewer-legend")).to_contain_text("124 M")  # VGG's head; the most in either
    assert box(page, "A", "head").evaluate(fill) == "rgb(253, 231, 37)"  # viridis' end
    assert box(page, "B", "head").evaluate(fill) != "rgb(253, 231, 37)"
    page.set_viewport_size({"width": 390, "height": 844})
    until(lambda: lies_below(page.get_by_test_id("side-differences"), page.get_by_test_id("viewer-stage")))
    widths = [page.get_by_test_id(f"pane-{letter}").evaluate("pane => pane.clientWidth") for letter in "AB"]
    assert min(widths) > 150
    for letter in "AB":  # neither on the name nor on each other
        tools = page.get_by_test_id(f"pane-{letter}").locator("header").locator(".letter, h4, button:visible")
        assert all(one["x"] + one["width"] <= other["x"] + 1 for one, other in pairwise(map(place, tools.all())))


def place(element: Locator) -> FloatRect:
    found = element.bounding_box()
    assert found
    return found


def lies_below(lower: Locator, upper: Locator) -> bool:
    return place(lower)["y"] >= place(upper)["y"] + place(upper)["height"] - 1


def test_a_network_that_fails_is_named_and_the_rest_stays(visit: Visit):
    bad = ModelSelection("model_defs", "VGG", "VGG-16", (("convs", (0, 0, 0, 0, 0)),))
    page = compare(visit, link(RESNET_34, bad, MOBILENET_V2, at="a:nowhere", pair="xy", colour="plaid"))
    expect(page.get_by_test_id("pane-B")).to_contain_text("VGG-16 cannot be shown. VGG without a convolution")
    expect(page.locator(".strip")).to_contain_text("cannot be built with these settings")
    expect(box(page, "C", "stem")).to_be_visible()
    expect(page.get_by_test_id("side-differences")).to_contain_text("MobileNetV2")
    expect(page.get_by_text("The link colours by “plaid”")).to_be_visible()
    expect(page.get_by_text("The link compares “xy”")).to_be_visible()
