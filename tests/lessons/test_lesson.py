"""Links of our own, the head of a lesson, and which view a step opens when."""

from pathlib import Path

import pytest

from explorer.lessons.lesson import Lesson, LessonStep, LessonView, ViewLink, names_of, nearest, read_head, split_link


@pytest.mark.parametrize(
    ("text", "page", "words"),
    [
        (
            "explore?model=VGG&preset=VGG-16+%2B+batch+norm",
            "explore",
            (("model", "VGG"), ("preset", "VGG-16 + batch norm")),
        ),
        ("?model=VGG", "explore", (("model", "VGG"),)),
        ("./compare?view=side&a=model%3DViT", "compare", (("view", "side"), ("a", "model=ViT"))),
        ("http://localhost:8501/scale?phi=3&lesson=x&step=2&projector=1", "scale", (("phi", "3"),)),
        ("glossary", "glossary", ()),
    ],
)
def test_a_link_is_what_the_address_bar_says_without_what_holds_for_every_page(text, page, words):
    assert split_link(text) == ViewLink(page, words)


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/explore?model=VGG",
        "//example.org",
        "javascript:alert(1)",
        "data:text/html,x",
        "nowhere?a=b",
        "../etc",
    ],
)
def test_a_link_that_leads_elsewhere_is_refused(text):
    with pytest.raises(ValueError, match=r"leads elsewhere|names no page"):
        split_link(text)


def test_words_of_a_link_are_turned_and_left_out():
    link = split_link("explore?model=VGG&at=stage1")
    assert link.turned([("at", ""), ("colour", "macs")]).words == (("model", "VGG"), ("colour", "macs"))


def test_a_head_tells_its_mistakes_by_their_lines():
    problems = []
    lines = ["---", "title: VGG: small filters", "minutes: ten", "levle: easy", "nonsense", "order: 1.5", "---", "text"]
    head, after = read_head(lines, problems)
    assert (head, after) == ({"title": "VGG: small filters", "order": 1.5}, 7)
    assert [each.line for each in problems] == [3, 4, 5]
    assert "minutes is a number" in problems[0].sentence and "the nearest is level" in problems[1].sentence


@pytest.mark.parametrize("lines", [[], ["text"], ["---", "title: x"], ["---", "---"], ["---"] * 3])
def test_a_broken_head_is_a_sentence(lines):
    problems = []
    read_head(lines, problems)
    assert problems and problems[0].line == 1


def test_parts_of_a_page_are_plain_names():
    assert names_of({"hide": ("tables, width", 3)}, "hide") == ("tables", "width")
    with pytest.raises(ValueError, match="is no part of a page"):
        names_of({"hide": ("a{}b", 3)}, "hide")
    assert nearest("sidbar", ("sidebar", "tables")) == "the nearest is sidebar"


def test_what_is_computed_is_of_the_view_that_stands_there():
    first, second = ViewLink("explore", (("model", "VGG"),)), ViewLink("compare", ())
    steps = (
        LessonStep("a", 1, view=LessonView(first)),
        LessonStep("b", 2),
        LessonStep("c", 3, view=LessonView(second)),
    )
    lesson = Lesson("x", Path("x.md"), steps=steps)
    assert [lesson.subject_links(number) for number in (1, 2, 3)] == [(first,), (first,), (second,)]
