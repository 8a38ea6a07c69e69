"""From a Markdown file to a lesson: nothing of it is executed, and what is wrong is said with its line.

HTML is shown as text; links become words for the drawer, never addresses; directives are fences of colons, as MyST
writes them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.colon_fence import colon_fence_plugin

from explorer.formatting import printable
from explorer.lessons.lesson import (
    KINDS,
    PARTS,
    Answer,
    Lesson,
    LessonProblem,
    LessonView,
    Passage,
    Question,
    Reveal,
    Step,
    split_link,
)

HEAD = ("title", "minutes", "level", "order", "covers")
DIRECTIVES = {
    "view": ("hide", "lock", "show", "A", "B", "C", "D"),
    "question": ("answer", "within", "unit", "curve", "seen", "A", "B", "C", "D"),
    "reveal": (),
}
OPENING = re.compile(r"\{?(\w+)\}?\s*(.*)", re.DOTALL)
OPTION = re.compile(r":(\w+):\s*(.*)")
COMPUTED = re.compile(r"\{=\s*([^{}]{1,200}?)\s*\}")
AT_END = re.compile(r"\s*\{\s*(?:if\s+)?([^{}=][^{}]*?)\s*\}\s*$")
ANSWERS = {"choice": (2, 8), "order": (2, 6)}  # of a list: so many at least, and at most
Problems = list[LessonProblem]


class LessonMarkdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        """Any, for `Writer` puts none of them into the page, and says so."""
        return True


MARKDOWN = LessonMarkdown("commonmark", {"html": False}).enable(["table", "strikethrough"]).use(colon_fence_plugin)


def parse_lesson(file: Path, text: str) -> Lesson:
    """Raises `ValueError` with a sentence where it has no step at all."""
    problems: Problems = []
    lines = text.removeprefix("\ufeff").splitlines()
    head, after = read_head(lines, problems)
    steps = tuple(read_steps(parse_blocks([""] * after + lines[after:]), problems))
    if not steps:
        raise ValueError("It has no step: each begins with a heading, “## …”.")
    lesson = Lesson(file.stem, file, head.pop("title", "") or file.stem, steps=steps)
    return replace(lesson, **head, problems=tuple(sorted(problems, key=lambda each: each.line)))


def read_head(lines: Sequence[str], problems: Problems) -> tuple[dict[str, Any], int]:
    """What stands between two lines `---`, and how many lines that is."""
    if not lines or lines[0].strip() != "---":
        problems.append(LessonProblem(1, "the head is missing: begin with a line ---, title: …, and a line ---."))
        return {}, 0
    end = next((number for number, line in enumerate(lines[1:60], 1) if line.strip() == "---"), 0)
    if not end:
        problems.append(LessonProblem(1, "the head has no end: a line --- is missing after it."))
        return {}, 1
    head: dict[str, Any] = {}
    for number, line in enumerate(lines[1:end], 2):
        name, colon, word = (part.strip() for part in line.partition(":"))
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not colon or name not in HEAD:
            known = nearest(name, HEAD) if colon else "write name: value"
            problems.append(LessonProblem(number, f"“{printable(line[:40])}” is no part of the head: {known}."))
        elif name in ("minutes", "order"):
            read_number(
                head, name, word, LessonProblem(number, f"{name} is a number, not “{printable(word[:40])}”."), problems
            )
        else:
            head[name] = printable(word.strip("\"'")[:200])
    if "title" not in head:
        problems.append(LessonProblem(1, "the head has no title: …"))
    return head, end + 1


def read_number(head: dict[str, Any], name: str, word: str, problem: LessonProblem, problems: Problems) -> None:
    if re.fullmatch(r"\d{1,4}([.,]\d{1,3})?", word, re.ASCII):
        head[name] = float(word.replace(",", "."))
    else:
        problems.append(problem)


def nearest(word: str, known: Sequence[str]) -> str:
    """What may have been meant, for the end of a sentence."""
    meant = get_close_matches(word, known, 1, 0.5)
    return f"the nearest is {meant[0]}" if meant else f"there are {', '.join(known[:12])}"


def parse_blocks(lines: Sequence[str], first: int = 0) -> list[Token]:
    """`first`: the line of the file, counted from 0, that these begin with."""
    tokens = MARKDOWN.parse("\n".join((*lines, "", "")))
    for token in tokens:
        token.map = [token.map[0] + first, token.map[1] + first] if token.map else None
    return tokens


def line_of(token: Token) -> int:
    return token.map[0] + 1 if token.map else 1


def read_steps(tokens: Sequence[Token], problems: Problems) -> Iterator[Step]:
    starts = [place for place, token in enumerate(tokens) if token.type == "heading_open" and token.tag == "h2"]
    starts = [place for place in starts if tokens[place].level == 0]
    if before := [token for token in tokens[: starts[0] if starts else None] if token.map]:
        problems.append(LessonProblem(line_of(before[0]), "this stands before the first step, “## …”: it is left out."))
    for start, end in zip(starts, [*starts[1:], len(tokens)], strict=True):
        title = "".join(child.content for child in tokens[start + 1].children or ())
        yield read_step(Step(printable(title)[:200] or "…", line_of(tokens[start])), tokens[start + 3 : end], problems)


def read_step(step: Step, tokens: Sequence[Token], problems: Problems) -> Step:
    text = read_passage([token for token in tokens if token.type != "colon_fence"], problems)
    step = replace(step, text=text)
    for token in tokens:
        if token.type != "colon_fence":
            continue
        try:
            step = with_directive(step, token, problems)
        except ValueError as error:
            problems.append(LessonProblem(line_of(token), str(error)))
    return step


def with_directive(step: Step, token: Token, problems: Problems) -> Step:
    """The step with what the fence says. Raises `ValueError` with a sentence where it says nothing."""
    found = OPENING.fullmatch(token.info.strip())
    name, argument = (found[1], found[2].strip()) if found else ("", "")
    if name not in DIRECTIVES:
        raise ValueError(f"there is no “:::{printable(token.info[:30])}”: {nearest(name, tuple(DIRECTIVES))}.")
    if getattr(step, name):
        raise ValueError(f"this step has a {name} already: this one is left out.")
    assert token.map
    body = token.content.splitlines()
    if token.map[1] - token.map[0] < len(body) + 2:
        problems.append(LessonProblem(line_of(token), f"this {name} has no end: a line ::: is missing after it."))
    options, body, first = read_options(name, body, token.map[0] + 1, problems)
    networks = tuple(
        (key, link) for key, (word, line) in options.items() if len(key) == 1 for link in [split_link(word, line)]
    )
    step = replace(step, networks=(*step.networks, *networks))
    tokens = parse_blocks(body, first)
    if name == "question":
        return replace(step, question=read_question(argument, options, tokens, line_of(token), problems))
    link = split_link(argument, line_of(token)) if argument else None
    if name == "reveal":
        return replace(step, reveal=Reveal(read_passage(tokens, problems), link, line_of(token)))
    if not link:
        raise ValueError("this view has no link: write :::{view} explore?model=ResNet.")
    if any(line.strip() for line in body):
        problems.append(LessonProblem(first + 1, "a view has no text: write it above or below."))
    return replace(step, view=LessonView(link, *(names_of(options, name) for name in ("hide", "lock", "show"))))


def read_options(
    name: str, lines: Sequence[str], first: int, problems: Problems
) -> tuple[dict[str, tuple[str, int]], Sequence[str], int]:
    """Those at the head, each with its line; the lines after them, and where in the file they begin (from 0)."""
    options: dict[str, tuple[str, int]] = {}
    for place, line in enumerate(lines):
        found = OPTION.fullmatch(line.strip())
        if not found and line.strip():
            return options, lines[place:], first + place
        if found and found[1] in DIRECTIVES[name]:
            options[found[1]] = found[2].strip(), first + place + 1
        elif found:
            told = f"a {name} has no “:{found[1]}:”: {nearest(found[1], DIRECTIVES[name])}."
            problems.append(LessonProblem(first + place + 1, told if DIRECTIVES[name] else f"a {name} has no options."))
    return options, (), first + len(lines)


def names_of(options: dict[str, tuple[str, int]], name: str) -> tuple[str, ...]:
    """Parts of a page, and knobs; raises `ValueError` for what can be neither."""
    word, _ = options.get(name, ("", 0))
    names = tuple(part.strip() for part in word.split(",") if part.strip())
    for each in names:
        if not re.fullmatch(r"[a-z_]{1,40}", each):
            raise ValueError(f":{name}: “{printable(each[:40])}” is no part of a page: {nearest(each, PARTS)}.")
    return names


def read_question(
    kind: str, options: dict[str, tuple[str, int]], tokens: Sequence[Token], line: int, problems: Problems
) -> Question:
    if kind not in KINDS:
        raise ValueError(f"there is no question “{printable(kind[:30])}”: {nearest(kind, KINDS)}.")
    said = {name: word for name, (word, _) in options.items()}
    asked = said.get("curve" if kind == "curve" else "answer", "")
    if kind in ("number", "curve") and not asked:
        told = ":answer: params" if kind == "number" else ":curve: training loss of plain-56"
        raise ValueError(f"this question says no right answer: write {told}.")
    answers, rest = read_answers(tokens, problems) if kind in ANSWERS else ((), tokens)
    fewest, most = ANSWERS.get(kind, (0, 0))
    if not fewest <= len(answers) <= most:
        raise ValueError(
            f"a question of the kind {kind} has a list of {fewest} to {most} answers: this has {len(answers)}."
        )
    within = re.fullmatch(r"(\d{1,3}(?:\.\d+)?)\s*%?", said.get("within", "5 %"), re.ASCII)
    if not within:
        raise ValueError(f":within: is a share, as 10 %, not “{printable(said['within'][:20])}”.")
    seen = said.get("seen", Question.seen)
    text = read_passage(rest, problems)
    unit = printable(said.get("unit", "")[:40])
    return Question(
        kind, text, line, asked, float(within[1]) / 100, unit, "" if seen == "no" else printable(seen), answers
    )


def read_answers(tokens: Sequence[Token], problems: Problems) -> tuple[tuple[Answer, ...], list[Token]]:
    """Those of the last list, and what stands around it."""
    ends = [place for place, token in enumerate(tokens) if token.type.endswith("_list_close") and token.level == 0]
    if not ends:
        return (), list(tokens)
    end = ends[-1]
    start = max(place for place in range(end) if tokens[place].type.endswith("_list_open") and tokens[place].level == 0)
    return tuple(map(lambda token: read_answer(token, problems), items_of(tokens[start:end]))), [
        *tokens[:start],
        *tokens[end + 1 :],
    ]


def items_of(tokens: Sequence[Token]) -> list[Token]:
    """What stands in the first line of each item of a list."""
    inside = [place for place, token in enumerate(tokens) if token.type == "list_item_open" and token.level == 1]
    return [next(token for token in tokens[place:] if token.type in ("inline", "list_item_close")) for place in inside]


def read_answer(token: Token, problems: Problems) -> Answer:
    words = token.content
    found = AT_END.search(words)
    inline = MARKDOWN.parseInline(words[: found.start()] if found else words)
    for each in inline:
        each.map = token.map
    return Answer(read_passage(inline, problems), found[1] if found else "", line_of(token))


def read_passage(tokens: Sequence[Token], problems: Problems) -> Passage:
    writer = PassageWriter(problems)
    for token in tokens:
        writer.take(token)
    html = MARKDOWN.renderer.render(list(tokens), MARKDOWN.options, {})
    return Passage(html, tuple(writer.quantities), tuple(writer.links))


class PassageWriter:
    """Goes over the text, and takes out of it what leads elsewhere."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.quantities: list[tuple[str, int]] = []
        self.links: list[tuple[str, int]] = []

    def take(self, token: Token) -> None:
        line = line_of(token)
        if token.type == "heading_open" and token.tag == "h1":
            self.problems.append(LessonProblem(line, "a step begins with two #, a heading within it with three."))
        children = token.children or []
        for place, child in enumerate(children):
            line += child.type in ("softbreak", "hardbreak")
            if child.type == "text":
                self.quantities += [(found[1], line) for found in COMPUTED.finditer(child.content)]
            elif child.type == "image":
                self.problems.append(LessonProblem(line, "a picture is refused: a lesson's pictures are its views."))
                children[place] = Token("text", "", 0, content=child.content)
            elif child.type == "link_open":
                self.lead(child, line)

    def lead(self, token: Token, line: int) -> None:
        """A link as words for the drawer; one that leads elsewhere leads nowhere."""
        target = str(token.attrs.get("href", ""))
        target = unquote(target) if target.startswith(("#", "lesson:")) else target
        token.attrs = {"class": "refused"}
        try:
            if not target.startswith(("#", "?", "lesson:")):
                split_link(target)
        except ValueError as error:
            self.problems.append(LessonProblem(line, str(error)))
            return
        self.links.append((target, line))
        token.attrs = {"href": "#lesson", "data-lesson": target}
