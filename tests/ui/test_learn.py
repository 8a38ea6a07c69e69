"""Lessons beside the pages: what a step opens, what is asked before it, and the way back after looking around."""

import json
import re
from pathlib import Path
from threading import Event

import pytest
from playwright.sync_api import Page, expect
from streamlit.testing.v1 import AppTest

from explorer.lessons.answers import LONGEST
from explorer.lessons.lesson import Lesson, split_link
from explorer.lessons.lesson_parser import lesson_shelf, parse_lesson
from explorer.profiler.measurement_queue import Measurement, MeasurementQueue
from explorer.ui.compare import speed_setup
from explorer.ui.learn.drawer import selectors
from explorer.ui.learn.questions import read_record, spell_record
from explorer.ui.learn.views import check_lesson, followed, main, spelled, subject_of
from testing.browser import APP, fall_silent, settle
from testing.speeds import speed
from testing.waiting import PATIENCE, until
from tests.conftest import Visit

SHELF = lesson_shelf()
EXPLORE = "explore?model=ResNet&preset=ResNet-50"
STEP = f"---\ntitle: T\n---\n## One\n\n:::{{view}} {EXPLORE}\n:::\n"


@pytest.mark.parametrize("lesson", SHELF.lessons.values(), ids=SHELF.lessons.keys())
def test_every_step_of_a_shipped_lesson_opens_and_its_questions_have_an_answer(lesson: Lesson):
    assert [str(problem) for problem in check_lesson(lesson)] == []
    assert not SHELF.troubles


def said(body: str) -> list[str]:
    return [str(each) for each in check_lesson(parse_lesson(Path("x.md"), STEP + body))]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (":::{reveal} explore?model=ResNit\n:::", "Line 8: The link's model “ResNit” is none of: ResNet, "),
        (
            ":::{reveal} explore?model=ResNet&at=layer3.0\n:::",
            "Line 8: ResNet-50 has no part “layer3.0”: the nearest is",
        ),
        (":::{reveal} explore?model=ResNet&at=zq\n:::", "Line 8: ResNet-50 has no part “zq”: there are input, stem, "),
        (":::{reveal} explore?model=VGG&image_size=16\n:::", "Line 8: In the link: “Image size” cannot be “16”"),
        (":::{reveal} train?experiment=none\n:::", "Line 8: There is no experiment “none”"),
        (":::{reveal} train?runs=00000000\n:::", "Line 8: there is no recorded run 00000000."),
        (":::{reveal} scale?phi=x\n:::", "Line 8: φ cannot be “x”"),
        ("\n[a](#stage9)", "Line 9: ResNet-50 has no part “stage9”: the nearest is stage"),
        ("\n[a](lesson:none)", "Line 9: there is no lesson “none”."),
        ("\n{= params of stage9}", "Line 9: ResNet has no part “stage9”"),
        (":::{question} number\n:answer: weight\n:::", "Line 8: “weight” is nothing that is computed"),
        (":::{question} choice\n- a {if depth > 60}\n- b\n:::", "Line 8: no answer is right"),
        (
            ":::{question} curve\n:curve: training loss of plain-56\n:::",
            "Line 8: this step's view shows no recorded run",
        ),
    ],
)
def test_what_a_lesson_asks_for_and_is_not_there_is_told_with_its_line(body: str, told: str):
    assert any(each.startswith(told) for each in said(body)), said(body)


def test_a_part_that_a_step_hides_is_one_of_the_page():
    assert said("")[:1] == []
    lesson = parse_lesson(Path("x.md"), STEP.replace("\n:::\n", "\n:hide: tabels, width\n:::\n"))
    assert [str(each) for each in check_lesson(lesson)] == [
        "Line 6: “tabels” is no part of this page: the nearest is tables."
    ]
    assert selectors(("figures",)) == ".st-key-headline" and "-width" in selectors(("width",))


def test_links_of_a_text_change_the_view_that_stands_there():
    seen = split_link(f"{EXPLORE}&colour=macs")
    assert spelled(followed("#stage1.0/add", seen) or seen) == f"{EXPLORE}&colour=macs&at=stage1.0/add"
    assert spelled(followed("?colour=", seen) or seen) == EXPLORE
    assert followed("scale?phi=3", None) == split_link("scale?phi=3") and followed("#stage1", None) is None


