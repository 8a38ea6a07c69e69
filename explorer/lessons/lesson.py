"""A lesson as values, and where lessons lie: files that are read again when they change, each by itself."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from explorer.paths import ASSETS

SHIPPED = ASSETS / "lessons"
PAGES = ("explore", "compare", "train", "scale", "inside", "glossary")  # that a view can be of
SHARED = ("lesson", "step", "projector")  # words of a link that belong to no view
PARTS = ("sidebar", "figures", "details", "tables")  # of a page, that a step can hide or lock, beside knobs
KINDS = ("choice", "number", "order", "curve", "words")
FOLDERS: list[Path] = []  # named when the app started; filled once
LARGEST = 500_000  # bytes of a file
Words = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class LessonProblem:
    """What is wrong, in a sentence, and in which line of the file."""

    line: int
    sentence: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.sentence}"


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
class Question:
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
class Step:
    title: str
    line: int
    text: Passage = Passage()
    view: LessonView | None = None
    question: Question | None = None
    reveal: Reveal | None = None
    networks: tuple[tuple[str, ViewLink], ...] = ()  # named A to D

    @property
    def opens(self) -> ViewLink | None:
        """At once: nothing where the view is the answer."""
        if self.view and (not self.question or (self.reveal and self.reveal.link)):
            return self.view.link
        return None

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
    steps: tuple[Step, ...] = ()
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
                    told = (
                        f"There is another lesson “{lesson.name}”, in {found[lesson.name].file}: this one is left out."
                    )
                    troubles.append((file, told))
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
    from explorer.lessons.lesson_parser import parse_lesson

    try:
        return parse_lesson(file, file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise ValueError("It is no text in UTF-8: save it as such.") from error


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
