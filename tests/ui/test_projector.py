"""Projector mode: in the link of every page, and large enough for the back row."""

import re
from itertools import pairwise
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Locator, Page, expect
from streamlit.testing.v1 import AppTest

from explorer.diff.comparison import READY_MADE
from explorer.leaderboard.history import MILESTONES
from explorer.training.runs.recorded_runs import collection
from explorer.ui.charts import LEAST, enlarge_letters
from explorer.ui.compare.page_state import ComparePageState
from explorer.url_params import encode_query
from testing.browser import APP, settle
from testing.waiting import PATIENCE, until
from tests.conftest import OpenPage, Visit

PAGES = ("explore", "compare", "train", "scale")
VIEWS = {  # a link, or what is clicked where one is; and what is there once it is drawn
    "?at=stage1.0&": ".stDataFrame",
    "?source=torchvision&model=googlenet&direction=LR&colour=macs&": ".viewer .ramp",
    "?lesson=bottleneck&step=5&": ".st-key-lesson .stRadio",
    "learn?": ".lesson-row",
    "compare?": ".plotly-chart .legendtext",
    "Who counts what?": ".witnesses tbody > tr:nth-child(3)",
    "Speed here": ".speeds",
    "Which one?": ".recommend-bars",
    "Side by side": ".stPlotlyChart .legendtext",
    "compare?view=evolution&stop=GoogLeNet&": ".slide:nth-child(4) .picture svg",
    "train?": ".samples",
    "scale?": ".own .chip",
    "One dimension, or all three": ".stPlotlyChart .xtick",
    "B0 to B7": ".stPlotlyChart .xtick",
    "Rounding: exact φ or shipped": ".stPlotlyChart .xtick",
    "Table": ".stDataFrame",
    "inside?open=stage1,stage1.0&at=stage1.0.conv1&cell=4,5&": ".st-key-inside-window .plotly-chart image",
    "inside?at=stage1.0.conv1&slide=yes&beside=channel&": ".slide-output image",
    "inside?panel=why&": ".st-key-inside-deletion .plotly-chart .legendtext",
    "inside?panel=reach&at=stem.0&pixel=3,4&": ".st-key-inside-reaches .plotly-chart image",
}
# Of each text that is to be seen: how large it is on the screen, and what it says. Pictures shrink theirs.
SMALL = """(least) => {
  const found = new Set();
  const tell = (size, text) => size < least - 0.05 && found.add(`${size.toFixed(1)} px: ${text.trim().slice(0, 40)}`);
  const look = (element) => {
    if (element.shadowRoot) lookIn(element.shadowRoot);
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return;
    const { width, height, left, right } = element.getBoundingClientRect();
    if (width < 2 || height < 2 || right < 0 || left > innerWidth) return;
    const style = getComputedStyle(element), turned = element.getScreenCTM?.();
    const scale = turned ? Math.hypot(turned.a, turned.b) : 1;
    if (element.dataset.tip) tell(parseFloat(getComputedStyle(element, "::after").fontSize), element.dataset.tip);
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join("").trim();
    if (text && !element.closest("style, script, option, .alternative, [data-testid=stIconMaterial]"))
      tell(parseFloat(style.fontSize) * scale, text);
  };
  const lookIn = (root) => root.querySelectorAll("*").forEach(look);
  lookIn(document);
  return [...found];
}"""


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


def test_the_links_that_train_writes_keep_it(open_page: OpenPage):
    runs = ",".join(run.id for run in collection().of("degradation", "quick"))
    for query, kept in (({"projector": "1"}, True), ({}, False)):
        app = open_page("train", runs=runs, **query)
        links = [each.value for each in app.code if "runs=" in each.value]
        assert links and all(("projector=1" in link) == kept for link in links)  # “Link for a class” among them
        (table,) = (each.value for each in app.markdown if "See its diagram" in each.value)
        assert table.count("projector=1") == (table.count("<a ") if kept else 0)


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


@pytest.mark.tour
def test_every_text_of_every_view_reads_from_the_back_row(visit: Visit):
    page, small = visit("?projector=1", 1280, 800), {}
    home = page.url.partition("/?")[0]
    for view, drawn in VIEWS.items():
        if view.partition("?")[0].islower() or view.startswith("?"):
            page.goto(f"{home}/{view}projector=1")
        else:
            page.get_by_text(view, exact=True).first.click()
        expect(page.locator(drawn).first).to_be_visible()
        settle(page)
        small |= {view: found} if (found := page.evaluate(SMALL, LEAST)) else {}
    assert small == {}


def left_of(element: Locator) -> float:
    return element.evaluate("(element) => element.getBoundingClientRect().left")


def right_of(element: Locator) -> float:
    return element.evaluate("(element) => element.getBoundingClientRect().right")


def test_what_a_click_explains_lies_over_the_picture_there_and_in_full_screen(page: Page):
    details, viewer = page.locator(".st-key-details"), page.get_by_test_id("viewer")
    beside = viewer.bounding_box()
    page.get_by_test_id("viewer-fullscreen").click()
    expect(details).to_be_hidden()
    page.locator('.viewer .box[data-id="stem"] .card').last.click()
    expect(details).to_contain_text("Sequential")
    expect(details).to_be_in_viewport()
    until(lambda: max(map(right_of, page.locator(".viewer .box .card").all())) < left_of(details))
    page.get_by_test_id("viewer-fullscreen").click()
    page.get_by_role("button", name="Projector").click()
    expect(details).to_be_visible()
    expect(page.locator(".viewer .percent")).to_have_text(re.compile("1[4-9]. %"))  # the smallest letters are 16 px
    until(lambda: right_of(page.locator(".viewer .selected .card").last) < left_of(details))
    page.locator(".viewer .selected .title").last.hover()
    expect(page.get_by_test_id("viewer-tooltip")).to_be_visible()
    assert right_of(page.get_by_test_id("viewer-tooltip")) < left_of(details)
    page.keyboard.press("Escape")
    assert beside and (now := viewer.bounding_box()) and now["width"] > beside["width"] + 300
    page.locator(".viewer .stage").click(position={"x": 5, "y": 100})
    expect(details).to_be_hidden()
    page.get_by_test_id("stExpandSidebarButton").click()
    expect(page.get_by_role("radio", name="ResNet-18")).to_be_in_viewport()