def test_a_comparison_names_its_networks_by_letters():
    view = "compare?view=side&a=model%3DResNet%26preset%3DResNet-50&b=model%3DResNet%26preset%3DResNet-34"
    lesson = parse_lesson(Path("x.md"), STEP.replace(EXPLORE, view))
    networks = subject_of(lesson, 1).networks
    assert list(networks) == ["", "A", "B"] and networks[""] == networks["A"] != networks["B"]


def test_make_lessons_tells_how_much_it_opened(capsys: pytest.CaptureFixture[str]):
    assert main() == 0
    assert re.search(rf"^{len(SHELF.lessons)} lessons, \d+ steps, 0 problems\.$", capsys.readouterr().out)


def learn(**query: str) -> AppTest:
    """The page, run once: what is wrong with a link is told once."""
    app = AppTest.from_file(APP, default_timeout=PATIENCE)
    for name, word in query.items():
        app.query_params[name] = word
    return app.switch_page("../pages/learn.py").run()


def test_the_page_lists_the_lessons_and_goes_on_beside_broken_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "bad.md").write_text("no lesson")
    (tmp_path / "odd.md").write_text("## One\n\n<script>alert(1)</script> ![x](http://example.org/x.png)\n")
    monkeypatch.setenv("EXPLORER_LESSONS", str(tmp_path))
    app = learn()
    assert not app.exception
    assert len(app.button) > len(SHELF.lessons)
    told = "".join(warning.value for warning in app.warning)
    assert "bad.md" in told.replace("\\", "") and "a picture is refused" in told and "example.org" not in told
    step = learn(lesson="odd", step="77")
    assert not step.exception and step.query_params["lesson"] == "odd"


@pytest.mark.parametrize(
    "words", [{"lesson": "<b>x"}, {"lesson": "none", "step": "-1"}, {"step": "9" * 99}, {"lesson": "x" * 9999}]
)
def test_a_link_to_no_lesson_is_a_sentence(words: dict[str, str]):
    app = learn(**words)
    assert not app.exception and app.warning
    assert "lesson" not in app.query_params


COUNT_NEXT = """() => {
    window.mostNext = 0;
    const count = () => document.querySelectorAll(".st-key-lesson .stButton button[kind=primary]").length;
    const observer = new MutationObserver(() => { mostNext = Math.max(mostNext, count()) });
    observer.observe(document, { childList: true, subtree: true });
}"""


MEASURED = """:::{question} number
:answer: measured images a second
:unit: pictures a second
How many?
:::

:::{reveal}
It is {= measured images a second}.
:::
"""


def test_what_nobody_has_measured_is_no_problem_of_a_lesson():
    assert said(MEASURED) == []
    assert said(":::{question} choice\n- a {if measured images a second > 1}\n- b\n:::") == []
    assert "no network C" in said("\n{= measured images a second of C}")[0]


def test_a_speed_is_asked_for_while_it_is_measured_and_judged_once_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    class Slow(MeasurementQueue):
        def measure(self, job: Measurement) -> None:
            over.wait(PATIENCE)
            self.store().add(speed("", 0.02, spec=job.wanted.places[0].spec, setup=job.wanted.setup))

    over, queue = Event(), Slow()
    monkeypatch.setattr(speed_setup, "measurement_queue", lambda: queue)
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("EXPLORER_LESSONS", str(tmp_path))
    (tmp_path / "fast.md").write_text(STEP.replace("preset=ResNet-50", "preset=ResNet-18") + MEASURED)
    app = AppTest.from_file(APP, default_timeout=PATIENCE)
    app.query_params["lesson"] = "fast"
    app.run().run()
    assert not app.exception and len(queue.jobs) == 1
    app.text_input(key="lesson/fast/1/answer").set_value("50")
    next(button for button in app.button if button.label == "Answer").click()
    app.run().run()
    assert not app.exception and len(queue.jobs) == 1
    assert [each.value for each in app.info if "judged as soon as" in each.value]
    assert "not measured yet" in told_in(app)
    over.set()
    until(lambda: not queue.queue())
    app.run()
    assert not app.exception and len(queue.jobs) == 1
    (verdict,) = [each.value for each in app.success if "Measured on" in each.value]
    assert verdict.startswith("Exactly\\: 50 pictures a second")
    assert re.search(r'<b class="measured" title="measured: on [^"]+">50</b>', told_in(app))


