"""The Scale page as a visitor uses it: it plays without the server, and every stop is a network that was built."""

import re
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from testing.browser import fall_silent, settle
from testing.waiting import until
from tests.conftest import OpenPage, Visit

# What the dial says in every picture, until that many whole stops were passed.
PLACES = """(dial, stops) => new Promise((done) => {
  const seen = [];
  const look = () => {
    if (seen.at(-1) !== dial.textContent) seen.push(dial.textContent);
    const passed = new Set(seen.filter((place) => /(00|25|50|75)$/.test(place)));
    if (passed.size < stops) requestAnimationFrame(look);
    else done(seen);
  };
  look();
})"""
# Notes what the dial says, and when it began to.
NOTED = """(dial) => {
  window.noted = [];
  const note = () => window.noted.push(dial.textContent);
  new MutationObserver(note).observe(dial, { childList: true });
}"""
# The browser's next word to the server does not arrive.
LOSE_ONE = """() => {
  const { send } = WebSocket.prototype;
  window.lost = 0;
  WebSocket.prototype.send = function (words) {
    WebSocket.prototype.send = send;
    window.lost += 1;
  };
}"""
STOP = re.compile(r"φ = \d\.(00|25|50|75)")


def figure(page: Page, name: str):
    return page.locator(f".stage .{name}")


@contextmanager
def whispers(page: Page) -> Iterator[list[bytes]]:
    """What a component says to the server meanwhile: its events are numbered. The page's own clock may still tick."""
    told: list[bytes] = []

    def hear(frame: dict[str, Any]) -> None:
        sent = b64decode(frame["response"]["payloadData"])
        if b'"number":' in sent:
            told.append(sent)

    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.webSocketFrameSent", hear)
    yield told
    session.detach()


@pytest.fixture
def stage(visit: Visit) -> Page:
    """Complete, and with the page below it."""
    page = visit("scale")
    expect(figure(page, "ticks i.built")).to_have_count(29)
    expect(page.locator(".own .status")).to_contain_text("built and counted")
    fall_silent(page)  # the grid's last numbers
    settle(page)
    return page


@pytest.mark.tour
def test_the_stage_plays_is_dragged_and_steps_and_ones_own_law_is_built(stage: Page):
    expect(figure(stage, "params")).to_have_text("5,288,548")  # B0
    it_plays_smoothly_without_a_word_to_the_server_and_comes_to_rest_at_a_built_network(stage)
    between_two_built_networks_it_says_that_it_only_draws(stage)
    it_steps_to_built_networks(stage)
    what_is_lost_on_its_way_is_told_again(stage)
    ones_own_law_is_drawn_at_once_and_built_when_one_lets_go(stage)


def it_plays_smoothly_without_a_word_to_the_server_and_comes_to_rest_at_a_built_network(stage: Page) -> None:
    with whispers(stage) as told:
        stage.get_by_label("Play", exact=True).click()
        places = figure(stage, "dial-value").evaluate(PLACES, 4)
        assert not told
        stage.get_by_label("Pause", exact=True).click()
        until(lambda: any(b"rested" in each for each in told), lambda: stage.wait_for_timeout(50))
    stops = [at for at, place in enumerate(places) if STOP.fullmatch(place)]
    assert len(stops) == 4
    # However slow the machine is, it glides; how many pictures a second it draws, the benchmark measures.
    assert all(later - at > 3 for at, later in pairwise(stops))
    expect(stage.locator(".stage .status")).to_contain_text("built and counted")
    expect(figure(stage, "dial-value")).to_have_text(re.compile(r"φ = (?!0\.00)[0-7]\.(00|25|50|75)"))
    expect(stage).to_have_url(re.compile(r"phi="))


def between_two_built_networks_it_says_that_it_only_draws(stage: Page) -> None:
    place = figure(stage, "place").bounding_box()
    assert place
    stage.mouse.move(place["x"] + 11, place["y"] + 11)
    stage.mouse.down()
    stage.mouse.move(place["x"] + 11 + (place["width"] - 22) * 1.37 / 7, place["y"] + 11, steps=5)
    expect(stage.locator(".stage .status")).to_contain_text("between φ = 1.25 and 1.50: drawn, not built")
    expect(figure(stage, "params")).to_contain_text("≈")
    stage.mouse.up()
    expect(stage.locator(".stage .status")).to_contain_text("built and counted")


