"""A lesson, or what was expected of one, taken along as a file: it answers, shows and prints without the program."""

import json
import re
from base64 import b64decode
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect
from torchvision import models
from torchvision.models import get_model_weights, list_models

from explorer.lessons.lesson import Lesson
from explorer.lessons.lesson_parser import parse_lesson
from explorer.ui.learn.page import lesson_file
from testing.browser import Watch
from tests.conftest import Visit
from tests.ui.test_learn import EXPLORE, SHELF, STEP


@pytest.mark.parametrize("lesson", SHELF.lessons.values(), ids=SHELF.lessons.keys())
def test_a_lesson_is_one_file_that_asks_nothing_of_any_other(lesson: Lesson):
    page = lesson_file(lesson)
    assert len(page) < 5_000_000
    sources = re.findall(r"(?:src|href)=[\"']?([^\"'\s>]{1,30})", page)
    assert all(source.startswith("data:image/svg+xml;base64,") for source in sources)
    assert page.count("<section>") == len(lesson.steps)


def test_a_file_answers_by_what_was_computed_and_shows_html_as_text():
    body = ":::{question} number\n:answer: params\nHow <b>many</b>?\n:::\n[a](#stage1) <script>alert(1)</script>"
    page = lesson_file(parse_lesson(Path("x.md"), STEP + body))
    assert 'data-right="25557032" data-within="0.05" data-known="25,557,032"' in page
    assert "How &lt;b&gt;many" in page and page.count("<script") == 1 and "ResNet-50: 25,557,032 parameters" in page


def test_a_file_that_is_opened_without_a_server_reads_an_answer_as_the_page_does(
    chromium: BrowserContext, tmp_path: Path
):
    file = tmp_path / "lesson.html"
    told = lesson_file(parse_lesson(Path("x.md"), STEP + ":::{question} number\n:answer: params\nHow many?\n:::\n"))
    file.write_text(told, encoding="utf-8")
    page = chromium.new_page()
    watch = Watch(page, file.as_uri())
    page.goto(file.as_uri())
    for answer, said in {"25,6 M": "near enough", "2.5e9": "× too large", "many": "no number"}.items():
        page.get_by_label("Your guess").fill(answer)
        page.get_by_role("button", name="Answer").click()
        expect(page.locator("output")).to_contain_text(said)
    assert watch.complaints == []
    page.close()


def test_a_file_does_not_tell_what_it_asks():
    asked = (
        STEP.replace("\n:::\n", "\n:hide: figures\n:::\n") + ":::{question} number\n:answer: params\nHow many?\n:::\n"
    )
    asked += f":::{{reveal}} {EXPLORE}&colour=macs\n:::\n"
    page = lesson_file(parse_lesson(Path("x.md"), asked))
    before, after = page.split("<details>")
    assert "<figcaption>ResNet-50</figcaption>" in before
    assert "25,557,032 parameters; coloured by multiply-adds from" in after
    waiting = "train?experiment=exercise5&length=full&runs=5056634f,181b79b8,ef97aaf6"
    shown = [lesson_file(parse_lesson(Path("x.md"), STEP.replace(EXPLORE, waiting + end))) for end in ("", "&replay=0")]
    assert ["<figure>" in page for page in shown] == [True, False]


@pytest.mark.parametrize(
    ("link", "told"),
    [
        ("compare?view=evolution&stop=AlexNet", "AlexNet, 2012: "),
        ("scale?phi=3&show=shipped", "EfficientNet-B3: 12,233,232 parameters"),  # as torchvision says
        ("scale?phi=0.5", "EfficientNet-B0, scaled by φ = 0.5: "),
        ("inside?network=27f45b0d", "ResNet-56: 214,546 parameters"),  # 0.86 M / 4 (He et al.): half as wide
        ("inside?lab=gradients&depth=8", "Norm of the gradient, dL/dx of what enters each block. Plain: "),
    ],
)
def test_a_file_shows_what_the_page_shows(link: str, told: str):
    page = lesson_file(parse_lesson(Path("x.md"), STEP.replace(EXPLORE, link)))
    assert page.count("<figure>") == 1 and f"<figcaption>{told}" in page