def told_in(app: AppTest) -> str:
    return "".join(each.proto.body for each in app.get("html"))


def drawer(page: Page):
    return page.locator(".st-key-lesson")


def test_a_step_opens_its_view_asks_first_and_is_found_again_after_looking_around(visit: Visit):
    page = visit("?lesson=bottleneck")
    expect(drawer(page)).to_contain_text("1 of 6")
    expect(drawer(page)).to_contain_text("70,400")
    expect(page).to_have_url(re.compile(r"at=stage1\.1&lesson=bottleneck$"))
    page.get_by_role("link", name="the second").click()  # a part of the view
    expect(page).to_have_url(re.compile(r"at=stage1\.1\.conv2&"))
    page.keyboard.press("v")  # back to what the step shows
    expect(page).to_have_url(re.compile(r"at=stage1\.1&"))
    page.keyboard.press("n")
    expect(drawer(page)).to_contain_text("2 of 6")
    expect(page.get_by_text("has 36,864")).to_have_count(0)
    page.get_by_label("Your guess, in weights").fill("256*64")
    page.evaluate("document.execCommand('insertText', false, '\\ud800')")  # half a character, as if pasted
    page.get_by_role("button", name="Answer").click()
    expect(drawer(page)).to_contain_text("That is no number")
    page.get_by_label("Your guess, in weights").fill("16.4 k")
    page.get_by_role("button", name="Answer").click()
    expect(drawer(page)).to_contain_text("Right, near enough: it is 16,384 weights.")
    expect(drawer(page)).to_contain_text("has 36,864")
    expect(page).to_have_url(re.compile(r"at=stage1\.1\.conv1&"))  # it was not selected before
    settle(page)
    left, right = (page.locator(each).bounding_box() for each in (".stMain", ".st-key-lesson"))
    assert left and right and left["x"] + left["width"] <= right["x"] + 1  # it covers nothing


@pytest.mark.tour
def test_a_step_on_another_page_and_the_end_of_the_lesson(visit: Visit):
    page = visit("?model=ResNet&preset=ResNet-50&lesson=bottleneck&step=3", width=390, height=844)
    expect(drawer(page)).to_contain_text("3 of 6")
    page.evaluate(COUNT_NEXT)
    page.get_by_label("Your guess, in times").fill("1,6")
    page.get_by_role("button", name="Answer").click()
    expect(drawer(page)).to_contain_text("10 × too small: it is 16 times.")
    expect(drawer(page).locator(".stAlert")).to_be_in_viewport(ratio=1)  # scrolled to
    expect(page).to_have_url(re.compile(r"/compare\?.*lesson=bottleneck&step=3$"))
    expect(page.locator(".st-key-side-picker")).to_be_attached()
    expect(page.locator(".stApp")).to_have_attribute("data-test-script-state", "notRunning")
    assert page.evaluate("mostNext") == 1  # neither page's buttons beside the other's
    top, below = (page.locator(each).bounding_box() for each in (".stMain", ".st-key-lesson"))
    assert top and below and top["y"] + top["height"] <= below["y"] + 1
    for number in (4, 5, 6):
        page.get_by_role("button", name="Next").click()
        expect(drawer(page)).to_contain_text(f"{number} of 6")
    page.get_by_role("button", name="Finish").click()
    expect(page.locator(".predictions")).to_contain_text("1,6")
    expect(page).to_have_url(re.compile("/learn$"))


def kept_words(page: Page) -> str:
    return page.evaluate("sessionStorage.lessons ?? ''")


