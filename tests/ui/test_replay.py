"""The player of curves in a real Chromium, without a server: what it draws is what had been measured by then."""

import base64
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import plotly
import pytest
from playwright.sync_api import BrowserContext, Page

from explorer.models.spec import Spec
from explorer.training.plan import Plan
from explorer.training.recipe import PRESETS
from explorer.training.results.charts import CurvesLook, PublishedMark, curves_chart, norms_chart
from explorer.training.results.grouping import Group, Seen
from explorer.training.runs.curves import Curve, Norms, evaluated, measured
from explorer.training.runs.store import Run
from explorer.ui.components.component import read_files
from explorer.ui.components.replay import replay_script

PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
STEP = np.arange(8, 4001, 8)
TESTED = np.arange(400, 4001, 400)
NAMES = ("plain-56", "ResNet-56", "ResNet-20")  # an odd number leaves a place among the maps empty


def seen(name: str, seed: int) -> Seen:
    """Two seeds, ten layers; both at every eighth step."""
    chance = np.random.default_rng(seed)
    loss, error = chance.uniform(0, 2, len(STEP)), chance.uniform(0, 1, len(TESTED))
    norms = chance.lognormal(-2, 1, (len(STEP), 10)).astype("<f4")
    run = Run("0000000a", "2026-01-01T00:00:00", "0000000b", "degradation", name, "", steps=4000)
    plan = Plan(Spec("model_defs", "CIFAR ResNet", ()), "shapes10", PRESETS["quick"])
    group = Group(name, plan, "#0072b2", name.startswith("plain"), (run,))
    curves = tuple(Curve(8, STEP, each, each, TESTED, error) for each in (loss - 0.1, loss + 0.1))
    return Seen(group, curves, Norms(8, STEP, norms))


SEEN = [seen(name, seed) for seed, name in enumerate(NAMES)]
TRAINED = [measured(each.curves, "loss", smooth=False) for each in SEEN]
MARKS = [PublishedMark(name, 0.07, "a paper", False, "#000000") for name in NAMES]


# How many pictures plotly is still drawing.
DRAWING = """() => {
  window.drawing = 0;
  for (const name of ["react", "relayout", "update"]) {
    const draw = Plotly[name];
    Plotly[name] = async (...all) => {
      window.drawing += 1;
      const drawn = await draw(...all);
      setTimeout(() => { window.drawing -= 1; }); // behind what waited for it
      return drawn;
    };
  }
}"""
# Every picture from the click on: when it was, where the player stood, and how far its first curtain was open.
PLAYED = """() => {
  const find = (name) => document.querySelector(name), rows = (window.played = []);
  const look = (now) => {
    const curtain = find("clipPath[id^=replay-curtain] rect").width.baseVal.value;
    rows.push([now, Number(find(".replay-place").value), curtain]);
    if (find(".replay-play").ariaLabel === "Pause") setTimeout(() => requestAnimationFrame(look)); // behind the player
    else window.over = true;
  };
  find(".replay-play").click();
  requestAnimationFrame(look);
}"""
PICTURES = """(chart) => new Promise((done) => {
  const seen = [];
  const look = () => (seen.push(chart.value) < 20 ? requestAnimationFrame(look) : done(seen));
  look();
})"""


