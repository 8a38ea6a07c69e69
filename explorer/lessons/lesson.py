"""A lesson as values: its head, its links, its steps; and the folders in which lessons lie."""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from explorer.formatting import printable
from explorer.paths import ASSETS

SHIPPED = ASSETS / "lessons"
PAGES = ("explore", "compare", "train", "scale", "inside", "glossary")  # that a view can be of
SHARED = ("lesson", "step", "projector")  # words of a link that belong to no view
PARTS = ("sidebar", "figures", "details", "tables")  # of a page, that a step can hide or lock, beside knobs
KINDS = ("choice", "number", "order", "curve", "words")
FOLDERS: list[Path] = []  # named when the app started; filled once
LARGEST = 500_000  # bytes of a file
HEAD = ("title", "minutes", "level", "order", "covers")
Words = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class LessonProblem:
    """What is wrong, in a sentence, and in which line of the file."""

    line: int
    sentence: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.sentence}"


Problems = list[LessonProblem]


@dataclass(frozen=True)
class ViewLink:
    """One of our own links: a page and its words."""

    page: str
    words: Words
    line: int = 0

    def turned(self, words: Iterable[tuple[str, str]]) -> "ViewLink":
        """With these words changed; an empty one is left out."""
        merged = dict(self.words) | dict(words)
        return replace(self, words=tuple((name, word) for name, word in merged.items() if word))


@dataclass(frozen=True)
class Passage:
    """Text of a step, as HTML made by us alone: `{= QUANTITY}` stands in it as it was written."""

    html: str = ""
    quantities: tuple[tuple[str, int], ...] = ()  # each with its line
    links: tuple[tuple[str, int], ...] = ()  # "#stage1", "?colour=macs", "explore?model=VGG", "lesson:vgg"


@dataclass(frozen=True)
class LessonView:
    """What a step opens, and what of the page it takes away."""

    link: ViewLink
    hide: tuple[str, ...] = ()
    lock: tuple[str, ...] = ()
    show: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """One line of a question's list, with the quantity or condition at its end."""

    text: Passage
    computed: str
    line: int


@dataclass(frozen=True)
class LessonQuestion:
    kind: str  # one of KINDS
    text: Passage
    line: int
    asked: str = ""  # the quantity of a number, or of a curve
    within: float = 0.05  # of the right number
    unit: str = ""
    seen: str = "What did you see?"  # empty: not asked
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True)
class Reveal:
    """What comes after the answer."""

    text: Passage
    link: ViewLink | None
    line: int


@dataclass(frozen=True)
class LessonStep:
    title: str
    line: int
    text: Passage = Passage()
    view: LessonView | None = None
    question: LessonQuestion | None = None
    reveal: Reveal | None = None
    networks: tuple[tuple[str, ViewLink], ...] = ()  # named A to D

    @property
    def opens(self) -> ViewLink | None:
        """At once: nothing where the view is the answer."""
        if self.view and (not self.question or (self.reveal and self.reveal.link)):
            return self.view.link
        return None

    @property
    def computed(self) -> tuple[str, ...]:
        """All quantities and conditions in it, as they are written."""
        asking = [self.question] if self.question else []
        answers = [answer for each in asking for answer in each.answers]
        texts = [self.text, *(part.text for part in (*asking, self.reveal, *answers) if part)]
        written = [words for text in texts for words, _ in text.quantities]
        return (*written, *(each.asked for each in asking), *(answer.computed for answer in answers))

    @property
    def opens_after(self) -> ViewLink | None:
        """The answer."""
        revealed = self.reveal and self.reveal.link
        return revealed or (self.view.link if self.view else None)


@dataclass(frozen=True)
class Lesson:
    name: str  # of the file, as links say it
    file: Path
    title: str = ""
    minutes: float | None = None
    level: str = ""
    order: float = 1e6
    covers: str = ""
    steps: tuple[LessonStep, ...] = ()
    problems: tuple[LessonProblem, ...] = ()

    def subject_links(self, number: int) -> tuple[ViewLink, ...]:
        """Of the step with this number, counted from 1, those that say what is computed: of its view, of what it
        reveals, or of the step before that has one."""
        for step in reversed(self.steps[:number]):
            found = (step.view and step.view.link, step.reveal and step.reveal.link)
            if links := tuple(link for link in found if link):
                return links
        return ()


@dataclass(frozen=True)
class LessonShelf:
    """All lessons at hand, in their order; what could not be read is named and left out."""

    lessons: dict[str, Lesson] = field(default_factory=dict)
    troubles: tuple[tuple[Path, str], ...] = ()


def lesson_folders() -> tuple[Path, ...]:
    """The shipped one, and those named by $EXPLORER_LESSONS and on the command line."""
    named = [Path(part).expanduser() for part in os.environ.get("EXPLORER_LESSONS", "").split(os.pathsep) if part]
    return tuple(dict.fromkeys(folder.resolve() for folder in (SHIPPED, *named, *FOLDERS)))


def authored(lesson: Lesson) -> bool:
    """Whether somebody may be writing it just now: it lies in a folder that was named."""
    named = os.environ.get("EXPLORER_LESSONS", "").split(os.pathsep)
    folders = [*(Path(part).expanduser() for part in named if part), *FOLDERS]
    return any(lesson.file.parent == folder.resolve() for folder in folders)


def split_link(text: str, line: int = 0) -> ViewLink:
    """One of our links as a value. Raises `ValueError` with a sentence for any other."""
    parts = urlsplit(text.strip())
    if (parts.scheme or parts.netloc) and parts.hostname not in ("localhost", "127.0.0.1"):
        raise ValueError(
            f"the link “{text:.60}” leads elsewhere: a lesson opens this program's own views, as explore?model=ResNet."
        )
    page = unquote(parts.path).strip("./") or "explore"
    if page not in PAGES:
        raise ValueError(f"the link “{text:.60}” names no page: there are {', '.join(PAGES)}.")
    words = parse_qsl(parts.query, max_num_fields=100)
    return ViewLink(page, tuple((name, word) for name, word in words if name not in SHARED), line)


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
    return f"the nearest is {meant[0]}" if meant else f"there are {', '.join(known[:8])}"


def names_of(options: dict[str, tuple[str, int]], name: str) -> tuple[str, ...]:
    """Parts of a page, and knobs; raises `ValueError` for what can be neither."""
    word, _ = options.get(name, ("", 0))
    names = tuple(part.strip() for part in word.split(",") if part.strip())
    for each in names:
        if not re.fullmatch(r"[a-z_]{1,40}", each):
            raise ValueError(f":{name}: “{printable(each[:40])}” is no part of a page: {nearest(each, PARTS)}.")
    return names