@pytest.mark.tour
def test_what_was_answered_is_there_again_when_the_page_is_loaded_anew(visit: Visit):
    page = visit("?lesson=bottleneck&step=2")
    page.get_by_label("Your guess, in weights").fill("16.4 k")
    page.get_by_role("button", name="Answer").click()
    expect(drawer(page)).to_contain_text("Right, near enough")
    settle(page)
    page.get_by_label("What did you see?").fill("a quarter of <b>it</b>")
    page.keyboard.press("Tab")
    until(lambda: "a quarter" in kept_words(page), lambda: page.wait_for_timeout(20))
    page.reload()
    expect(drawer(page)).to_contain_text("Right, near enough: it is 16,384 weights.")
    expect(page.get_by_label("What did you see?")).to_have_value("a quarter of <b>it</b>")
    expect(page).to_have_url(re.compile(r"at=stage1\.1\.conv1&"))
    page.get_by_role("button", name="Leave the lesson").click()
    settle(page)
    page.get_by_role("link", name="Learn", exact=True).click()
    expect(page.locator(".predictions")).to_be_attached()
    expect(page).to_have_url(re.compile("/learn$"))
    page.reload()
    expect(page.locator(".predictions dd")).to_have_text(
        ["16.4 k", "Right, near enough: it is 16,384 weights.", "a quarter of <b>it</b>"]
    )
    expect(page.get_by_text("1 answered")).to_have_count(1)


@pytest.mark.tour
def test_an_answer_that_was_taken_back_stays_so(visit: Visit):
    page = visit("?lesson=bottleneck&step=2")
    page.get_by_label("Your guess, in weights").fill("16.4 k")
    page.get_by_role("button", name="Answer", exact=True).click()
    page.get_by_role("button", name="Answer again").click()
    expect(page.get_by_label("Your guess, in weights")).to_be_visible()
    until(lambda: "16.4" not in kept_words(page), lambda: page.wait_for_timeout(20))
    page.reload()
    expect(page.get_by_label("Your guess, in weights")).to_be_visible()
    fall_silent(page)
    expect(page.get_by_text("Right, near enough")).to_have_count(0)


@pytest.mark.tour
def test_a_step_loaded_anew_by_its_number_alone_shows_what_stands_behind_its_answer(visit: Visit):
    page = visit("?model=ResNet&preset=ResNet-50&lesson=bottleneck&step=3")
    page.get_by_label("Your guess, in times").fill("16")
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page).to_have_url(re.compile(r"/compare\?.*lesson=bottleneck&step=3$"))
    until(lambda: "16" in kept_words(page), lambda: page.wait_for_timeout(20))
    page.goto(page.url.partition("/compare")[0] + "/?lesson=bottleneck&step=3")
    expect(page).to_have_url(re.compile(r"/compare\?.*lesson=bottleneck&step=3$"))
    expect(drawer(page)).to_contain_text("Exactly: 16 times.")


@pytest.mark.tour
@pytest.mark.parametrize(
    "kept", ["{", '{"record": "[]]", "visit": 1}', '{"record": {"a": [1]}}', '{"record": 7}', "null"]
)
def test_what_a_browser_kept_may_be_anything(visit: Visit, kept: str):
    page = visit("?lesson=bottleneck&step=2")
    page.evaluate("kept => sessionStorage.setItem('lessons', kept)", kept)
    page.reload()
    until(lambda: '"record":""' in kept_words(page), lambda: page.wait_for_timeout(20))
    expect(page.get_by_label("Your guess, in weights")).to_be_visible()


KNOWN = ["bottleneck", 2, "16.4 k", "so"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (json.dumps([[KNOWN], [["vgg", 3]], ["vgg"]]), 1),
        (json.dumps([[KNOWN, ["bottleneck", 2, "no number", ""]], [], []]), 1),
        (
            json.dumps(
                [[["none", 1, "1", ""], ["bottleneck", 99, "1", ""], ["bottleneck", 0, "1", ""], 7, [[]]], [], []]
            ),
            0,
        ),
        (
            json.dumps(
                [[["bottleneck", 2, 7, ""], ["bottleneck", 2, ["1"], ""], ["bottleneck", True, "1", 7]], [], []]
            ),
            0,
        ),
        (json.dumps([[["bottleneck", 1, "asked nothing", ""]], [["vgg", 99], ["vgg", "1"]], [7, "none", {}]]), 0),
        ("[" * 10**5, 0),
        ("9" * 5000, 0),
        ('[[["bottleneck", 2, "' + "1" * 3_000_000 + '", ""]], [], []]', 0),
        (json.dumps({"a": 1}), 0),
        (7, 0),
        ("", 0),
    ],
)
def test_what_fits_no_lesson_is_left_out_of_what_was_kept(text: object, kept: int):
    found = read_record(text, SHELF.lessons)
    assert len(found.given) == kept and all(place == ("bottleneck", 2) for place in found.given)
    assert read_record(spell_record(found), SHELF.lessons) == found
    assert len(found.reached) == len(found.done) == (text == json.dumps([[KNOWN], [["vgg", 3]], ["vgg"]]))


