"""Markdown becomes steps; what is wrong is said with its line, and nothing of a file can reach the page as markup."""

import os
import random
import re
from pathlib import Path

import pytest

from explorer.lessons.lesson import LARGEST, SHIPPED, Lesson
from explorer.lessons.lesson_parser import lesson_shelf, parse_lesson, read_lesson

HEAD = "---\ntitle: T\n---\n"
STEP = HEAD + "## One\n\n"
VIEW = ":::{view} explore?model=ResNet\n:::\n"


def parsed(text: str) -> Lesson:
    return parse_lesson(Path("folder/name.md"), text)


def said(text: str) -> list[tuple[int, str]]:
    return [(each.line, each.sentence) for each in parsed(text).problems]


def test_the_lesson_of_the_readme_is_read_whole():
    readme = (SHIPPED.parents[1] / "README.md").read_text(encoding="utf-8")
    found = re.search(r"```markdown\n(---\ntitle:.*?)```", readme, re.DOTALL)
    assert found
    lesson = parsed(found[1])
    assert not lesson.problems
    assert (lesson.title, lesson.minutes, lesson.order) == ("Where a bottleneck spends", 6, 4)
    first, second, third = lesson.steps
    assert first.view and first.view.hide == ("tables",) and first.opens == first.view.link
    assert second.question and second.question.kind == "choice" and second.opens is None
    assert second.reveal and second.opens_after == second.reveal.link
    assert third.question and (third.question.asked, third.question.within, third.question.unit) == (
        "params of B",
        0.1,
        "parameters",
    )
    assert [letter for letter, _ in third.networks] == ["B"]


def test_links_and_quantities_are_kept_with_their_lines():
    lesson = parsed(STEP + "See [the\nsum](#stage1.1/add) of {= params}\nand [more](?colour=macs).\n")
    assert lesson.steps[0].text.links == (("#stage1.1/add", 6), ("?colour=macs", 8))
    assert lesson.steps[0].text.quantities == (("params", 7),)


def test_a_quantity_may_go_on_in_the_next_line():
    lesson = parsed(STEP + "One\nis {= ratio of params\nto macs} and `{= macs}` a {= *depth*}.\n")
    assert lesson.steps[0].text.quantities == (("ratio of params to macs", 7),)


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("[a](https://example.org)\n", 6, "leads elsewhere"),
        ("text\n\n<https://example.org>\n", 8, "leads elsewhere"),
        ("[a](javascript:alert(1))\n", 6, "leads elsewhere"),
        ("![a](http://example.org/x.png)\n", 6, "a picture is refused"),
        ("# Big\n", 6, "two #"),
        (":::{vieww} explore\n:::\n", 6, "the nearest is view"),
        (":::{view} explore\n:hidde: tables\n:::\n", 7, "the nearest is hide"),
        (":::{view}\n:::\n", 6, "no link"),
        ("Text\n::{view} explore\n::\n", 7, "three colons"),
        (":::{reveal}\n\n:{question} number\n:::\n", 8, "three colons"),
        (":::{view} https://example.org\n:::\n", 6, "leads elsewhere"),
        (VIEW + VIEW, 8, "has a view already"),
        (":::{view} explore\n", 6, "no end"),
        (":::{reveal}\nText.\n\n## Next\n\n:::{view} explore\n:::\n", 6, "no end"),
        (":::{question} guess\n:::\n", 6, "no question “guess”"),
        (":::{question} number\nHow many?\n:::\n", 6, "no right answer"),
        (":::{question} number\n:answer: params\n:within: much\n:::\n", 6, "is a share"),
        (":::{question} choice\nWhich?\n\n- a {if params > 1}\n:::\n", 6, "2 to 8 answers: this has 1"),
    ],
)
def test_a_mistake_is_a_sentence_with_its_line_and_the_rest_works(body, line, words):
    problems = said(STEP + body)
    assert [each for each in problems if each[0] == line and words in each[1]], problems
    assert parsed(STEP + body).steps[0].title == "One"


