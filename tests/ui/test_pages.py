"""Pages run without exception, whatever the address says, and show what the network counts."""

import random
import re
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from explorer.analysis.model_summary import study
from explorer.glossary import read_glossary
from explorer.graph.outline import walk
from explorer.models.selection import ModelSelection, decode_selection
from explorer.models.sources import own_options
from explorer.models.torchvision_tasks import task_names, task_options
from explorer.ui.navigation import DEPARTURE, Departure
from explorer.url_params import encode_query
from model_defs import CATALOG
from testing.browser import fall_silent
from testing.first_picture import FILE, first_picture
from tests.conftest import OpenPage, Visit

faces = [ModelSelection("model_defs", name, a.presets[0].name) for name, a in CATALOG.items()]


@pytest.mark.parametrize("place", faces, ids=lambda place: place.title)
def test_every_family_opens(open_page: OpenPage, place: ModelSelection):
    app = open_page("explore", **encode_query(place))
    assert not app.exception and not app.warning
    assert app.metric[0].label == "Parameters"


def test_the_page_opens_on_resnet_50_and_says_what_it_costs(open_page: OpenPage):
    app = open_page("explore")
    values = [metric.value for metric in app.metric]
    assert values[:2] == ["25,557,032", "4.09 G"] and values[3:] == ["50", "427 px"]
    assert "25,557,032" in app.metric[0].help and "3.80 G (He et al. 2015, Table 1)" in app.metric[1].help


def test_a_turned_knob_shows_its_change(open_page: OpenPage):
    app = open_page("explore", shortcut="none")
    projections = 64 * 256 + 256 * 512 + 512 * 1024 + 1024 * 2048 + 2 * (256 + 512 + 1024 + 2048)
    assert app.metric[0].value == f"{25_557_032 - projections:,}"
    assert app.metric[0].delta == f"−{projections:,}"
    next(button for button in app.button if button.label == "Back to ResNet-50").click().run()
    assert app.metric[0].value == "25,557,032" and not app.metric[0].delta


@pytest.mark.parametrize("knob", ["blocks/0", "width"])
def test_what_comes_of_a_knob_of_another_network_is_no_choice(open_page: OpenPage, knob: str) -> None:
    app = open_page("explore", model="ResNet", preset="ResNet-50")
    shown = decode_selection({"model": "VGG", "preset": "VGG-16"})[0]
    app.session_state["place"] = shown  # meanwhile, as by a lesson's step
    turned = next(each for each in (*app.number_input, *app.slider) if str(each.key).endswith(f"ResNet-50/{knob}"))
    turned.set_value(16).run()
    assert not app.exception
    assert app.session_state["place"] == shown


