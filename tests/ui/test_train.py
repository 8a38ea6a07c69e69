"""The Train page as a visitor uses it, in a real Chromium, on the pictures that every computer can draw."""

import hashlib
import json
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin, urlparse

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df

from explorer.formatting import BARE_MARKS, WORD_JOINER
from explorer.training.runs.recorded_runs import brought, collection, keep_record, open_record
from testing.browser import settle, stop_button
from tests.conftest import OpenPage, Visit

CURVE = "path.js-line"
RECORDED = ("b3341443", "272c04be")  # plain-56 and ResNet-56, quick


def start(page: Page, steps: int) -> None:
    """The first experiment with two small networks and so many steps, which count though the press follows at once."""
    for deep in ("plain-56", "ResNet-56"):
        page.get_by_test_id("stSidebar").get_by_role("button", name=deep, exact=True).click()
        settle(page)
    page.get_by_text("Recipe", exact=True).click()
    page.get_by_label("Steps", exact=True).fill(str(steps))
    page.get_by_role("button", name="Train 2 networks").click()


def rows(page: Page):
    return page.locator(".runs tr")


def curves(page: Page):
    return page.locator(".st-key-curves .scatterlayer").first.locator(CURVE)


@pytest.mark.tour
def test_it_opens_ready_with_four_networks_and_a_run_survives_leaving_and_reloading_the_page(visit: Visit):
    page = visit("train")
    expect(page.get_by_role("button", name="Train 4 networks")).to_be_enabled()
    expect(page.get_by_text("does a deeper plain network do worse?")).to_be_visible()
    expect(page.get_by_text("Shapes-10").first).to_be_visible()  # there is no CIFAR-10 here, and it says so
    start(page, 60)
    expect(curves(page)).to_have_count(2)
    expect(page.locator(".st-key-curves").get_by_text("guessing: 2.303")).to_be_visible()
    page.get_by_role("link", name="Explore").click()
    page.wait_for_selector("svg.diagram")
    page.get_by_role("link", name="Train").click()
    expect(rows(page).nth(1)).to_contain_text("done")
    expect(rows(page).nth(2)).to_contain_text("60 / 60")
    page.reload()
    expect(rows(page).nth(2)).to_contain_text("60 / 60")
    expect(page.get_by_text("ResNet-20, with exactly as many parameters, is at")).to_be_visible()  # in this very run


@pytest.mark.tour
def test_a_stopped_run_stays_and_goes_on(visit: Visit):
    page = visit("train")
    start(page, 4000)
    expect(curves(page)).to_have_count(2)
    axes = page.get_by_test_id("stPopoverBody")
    page.get_by_test_id("stPopover").get_by_text("Axes").click()  # the first time, amid what is drawn again and again
    for chosen in ("steps", "error"):
        expect(axes.get_by_role("radio", name=chosen, exact=True)).to_be_checked()
    axes.get_by_text("accuracy", exact=True).click()
    expect(page.locator(".st-key-curves").get_by_text("Test accuracy")).to_be_visible()
    page.keyboard.press("Escape")
    stop_button(page).click()
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    expect(stop_button(page)).to_have_count(0)
    for row in (1, 2):
        expect(rows(page).nth(row)).to_contain_text("stopped")  # both have come to rest
    settle(page)
    before = [row.inner_text() for row in rows(page).all()]
    page.reload()
    expect(rows(page).nth(1)).to_contain_text("stopped")
    assert [row.inner_text() for row in rows(page).all()] == before
    settle(page)  # a press while the page still loads may be lost
    page.get_by_role("button", name="Go on").click()
    expect(rows(page).nth(1)).to_contain_text("left")
    stop_button(page).click()
    expect(rows(page).nth(1)).to_contain_text("stopped")


def test_a_link_to_what_is_not_here_is_said(visit: Visit):
    page = visit("train?experiment=alchemy&data=folder:/etc&runs=zzz")
    expect(page.get_by_text("There is no experiment “alchemy”")).to_be_visible()
    expect(page.get_by_text("A link reaches only the folders and archives of pictures in the data")).to_be_visible()
    expect(page.get_by_role("button", name="Train 4 networks")).to_be_enabled()


@pytest.mark.tour
def test_a_link_says_what_it_starts_from_and_a_warning_stays_until_a_click(visit: Visit):
    page = visit("train?experiment=transfer&start=run:ffffffff")
    warning = page.get_by_text("is not on this computer: choose another start")
    page.wait_for_url(lambda url: "start=" in url and "ffffffff" not in url)
    page.get_by_text("here", exact=False).filter(has_text="About").first.wait_for()  # the page has run again by itself
    settle(page)
    assert warning.count() == 1
    page.get_by_text("Full", exact=True).click()
    warning.wait_for(state="detached")


HOSTILE = (
    "![i](http://elsewhere.example/p.png) www.elsewhere.example a@elsewhere.example [a](javascript:alert(1)) "
    "<img src=x onerror=alert(2)> `c` **b** $x$"
)