def test_text_before_the_first_step_is_told():
    assert said(HEAD + "Lost.\n\n## One\n")[0][0] == 4


def test_a_file_without_steps_is_no_lesson():
    with pytest.raises(ValueError, match="no step"):
        parsed(HEAD + "text")


HOSTILE = (
    *("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[a](javascript:alert(1))"),
    *('[a](#x"onclick=alert(1))', "[a](?x=<b>)", "<a href='https://example.org'>", "`<i>`", "```\n<i>\n```"),
    *("[x]: https://example.org\n[x]", "&lt;b&gt;", "<!-- c", "|<b>|\n|-|\n|<i>|", ":::{reveal}\n<u>\n:::"),
    *("![b](data:image/svg+xml,x)", "{= <b>x</b>}", "lesson:<s>", "[l](lesson:<s>)"),
)
MARKS = (
    *("## a", "---", ":::", ":::{question} choice", ":::{question} order", "- a {if params > 1}", "- b", ":answer: x"),
    *(":::{view} explore?at=x", "\n", "    ", "\t", "> ", "1. ", "\x00", "\ud7ff", "{", "}", "`" * 5, "*" * 7, "[" * 9),
)
TAGS = "p|em|strong|s|code|pre|ul|ol|li|h[1-6]|table|thead|tbody|tr|th|td|blockquote|hr|br"
ATTRIBUTES = r"(?: (?:style=\"text-align:\w+\"|start=\"\d+\"|class=\"language-[^\"<>]*\"))?"
LINKS = r"<a href=\"#lesson\" data-lesson=\"[^\"<>]*\">|<a class=\"refused\">|</a>"
OURS = re.compile(rf"</?(?:{TAGS}){ATTRIBUTES} ?/?>|{LINKS}")


def test_html_scripts_and_attributes_stay_text():
    for hostile in HOSTILE:
        step = parsed(STEP + hostile + "\n").steps[0]
        for html in (step.text.html, step.reveal.text.html if step.reveal else ""):
            assert "<" not in OURS.sub("", html), (hostile, html)
            assert "example.org" not in re.sub(r">[^<]*<", "", html)


def test_no_mixture_of_marks_raises_anything_but_a_sentence():
    pieces = (*HOSTILE, *MARKS)
    chance = random.Random(7)
    for _ in range(300):
        text = "\n".join(chance.choices(pieces, k=chance.randrange(1, 25)))
        try:
            lesson = parsed(text)
        except ValueError as error:
            assert "no step" in str(error)
        else:
            assert all(0 < problem.line <= text.count("\n") + 2 for problem in lesson.problems)


def test_of_two_lessons_of_one_name_and_of_one_too_large_the_rest_works(tmp_path: Path):
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
        (folder / "same.md").write_text(STEP)
    (one / "large.md").write_text("x" * (LARGEST + 1))
    (two / "latin.md").write_bytes(b"## caf\xe9\n")
    (two / "empty.md").write_text("")
    shelf = lesson_shelf((one, two, tmp_path / "none"))
    assert list(shelf.lessons) == ["same"]
    told = {file.name: sentence for file, sentence in shelf.troubles}
    assert "another lesson" in told["same.md"] and "has another name" in told["same.md"]
    assert "more than a lesson may" in told["large.md"]
    assert "UTF-8" in told["latin.md"] and "no step" in told["empty.md"] and "no such folder" in told["none"]


def test_a_file_that_is_saved_is_read_again(tmp_path: Path):
    file = tmp_path / "a.md"
    file.write_text(STEP)
    before = read_lesson(file)
    assert read_lesson(file) is before
    file.write_text(STEP.replace("One", "Two"))
    os.utime(file, ns=(1, 1))
    assert read_lesson(file).steps[0].title == "Two"
