"""The numbers that papers, libraries and the lesson print, each read from its one line in assets/papers.csv."""

import csv
from dataclasses import dataclass
from functools import lru_cache

from explorer.models.facts import Fact
from explorer.paths import ASSETS

NUMBERS = ASSETS / "papers.csv"
AS_PRINTED = ("paper", "where", "evidence", "title", "architecture", "family", "preset", "knobs")
EVIDENCE = {"T": " (read in a transcription of the paper)", "S": "", "C": ""}  # how sure we are of a line


@dataclass(frozen=True)
class PublishedNumber:
    """One line, with its columns; an error of ImageNet's is turned into an accuracy, and the note says so."""

    shown: tuple[str, ...]  # "network": on a preset's own pages; "leaderboard", "scaling", "lesson", "speed"
    paper: str
    where: str  # in the paper; empty where nobody has noted it
    evidence: str  # a key of `EVIDENCE`
    title: str  # what the paper calls the network, where that is no preset as it stands
    architecture: str  # the torchvision builder, or whatever names the same network for others
    family: str
    preset: str
    knobs: str  # turned away from the preset, spelled as in a link
    side: int  # pixels of the image; 0: not said
    figure: Fact

    @property
    def name(self) -> str:
        return self.title or self.preset


@lru_cache(maxsize=1)
def published_numbers() -> tuple[PublishedNumber, ...]:
    """All lines, in their order. Raises `ValueError` for a line that is none."""
    with NUMBERS.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        return tuple(read_line(reader.line_num, line) for line in reader)


def numbers_shown(where: str) -> tuple[PublishedNumber, ...]:
    return tuple(number for number in published_numbers() if where in number.shown)


@lru_cache(maxsize=512)
def preset_numbers(family: str, preset: str) -> tuple[PublishedNumber, ...]:
    return tuple(each for each in numbers_shown("network") if (each.family, each.preset) == (family, preset))


def preset_figures(family: str, preset: str) -> tuple[Fact, ...]:
    """What is printed of a preset as it stands, torchvision's own metadata aside."""
    return tuple(number.figure for number in preset_numbers(family, preset))


def read_line(number: int, line: dict[str, str]) -> PublishedNumber:
    try:
        EVIDENCE[line["evidence"]]
        return PublishedNumber(
            shown=tuple(line["shown"].split()),
            side=int(line["side"] or 0),
            figure=read_figure(line),
            **{column: line[column] for column in AS_PRINTED},
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"Line {number} of assets/papers.csv is broken: {error}.") from error


def read_figure(line: dict[str, str]) -> Fact:
    source = ", ".join(filter(None, (line["paper"], line["where"])))
    word, note = line["value"], line["note"]
    quantity = line["quantity"].removesuffix(" error")
    value = parse_number(word)
    if quantity == line["quantity"] or not quantity.startswith("top-"):
        return Fact(line["quantity"], value, "published", source, note)
    said = f"printed as an error of {word}"
    return Fact(quantity, round(100 - value, 2), "published", source, f"{said}; {note}" if note else said)


def parse_number(word: str) -> float:
    """A whole one where it is printed as a whole one."""
    return int(word) if word.isdigit() else float(word)
