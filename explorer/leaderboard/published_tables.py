"""What papers and the lesson print, as entries beside those that torchvision lists."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from urllib.parse import parse_qsl

from explorer.leaderboard.entries import Entry, Origin
from explorer.models.facts import QUANTITIES, Fact
from explorer.models.published_numbers import EVIDENCE, Figure, PublishedNumber, numbers_shown, preset_numbers
from explorer.models.selection import ModelSelection, Options
from explorer.models.sources import own_options
from model_defs import CATALOG
from model_defs.architecture import Architecture, Preset

YEARS = {"MobileNetV1": 2017}  # of families that cannot be built here


def lesson_entries() -> tuple[Entry, ...]:
    rows = groupby(numbers_shown("lesson"), lambda number: (number.title, number.family, number.preset))
    return tuple(lesson_entry(*row, tuple(number.figure for number in numbers)) for row, numbers in rows)


def lesson_entry(title: str, family: str, preset: str, figures: tuple[Figure, ...]) -> Entry:
    found = next(each for each in CATALOG[family].presets if each.name == preset)
    facts = tuple(Fact(figure.quantity, figure.value, "published", figure.source) for figure in figures)
    key, recipe = f"lesson/{found.torchvision}", "the lesson's own table, which names no source"
    return preset_entry(key, f"{title} (lesson)", "lesson", recipe, CATALOG[family], found, facts)


def preset_entry(
    key: str, title: str, origin: Origin, recipe: str, family: Architecture, preset: Preset, facts: tuple[Fact, ...]
) -> Entry:
    side, place = dict(preset.options).get("image_size", 224), ModelSelection("model_defs", family.name, preset.name)
    architecture = preset.torchvision or preset.name
    return Entry(key, title, architecture, family.name, family.year, origin, recipe, side, facts, place)


@lru_cache(maxsize=1)
def paper_entries() -> tuple[Entry, ...]:
    """One for each network of each paper; what the presets and the tables say of the same one stands together."""
    found: dict[str, Entry] = {}
    for entry in (*preset_entries(), *table_entries()):
        old = found[entry.key].facts if entry.key in found else ()
        known = {fact.quantity for fact in old}  # the first stands: at most one of each quantity
        found[entry.key] = replace(entry, facts=(*old, *(f for f in entry.facts if f.quantity not in known)))
    return tuple(found.values())


def preset_entries() -> Iterator[Entry]:
    for family in CATALOG.values():
        for preset in family.presets:
            numbers = preset_numbers(family.name, preset.name)
            if imagenet({number.figure.quantity for number in numbers}):
                yield from entries_of(family, preset, numbers)


def imagenet(quantities: set[str]) -> bool:
    """Whether they say how good a network is on ImageNet, or what an image of that size costs."""
    return bool(quantities & {"top-1", "top-5"}) or ("MACs" in quantities and "CIFAR-10 error" not in quantities)


def entries_of(family: Architecture, preset: Preset, numbers: tuple[PublishedNumber, ...]) -> Iterator[Entry]:
    """One for each paper that the preset's figures come from; torchvision's stand in its own metadata."""
    papers: dict[str, list[PublishedNumber]] = {}
    for number in numbers:
        if number.paper != "torchvision":
            papers.setdefault(number.paper, []).append(number)
    for paper, theirs in papers.items():
        key, title = f"paper/{paper}/{preset.name}", f"{preset.name} ({short_citation(paper)})"
        yield preset_entry(key, title, "paper", paper, family, preset, tuple(map(published_fact, theirs)))


def short_citation(paper: str) -> str:
    """As it stands behind a name: the first author and the year, or the version."""
    return paper.replace("Tan & Le, arXiv 1905.11946, ", "arXiv ").replace(" et al.", "")


def table_entries() -> Iterator[Entry]:
    rows = groupby(numbers_shown("leaderboard"), lambda number: (number.paper, number.title))
    yield from (table_entry(tuple(numbers)) for _, numbers in rows)


def table_entry(numbers: tuple[PublishedNumber, ...]) -> Entry:
    row = numbers[0]
    options = row_options(row.family, row.knobs) if row.preset else ()
    return Entry(
        key=f"paper/{row.paper}/{row.title}",
        title=f"{row.title} ({short_citation(row.paper)})",
        architecture=row.architecture or row.title,
        family=row.family,
        year=CATALOG[row.family].year if row.family in CATALOG else YEARS[row.family],
        origin="paper",
        recipe=row.paper,
        side=row.side,
        facts=tuple(map(published_fact, numbers)),
        place=ModelSelection("model_defs", row.family, row.preset, options) if row.preset else None,
    )


def row_options(family: str, knobs: str) -> Options:
    """The knobs of a row, spelled as in a link."""
    options = {option.name: option for option in own_options(family)}
    return tuple(sorted((name, options[name].parse(word)) for name, word in parse_qsl(knobs)))


def published_fact(number: PublishedNumber) -> Fact:
    found = number.figure
    assert found.quantity in QUANTITIES
    return Fact(found.quantity, found.value, "published", found.source + EVIDENCE[number.evidence], found.note)
