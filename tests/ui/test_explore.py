"""The Explore page as a visitor uses it, in a real Chromium."""

import csv
import io
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from playwright.sync_api import Download, Page, expect

from testing.browser import PATIENT, address, settle
from tests.conftest import Visit


def box(page: Page, id: str):
    return page.locator(f'.viewer .box[data-id="{id}"]')


def panel(page: Page):
    return page.locator(".st-key-details")


def click(page: Page, id: str) -> None:
    box(page, id).locator(".card").last.click()


def boxes(page: Page) -> int:
    return page.locator(".viewer .box").count()


@pytest.mark.tour
def test_opening_everything_shows_everything(visit: Visit):
    page = visit("?model=VGG", 1280, 800)
    for name, id in (("viewer-open-everything", "head.6"), ("viewer-fold-all", "head")):
        page.get_by_test_id(name).click()
        for each in ("input", id, "output"):
            expect(box(page, each)).to_be_in_viewport(ratio=0.99)
    box(page, "stages").locator(".card").last.dblclick()
    for each in ("input", "stages.4", "output"):
        expect(box(page, each)).to_be_in_viewport(ratio=0.99)


@pytest.mark.tour
def test_a_link_shows_all_that_it_opens(visit: Visit):
    page = visit("?open=stage1.0", 1280, 800)
    for each in ("input", "stage1.0.conv1", "stage1.0/add", "output"):
        expect(box(page, each)).to_be_in_viewport(ratio=0.99)
    page.locator('.viewer .group[data-id="stage1"] .fold').first.click()
    expect(box(page, "stage1")).to_be_visible()
    expect(page).to_have_url(re.compile("open=none"))  # else the next reader would see it open
    page = visit("?model=SE-ResNet&open=stage1,stage1.0,stage1.1&at=stage1.1.conv2", 1280, 800)
    for each in ("conv1", "conv2", "conv3"):
        expect(box(page, f"stage1.1.{each}")).to_be_in_viewport(ratio=0.99)


@pytest.mark.tour
def test_it_opens_on_a_drawn_resnet_50_that_a_copied_link_opens_as_it_was_left(page: Page, visit: Visit):
    expect(box(page, "stage1.1")).to_contain_text("×2")
    assert boxes(page) <= 25
    expect(panel(page)).to_contain_text("Learn a correction to the identity")
    nothing_is_cut_off_at_the_side(page)
    the_table_saves_as_csv_whose_columns_add_up(page)
    the_picture_saves_as_png(page)
    a_click_explains(page)
    the_table_and_the_picture_select_together(page)
    a_double_click_opens(page)
    page.get_by_test_id("viewer-colour").select_option("macs")
    expect(page).to_have_url(re.compile(r"(?=.*at=stage1\.0\.conv2)(?=.*colour=macs)"))
    again = visit(address(page).rpartition("/")[2], scheme="dark")
    expect(again.locator(".viewer .box")).to_have_count(boxes(page))
    expect(again.locator(".viewer .box.selected")).to_have_attribute("data-id", "stage1.0.conv2")
    expect(panel(again)).to_contain_text("36,864")
    expect(again.get_by_test_id("viewer-colour")).to_have_value("macs")
    nothing_is_cut_off_at_the_side(again)
    again.goto(f"{again.url.partition('?')[0]}?open=stage4,stage4.1&at=stage4.1.conv3&projector=1")
    expect(again.locator(".viewer .box.selected")).to_be_in_viewport(ratio=0.99)  # far below the beginning


