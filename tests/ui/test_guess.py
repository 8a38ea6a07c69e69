"""A class guesses before it sees, in a real Chromium: on the set-up, in a replay that waits, and judged afterwards."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from testing.browser import address, settle
from tests.conftest import Visit

RUNS = "51557317,b3341443,89ffe3d2,272c04be"  # plain-20, plain-56, ResNet-20 and ResNet-56, quick, as recorded


def words(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(address(page)).query)


def answers(page: Page) -> Locator:
    return page.locator("[class*=st-key-guess]")


def guess(page: Page, answer: str) -> None:
    answers(page).get_by_text(answer, exact=True).click()
    settle(page)


@pytest.mark.tour
def test_a_link_for_a_class_waits_asks_and_judges(visit: Visit):
    page = visit(f"train?runs={RUNS}")
    expect(page.locator(".runs")).to_be_visible()
    expect(page.get_by_text("First guess")).to_have_count(0)  # the answer can be read
    expect(page.get_by_text("Nobody has guessed, and the end is in view already: “Replay”")).to_be_visible()
    page.get_by_role("button", name="Link for a class").click()
    link = urlsplit(page.locator("code").filter(has_text="replay=0").inner_text())
    page = visit(f"{link.path[1:]}?{link.query}")
    expect(page.get_by_text("First guess: Which network will fit its own training pictures best?")).to_be_visible()
    expect(page.locator(".replay-play")).to_have_attribute("aria-label", "Play")
    expect(page.locator(".replay-place")).to_have_value("0")
    expect(page.locator(".replay-networks li").first).to_contain_text("test –")
    guess(page, "plain-56")
    expect(page.locator(".replay-place")).to_have_value("0")  # as it was
    page.get_by_text("How it ended").click()
    expect(page.get_by_text("Your guess plain-56 (2.19) came last.")).to_be_visible()
    expect(page.get_by_text("What was expected")).to_be_visible()
    page.get_by_text("Replay", exact=True).click()
    expect(page.get_by_text("Your guess plain-56 (2.19) came last.")).to_be_visible()
    expect(page.get_by_text("Nobody has guessed")).to_have_count(0)


@pytest.mark.tour
def test_axes_and_replay_are_kept_in_the_address(visit: Visit):
    page = visit(f"train?runs={RUNS}&axis=epochs")
    chart = page.locator(".st-key-curves")
    expect(chart.get_by_text("epoch", exact=True)).to_have_count(2)
    page.get_by_test_id("stPopover").get_by_text("Axes").click()
    page.get_by_text("accuracy", exact=True).click()
    expect(chart.get_by_text("Test accuracy")).to_be_visible()
    page.wait_for_url(lambda url: "score=accuracy" in url and "axis=epochs" in url)
    page.keyboard.press("Escape")
    page.get_by_text("Replay", exact=True).click()
    expect(page.locator(".replay-networks li")).to_have_count(4)
    page.wait_for_url(lambda url: "replay=1" in url)
    page.get_by_role("button", name="New run").click()
    expect(page.get_by_role("button", name="Train 4 networks")).to_be_visible()
    page.wait_for_url(lambda url: "runs" not in url and "replay" not in url)
    assert words(page) == {"axis": ["epochs"], "score": ["accuracy"]}


@pytest.mark.tour
def test_what_can_be_guessed_fits_the_question_and_a_guess_moves_no_button(visit: Visit):
    page = visit("train?experiment=exercise3&length=full")
    for answer in ("nothing, or it will be worse", "up to half a point", "up to 2 points", "more than 2"):
        expect(answers(page).get_by_text(answer, exact=True)).to_be_visible()
    guess(page, "up to 2 points")
    page.get_by_role("button", name="Replay 4 recorded runs").click()
    expect(page.locator(".replay-networks li")).to_have_count(2)
    settle(page)  # the question before the run has gone
    before = page.get_by_role("button", name="New run").bounding_box()
    guess(page, "up to half a point")
    assert page.get_by_role("button", name="New run").bounding_box() == before
    page.get_by_text("How it ended").click()
    expect(page.get_by_text("0.1 points lower. As you guessed.")).to_be_visible()  # the means of two seeds


@pytest.mark.tour
def test_exercise_4_leads_to_compare(visit: Visit):
    page = visit("train?experiment=exercise1")
    page.get_by_test_id("stSidebar").get_by_role("combobox").first.click()
    page.get_by_role("option", name="Exercise 4").click()
    page.wait_for_url(lambda url: "/compare" in url)
    assert words(page)["view"] == ["witnesses"] and "efficientnet_b0" in words(page)["c"][0]


@pytest.mark.tour
def test_a_network_leads_to_its_diagram_and_what_two_runs_cannot_tell_is_said(visit: Visit):
    page = visit("train?experiment=exercise1&length=full&runs=3524e989,a16405bf")
    expect(page.get_by_text("cannot tell which of the two")).to_be_visible()
    with page.context.expect_page() as opened:
        page.locator(".runs").get_by_role("link", name="6-block ResNet").click()
    diagram = opened.value
    diagram.wait_for_selector("svg.diagram")
    assert words(diagram)["preset"] == ["6-block ResNet"]
    diagram.close()


@pytest.mark.tour
def test_a_question_has_its_answer_folded(visit: Visit):
    page = visit("train?experiment=exercise1")
    page.get_by_role("tab", name="Questions").click()
    answer = page.get_by_text("past the convolutions")
    expect(page.get_by_text("An answer to question 3")).to_be_visible()
    expect(answer).not_to_be_visible()
    page.get_by_text("An answer to question 3").click()
    expect(answer).to_be_visible()
