"""What papers print of networks on ImageNet: the figures of our presets, and the tables in assets/papers.csv."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from urllib.parse import parse_qsl

from explorer.compare.entries import Entry
from explorer.compare.facts import QUANTITIES, Fact
from explorer.paths import ASSETS
from explorer.places import ModelSelection, Options
from explorer.sources import own_options
from model_defs import CATALOG
from model_defs.architecture import Architecture, Figure, Preset

TABLES = ASSETS / "papers.csv"
PRINTED = ("top-1", "top-5", "MACs", "parameters")
EVIDENCE = {"T": " (read in a transcription of the paper)", "S": ""}
YEARS = {"MobileNetV1": 2017}  # of families that cannot be built here
TRANSCRIBED = ("Hu", "Xie", "Tan & Le", "Szegedy", "He et al. 2016")  # where our presets have their figures from


@lru_cache(maxsize=1)
def paper_entries() -> tuple[Entry, ...]:
    """One for each network of each paper; what the presets and the tables say of the same one stands together."""
    found: dict[str, Entry] = {}
    for entry in (*preset_entries(), *table_entries()):
        old = found.get(entry.key)
        found[entry.key] = replace(entry, facts=merged(old.facts, entry.facts)) if old else entry
    return tuple(found.values())


def merged(old: tuple[Fact, ...], new: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """The first stands: at most one of each quantity."""
    known = {fact.quantity for fact in old}
    return (*old, *(fact for fact in new if fact.quantity not in known))


def preset_entries() -> Iterator[Entry]:
    for family in CATALOG.values():
        for preset in family.presets:
            if imagenet(preset):
                yield from entries_of(family, preset)


def imagenet(preset: Preset) -> bool:
    """Whether its figures say how good it is on ImageNet, or what an image of that size costs."""
    quantities = {figure.quantity for figure in preset.figures}
    return bool(quantities & {"top-1", "top-5"}) or ("MACs" in quantities and "CIFAR-10 error" not in quantities)


def entries_of(family: Architecture, preset: Preset) -> Iterator[Entry]:
    """One for each paper that the preset's figures come from; torchvision's stand in its own metadata."""
    papers: dict[str, list[Figure]] = {}
    for figure in preset.figures:
        if not figure.source.startswith("torchvision"):
            papers.setdefault(figure.source.partition(", Table")[0], []).append(figure)
    side = dict(preset.options).get("image_size", 224)
    for paper, figures in papers.items():
        read = EVIDENCE["T"] if paper.startswith(TRANSCRIBED) else ""
        facts = tuple(Fact(f.quantity, f.value, "published", f.source + read, f.note) for f in figures)
        place = ModelSelection("model_defs", family.name, preset.name)
        yield Entry(
            *(f"paper/{paper}/{preset.name}", f"{preset.name} ({short(paper)})", preset.torchvision or preset.name),
            *(family.name, family.year, "paper", paper, side, facts, place),
        )


def short(paper: str) -> str:
    """As it stands behind a name: the first author and the year, or the version."""
    return paper.replace("Tan & Le, arXiv 1905.11946, ", "arXiv ").replace(" et al.", "")


def table_entries() -> Iterator[Entry]:
    with TABLES.open(encoding="utf-8", newline="") as file:
        yield from (table_entry(row) for row in csv.DictReader(file))


def table_entry(row: dict[str, str]) -> Entry:
    title, family = row["title"], row["family"]
    place = (
        ModelSelection("model_defs", family, row["preset"], changes(family, row["knobs"])) if row["preset"] else None
    )
    return Entry(
        key=f"paper/{row['paper']}/{title}",
        title=f"{title} ({short(row['paper'])})",
        architecture=row["architecture"] or title,
        family=family,
        year=CATALOG[family].year if family in CATALOG else YEARS[family],
        origin="paper",
        recipe=row["paper"],
        side=int(row["side"]),
        facts=tuple(facts_of(row)),
        place=place,
    )


def changes(family: str, knobs: str) -> Options:
    """The knobs of a row, spelled as in a link."""
    options = {option.name: option for option in own_options(family)}
    return tuple(sorted((name, options[name].parse(word)) for name, word in parse_qsl(knobs)))


def facts_of(row: dict[str, str]) -> Iterable[Fact]:
    source = f"{row['paper']}, {row['where']}{EVIDENCE[row['evidence']]}"
    for quantity in PRINTED:
        if row[quantity]:
            yield fact(quantity, row[quantity], row["printed"] == "error", source, row["note"])


def fact(quantity: str, word: str, error: bool, source: str, note: str) -> Fact:
    """Errors are turned into accuracies, and the note says so."""
    assert quantity in QUANTITIES
    if not (error and quantity.startswith("top-")):
        return Fact(quantity, float(word), "published", source, note if quantity.startswith("top-") else "")
    said = f"printed as an error of {word}"
    return Fact(quantity, round(100 - float(word), 2), "published", source, f"{said}; {note}" if note else said)