@pytest.mark.tour
@pytest.mark.parametrize("at", ["", "stage1.0.conv1"])
def test_what_inside_says_stays_beside_the_picture_there_and_in_full_screen(visit: Visit, at: str):
    page = visit(f"inside?projector=1&at={at}", 1280, 800)
    panel, viewer = page.locator(".st-key-inside-details"), page.get_by_test_id("viewer")
    for name in ("Its view", "Why this class?", "Maps"):
        page.get_by_text(name, exact=True).click()
        expect(page.get_by_role("radio", name=name)).to_have_attribute("aria-checked", "true")
        until(lambda: right_of(viewer) < left_of(panel) and right_of(panel) <= 1280)
    expect(panel).to_contain_text("conv1" if at else "ResNet-56, cat 1")
    page.get_by_test_id("viewer-fullscreen").click()
    until(lambda: panel.evaluate("(panel) => panel.getBoundingClientRect().height") == 800)
    assert right_of(viewer) < left_of(panel) and right_of(panel) <= 1280


HIDDEN = "(box) => Math.max(box.scrollWidth - box.clientWidth, box.scrollHeight - box.clientHeight)"


@pytest.mark.tour
def test_evolution_shows_every_block_whole_the_way_on_and_every_name(visit: Visit):
    page = visit("compare?view=evolution&projector=1", 1280, 800)
    expect(page.locator(".picture svg")).to_have_count(len(MILESTONES))
    for stop in MILESTONES:
        page.get_by_role("button", name=re.compile(f"^[0-9]{{4}}: {re.escape(stop.key)}$")).click()
        picture = page.locator(".slide:not([inert]) .picture")
        expect(picture.locator("svg")).to_have_attribute("aria-label", re.compile(re.escape(stop.shows)))
        assert picture.evaluate(HIDDEN) <= 0 and page.evaluate(SMALL, LEAST) == [], stop.key
    page.get_by_role("button", name=re.compile("GoogLeNet$")).click()
    expect(page.get_by_role("button", name="Open GoogLeNet in Explore")).to_be_in_viewport(ratio=1)
    page.locator(".slide:not([inert]) .picture").click()
    expect(page.locator("dialog svg")).to_be_visible()
    assert page.locator("dialog").evaluate(HIDDEN) <= 0 and page.evaluate(SMALL, LEAST) == []
    page.keyboard.press("Escape")
    names = page.locator(".stops .name").evaluate_all(
        "(names) => names.map((name) => name.getBoundingClientRect()).map(({ left, right, top }) => [top, left, right])"
    )
    rows = [sorted(each for each in names if each[0] == top) for top in {each[0] for each in names}]
    assert all(one[2] + 5 < other[1] for row in rows for one, other in pairwise(row))


def test_side_by_side_shows_the_whole_shortcut_and_gives_the_pictures_the_height(visit: Visit):
    page = visit("compare?view=side&projector=1", 1280, 800)
    viewer = page.get_by_test_id("viewer").first
    expect(page.locator(".pane .shortcut").first).to_be_visible()
    settle(page)
    way, pane = page.locator(".pane .shortcut .line").first, page.get_by_test_id("pane-B")
    until(lambda: right_of(way) < right_of(pane))
    assert (box := viewer.bounding_box()) and box["y"] < 240
    page.get_by_role("button", name="Projector").click()
    expect(page.locator(".viewer[data-list=beside]")).to_be_visible()


def test_no_hint_lies_over_what_is_side_by_side(visit: Visit):
    four = ComparePageState("side", READY_MADE["Four relatives"])
    page = visit(f"compare?{urlencode(encode_query(four))}&projector=1", 1280, 800)
    expect(page.locator(".viewer .pane .box").first).to_be_visible()
    expect(page.get_by_test_id("viewer-hint")).to_be_hidden()


ENDS = "(all) => all.map((each) => each.getBoundingClientRect().left + each.scrollWidth)"


def test_train_shows_its_curves_as_far_as_their_steps_beside_what_plays_them(visit: Visit):
    page = visit(
        "train?length=full&runs=33927993,259337b0,47ea00c2,e89ece3e&replay=0&projector=1", width=1280, height=800
    )
    ticks = page.locator(".replay .xtick")
    expect(ticks.first).to_be_visible()
    expect(page.get_by_text("First guess:")).to_be_visible()
    expect(page.locator(".replay-play")).to_be_in_viewport(ratio=1)
    for tick in ticks.all()[:5]:  # those of the training loss
        expect(tick).to_be_in_viewport(ratio=1)


def test_scale_says_by_which_formula_each_factor_grows(visit: Visit):
    page = visit("scale?projector=1", 1280, 800)
    rows = page.locator(".stage .law tr td:last-child")
    expect(rows.first).to_have_text(re.compile("αφ"))
    for row in rows.all()[:5]:
        expect(row).to_be_visible()
    figures = page.locator(".stage .figures")
    until(lambda: all(right <= right_of(figures) + 1 for right in rows.evaluate_all(ENDS)))  # scrollWidth is rounded up
