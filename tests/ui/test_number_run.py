"""On the Explore page, the rest of a network that asks for values: drawn by one press, and what such a picture is."""

from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import expect

from testing.browser import fall_silent
from tests.conftest import OpenPage, Visit

QUERY = {"source": "tasks", "model": "ssdlite320_mobilenet_v3_large", "image_height": "64", "image_width": "64"}


def png_of(brightness: int) -> bytes:
    Image.new("RGB", (40, 30), (brightness,) * 3).save(buffer := BytesIO(), "PNG")
    return buffer.getvalue()


def said(app) -> str:
    return " ".join(each.value for each in app.markdown)


def test_a_link_to_a_run_that_is_not_here_offers_it(open_page: OpenPage) -> None:
    app = open_page("explore", **QUERY, numbers="5")
    assert not app.exception and "One of several paths" not in said(app)
    assert [button.label for button in app.button].count("Draw the rest") == 1


@pytest.mark.parametrize("query", [{"model": "LeNet"}, {"source": "torchvision", "model": "vgg16", "image_size": "16"}])
def test_nothing_is_offered_where_numbers_would_not_help(open_page: OpenPage, query: dict[str, str]) -> None:
    assert "Draw the rest" not in [button.label for button in open_page("explore", **query).button]


@pytest.mark.tour
def test_the_picture_stands_still_while_the_page_comes_and_one_press_draws_the_rest(visit: Visit) -> None:
    page = visit("?" + "&".join(f"{name}={value}" for name, value in QUERY.items()))
    picture, warning = page.get_by_test_id("viewer"), page.get_by_test_id("stAlert")
    picture.evaluate("picture => picture.firstOne = true")
    expect(warning).to_contain_text("depends on the numbers")
    rest = page.get_by_role("button", name="Draw the rest")
    expect(rest).to_be_visible()
    fall_silent(page)
    assert picture.evaluate("picture => picture.firstOne")
    expect(warning).to_have_count(1)
    rest.click()
    row = page.locator(".st-key-number-run")
    expect(row).to_contain_text("One of several paths")
    expect(row).to_contain_text("by seed 0")
    expect(warning).to_have_count(0)
    page.wait_for_url(lambda url: "numbers=0" in url)
    page.get_by_role("button", name="Your picture").click()
    page.locator("input[type=file]").set_input_files(
        {"name": "mine.png", "mimeType": "image/png", "buffer": png_of(200)}
    )
    expect(row).to_contain_text("your picture, from 0 for black to 1 for white")
    page.get_by_role("button", name="Up to the question only").click()
    expect(rest).to_be_visible()
    page.wait_for_url(lambda url: "numbers" not in url)