@pytest.fixture(scope="module")
def pages(chromium: BrowserContext) -> Iterator[dict[str, Page]]:
    """One that moves, and one of a visitor who asked for less motion."""
    opened = {}
    for motion in ("no-preference", "reduce"):
        page = chromium.new_page()
        page.emulate_media(reduced_motion=motion)
        page.set_content(f'<div id="here">{read_files("replay/replay.html")}</div>')
        page.add_script_tag(path=PLOTLY)
        page.evaluate(DRAWING)
        paces = [
            {"name": name, "colour": "#000", "dashed": False, "steps": 4000, "seconds": 100 * (place + 1)}
            for place, name in enumerate(NAMES)
        ]
        curves = {"figure": curves_chart(SEEN, CurvesLook(smooth=False), 10, MARKS).to_json(), "alt": "two curves"}
        norms = {"figure": norms_chart(SEEN).to_json(), "alt": "two maps"}
        views = [["The lesson", "It <b>vanishes</b>."]]
        data = {"curves": curves, "strip": norms, "paces": paces, "note": "Recorded on a GPU.", "views": views}
        module = f"data:text/javascript;base64,{base64.b64encode(replay_script().encode()).decode()}"
        start = "async ([module, data]) => (await import(module)).default({ parentElement: document.body, data })"
        page.evaluate(start, [module, data])
        for chart in (".replay-curves", ".replay-strip"):  # the curtains hang once all is drawn
            page.wait_for_selector(f"{chart} clipPath[id^=replay-curtain]", state="attached")
        drawn_to_the_end(page)
        opened[motion] = page
    yield opened
    for page in opened.values():
        page.close()


@pytest.fixture
def page(pages: dict[str, Page]) -> Page:
    """At rest, wherever it was."""
    page = pages["no-preference"]
    page.bring_to_front()  # behind another tab nothing is drawn
    # In one go: if it came to its end meanwhile, a click would play it again.
    page.locator(".replay-play").evaluate("button => button.ariaLabel === 'Pause' && button.click()")
    page.locator(".replay-beside").select_option("steps")
    return page


def seek(page: Page, share: float) -> None:
    page.locator(".replay-place").evaluate(
        "(slider, value) => { slider.value = value; for (const type of ['input', 'change'])"
        " slider.dispatchEvent(new Event(type)); }",
        1000 * share,
    )
    drawn_to_the_end(page)


def drawn_to_the_end(page: Page) -> None:
    """What is drawn next begins with the next frame."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.wait_for_function("() => window.drawing === 0")


def drawn(page: Page, name: str) -> list[list[float]]:
    """The curves of that network: x and y of the training loss, x and y of the test error."""
    lines = "chart => chart.data.filter(trace => trace.legendgroup === name && trace.fill !== 'toself')"
    read = f"(chart, name) => ({lines})(chart).flatMap(trace => [Array.from(trace.x), Array.from(trace.y)])"
    return page.locator(".replay-curves").evaluate(read, name)


@pytest.mark.tour
def test_at_the_end_the_curves_are_whole(page: Page) -> None:
    seek(page, 1)
    for each in SEEN:
        x, y, tested, errors = drawn(page, each.group.title)
        assert x == STEP.tolist()
        assert y == measured(each.curves, "loss", smooth=False).y.tolist()
        assert (tested, errors) == (TESTED.tolist(), evaluated(each.curves).y.tolist())


@pytest.mark.tour
def test_names_at_the_ends_tell_who_is_who_but_not_before_how_it_ended(page: Page) -> None:
    names = page.locator(".replay-curves .annotation", has_text="■")
    seek(page, 1)
    assert names.count() == 2 * len(NAMES) and all(name.is_visible() for name in names.all())
    seek(page, 0.5)
    assert not any(name.is_visible() for name in names.all())
    page.locator(".replay-curves").evaluate("chart => Plotly.relayout(chart, { 'font.family': 'serif' })")
    assert not any(name.is_visible() for name in names.all())  # drawn anew
    assert page.locator(".replay-curves .annotation", has_text="guessing").first.is_visible()


def test_half_way_there_is_what_was_measured_by_then(page: Page) -> None:
    seek(page, 0.5)
    x, y, tested, _ = drawn(page, "plain-56")
    assert x == STEP[STEP <= 2000].tolist()
    assert y == TRAINED[0].y[STEP <= 2000].tolist()
    assert tested == [400, 800, 1200, 1600, 2000]
    assert page.locator(".replay-where").inner_text() == "step 2,000 of 4,000 · 2:30 of 5:00"
    assert f"{TRAINED[0].y[STEP <= 2000][-1]:.3f}" in page.locator(".replay-networks li").first.inner_text()


def test_a_band_is_cut_on_both_of_its_sides(page: Page) -> None:
    seek(page, 0.5)
    read = "chart => Array.from(chart.data.find(trace => trace.fill === 'toself').x)"
    half = STEP[STEP <= 2000]
    assert page.locator(".replay-curves").evaluate(read) == [*half.tolist(), *half[::-1].tolist()]


def maps(page: Page) -> list[list[list[float]]]:
    """The columns that are drawn of each network's map."""
    read = "chart => chart.data.filter(trace => trace.type === 'heatmap').map(trace => Array.from(trace.x))"
    return page.locator(".replay-strip").evaluate(read)


