"""The window that slides and the map that appears: its numbers are the network's; and two channels of one box."""

import json
import re
from base64 import b64decode
from functools import cache

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, Page, expect
from streamlit.testing.v1 import AppTest
from torch import nn

from explorer.activations.activations import activations
from explorer.activations.breakdown import break_down
from explorer.activations.feature_maps import index_of
from explorer.activations.networks import Look, live_network
from explorer.activations.reasons import linear_correlation
from explorer.models.spec import Spec, build
from explorer.training.results.predictions import Intake
from explorer.ui.inside.sliding import READ, SHOWN, Slide, played_slide, slide_of
from testing.waiting import until
from tests.conftest import OpenPage, Visit
from tests.ui.test_inside import opened, said

CELL = re.compile(r"Row (\d+), column (\d+): (.+)")
CONV = "inside?open=stem&at=stem.0&channel=2&slide=yes"


@cache
def look(name: str, side: int) -> Look:
    torch.manual_seed(0)
    spec = Spec("model_defs", name, (("image_size", side),))
    intake = Intake(tuple(map(str, range(1000))), (3, side, side), (0.5,) * 3, (0.2,) * 3)
    live = live_network(name, spec, build(spec).state_dict(), intake)
    image = torch.randint(256, (3, side, side)).byte()
    return Look(live, image, "noise", activations(live.model, intake.numbers(image)))


def slides(seen: Look, channel: int) -> list[Slide]:
    found = (slide_of(seen, node, channel) for node in seen.known.graph.operations)
    return [each for each in found if each]