def test_a_file_has_the_points_of_a_chart_and_the_figures_of_a_few_networks():
    page = lesson_file(parse_lesson(Path("x.md"), STEP.replace(EXPLORE, "compare?from=lesson&x=parameters")))
    (chart,) = (b64decode(each).decode() for each in re.findall(r"base64,([^\"]+)", page))
    assert all(name in chart for name in ("VGG16", "ResNet-50", "ResNet-152", "EfficientNet-B0", "EfficientNet-B7"))
    assert chart.count("<circle") + chart.count("<polygon") == 5 + 3  # points, and families
    assert "of 5 networks" in page and page.count("<tr>") == 6 and '<span class="published">71.50</span>' in page


def test_a_file_lists_what_was_asked_for_with_the_best_first():
    page = lesson_file(parse_lesson(Path("x.md"), STEP.replace(EXPLORE, "compare?view=choose&macs=0.386&by=accuracy")))
    known = [weights for name in list_models(module=models) for weights in get_model_weights(name)]
    fit = [each for each in known if each.meta["_ops"] <= 0.386 and "ImageNet-1K" in each.meta["_metrics"]]
    best = max(each.meta["_metrics"]["ImageNet-1K"]["acc@1"] for each in fit)
    first = re.search(r"<tbody><tr>(.*?)</tr>", page)
    assert first and f'<span class="published">{best:.2f} %</span>' in first[1]
    assert "Asked for: at most 0.386 G MACs; the most accurate first." in page


def test_a_file_lists_the_lessons_networks_by_what_there_is_to_understand():
    page = lesson_file(parse_lesson(Path("x.md"), STEP.replace(EXPLORE, "compare?view=choose&by=simplicity")))
    assert "the easiest to understand first. 6 of the " in page and "things</span>" in page


ON_PAPER = """:::{question} choice
Which?

- the first {if params > 1}
- the second
:::

:::{reveal} explore?model=ResNet&preset=ResNet-50&at=stage1
So.
:::
"""


def test_on_paper_a_lesson_says_what_is_right_and_shows_no_picture_twice(chromium: BrowserContext, tmp_path: Path):
    file = tmp_path / "lesson.html"
    file.write_text(lesson_file(parse_lesson(Path("x.md"), STEP + ON_PAPER)), encoding="utf-8")
    page = chromium.new_page()
    page.goto(file.as_uri())
    right, folded = page.get_by_text("Right: the first (25,557,032, more than 1)."), page.locator("details:not([open])")
    expect(page.locator("figure")).to_have_count(1)
    page.locator("summary").click()
    expect(right).to_be_hidden()
    page.locator("summary").click()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(right).to_be_visible()
    expect(page.get_by_role("button", name="the second")).to_have_css("display", "block")
    expect(page.locator("section")).to_have_css("break-inside", "auto")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(folded).to_have_count(1)
    page.close()


@pytest.mark.tour
def test_what_was_expected_stands_alone_and_on_white_on_paper(visit: Visit):
    page = visit("learn", scheme="dark")
    record = json.dumps([[["bottleneck", 2, "16.4 k", "so"]], [], []])
    page.evaluate("record => sessionStorage.setItem('lessons', JSON.stringify({visit: '', record}))", record)
    page.reload()
    page.get_by_text("What you expected, and what came").click()
    expect(page.locator(".predictions")).to_be_visible()
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.locator(".predictions")).to_be_visible()
    expect(page.get_by_role("button", name="Begin").first).to_be_hidden()
    expect(page.locator(".stApp")).to_have_css("background-color", "rgb(255, 255, 255)")
    page.emulate_media(media="screen")


def test_a_file_shows_the_curve_that_was_asked_for():
    pages = [lesson_file(SHELF.lessons[name]) for name in ("exercise-3", "degradation")]
    asked, other = (
        " ".join(b64decode(each).decode() for each in re.findall(r"base64,([^\"]+)", page)) for page in pages
    )
    assert "Test error" in asked and "Test error" not in other and "Training loss" in other