def shape(page: Page, place: int) -> list[int]:
    read = "(chart, place) => chart.data.filter(trace => trace.type === 'heatmap')[place].z.map(row => row.length)"
    return page.locator(".replay-strip").evaluate(read, place)


@pytest.mark.tour
def test_the_gradients_of_every_layer_end_where_the_curves_end(page: Page) -> None:
    seek(page, 0.5)
    half = STEP[STEP <= 2000].tolist()
    assert maps(page) == [half] * 3
    assert shape(page, 1) == [len(half)] * 10  # every layer
    seek(page, 1)
    assert maps(page) == [STEP.tolist()] * 3


def test_what_was_not_there_at_the_beginning_comes_with_its_curtain(page: Page) -> None:
    seek(page, 0)
    page.locator(".replay-play").click()
    drawn_to_the_end(page)
    covered = "chart => chart.querySelectorAll('.hm[clip-path*=curtain], .trace[clip-path*=curtain]').length"
    assert page.locator(".replay-strip").evaluate(covered) == 6  # a line and a map of each network
    assert page.locator(".replay-curves").evaluate(covered) == 9  # and two curves with a band around one
    page.locator(".replay-play").click()


def test_what_others_say_of_the_gradients_stands_there_as_words(page: Page) -> None:
    assert page.locator(".replay-views").inner_text() == "The lesson: It <b>vanishes</b>."


def test_at_the_same_time_the_faster_network_is_further(page: Page) -> None:
    page.locator(".replay-beside").select_option("seconds")
    seek(page, 0.5)
    assert drawn(page, "plain-56")[0][-1] == 4000  # took a third as long
    assert drawn(page, "ResNet-20")[0][-1] == 2000


def test_published_figures_stand_from_the_beginning(page: Page) -> None:
    seek(page, 0)
    marks = "chart => chart.data.filter(trace => trace.mode === 'markers+text').map(trace => trace.y[0] ?? trace.y)"
    assert drawn(page, "plain-56")[0] == []
    assert page.locator(".replay-curves").evaluate(marks) == [0.07] * 3


def test_playing_takes_as_long_as_was_asked_and_ends_whole(page: Page) -> None:
    page.locator(".replay-speed").select_option("x100")  # 300 seconds of training
    seek(page, 0)
    page.evaluate(PLAYED)
    page.wait_for_function("() => window.over")
    drawn_to_the_end(page)
    played = page.evaluate("() => window.played")
    assert played[-1][0] - played[0][0] > 2800 and played[-1][1] == 1000  # milliseconds
    for (before, place, open_before), (now, later, open_now) in pairwise(row for row in played if 0 < row[1] < 1000):
        assert (later - place) / 1000 == pytest.approx((now - before) / 3000, abs=0.002)
        assert open_before < open_now < 1e4
    assert drawn(page, "ResNet-56")[1] == TRAINED[1].y.tolist()


def test_who_asked_for_less_motion_sees_the_whole_and_nothing_moves(pages: dict[str, Page]) -> None:
    page = pages["reduce"]
    assert page.locator(".replay-play").get_attribute("aria-label") == "Play"
    assert set(page.locator(".replay-place").evaluate(PICTURES)) == {"1000"}
    assert drawn(page, "plain-56")[0] == STEP.tolist()