def test_what_was_kept_is_as_long_as_an_answer_may_be():
    found = read_record(json.dumps([[["degradation", 1, 0, "x" * 10**5]], [], []]), SHELF.lessons)
    assert all(len(each.seen) == LONGEST for each in found.given.values())


def test_figures_to_be_guessed_are_hidden_on_the_boxes_too(visit: Visit):
    page = visit("?lesson=exercise-4&step=1")
    expect(page.locator(".diagram .amounts").first).to_be_attached()
    expect(page.locator(".diagram .amounts:visible")).to_have_count(0)
    page.get_by_role("button", name="Leave the lesson").click()
    expect(page.locator(".diagram .amounts:visible").first).to_be_visible()


def test_the_figures_are_back_once_the_question_is_answered(visit: Visit):
    page = visit("?lesson=exercise-3&step=1")
    expect(page.locator(".diagram .amounts").first).to_be_attached()
    expect(page.locator(".st-key-headline")).to_be_hidden()
    page.get_by_label("Your guess, in parameters").fill("580")
    page.get_by_role("button", name="Answer").click()
    expect(page.locator(".st-key-headline")).to_be_visible()
    expect(page.locator(".diagram .amounts:visible").first).to_be_visible()


def test_an_answer_of_several_lines_is_shown_as_it_was_written(visit: Visit):
    page = visit("?lesson=exercise-2")
    said = "class Block(nn.Module):\n\n    # not :smile: **bold**\n\n---\n<img src=x onerror=alert(1)>"
    page.get_by_label("Your answer").fill(said)
    page.get_by_role("button", name="Answer").click()
    expect(page.locator(".said b")).to_have_js_property("innerText", said)


@pytest.mark.tour
def test_beside_a_lesson_train_leaves_the_guess_to_it(visit: Visit):
    runs = "train?experiment=exercise5&length=full&runs=5056634f,181b79b8,ef97aaf6&replay=0"
    page = visit(f"{runs}&lesson=exercise-5&step=2")
    expect(page.locator(".replay-play")).to_be_visible()
    expect(page.get_by_text("First guess")).to_have_count(0)
    page.get_by_role("button", name="Leave the lesson").click()
    expect(page.get_by_text("First guess")).to_be_visible()


WIDER = """() => [...document.querySelectorAll(
    ".st-key-headline [data-testid=stMetricLabel] *, .st-key-inside-details, .lesson-text pre"
)].concat(...[...document.querySelectorAll(".stMain *")].filter((each) => each.shadowRoot).map((each) => [
    ...each.shadowRoot.querySelectorAll(".differences, .bar .legend, .growth figcaption, .stops .here .name")
])).filter((each) => each.clientWidth > 1 && each.scrollWidth > each.clientWidth + 1).map((each) => each.textContent)"""
BESIDE = {
    "headline": ("lesson=vgg&step=8&model=VGG&preset=VGG-16", ".st-key-headline"),
    "headline, projected": ("projector=1&lesson=shortcut&model=ResNet&preset=ResNet-34", ".st-key-headline"),
    "legend, projected": (
        "compare?view=side&a=model%3DResNet%26preset%3DResNet-34%26shortcut%3Dpadding&b=model%3DResNet%26preset%3DResNet-34"
        "&projector=1&lesson=shortcut&step=8",
        ".bar .legend li",
    ),
    "panel": ("inside?network=aee7099c&picture=frog+1&lesson=pretrained&step=3", ".st-key-inside-details"),
    "differences": (
        "compare?view=side&a=model%3DResNet%26preset%3DResNet-50&b=model%3DSE-ResNet%26preset%3DSE-ResNet-50"
        "&lesson=variants&step=5",
        ".differences td",
    ),
    "code": ("lesson=exercise-2&step=3&source=torchvision&model=resnet18", ".lesson-text pre"),
}


