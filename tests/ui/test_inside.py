"""The Inside page: what every box made of a picture, and one number of it, in AppTest and in a real Chromium."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest
import torch
from PIL import Image
from playwright.sync_api import Page, expect
from streamlit.testing.v1 import AppTest

from explorer.activations.networks import live_network
from explorer.analysis.input_windows import input_windows
from explorer.analysis.model_summary import study
from explorer.datasets.registry import load_dataset
from explorer.graph.outline import walk
from explorer.models.spec import Spec, build
from explorer.training.image_preview import pick_image
from explorer.training.plan import parse_plan
from explorer.training.results.predictions import Intake
from explorer.training.runs.pretrained_weights import ships
from explorer.training.runs.recorded_runs import collection
from explorer.ui.inside import networks
from explorer.ui.inside.channel_pictures import MOST, Search, looked_at
from explorer.ui.inside.page_state import InsideState, decode_inside
from explorer.url_params import encode_query
from testing.browser import settle
from testing.waiting import until
from tests.conftest import OpenPage, Visit

OPENING = "Opening the network"


def opened(app: AppTest) -> AppTest:
    """Once the network is there, which another thread brings."""

    def there() -> bool:
        app.run()
        return not any(OPENING in each.value for each in app.markdown)

    until(there)
    return app


def said(app: AppTest) -> str:
    assert not app.exception
    return "\n".join(each.value for each in (*app.markdown, *app.caption, *app.warning))


def test_it_opens_on_the_deepest_residual_network_that_ships_and_answers_with_its_classes(open_page: OpenPage) -> None:
    app = opened(open_page("inside"))
    assert "ResNet-56, cat 1" in said(app) and "10 classes" in said(app)
    assert not app.warning


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"network": "zzz"}, "“zzz” is none of"),
        ({"weights": "best"}, "“best” is none of"),
        ({"channel": "-1"}, "no number of one"),
        ({"against": "two"}, "against “two” is no number of one: the next by strength is shown"),
        ({"slide": "fast"}, "“fast” is none of"),
        ({"cell": "3"}, "no row and column"),
    ],
)
def test_a_word_of_no_meaning_is_named_and_the_usual_taken(query: dict[str, str], words: str) -> None:
    view, problems = decode_inside(query)
    assert view == InsideState() and words in " ".join(problems)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"picture": "nobody 9"}, "no picture “nobody 9”"),
        ({"picture": "own"}, "which no link holds"),
        ({"picture": "test 5"}, "not on this computer"),
        ({"at": "stage1.0.conv1", "beside": "picture", "other": "own"}, "which no link holds"),
    ],
)
def test_a_picture_that_is_not_here_is_said_in_a_sentence(
    open_page: OpenPage, query: dict[str, str], words: str
) -> None:
    assert words in said(opened(open_page("inside", **query)))


def test_whatever_lies_in_the_picture_can_be_selected_and_a_number_of_it_spelled_out(open_page: OpenPage) -> None:
    app = opened(open_page("inside"))
    run = next(run for run in collection().of("degradation", "quick") if ships(run) and run.title == "ResNet-20")
    items = [item.id for item in walk(study(parse_plan(run.plan).spec).outline.written)]
    ids = [*items[:14], *items[-8:], "input", "output", "stage1", "no such box"]
    for at in ids:
        app.session_state["inside"] = decode_inside({"network": run.id, "at": at, "channel": "1", "cell": "1,2"})[0]
        opened(app)
        assert not app.exception, at


def test_a_link_leads_back_to_the_same_view() -> None:
    run = next(run.id for run in collection().runs() if ships(run))
    drawn = InsideState(run, "initial", "dog 2", ("stage1",), False, "LR", "macs", "stage1.0", 3, (1, 2))
    view = replace(drawn, panel="reach", order="number", beside="recipe", other="cat 2", pixel=(4, 5))
    view = replace(view, against=7, slide=True)
    assert decode_inside(encode_query(view)) == (view, ())
    assert encode_query(InsideState()) == {}


@pytest.mark.tour
def test_a_box_shows_its_channels_and_a_number_its_sum_down_to_the_pixels(visit: Visit) -> None:
    page = visit("inside?open=stem")
    thumbnails = page.locator("svg.diagram image.map")
    expect(thumbnails.first).to_have_attribute("href", re.compile("^data:image/png;base64,"))
    page.locator("svg.diagram [data-id='stem.0']").click()
    panel = page.locator(".st-key-inside-details")
    expect(panel).to_contain_text("Conv2d")
    expect(panel).to_contain_text("Dead channels")
    number = page.locator(".st-key-inside-map .plotly-chart")
    expect(number.locator("image, .heatmaplayer image").first).to_be_attached()
    number.scroll_into_view_if_needed()
    number.click(position={"x": 120, "y": 130})
    expect(panel).to_contain_text("27 products")  # 3 × 3 × 3, away from the edge
    expect(panel).to_contain_text("It adds up to")
    page.get_by_role("button", name="One step down").click()
    expect(panel).to_contain_text("The picture’s own pixel")
    page.wait_for_url(lambda url: "at=input" in url and "cell=" in url)
    page.go_back()
    expect(panel).to_contain_text("27 products")
    expect(panel.locator("h4")).to_contain_text("stem.0")


@pytest.mark.tour
def test_another_picture_paints_other_maps_in_the_same_boxes_and_ones_own_stays_ones_own(visit: Visit) -> None:
    page = visit("inside")
    first = maps(page)
    page.locator("svg.diagram").evaluate("svg => svg.same = true")
    own = io.BytesIO()
    Image.new("CMYK", (40, 30), (0, 200, 200, 0)).save(own, "JPEG")
    page.get_by_text("Your own").click()
    give(page, "red.jpg", own.getvalue())
    expect(page.locator(".st-key-inside-details")).to_contain_text("ResNet-56, your picture")
    settle(page)
    until(lambda: maps(page) != first, lambda: page.wait_for_timeout(50))
    assert page.locator("svg.diagram").evaluate("svg => svg.same")
    page.wait_for_url(lambda url: "picture=own" in url)
    give(page, "broken.png", b"\x89PNG\r\n\x1a\n")
    expect(page.get_by_test_id("stAlert").first).to_contain_text("choose another picture")


def give(page: Page, name: str, content: bytes) -> None:
    file = {"name": name, "mimeType": "image/png", "buffer": content}
    page.locator("input[type=file]").set_input_files([file])  # type: ignore[list-item]


def maps(page: Page) -> list[str | None]:
    found = page.locator("svg.diagram image.map")
    expect(found.first).to_be_attached()
    return [each.get_attribute("href") for each in found.all()]


# What it sees


@pytest.mark.parametrize("at", ["", "stem", "stem.0", "stage2.0", "stage3", "head", "input", "no such box"])
def test_whatever_is_selected_it_says_what_a_number_of_it_sees(open_page: OpenPage, at: str) -> None:
    app = opened(open_page("inside", panel="reach", at=at, pixel="3,4"))
    words = said(app)
    assert not app.warning
    assert ("This is the picture itself" in words) == (at == "input")
    assert ("What one number sees" in words) == (at != "input")
    assert at == "input" or ('class="measured"' in words and 'class="computed"' in words)
    assert ("No box is selected" in words) == (at in ("", "no such box"))


def test_a_number_of_the_first_convolution_sees_nine_pixels_and_a_pixel_reaches_nine_numbers(
    open_page: OpenPage,
) -> None:
    app = opened(open_page("inside", panel="reach", at="stem.0", channel="2", cell="5,6", pixel="0,9"))
    words = said(app)
    assert "3 × 3 = 9 of 1,024" in words and "9, none outside" in words
    assert "96 of 16,384" in words and "96, none elsewhere" in words  # 16 channels, two rows of three at the upper edge
    assert "All 16 filters of 3 × 3 weights" in words


def test_a_number_whose_windows_leave_the_picture_says_how_far_they_would_go(open_page: OpenPage) -> None:
    app = opened(open_page("inside", panel="reach", at="stage3"))
    assert "all 1,024" in said(app) and "in a larger picture it would see 249 × 249 pixels" in said(app)


def test_a_class_sees_the_whole_picture_and_it_is_said_by_what(open_page: OpenPage) -> None:
    words = said(opened(open_page("inside", panel="reach", at="head")))
    assert "It sees the whole picture" in words and "takes all rows and columns together" in words


def test_the_pictures_that_a_channel_answers_to_most_come_when_they_are_asked_for(open_page: OpenPage) -> None:
    app = opened(open_page("inside", panel="reach", at="stem.0", channel="2"))
    look_at = next(button for button in app.button if button.label.startswith("Look at"))
    assert not any("The strongest of" in each.value for each in app.caption)
    look_at.click()

    def there() -> bool:
        app.run()
        return any("The strongest of 40 pictures drawn for this" in each.value for each in app.caption)

    until(there)
    assert not app.exception and not app.warning


def test_a_search_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    search = Search("net", 0, "trained", "1", 0, "", cast(Any, None), cast(Any, None))
    shares: list[float] = []

    def look(live: object, box: object, channel: int, images: Callable[[int], object], many: int) -> list[object]:
        for number in (*range(many), 3):  # one that came in is asked for again
            images(number)
            shares.append(looked_at()[search])
        return []

    monkeypatch.setattr("explorer.ui.inside.channel_pictures.top_pictures", look)
    assert search.find().count == 40
    assert shares == [*(number / 40 for number in range(1, 41)), 1.0] and not looked_at()


@pytest.mark.tour
def test_a_click_in_the_picture_shows_what_the_pixel_reaches(visit: Visit) -> None:
    page = visit("inside?panel=reach&at=stem.0", width=1280, height=800)
    panel = page.locator(".st-key-inside-details")
    expect(panel).to_contain_text("Click a pixel of the picture above")
    picture = page.locator(".st-key-inside-sees .plotly-chart")
    picture.scroll_into_view_if_needed()
    expect(picture.locator(".heatmaplayer image, .imagelayer image").first).to_be_attached()
    picture.click(position={"x": 70, "y": 80})
    page.wait_for_url(lambda url: "pixel=" in url)
    expect(panel).to_contain_text("144, none elsewhere")  # 3 × 3 in each of 16 channels
    expect(page.locator(".st-key-inside-reaches .plotly-chart image").first).to_be_attached()


def test_where_the_data_set_is_here_its_test_pictures_are_looked_at_by_the_numbers_they_are_chosen_by() -> None:
    spec = Spec("model_defs", "CIFAR ResNet", (("depth", 8), ("width", 4), ("image_size", 16)))
    graph, dataset = study(spec).graph, load_dataset("shapes10")
    intake = Intake(dataset.classes, (3, 16, 16), (0.5,) * 3, (0.2,) * 3)
    live = live_network("a run", spec, build(spec).state_dict(), intake)
    box = graph.nodes[1], input_windows(graph)["1"]
    search = Search("run", 0, "trained", "1", 2, "shapes10", live, box)
    found = search.find()
    assert (found.count, found.dataset) == (min(MOST, len(dataset.test)), dataset.name) and len(found.pictures) == 9
    for name, top in found.pictures:
        image, label = pick_image(dataset.test, top.number)
        assert name == f"test {top.number}: {dataset.classes[label]}" and torch.equal(top.image, intake.fitted(image))


def test_a_network_that_cannot_be_opened_is_said_once_and_not_tried_without_an_end(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def fail(key: str, weights: str) -> None:
        tried.append(key)
        raise OSError("the disk is gone")

    monkeypatch.setattr(networks, "opened_run", fail)
    networks.begin_opening.clear()
    app = opened(open_page("inside"))
    assert "the disk is gone" in said(app)
    opened(app.run())
    assert len(tried) == 1
    monkeypatch.undo()
    monkeypatch.setattr(networks, "AGAIN", 0.0)
    assert "could not be opened" not in said(opened(app.run()))
    networks.begin_opening.clear()