def test_choosing_a_preset_builds_it(open_page: OpenPage):
    app = open_page("explore")
    next(pills for pills in app.button_group if pills.key == "ResNet/preset").set_value("ResNet-18").run()
    assert app.metric[0].value == "11,689,512" and not app.exception


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"model": "VGG", "preset": "VGG-16", "image_size": "16"}, "“Image size” cannot be “16”"),
        ({"model": "ViT", "image_size": "225"}, "“225”"),
        ({"source": "torchvision", "model": "vit_b_16", "image_size": "225"}, "multiple of 16"),
        ({"source": "torchvision", "model": "vgg16", "image_size": "16"}, "features.30 (MaxPool2d) stopped"),
        ({"model": "GPT-5"}, "“GPT-5” is none of"),
        ({"width": "1000000"}, "from 8 to 128"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence_and_something_is_shown(open_page: OpenPage, query, words):
    app = open_page("explore", **query)
    assert not app.exception
    assert any(words in warning.value for warning in app.warning)
    assert app.metric[0].value


def test_a_link_cannot_put_pictures_or_links_on_the_page(open_page: OpenPage):
    app = open_page("explore", model="![x](http://example.org/x.png)", preset="[y](http://example.org)")
    assert len(app.warning) == 2
    assert not any(re.search(r"(?<!\\)[\[\]]", warning.value) for warning in app.warning)


def test_a_link_that_opens_too_much_to_draw_is_answered_with_the_usual_view(open_page: OpenPage):
    blocks = ",".join(f"stages.{stage}.{block}" for stage in range(3) for block in range(111))
    query = {"model": "Pre-activation ResNet", "preset": "Pre-act ResNet-1001, CIFAR", "repeats": "no"}
    app = open_page("explore", **query, open=f"stages,stages.0,stages.1,stages.2,{blocks}", at="stages.0.0")
    assert "boxes" in app.warning[0].value and not app.exception
    assert "open" not in app.query_params and app.query_params["at"] == "stages.0.0"


def test_the_last_good_network_stays_when_knobs_do_not_go_together(open_page: OpenPage):
    app = open_page("explore", source="torchvision", model="vit_b_16")
    good = app.metric[0].value
    app.number_input(key="torchvision/vit_b_16//image_size").set_value(225).run()
    assert not app.exception and app.metric[0].value == good
    assert any("multiple of 16" in warning.value for warning in app.warning)


@pytest.mark.parametrize(
    "query",
    [
        {"model": "LeNet"},
        {"source": "torchvision", "model": "googlenet"},
        {"source": "torchvision", "model": "vgg16", "image_size": "16"},
        {"source": "tasks", "model": "raft_small", "image_height": "128", "image_width": "128"},
        {"source": "tasks", "model": "ssdlite320_mobilenet_v3_large"},
    ],
    ids=["whole", "with heads left out", "broken", "two inputs", "a list, and broken"],
)
def test_whatever_lies_in_the_picture_can_be_selected(open_page: OpenPage, query: dict[str, str]):
    """Layers and blocks, frames and ×N copies, the input, and the end of one that works and of one that stops."""
    drawn = study(decode_selection(query)[0].spec).outline
    top = [item.id for items in (drawn.written, drawn.folded) for item in items]
    inside = [item.id for item in (*walk(drawn.written), *walk(drawn.folded)) if item.id not in top]
    app = open_page("explore", **query)
    for place in (*dict.fromkeys(top), *dict.fromkeys(inside[:: max(1, len(inside) // 8)])):
        app.query_params["at"] = place
        app.session_state["place"] = decode_selection(query | {"at": place})[0]
        app.run()
        assert not app.exception, place


def test_random_addresses_raise_nothing(open_page: OpenPage):
    """A sample through the whole page; `test_places` reads a thousand."""
    dice = random.Random(0)
    keys = ("source", "model", "preset", "open", "at", "batch", "colour", "direction", "repeats", "width", "blocks")
    words = (
        "",
        "-",
        "none",
        "torchvision",
        "tasks",
        "VGG",
        "s3d",
        "stage1",
        "LR",
        "yes",
        "no",
        "1e9",
        "ß",
        "../..",
        "3-4-6-3",
        "64",
    )
    for _ in range(20):
        query = {key: dice.choice(words) for key in dice.sample((*keys, "projector"), 5)}
        assert not open_page("explore", **query).exception, query


def test_every_knob_is_explained():
    knobs = {option.name for name in CATALOG for option in own_options(name)}
    knobs |= {option.name for name in task_names() for option in task_options(name)}
    assert knobs - read_glossary("options").keys() == set()


def test_a_page_is_emptied_before_another_is_opened(open_page: OpenPage):
    """Else its clock, of which the browser hears last, would call it back amid the next one."""
    app = open_page("compare", view="evolution")
    app.session_state[DEPARTURE] = left = Departure("explore", {"model": "VGG"}, 2)
    app.run()
    assert not app.main.tabs and not app.segmented_control and not app.metric and not app.exception
    app.session_state[DEPARTURE] = replace(left, empty=True)
    app.run()
    assert app.session_state["page"] == "" and app.session_state["place"].name == "VGG"  # Explore has no name
    assert not app.exception


@pytest.mark.parametrize("begun", ["", "compare"])
def test_a_call_of_the_page_before_leads_on_to_the_next_until_the_browser_shows_that(
    open_page: OpenPage, begun: str
) -> None:
    app = open_page("compare", view="evolution")
    app.session_state[DEPARTURE] = Departure("explore", {"model": "VGG"}, empty=True)
    app.session_state["page"] = begun  # whose run was broken off
    for _ in range(2):  # amid its first run, and once it has been drawn to its end
        app.run()
        assert app.session_state["page"] == "" and app.session_state["place"].name == "VGG" and not app.exception


@pytest.mark.tour
def test_on_the_screen_a_page_says_so_and_back_leads_back(visit: Visit) -> None:
    page = visit("glossary")
    page.get_by_role("link", name="Learn", exact=True).click()
    expect(page).to_have_url(re.compile("/learn$"))
    fall_silent(page)
    page.go_back()
    fall_silent(page)
    expect(page).to_have_url(re.compile("/glossary$"))
    expect(page.get_by_role("heading", name="Glossary")).to_be_visible()


def test_whoever_goes_elsewhere_meanwhile_is_not_led_on(open_page: OpenPage):
    app = open_page("compare", view="evolution")
    app.session_state[DEPARTURE] = Departure("explore", {"model": "VGG"})
    app.switch_page("../pages/glossary.py").run()
    assert app.session_state[DEPARTURE].over and not app.exception and not app.metric


def without_streamlits_code(page: Page) -> None:
    """Of the pages that it is going to open: the present one may still be fetching some."""
    page.goto("about:blank")
    page.route("**/*.js", lambda route: route.fulfill(content_type="text/javascript"))


def test_before_streamlits_code_has_come_the_page_says_that_it_is_loading(app_url: str, visit: Visit) -> None:
    page = visit("glossary")
    expect(page.locator(".skeleton")).to_have_count(0)
    assert "Source Sans" in page.evaluate("getComputedStyle(document.body).fontFamily")  # nothing of it is left behind
    without_streamlits_code(page)
    for path in ("", "glossary?term=depth"):
        page.goto(f"{app_url}/{path}")
        expect(page.get_by_text("Loading the explorer …")).to_be_visible()
        expect(page).to_have_title("Architecture explorer")
    page.unroute_all()


@pytest.mark.parametrize("part", ["stMarkdown", "stBidiComponent"])
def test_that_it_is_loading_is_said_until_a_part_of_the_page_is_there(app_url: str, visit: Visit, part: str) -> None:
    page = visit("glossary")
    without_streamlits_code(page)
    page.goto(f"{app_url}/compare?view=evolution")  # whose words are all its component's
    appear = "name => root.append(Object.assign(document.createElement('div'), {className: name}))"
    page.evaluate(appear, "stAppToolbar")
    expect(page.get_by_text("Loading the explorer …")).to_be_visible()
    page.evaluate(appear, part)
    expect(page.locator("#first")).to_have_count(0)
    page.unroute_all()
    page.goto(f"{app_url}/compare?view=evolution&stop=ResNet")
    expect(page.locator(".slide")).not_to_have_count(0)
    expect(page.locator("#first")).to_have_count(0)


def test_the_picture_drawn_beforehand_is_what_is_drawn_and_lies_where_that_will(app_url: str, visit: Visit) -> None:
    """But for where Graphviz of another version puts a box."""
    assert re.findall(r">([^<>\n]+)</t", FILE.read_text()) == re.findall(r">([^<>\n]+)</t", first_picture())
    page = visit("")
    expect(page.locator(".still, #first")).to_have_count(0)
    frame = page.locator("svg.diagram .frame").first.bounding_box()
    without_streamlits_code(page)
    page.goto(app_url)
    still = page.locator("svg.still .frame").first.bounding_box()
    assert frame and still
    for side in ("x", "y", "width", "height"):
        assert still[side] == pytest.approx(frame[side], abs=2)
    page.goto(f"{app_url}?model=VGG")
    expect(page.get_by_text("Loading the explorer …")).to_be_visible()
    expect(page.locator(".still")).to_have_count(0)
    page.unroute_all()
