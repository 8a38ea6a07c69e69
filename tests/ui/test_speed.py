"""Witnesses and measured speed on the Compare page, as a visitor uses them, in a real Chromium."""

import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from explorer.models.selection import ModelSelection
from explorer.profiler.measurements import Timing, first_setup, measurements
from explorer.url_params import encode_query
from testing.browser import settle, stop_button
from testing.speeds import speed
from tests.conftest import OpenPage, Visit


def link(view: str, **words: str) -> str:
    return f"compare?{urlencode({'view': view} | words)}"


def choose_only(page: Page, name: str) -> None:
    """One network of the list in place of the ten."""
    page.get_by_role("button", name="Networks", exact=True).click()
    page.get_by_role("button", name="Clear all").click()
    settle(page)
    box = page.get_by_role("combobox", name="Networks to measure")
    box.fill(name)
    box.press("Enter")
    settle(page)
    page.keyboard.press("Escape")


@pytest.mark.tour
def test_every_witness_of_vit_is_heard_and_its_difference_explained(visit: Visit):
    page = visit(link("witnesses", of=urlencode(encode_query(ModelSelection("torchvision", "vit_b_16", "")))))
    table = page.locator(".witnesses")
    expect(table.locator("tbody > tr")).to_have_count(5)
    expect(table).to_contain_text("11,286,254,592")  # thop
    expect(table).to_contain_text("no rule for MultiheadAttention")
    expect(table.get_by_text("unexplained")).to_have_count(0)
    expect(page.get_by_text("from thop import profile")).to_be_visible()
    expect(page.get_by_text("torchvision.models.vit_b_16(weights=None)")).to_be_visible()


@pytest.mark.tour
def test_the_bench_s_first_network_is_the_one_that_is_counted(visit: Visit):
    page = visit(link("witnesses", a=urlencode(encode_query(ModelSelection(changes=(("width", 32),))))))
    table = page.locator(".witnesses")
    expect(table.locator("tbody > tr")).to_have_count(4)  # torchvision has no such network
    expect(page.get_by_text("width=32")).to_be_visible()


@pytest.mark.tour
def test_a_bad_link_is_said_and_the_usual_network_is_counted(visit: Visit):
    page = visit(link("witnesses", of="model=NoSuch"))
    expect(page.get_by_text("NoSuch")).to_be_visible()
    expect(page.locator(".witnesses tbody > tr")).to_have_count(5)


@pytest.mark.tour
def test_a_measurement_survives_a_closed_tab_and_is_stopped_at_once(visit: Visit):
    page = visit(link("speed"))
    expect(page.get_by_role("button", name="Measure 10 networks")).to_be_enabled()
    expect(page.get_by_text("On other machines")).to_be_visible()
    choose_only(page, "LeNet-5")
    page.get_by_role("button", name="Measure LeNet-5").click()
    expect(stop_button(page)).to_be_visible()
    page.close()
    page = visit(link("speed"))
    expect(page.get_by_text("Measured here")).to_be_visible()
    expect(page.locator(".st-key-speed-latency").get_by_text("LeNet-5")).to_be_visible()
    expect(stop_button(page)).to_have_count(0)

    page.get_by_role("button", name="Measure 10 networks").click()
    page.get_by_role("link", name="Explore").click()
    page.wait_for_selector("svg.diagram")
    page.get_by_role("link", name="Compare").click()
    page.get_by_role("radio", name="Speed here").click()
    stop = stop_button(page)
    expect(stop).to_be_visible()
    stop.click()
    expect(page.get_by_text(re.compile("Stopped after [0-9] of 10 networks"))).to_be_visible()  # in their midst
    expect(stop).to_have_count(0)


def test_what_was_measured_on_a_busy_machine_is_shown_but_compared_with_nothing(
    open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path))
    for name, seconds, macs in (("resnet50", 0.6, 4 * 10**9), ("vgg16", 0.08, 15 * 10**9)):
        timing = Timing(1, seconds, seconds, seconds, 50, 2**27, busy=1.6)
        measurements().add(speed(name, seconds, macs, setup=first_setup(), timings=(timing,)))
    app = open_page("compare", view="speed")
    assert any("2 networks were measured: the figures with a ⚠ compare" in caption.value for caption in app.caption)
    assert [*app.dataframe[0].value["network"]] == ["⚠ resnet50", "⚠ vgg16"]
    published = next(words.value for words in app.markdown if "facts speeds" in words.value)
    assert "7.92×" in published and "0.13×" not in published  # vgg16 there, and here
    assert not any("its time" in words.value or "as long" in words.value for words in app.markdown)


def test_a_batch_that_nobody_measured_is_said(visit: Visit):
    page = visit(link("speed", batch="7"))
    expect(page.get_by_text("1, 8 and 32 are measured")).to_be_visible()
    expect(page.get_by_role("button", name="Measure 10 networks")).to_be_visible()