@pytest.mark.tour
@pytest.mark.parametrize("link, shown", BESIDE.values(), ids=BESIDE.keys())
def test_beside_a_lesson_nothing_is_cut_off_at_1280_pixels(visit: Visit, link: str, shown: str):
    page = visit(link if "?" in link else f"?{link}", width=1280, height=800)
    expect(page.locator(shown).first).to_be_visible()
    settle(page)
    assert page.evaluate(WIDER) == []


def test_what_is_hidden_leaves_its_room_to_the_picture(visit: Visit):
    page = visit("?lesson=exercise-4&step=1", width=1280, height=800)
    picture, main = (page.locator(each).first for each in (".viewer", ".stMain"))
    expect(picture).to_be_visible()
    wide, room = picture.bounding_box(), main.bounding_box()
    assert wide and room and wide["width"] > 0.9 * room["width"]


SEEN = """(part) => {
    const hosts = [...document.querySelectorAll(".stMain *")];
    const viewer = hosts.find((each) => each.shadowRoot?.querySelector(".stage svg"));
    return [...viewer.shadowRoot.querySelectorAll(".stage:has(svg)")].map((stage) => {
        const [room, box] = [stage, stage.querySelector(part)].map((each) => each.getBoundingClientRect());
        return box.left >= room.left && box.right <= room.right;
    });
}"""


def test_beside_a_lesson_a_wide_picture_is_in_its_pane_at_1280_pixels(visit: Visit):
    link = "?model=ViT&preset=ViT-B/16&open=encoder,encoder.0&repeats=no&at=encoder.0&lesson=evolution&step=7"
    page = visit(link, width=1280, height=800)
    expect(page.locator(".diagram")).to_be_visible()
    until(lambda: page.evaluate(SEEN, "svg.diagram") == [True], lambda: page.wait_for_timeout(20))


@pytest.mark.tour
def test_the_timeline_follows_the_steps_and_the_links_of_their_text(visit: Visit):
    page = visit("compare?view=evolution&stop=AlexNet&lesson=evolution&step=3")
    here = page.get_by_test_id("evolution").locator(".stops .here .name")
    expect(here).to_have_text("AlexNet")
    drawer(page).get_by_role("button", name="Next").click()
    expect(here).to_have_text("ResNet")
    drawer(page).get_by_role("button", name="Next").click()
    expect(here).to_have_text("ResNeXt")
    drawer(page).get_by_role("link", name="ShuffleNetV2").click()
    expect(here).to_have_text("ShuffleNetV2")
    expect(page).to_have_url(re.compile("stop=ShuffleNetV2"))
    page.get_by_role("button", name="Lesson’s view").click()
    expect(here).to_have_text("ResNeXt")


@pytest.mark.tour
def test_back_and_forward_lead_through_the_steps_and_what_was_looked_at_between_them(visit: Visit):
    page = visit("?lesson=exercise-4&step=3")  # on Explore
    drawer(page).get_by_role("button", name="Next").click()  # on Compare
    expect(page).to_have_url(re.compile("/compare.*from=lesson.*step=4"))
    settle(page)
    drawer(page).get_by_role("button", name="Next").click()
    expect(drawer(page)).to_contain_text("5 of 7")
    settle(page)
    page.go_back()
    expect(drawer(page)).to_contain_text("4 of 7")
    page.go_back()
    expect(drawer(page)).to_contain_text("3 of 7")
    expect(page.locator(".st-key-details")).to_be_attached()
    expect(page).to_have_url(re.compile(r"/\?source=torchvision&model=resnet50&.*step=3"))
    settle(page)
    page.go_forward()
    expect(page).to_have_url(re.compile("/compare.*from=lesson.*step=4"))


@pytest.mark.tour
def test_back_after_a_link_in_the_text_undoes_what_it_did_and_then_the_step_before(visit: Visit):
    page = visit("scale?lesson=scaling")
    drawer(page).get_by_role("button", name="Next").click()
    expect(page).to_have_url(re.compile("step=2"))
    drawer(page).get_by_role("button", name="Next").click()
    expect(page).to_have_url(re.compile("phi=1.*step=3"))
    settle(page)
    page.go_back()
    expect(drawer(page)).to_contain_text("2 of 8")
    page.go_back()
    expect(drawer(page)).to_contain_text("1 of 8")
    expect(page).to_have_url(re.compile(r"/scale\?lesson=scaling$"))
