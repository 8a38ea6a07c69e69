"""“Which one?” and “Evolution” as somebody uses them, in a real Chromium."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from explorer.leaderboard.history import MILESTONES
from explorer.ui.compare import recommend_state
from testing.browser import fall_silent, settle
from testing.waiting import until
from tests.conftest import OpenPage, Visit

CARDS = "[class*=st-key-recommend-card]"
TITLE = "[class*=st-key-recommend-pick]"
VERDICT, FUNNEL = ".st-key-recommend-verdict", ".st-key-recommend-funnel"

WATCH_RUNS = """() => {
  window.runsSeen = 0;
  const state = document.querySelector("[data-test-script-state]");
  new MutationObserver(() => { window.runsSeen += 1; }).observe(state, { attributeFilter: ["data-test-script-state"] });
}"""


class SlowLine:
    """Keeps back what the server says to a page, at once or from the end of the next run on, until it is let go."""

    def __init__(self, page: Page) -> None:
        self.armed = self.still = False
        self.kept = list[str | bytes]()
        page.route_web_socket("**/_stcore/stream", self.connect)

    def connect(self, line: WebSocketRoute) -> None:
        self.line, server = line, line.connect_to_server()
        server.on_message(self.bring)

    def bring(self, message: str | bytes) -> None:
        assert isinstance(message, bytes)  # Streamlit's server sends no text
        ends = self.armed and ForwardMsg.FromString(message).WhichOneof("type") == "script_finished"
        self.kept.append(message) if ends or self.kept or self.still else self.line.send(message)

    def let_go(self) -> None:
        self.armed = self.still = False
        kept, self.kept = self.kept, []
        for message in kept:
            self.line.send(message)

    def answered(self, page: Page, before: int = 0) -> int:
        """Waits until the server has said more than so many messages; how many it has."""
        until(lambda: len(self.kept) > before, lambda: page.wait_for_timeout(20))
        return len(self.kept)


def titles(page: Page) -> list[str]:
    return page.locator(f"{CARDS} {TITLE}").all_inner_texts()


@pytest.mark.tour
def test_one_asks_reads_the_reason_and_takes_the_code(visit: Visit) -> None:
    page = visit("compare?view=choose")
    expect(page.locator(CARDS).first).to_contain_text("efficientnet_b0")
    page.get_by_role("radio", name="Memory constraints").click()
    expect(page.locator(VERDICT)).to_contain_text("The lesson says MobileNet, ShuffleNet.")
    page.get_by_label("Add a limit").click()
    page.get_by_role("option", name="top-1 accuracy").click()
    number = page.get_by_label("at least, in %, top-1 accuracy")
    number.fill("77.6")
    number.press("Enter")
    expect(page.locator(f"{FUNNEL} .stMarkdownBadge")).to_have_text("2 networks left")
    expect(page.locator(CARDS)).to_have_count(2)
    expect(page.locator(CARDS).first).to_contain_text("regnet_y_800mf V2")  # those of before are gone
    assert titles(page) == ["regnet_y_800mf V2", "efficientnet_b0 V1"]
    page.locator(CARDS).nth(1).click()
    expect(page.locator(".st-key-recommend-code code")).to_contain_text("model.classifier[1] = nn.Linear(1280, 10)")
    page.wait_for_url(lambda url: "accuracy=77.6" in url and "by=accuracy" in url)
    # For learning, the lesson's own networks are ranked by what is in them.
    page.get_by_role("radio", name="Educational/understanding").click()
    expect(page.locator(CARDS).first).to_contain_text("LeNet-5")
    notice = page.get_by_test_id("stCaptionContainer").filter(has_text="own networks, whose code")
    expect(notice).not_to_contain_text("so far")
    expect(page.locator(CARDS).first).to_contain_text("4 kinds of operation")
    expect(page.locator(VERDICT)).to_contain_text("VGG, ResNet-18")


def test_a_link_brings_the_same_ranking_a_wrong_number_is_named_and_one_click_loosens_a_limit(visit: Visit) -> None:
    page = visit("compare?view=choose&accuracy=78&params=10&by=balance&pick=torchvision/efficientnet_b1/IMAGENET1K_V2")
    expect(page.locator(CARDS)).to_have_count(4)
    expect(page.locator(f"{CARDS}[class*=-picked] {TITLE}")).to_have_text("efficientnet_b1 V2")
    number = page.get_by_label("at least, in %, top-1 accuracy")
    number.fill("120")
    number.press("Enter")
    expect(page.get_by_test_id("stAlert")).to_contain_text("give a number in %")
    expect(number).to_have_count(1)  # what was refused has gone
    expect(number).to_have_value("78")  # the limit stays
    number.fill("85")  # where nothing is left
    number.press("Enter")
    way = page.locator("[class*=st-key-recommend-way]", has_text="top-1 accuracy")
    expect(way).to_contain_text("80.6 % instead of 85 %")
    way.get_by_role("button").click()
    expect(page.locator(CARDS).first).to_contain_text("efficientnet_b2")


@pytest.mark.tour
def test_a_limit_that_has_gone_stays_gone_however_soon_the_next_click_comes(
    chromium: BrowserContext, app_url: str
) -> None:
    page = chromium.new_page()
    line = SlowLine(page)
    page.goto(f"{app_url}/compare?view=choose")
    settle(page)
    sentence = page.locator(".st-key-recommend-sentence")
    expect(sentence).to_contain_text("G MACs")
    line.armed = True
    page.get_by_role("radio", name="Memory constraints").click()
    expect(sentence).to_contain_text("MiB file of weights")
    heard = line.answered(page)
    page.get_by_label("Add a limit").click()
    page.get_by_role("option", name="top-1 accuracy").click()
    line.answered(page, heard)
    line.let_go()
    expect(sentence).to_contain_text("% top-1 accuracy")
    settle(page)
    expect(sentence).not_to_contain_text("G MACs")
    a_click_undoes_nothing_of_the_last_one_whose_answer_it_does_not_know(page, line)
    page.close()


def a_click_undoes_nothing_of_the_last_one_whose_answer_it_does_not_know(page: Page, line: SlowLine) -> None:
    sentence = page.locator(".st-key-recommend-sentence")
    page.get_by_role("radio", name="Memory constraints").click()
    expect(sentence).not_to_contain_text("accuracy,")
    settle(page)
    line.still = True
    page.get_by_label("Add a limit").click()
    page.get_by_role("option", name="parameters").click()
    heard = line.answered(page)
    page.get_by_label("What comes first").click()
    page.get_by_role("option", name="the smallest file").click()
    line.answered(page, heard)
    line.let_go()
    page.wait_for_url(lambda url: "params=30" in url and "by=file" in url)
    settle(page)
    expect(sentence).to_contain_text("parameters,")


@pytest.mark.tour
def test_a_wrong_word_is_taken_out_and_a_choice_opens_in_explore_and_two_lie_side_by_side(visit: Visit) -> None:
    page = visit("compare?view=choose&accuracy=lots&by=params")
    expect(page.get_by_test_id("stAlert")).to_contain_text("lots")
    expect(page.locator(CARDS).first).to_contain_text("squeezenet1_1")
    page.wait_for_url(lambda url: "lots" not in url)
    page.get_by_label("Add a limit").click()
    page.get_by_role("option", name="top-1 accuracy").click()
    number = page.get_by_label("at least, in %, top-1 accuracy")
    number.fill("80")
    number.press("Enter")
    expect(page.locator(CARDS).first).to_contain_text("efficientnet_b2")
    for place in (0, 1):
        button = page.locator(CARDS).nth(place).get_by_role("button", name="Side by side")
        button.click()
        expect(page.locator(CARDS).nth(place).get_by_role("button", name="In the comparison")).to_be_visible()
    page.get_by_role("button", name="The 2 in the comparison side by side").click()
    expect(page).to_have_url(re.compile("view=side"))
    settle(page)
    page.get_by_role("radio", name="Which one?").click()
    expect(page.locator(CARDS).first).to_be_visible()
    page.locator(CARDS).first.get_by_role("button", name="Explore").click()
    page.wait_for_url(re.compile("model=efficientnet_b0"))


# Evolution


@pytest.mark.tour
def test_the_timeline_moves_by_keys_and_clicks_and_says_where_it_stands(visit: Visit) -> None:
    page = visit("compare?view=evolution&stop=Perceptron")  # which is none
    stage = page.get_by_test_id("evolution")
    here = stage.locator(".stops .here .name")
    expect(page.get_by_test_id("stAlert")).to_contain_text("Perceptron")
    expect(here).to_have_text("LeNet")
    expect(stage.locator(".slide").first).to_contain_text("none published")
    it_plays_without_asking_the_server_and_stops_where_it_is_told(page)
    stage.focus()
    stage.press("Home")
    expect(here).to_have_text("LeNet")
    stage.press("ArrowRight")
    expect(here).to_have_text("AlexNet")
    stage.press("End")
    expect(here).to_have_text("ViT")
    stage.locator(".bars .row", has_text="ResNet").first.click()
    expect(here).to_have_text("ResNet")
    page.wait_for_url(re.compile("stop=ResNet"))


def it_plays_without_asking_the_server_and_stops_where_it_is_told(page: Page) -> None:
    stage = page.get_by_test_id("evolution")
    expect(stage.locator(".picture svg")).to_have_count(11)
    fall_silent(page)  # what stood still has told the address by now
    page.evaluate(WATCH_RUNS)
    stage.get_by_role("button", name="Play", exact=True).click()
    expect(stage.locator(".stops .here .name")).to_have_text("AlexNet")
    assert page.evaluate("() => window.runsSeen") == 0
    stage.get_by_role("button", name="Pause", exact=True).click()
    expect(stage.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_pictures_and_counts_arrive_without_moving_anything(visit: Visit) -> None:
    page = visit("compare?view=evolution&stop=GoogLeNet")
    stage = page.get_by_test_id("evolution")
    expect(stage.locator(".picture svg")).to_have_count(11)
    expect(stage.locator(".stops .here .name")).to_have_text("GoogLeNet")
    expect(stage.locator(".slide:not([inert]) .numbers")).to_contain_text("7.01 M")
    expect(stage.locator(".slide:not([inert]) .change")).to_contain_text("20 times fewer parameters")


def test_a_milestone_opens_in_explore_with_its_block_explained(visit: Visit) -> None:
    page = visit("compare?view=evolution&stop=ViT")
    page.get_by_role("button", name="Open ViT-B/16 in Explore").click()
    page.wait_for_url(re.compile("model=ViT"))
    settle(page)
    expect(page.locator(".st-key-details")).to_contain_text("EncoderBlock")  # the block it showed


def test_every_stop_and_figure_is_on_the_screen_of_a_laptop_and_a_projector(visit: Visit) -> None:
    for width, height in ((1280, 800), (1920, 1080)):
        page = visit("compare?view=evolution&stop=VGG", width=width, height=height)
        expect(page.locator(".slide:not([inert]) .picture svg")).to_be_visible()
        for selector in (".stops li:last-child", ".bars .row:last-of-type", ".slide:not([inert]) .open"):
            box = page.get_by_test_id("evolution").locator(selector).bounding_box()
            assert box and box["x"] >= 0 and box["x"] + box["width"] <= width and box["y"] + box["height"] <= height
        expect(page.locator(".slide .numbers .published")).not_to_have_count(0)
        expect(page.locator(".slide .numbers .computed")).to_have_count(2 * len(MILESTONES))
        tales = page.locator(".slide .tale").evaluate_all(
            "(tales) => tales.map(({ scrollHeight, clientHeight }) => scrollHeight - clientHeight)"
        )
        assert len(tales) == len(MILESTONES) and max(tales) <= 0  # the buttons at their ends are not cut


# Without a browser


def test_the_field_is_gathered_once_in_a_run(open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    gathered, gather = [], recommend_state.entries
    monkeypatch.setattr(recommend_state, "entries", lambda: gathered.append(1) or gather())
    app = open_page("compare", view="choose", accuracy="78", by="balance")
    gathered.clear()
    assert not app.run().exception and len(gathered) == 1
