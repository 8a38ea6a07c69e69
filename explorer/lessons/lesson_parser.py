"""From a Markdown file to a lesson: nothing of it is executed, and what is wrong is said with its line.

HTML is shown as text; links become words for the drawer, never addresses; directives are fences of colons, as MyST
writes them.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.colon_fence import colon_fence_plugin

from explorer.formatting import printable
from explorer.lessons.lesson import (
    KINDS,
    LARGEST,
    Answer,
    Lesson,
    LessonProblem,
    LessonQuestion,
    LessonShelf,
    LessonStep,
    LessonView,
    Passage,
    Problems,
    Reveal,
    lesson_folders,
    names_of,
    nearest,
    read_head,
    split_link,
)

DIRECTIVES = {
    "view": ("hide", "lock", "show", "A", "B", "C", "D"),
    "question": ("answer", "within", "unit", "curve", "seen", "A", "B", "C", "D"),
    "reveal": (),
}
OPENING = re.compile(r"\{?(\w+)\}?\s*(.*)", re.DOTALL)
OPTION = re.compile(r":(\w+):\s*(.*)")
COMPUTED = re.compile(r"\{=\s*([^{}\0]{1,200}?)\s*\}")  # may go on in the next line
TOO_FEW_COLONS = re.compile(rf"^::?\{{?({'|'.join(DIRECTIVES)})\b", re.MULTILINE)
AT_END = re.compile(r"\s*\{\s*(?:if\s+)?([^{}=][^{}]*?)\s*\}\s*$")
ANSWERS = {"choice": (2, 8), "order": (2, 6)}  # of a list: so many at least, and at most


class LessonMarkdown(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        """Any, for `Writer` puts none of them into the page, and says so."""
        return True


MARKDOWN = LessonMarkdown("commonmark", {"html": False}).enable(["table", "strikethrough"]).use(colon_fence_plugin)


def lesson_shelf(folders: Iterable[Path] | None = None) -> LessonShelf:
    """A file is read again once it has changed. Of two of one name the first is kept."""
    found: dict[str, Lesson] = {}
    troubles: list[tuple[Path, str]] = []
    for folder in lesson_folders() if folders is None else folders:
        if not folder.is_dir():
            troubles.append((folder, "There is no such folder of lessons."))
        for file in sorted(folder.glob("*.md")):
            try:
                lesson = read_lesson(file)
            except OSError as error:
                troubles.append((file, f"It cannot be read: {error.strerror}."))
            except ValueError as error:
                troubles.append((file, str(error)))
            else:
                if found.setdefault(lesson.name, lesson) is not lesson:
                    told = f"There is another lesson “{lesson.name}”, in {found[lesson.name].file}"
                    troubles.append((file, f"{told}: this one is left out until its file has another name."))
    ordered = sorted(found.values(), key=lambda lesson: (lesson.order, lesson.name))
    return LessonShelf({lesson.name: lesson for lesson in ordered}, tuple(troubles))


def read_lesson(file: Path) -> Lesson:
    """Raises `OSError`, and `ValueError` with a sentence where it is no lesson at all."""
    state = file.stat()
    if state.st_size > LARGEST:
        raise ValueError(f"It holds {state.st_size:,} bytes, more than a lesson may ({LARGEST:,}): it is left out.")
    return read_version(file, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=256)
def read_version(file: Path, changed: int, size: int) -> Lesson:
    """`changed` and `size` tell one content of the file from the next."""
    try:
        return parse_lesson(file, file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise ValueError("It is no text in UTF-8: save it as such.") from error


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


def parse_blocks(lines: Sequence[str], first: int = 0) -> list[Token]:
    """`first`: the line of the file, counted from 0, that these begin with."""
    tokens = MARKDOWN.parse("\n".join((*lines, "", "")))
    for token in tokens:
        token.map = [token.map[0] + first, token.map[1] + first] if token.map else None
    return tokens


def line_of(token: Token) -> int:
    return token.map[0] + 1 if token.map else 1


def read_steps(tokens: Sequence[Token], problems: Problems) -> Iterator[LessonStep]:
    heading = "heading_open", "h2", 0
    starts = [place for place, token in enumerate(tokens) if (token.type, token.tag, token.level) == heading]
    if before := [token for token in tokens[: starts[0] if starts else None] if token.map]:
        problems.append(LessonProblem(line_of(before[0]), "this stands before the first step, “## …”: it is left out."))
    for start, end in pairwise((*starts, len(tokens))):
        title = "".join(child.content for child in tokens[start + 1].children or ())
        step = LessonStep(printable(title)[:200] or "…", line_of(tokens[start]))
        yield read_step(step, tokens[start + 3 : end], problems)


def read_step(step: LessonStep, tokens: Sequence[Token], problems: Problems) -> LessonStep:
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


def with_directive(step: LessonStep, token: Token, problems: Problems) -> LessonStep:
    """The step with what the fence says. Raises `ValueError` with a sentence where it says nothing."""
    found = OPENING.fullmatch(token.info.strip())
    name, argument = (found[1], found[2].strip()) if found else ("", "")
    if name not in DIRECTIVES:
        raise ValueError(f"there is no “:::{printable(token.info[:30])}”: {nearest(name, tuple(DIRECTIVES))}.")
    if getattr(step, name):
        raise ValueError(f"this step has a {name} already: this one is left out.")
    assert token.map
    body = token.content.splitlines()
    swallowed = any(line.startswith((":::", "## ")) for line in body)  # what comes after it
    if swallowed or token.map[1] - token.map[0] < len(body) + 2:
        problems.append(LessonProblem(line_of(token), f"this {name} has no end: a line ::: is missing after it."))
    options, body, first = read_options(name, body, token.map[0] + 1, problems)
    networks = tuple((key, split_link(*told)) for key, told in options.items() if len(key) == 1)
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


def read_question(
    kind: str, options: dict[str, tuple[str, int]], tokens: Sequence[Token], line: int, problems: Problems
) -> LessonQuestion:
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
    seen = said.get("seen", LessonQuestion.seen)
    seen = "" if seen == "no" else printable(seen)
    unit = printable(said.get("unit", "")[:40])
    return LessonQuestion(kind, read_passage(rest, problems), line, asked, float(within[1]) / 100, unit, seen, answers)


def read_answers(tokens: Sequence[Token], problems: Problems) -> tuple[tuple[Answer, ...], list[Token]]:
    """Those of the last list, and what stands around it."""
    ends = [place for place, token in enumerate(tokens) if token.type.endswith("_list_close") and token.level == 0]
    if not ends:
        return (), list(tokens)
    end = ends[-1]
    start = max(place for place in range(end) if tokens[place].type.endswith("_list_open") and tokens[place].level == 0)
    answers = tuple(read_answer(token, problems) for token in items_of(tokens[start:end]))
    return answers, [*tokens[:start], *tokens[end + 1 :]]


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


def plain_piece(child: Token) -> str:
    """What is neither text nor the end of a line is a character that no text has."""
    if child.type in ("softbreak", "hardbreak"):
        return "\n"
    return child.content if child.type == "text" else "\0"


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
        text = "".join(map(plain_piece, children))
        for found in COMPUTED.finditer(text):
            self.quantities.append((" ".join(found[1].split()), line + text.count("\n", 0, found.start())))
        for found in TOO_FEW_COLONS.finditer(text):
            told = f"a {found[1]} begins with three colons: :::{{{found[1]}}}."
            self.problems.append(LessonProblem(line + text.count("\n", 0, found.start()), told))
        for place, child in enumerate(children):
            line += child.type in ("softbreak", "hardbreak")
            if child.type == "image":
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