@pytest.mark.parametrize(("name", "side"), [("MobileNetV2", 224), ("GoogLeNet", 224)])
def test_each_window_is_what_its_number_reads_and_all_that_is_sent_is_little(name: str, side: int) -> None:
    seen, kinds = look(name, side), set()
    for slide in slides(seen, 3)[::4]:
        played, output = played_slide(seen, slide, None), seen.seen.outputs[slide.node.name]
        kinds.add((slide.node.op, slide.node.attribute("stride"), slide.node.depthwise))
        assert len(json.dumps(played)) < 300_000
        (tall, wide), (top, left) = played["output"]["sides"], played["corner"]
        values = np.frombuffer(b64decode(played["values"]), "<f4").reshape(tall, wide)
        assert (values == output[3, top : top + tall, left : left + wide].numpy()).all()
        for row, column in ((0, 0), (tall // 2, wide // 2), (tall - 1, wide - 1)):
            index = index_of(output, 3, top + row, left + column)
            found = break_down(seen.live.model, seen.seen, slide.node, index)
            assert found and found.window
            rows, columns = played["rows"][row], played["columns"][column]
            high, broad = played["input"]["sides"]
            first = max(0, rows[0]), max(0, columns[0])
            assert found.window[1] - found.window[0] == min(high, rows[1]) - first[0]
            assert found.window[3] - found.window[2] == min(broad, columns[1]) - first[1]
    assert len(kinds) > 3


def test_of_large_maps_the_middle_is_played() -> None:
    seen = look("MobileNetV2", 320)
    slide = slides(seen, 0)[0]
    assert slide.node.shape[1:] == (160, 160)
    played = played_slide(seen, slide, (60, 30))
    assert played["output"]["sides"] == [SHOWN, SHOWN] and played["corner"] == [24, 24]
    assert played["at"] == 36 * SHOWN + 6 and max(played["input"]["sides"]) <= READ
    assert played_slide(seen, slide, (0, 0))["at"] == -1


@pytest.mark.parametrize("name", ["MobileNetV2", "GoogLeNet"])
def test_the_first_convolution_slides_over_the_whole_picture(name: str) -> None:
    slide = slides(look(name, 224), 0)[0]
    played = played_slide(look(name, 224), slide, None)
    assert played["output"]["sides"] == [112, 112] and played["input"]["sides"] == [224, 224]


def test_what_is_shown_of_many_channels_is_the_one_that_contributes_most() -> None:
    seen = look("MobileNetV2", 224)
    for slide in slides(seen, 5)[:8]:
        assert isinstance(slide.layer, nn.Conv2d)
        x, shares = seen.seen.outputs[slide.source.name], []
        with torch.no_grad():
            for channel in range(len(x)):
                alone = torch.zeros_like(x)
                alone[channel] = x[channel]
                share = slide.layer(alone[None])[0, 5] - slide.layer(torch.zeros_like(x)[None])[0, 5]
                shares.append(float(share.square().mean()))
        assert shares[slide.read] == pytest.approx(max(shares))


@pytest.mark.parametrize(
    ("at", "offered"), [("stem.0", True), ("stem.2", False), ("stage2.0.conv1", True), ("head", False)]
)
def test_it_is_offered_where_a_window_slides(open_page: OpenPage, at: str, offered: bool) -> None:
    app = opened(open_page("inside", at=at, slide="yes"))
    assert any("Slide the window" in each.label for each in app.toggle) == offered
    assert ("Each number of the map on the right is computed from the window on the left" in said(app)) == offered


# Two channels


def test_two_channels_stand_beside_each_other_with_their_figures(open_page: OpenPage) -> None:
    app = opened(open_page("inside", at="stage1", beside="channel", channel="1", against="3"))
    words = said(app)
    assert "Channel 1 less channel 3" in words and "**Correlation " in words and "Both are above 0 at " in words
    assert app.query_params["against"] == "3"
    other = next(each for each in app.number_input if each.label == "The other channel")
    other.set_value(4).run()
    assert "Channel 1 less channel 4" in said(app) and app.query_params["against"] == "4"


def test_without_one_in_the_link_it_is_the_next_by_strength_and_one_that_is_not_there_is_said(
    open_page: OpenPage,
) -> None:
    words = said(opened(open_page("inside", at="stage1", beside="channel")))
    assert re.search(r"Channel 11 less channel \d", words) and "The link asks" not in words
    assert "asks for channel 900; there are 16" in said(
        opened(open_page("inside", at="stage1", beside="channel", against="900"))
    )


def choices(app: AppTest) -> list[str]:
    return [option for each in app.segmented_control if each.label == "Beside it" for option in each.options]


@pytest.mark.parametrize(("at", "offered"), [("stage1", True), ("head", False)])
def test_of_numbers_that_are_no_maps_there_is_no_other_channel(open_page: OpenPage, at: str, offered: bool) -> None:
    app = opened(open_page("inside", at=at, beside="channel"))
    until(lambda: choices(app), app.run)  # a run that another breaks off has not drawn it yet
    assert ("Another channel" in choices(app)) == offered
    assert ("less channel" in said(app)) == offered


def test_the_correlation_is_pearsons() -> None:
    dice = np.random.default_rng(0)
    one, other = dice.normal(size=(2, 5, 7)).astype("f4")
    by_hand = ((one - one.mean()) * (other - other.mean())).mean() / (one.std() * other.std())
    assert linear_correlation(one, other) == pytest.approx(float(by_hand), abs=1e-5)
    assert linear_correlation(one, 3 - 2 * one) == pytest.approx(-1)
    assert linear_correlation(one, np.ones_like(one)) is linear_correlation(one, one * np.nan) is None


# In the browser


def place(page: Page) -> tuple[int, int]:
    found = CELL.match(page.locator(".slide .replay-where").inner_text())
    assert found
    return int(found[1]), int(found[2])


def box(rect: Locator) -> list[float]:
    return [float(rect.get_attribute(name) or 0) for name in ("x", "y", "width", "height")]


def test_it_plays_pauses_steps_and_a_click_spells_the_number_out(visit: Visit) -> None:
    page = visit(CONV, 1280, 800)
    window = page.locator(".slide-input .slide-line")
    until(lambda: place(page) > (0, 5), lambda: page.wait_for_timeout(20))  # by itself
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.locator(".slide").press("Home")  # it glides to the nearest place meanwhile
    expect(page.locator(".slide .replay-where")).to_contain_text("Row 0, column 0: ")
    page.get_by_role("button", name="Step forward").click()
    expect(page.locator(".slide .replay-where")).to_contain_text("Row 0, column 1: ")
    assert box(window) == [0, -1, 3, 3]  # 3 × 3, padded by one
    page.locator(".slide").press("End")
    expect(page.locator(".slide .replay-where")).to_contain_text("Row 31, column 31: ")
    page.locator(".slide-output").click(position={"x": 3, "y": 3})
    expect(page.locator(".st-key-inside-details")).to_contain_text("12 products")  # two rows of two, in three colours
    page.wait_for_url(lambda url: "cell=0%2C0" in url or "cell=0,0" in url)
    assert place(page) == (0, 0) and box(window) == [-1, -1, 3, 3]


def test_who_asked_for_less_motion_steps_through_it(visit: Visit) -> None:
    page = visit()
    page.emulate_media(reduced_motion="reduce")
    page.goto(page.url.split("?")[0].rstrip("/") + "/" + CONV)
    expect(page.locator(".slide .replay-where")).to_contain_text("Row 0, column 0: ")
    expect(page.locator(".slide .replay-play")).to_have_attribute("aria-label", "Play")
    page.get_by_role("button", name="Step forward").click()
    expect(page.locator(".slide .replay-where")).to_contain_text("Row 0, column 1: ")