@pytest.mark.tour
def test_a_brought_run_is_replayed_its_end_is_not_given_away_and_its_words_are_words_wherever_they_stand(visit: Visit):
    """`visit` fails where the page asks another machine for the picture."""
    known = collection()[RECORDED[0]]
    words = tuple((name, HOSTILE if name in ("data", "machine", "torch") else word) for name, word in known.run.about)
    hostile = replace(
        known, run=replace(known.run, id="0badc0de", title=HOSTILE, name=HOSTILE, message=HOSTILE, about=words)
    )
    page = visit(f"train?runs={RECORDED[0]}")
    page.get_by_role("tab", name="Library").click()
    page.get_by_text("Bring runs from elsewhere").click()
    file = {"name": "run.json.gz", "mimeType": "application/gzip", "buffer": hostile.pack()}
    page.locator("input[type=file]").set_input_files([file])  # type: ignore[list-item]
    expect(page.get_by_text("steps, is in the library.")).to_be_visible()
    kept = hashlib.sha256(open_record(hostile.pack(), "run.json.gz").pack()).hexdigest()[:8]
    page.goto(urljoin(page.url, f"train?runs={kept},{RECORDED[1]}"))
    settle(page)
    expect(page.locator(".runs").get_by_text(HOSTILE).first).to_be_visible()
    expect(page.get_by_text("is at").first).to_contain_text(BARE_MARKS.sub(WORD_JOINER, HOSTILE))
    every_figure_is_in_view(page)
    no_link_leads_elsewhere(page)
    page.get_by_role("tab", name="After the run").click()
    expect(page.locator(".st-key-after-confusion .heatmaplayer")).to_be_visible()
    expect(page.get_by_text("counted when the run was recorded")).to_be_visible()
    page.get_by_text("Replay", exact=True).click()
    expect(page.locator(".replay-strip .hm")).to_have_count(2)
    expect(page.locator(".replay-networks li")).to_have_count(2)
    expect(page.locator(".replay-networks").get_by_text(HOSTILE)).to_be_visible()
    expect(page.locator(".runs:visible")).to_have_count(0)  # two may stand there while one takes the other's place
    page.get_by_text("How it ended").click()
    expect(page.locator(".runs")).to_contain_text("recorded")
    assert page.locator("img[src*='elsewhere'], img[src='x'], a[href^='javascript']").count() == 0
    every_figure_is_in_view(page)
    no_link_leads_elsewhere(page)


def test_a_loss_beyond_measure_is_short_in_the_library_and_remains_a_number(open_page: OpenPage, tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path))
    known = collection()[RECORDED[0]]
    loss = np.full_like(known.measured["loss"], 3_588_813_527)
    keep_record(replace(known, measured=known.measured | {"loss": loss}), brought())
    page = open_page("train")
    page.session_state["below/train"] = "Library"
    (table,) = page.run().dataframe
    loss: Any = table.value["Training loss"]
    spelled: Any = convert_arrow_bytes_to_pandas_df(table.proto.arrow_data.styler.display_values)["Training loss"]
    assert spelled[loss.idxmax()] == "3.6 · 10⁹"  # among numbers, which sort as such
    assert spelled[loss.idxmin()] == f"{loss.min():.3f}"
    assert "format" not in json.loads(table.proto.columns)["Training loss"]["type_config"]  # or that is shown instead
    page.session_state["library/by"] = "recipe"  # whose lines have no loss
    (table,) = page.run().dataframe
    assert not page.exception and "Training loss" not in table.value and "Lowest test error" in table.value


def every_figure_is_in_view(page: Page) -> None:
    """A long title takes more lines, and pushes no other column off the page."""
    wide = "tables => tables.filter(table => table.getBoundingClientRect().right > innerWidth).length"
    assert page.locator("table.runs").evaluate_all(wide) == 0


def no_link_leads_elsewhere(page: Page) -> None:
    """The papers' own aside, which the program itself names."""
    hosts = page.locator("a[href]").evaluate_all("links => links.map(link => new URL(link.href).host)")
    assert not {host for host in hosts if host} - {urlparse(page.url).netloc, "arxiv.org"}


def test_of_one_network_alone_nothing_wrong_is_said(open_page: OpenPage):
    page = open_page("train", runs="aee7099c")
    said = " ".join(each.value for each in page.markdown)
    assert "150 / 150" in said and "No steps yet" not in said


@pytest.mark.parametrize("replay", [{}, {"replay": "1"}])
def test_a_curve_that_leaves_its_chart_is_said_to_under_it(open_page: OpenPage, replay: dict[str, str]):
    page = open_page("train", runs="3bfc1703", **replay)
    assert any("its training loss went up to 7.62 and is at 1.14 now" in each.value for each in page.markdown)


def test_what_an_experiment_has_no_recording_of_is_said(open_page: OpenPage, tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path))
    record = collection()[RECORDED[0]]
    about = dict(record.run.about) | {"experiment": "ladder"}
    run = keep_record(replace(record, run=replace(record.run, about=tuple(about.items()))), brought())
    page = open_page("train", experiment="ladder", runs=run.id)
    assert not page.exception
    assert any(each.value.startswith("Not recorded: plain-20, plain-32, plain-44, ") for each in page.caption)


def test_a_recording_without_a_confusion_matrix_says_so(visit: Visit):
    page = visit("train?experiment=exercise3&length=full&runs=c2a4f3b7")
    page.get_by_role("tab", name="After the run").click()
    expect(page.get_by_text("neither weights nor a confusion matrix")).to_be_visible()