def nothing_is_cut_off_at_the_side(page: Page) -> None:
    for width, height in ((1280, 800), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function("width => innerWidth === width", arg=width)
        page.wait_for_function("width => document.documentElement.scrollWidth <= width", arg=width)
        expect(page.locator(".viewer .box").first).to_be_visible()
        one_row = "bar => bar.getBoundingClientRect().height < 60"
        bar = page.locator(".viewer .bar").element_handle()
        page.wait_for_function(one_row, arg=bar)  # the sidebar may still be sliding in


def the_table_saves_as_csv_whose_columns_add_up(page: Page) -> None:
    rows = list(csv.DictReader(io.StringIO(saved(page, "CSV").read_text())))
    assert sum(int(row["parameters"]) for row in rows) == 25_557_032
    assert sum(int(row["MACs"]) for row in rows) == 4_089_184_256


def saved(page: Page, name: str) -> Path:
    with page.expect_download(timeout=PATIENT) as waiting:
        page.get_by_role("button", name=name, exact=True).click()
    download: Download = waiting.value
    return Path(download.path())


def the_picture_saves_as_png(page: Page) -> None:
    page.get_by_test_id("viewer-export").click()
    with page.expect_download() as waiting:
        page.get_by_test_id("viewer-export-png").click()
    assert Path(waiting.value.path()).read_bytes().startswith(b"\x89PNG")


def a_click_explains(page: Page) -> None:
    click(page, "stage1.0")
    expect(panel(page)).to_contain_text("56 × 56 positions × 3 × 3 × 64 × 64 = 115,605,504")


def the_table_and_the_picture_select_together(page: Page) -> None:
    expect(page.get_by_text("12 of 188 operations")).to_be_visible()
    settle(page)
    table = page.locator(".st-key-layers, [data-testid=stDataFrame]").first
    table.scroll_into_view_if_needed()
    edge = table.bounding_box()
    assert edge
    page.mouse.click(edge["x"] + 18, edge["y"] + 60)  # the mark before the first row
    expect(panel(page)).to_contain_text("stage1.0.conv1")
    expect(page).to_have_url(re.compile("at=stage1.0.conv1"))


def a_double_click_opens(page: Page) -> None:
    box(page, "stage1.0").locator(".card").last.dblclick()
    expect(box(page, "stage1.0.conv2")).to_be_visible()
    click(page, "stage1.0.conv2")
    expect(panel(page)).to_contain_text("3 × 3 × 64 × 64 = 36,864")


@pytest.mark.tour
def test_back_leads_to_where_one_was_and_a_turned_knob_redraws_and_keeps_the_rest(page: Page):
    click(page, "stage1.0")
    expect(page).to_have_url(re.compile("at=stage1.0"))
    page.get_by_role("radio", name="ResNet-18").click()
    expect(page.locator(".st-key-headline")).to_contain_text("11,689,512")
    expect(page).to_have_url(re.compile("preset=ResNet-18"))
    page.go_back()
    expect(page.locator(".st-key-headline")).to_contain_text("25,557,032")
    expect(panel(page)).to_contain_text("stage1.0")
    page.go_back()
    expect(panel(page)).not_to_contain_text("stage1.0")
    page.go_forward()
    expect(panel(page)).to_contain_text("stage1.0")
    settle(page)
    click(page, "stage2.0")
    expect(page).to_have_url(re.compile("at=stage2.0"))
    third = page.locator(".st-key-counts-blocks input").nth(2)
    third.fill("23")
    third.press("Enter")
    expect(box(page, "stage3.1")).to_contain_text("×22")
    expect(page.locator(".st-key-headline")).to_contain_text("44,549,160")  # which is ResNet-101
    expect(panel(page)).to_contain_text("stage2.0")


def test_everything_in_resnet_152_opens_and_folds_again(visit: Visit):
    page = visit("?model=ResNet&preset=ResNet-152")
    assert boxes(page) <= 25
    page.get_by_test_id("viewer-repeats").click()
    page.get_by_test_id("viewer-open-everything").click()
    expect(page.locator(".viewer .box")).to_have_count(517)
    page.get_by_test_id("viewer-fold-all").click()
    expect(page.locator(".viewer .box")).to_have_count(8)


def test_it_is_searched_walked_by_keys_turned_and_taken_home(page: Page):
    page.get_by_test_id("viewer-search").fill("maxpool")
    expect(page.locator(".viewer .box.match")).to_have_attribute("data-id", "stem")  # it lies folded
    page.get_by_test_id("viewer-search").fill("")
    left_to_right_is_wider_than_top_to_bottom(page)
    the_keyboard_walks_opens_and_folds(page)
    what_is_taken_home_opens_elsewhere(page)


def left_to_right_is_wider_than_top_to_bottom(page: Page) -> None:
    width = "svg => svg.viewBox.baseVal.width / svg.viewBox.baseVal.height"
    columns = page.locator("svg.diagram").evaluate(width)
    turn = page.get_by_test_id("viewer-direction")
    turn.click()
    expect(page).to_have_url(re.compile("direction=LR"))
    expect(turn).to_have_attribute("data-direction", "LR")
    assert page.locator("svg.diagram").evaluate(width) > 1.5 * columns
    turn.click()
    expect(turn).not_to_have_attribute("data-direction", "LR")


def the_keyboard_walks_opens_and_folds(page: Page) -> None:
    click(page, "stem")
    page.keyboard.press("Enter")
    expect(box(page, "stem.0")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(page).to_have_url(re.compile(r"at=stem"))


def what_is_taken_home_opens_elsewhere(page: Page) -> None:
    page.get_by_role("tab", name="Take it home").click()
    settle(page)
    assert ET.parse(saved(page, "SVG")).getroot().tag == "{http://www.w3.org/2000/svg}svg"
    assert saved(page, "PDF").read_bytes().startswith(b"%PDF")
    assert "digraph" in saved(page, "DOT").read_text()
    expect(page.get_by_text("CATALOG['ResNet'].build(")).to_be_visible()


def test_a_long_name_is_shown_whole(visit: Visit):
    page = visit("?model=CIFAR+ResNet&preset=ResNet-110,+dropout+on+shortcuts&width=32", 1280, 800)
    title = page.locator(".st-key-headline h3")
    expect(title).to_have_text("ResNet-110, dropout on shortcuts, changed")
    assert title.evaluate("title => title.scrollWidth <= title.clientWidth && title.scrollHeight <= title.clientHeight")


def test_a_bad_link_is_said_and_nothing_breaks(visit: Visit):
    page = visit("?model=VGG&preset=VGG-16&image_size=16")
    expect(page.get_by_text("“Image size” cannot be “16”")).to_be_visible()
    expect(page.locator(".viewer .box").nth(5)).to_be_visible()