def it_steps_to_built_networks(stage: Page) -> None:
    stage.locator(".stage").focus()
    stage.keyboard.press("Home")
    expect(figure(stage, "params")).to_have_text("5,288,548")
    for _ in range(4):
        stage.keyboard.press("ArrowRight")
    expect(figure(stage, "dial-value")).to_have_text("φ = 1.00")
    expect(figure(stage, "params")).to_have_text("9,109,994")  # B2's network
    expect(stage).to_have_url(re.compile("phi=1$"))
    stage.keyboard.press("s")
    expect(figure(stage, "dial-value")).to_have_text("B1")
    expect(figure(stage, "params")).to_have_text("7,794,184")
    stage.keyboard.press("End")
    expect(figure(stage, "params")).to_have_text("66,347,960")
    expect(stage.locator(".stage table.law")).to_contain_text("as if φ = 6.21")


def what_is_lost_on_its_way_is_told_again(stage: Page) -> None:
    expect(stage).to_have_url(re.compile("phi=7"))
    stage.evaluate(LOSE_ONE)
    stage.keyboard.press("Home")
    expect(stage).not_to_have_url(re.compile("phi=7"))
    assert stage.evaluate("() => window.lost") == 1


def ones_own_law_is_drawn_at_once_and_built_when_one_lets_go(stage: Page) -> None:
    own = stage.locator(".own")
    expect(own.locator(".params")).to_have_text("9,109,994")
    slide = own.get_by_label("α, depth")
    slide.focus()
    for _ in range(5):
        slide.press("ArrowRight")
    expect(own.locator(".meter b")).to_have_text("2.00")
    expect(own.locator(".status")).to_contain_text("built and counted")
    expect(stage).to_have_url(re.compile("alpha=1.25"))
    box = own.get_by_label("γ as a number")
    box.fill("0.8")
    box.press("Enter")
    expect(stage.get_by_text("γ = 0.8 does not work: below 1 the network would shrink")).to_be_visible()
    expect(box).to_have_value("1.00")


def test_a_link_leads_to_the_same_network_and_less_motion_is_honoured(visit: Visit):
    page = visit("scale?phi=7&show=shipped")
    expect(figure(page, "params")).to_have_text("66,347,960")
    expect(figure(page, "dial-value")).to_have_text("B7")
    page.emulate_media(reduced_motion="reduce")
    page.goto(page.url.partition("?")[0])
    expect(figure(page, "ticks i.built")).to_have_count(29)
    settle(page)
    figure(page, "dial-value").evaluate(NOTED)
    page.get_by_label("Play", exact=True).click()
    page.wait_for_function("() => window.noted.length >= 4")
    noted = page.evaluate("() => window.noted")
    assert all(STOP.fullmatch(place) for place in noted)  # how long each stays is tried by player.test.mjs


# Without a browser


@pytest.mark.parametrize("view", ["law", "ways", "ladder", "rounding", "table"])
def test_every_part_of_the_page_runs(open_page: OpenPage, view: str):
    app = open_page("scale", view=view)
    assert not app.exception and not app.warning


def test_the_ladder_shows_computed_and_published_apart(open_page: OpenPage):
    (table,) = (each.value for each in open_page("scale", view="ladder").markdown if "<table" in each.value)
    for exact in ("5,288,548", "66,347,960"):
        assert f'<td class="computed">{exact}</td>' in table
    assert '<td class="published">84.3 %</td>' in table and '<td class="published">84.4 %</td>' in table


def test_the_table_holds_what_the_animation_shows(open_page: OpenPage):
    (frame,) = open_page("scale", view="table").dataframe
    rows = frame.value.set_index("network")
    assert len(rows) == 37 and rows.loc["φ = 1.00", "parameters"] == 9_109_994
    assert rows.loc["B7", "implied"] == "6.21, 7.27, 7.05"


def test_what_does_not_work_is_said_with_what_was_taken(open_page: OpenPage):
    app = open_page("scale", alpha="0.5", base="ResNet-50", gamma="1.4", own="7")
    said = " ".join(warning.value for warning in app.warning)
    assert "The nearest that works is φ" in said and not app.exception
    assert app.session_state.stand.law.alpha == 1.0 and app.session_state.stand.steps < 4
