"""The table of the lesson's section 5: five networks, as it prints them."""

from itertools import groupby

from explorer.compare.entries import Entry
from explorer.compare.facts import Fact
from explorer.places import ModelSelection
from explorer.published_numbers import Figure, numbers_shown
from model_defs import CATALOG


def lesson_entries() -> tuple[Entry, ...]:
    rows = groupby(numbers_shown("lesson"), lambda number: (number.title, number.family, number.preset))
    return tuple(lesson_entry(*row, tuple(number.figure for number in numbers)) for row, numbers in rows)


def lesson_entry(title: str, family: str, preset: str, figures: tuple[Figure, ...]) -> Entry:
    found = next(each for each in CATALOG[family].presets if each.name == preset)
    return Entry(
        key=f"lesson/{found.torchvision}",
        title=f"{title} (lesson)",
        architecture=found.torchvision,
        family=family,
        year=CATALOG[family].year,
        origin="lesson",
        recipe="the lesson's own table, which names no source",
        side=dict(found.options).get("image_size", 224),
        facts=tuple(Fact(figure.quantity, figure.value, "published", figure.source) for figure in figures),
        place=ModelSelection("model_defs", family, preset),
    )
