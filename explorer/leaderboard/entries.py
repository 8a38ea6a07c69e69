"""The networks on the chart: every set of ImageNet weights of torchvision, and what papers and the lesson print."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import groupby
from math import isnan
from typing import Any, Literal
from urllib.parse import parse_qsl

import torchvision.models

from explorer.formatting import MIB
from explorer.models.facts import QUANTITIES, Fact, disturbed
from explorer.models.published_figures import weights_values
from explorer.models.published_numbers import EVIDENCE, PublishedNumber, numbers_shown, preset_numbers
from explorer.models.selection import ModelSelection, Options
from explorer.models.sources import crop_of, own_options, torchvision_names, torchvision_size
from model_defs import CATALOG
from model_defs.architecture import Architecture, Preset

Origin = Literal["torchvision", "paper", "lesson", "yours"]

# The beginning of a builder's name, its family, the year of the family's paper. The longer stands first.
FAMILIES = (
    ("alexnet", "AlexNet", 2012),
    ("convnext", "ConvNeXt", 2022),
    ("densenet", "DenseNet", 2016),
    ("efficientnet_v2", "EfficientNetV2", 2021),
    ("efficientnet", "EfficientNet", 2019),
    ("googlenet", "GoogLeNet", 2014),
    ("inception", "Inception v3", 2015),
    ("maxvit", "MaxViT", 2022),
    ("mnasnet", "MnasNet", 2018),
    ("mobilenet_v2", "MobileNetV2", 2018),
    ("mobilenet_v3", "MobileNetV3", 2019),
    ("regnet", "RegNet", 2020),
    ("resnext", "ResNeXt", 2016),
    ("resnet", "ResNet", 2015),
    ("shufflenet", "ShuffleNetV2", 2018),
    ("squeezenet", "SqueezeNet", 2016),
    ("swin", "Swin", 2021),
    ("vgg", "VGG", 2014),
    ("vit", "ViT", 2020),
    ("wide_resnet", "Wide ResNet", 2016),
)

RECIPES = {  # of torchvision's names for sets of weights, those that say nothing
    "IMAGENET1K_SWAG_E2E_V1": "SWAG, all layers tuned",
    "IMAGENET1K_SWAG_LINEAR_V1": "SWAG, last layer tuned",
}
LINK = re.compile(r"`([^`<]+?)\s*<([^>]+)>`_")  # as reStructuredText writes one

YEARS = {"MobileNetV1": 2017}  # of families that cannot be built here


@dataclass(frozen=True)
class Entry:
    """One network as somebody trained and reported it, or as a visitor built it."""

    key: str  # "torchvision/resnet50/IMAGENET1K_V2", never the same twice
    title: str  # "resnet50 V2"
    architecture: str  # entries of the same one differ by recipe alone: "resnet50"
    family: str  # "ResNet"
    year: int  # of the paper that brought the family
    origin: Origin
    recipe: str  # how it was trained or where that is said; an address where there is one
    side: int  # pixels of the image its figures hold for; 0: not said
    facts: tuple[Fact, ...]  # at most one of each quantity and kind
    place: ModelSelection | None = None  # what Explore opens

    @cached_property
    def by_quantity(self) -> dict[str, Fact]:
        """The fact to show of each quantity: measured before published before computed."""
        order = {"computed": 0, "published": 1, "measured": 2}
        return {fact.quantity: fact for fact in sorted(self.facts, key=lambda fact: order[fact.kind])}

    def fact(self, quantity: str) -> Fact | None:
        return self.by_quantity.get(quantity)

    def value(self, quantity: str) -> float | None:
        fact = self.fact(quantity)
        return fact.value if fact else None

    def with_facts(self, more: tuple[Fact, ...]) -> "Entry":
        """With what was computed or measured since; the new replaces the old of the same quantity and kind."""
        new = {(fact.quantity, fact.kind) for fact in more}
        return replace(self, facts=(*(fact for fact in self.facts if (fact.quantity, fact.kind) not in new), *more))


def disturbance(shown: Iterable[Entry], quantities: Collection[str]) -> str:
    """Said of figures that were measured while other programs were busy; empty where none was."""
    count = sum(any(disturbed(entry.fact(name)) for name in quantities) for entry in shown)
    if not count:
        return ""
    which = "One of these networks was" if count == 1 else f"{count} of these networks were"
    return f"⚠ {which} measured while other programs were busy on this machine: “Speed here” measures again."


def builder_family(builder: str) -> tuple[str, int]:
    """Of a torchvision builder: the family's name and the year of its paper."""
    return next(((name, year) for start, name, year in FAMILIES if builder.startswith(start)), ("Other", 0))


@lru_cache(maxsize=1)
def torchvision_entries() -> tuple[Entry, ...]:
    """One for each set of ImageNet-1K weights, from the metadata that ships with torchvision: nothing is built."""
    return tuple(
        torchvision_entry(name, weights)
        for name in torchvision_names()
        for weights in torchvision.models.get_model_weights(name)
        if not isnan(weights.meta["_metrics"]["ImageNet-1K"]["acc@1"])  # weights that were never a classifier's
    )


def torchvision_entry(name: str, weights: Any) -> Entry:
    meta, side = weights.meta, crop_of(weights)
    source = f"torchvision, {type(weights).__name__}.{weights.name}"
    values = weights_values(weights) | {"file size": round(meta["_file_size"] * MIB)}  # torchvision calls it MB
    family, year = builder_family(name)
    usual = torchvision_size(name)
    return Entry(
        key=f"torchvision/{name}/{weights.name}",
        title=f"{name} {RECIPES.get(weights.name) or weights.name.removeprefix('IMAGENET1K_')}",
        architecture=name,
        family=family,
        year=year,
        origin="torchvision",
        recipe=meta["recipe"],
        side=side,
        facts=tuple(Fact(quantity, value, "published", source) for quantity, value in values.items()),
        place=ModelSelection("torchvision", name, "", () if side == usual else (("image_size", side),)),
    )


def recipe_words(entry: Entry, escape: Callable[[str], str]) -> str:
    """A sentence in Markdown; torchvision's own where the weights are its."""
    if entry.origin == "yours":
        return "**Trained:** by nobody, so it has no accuracy."
    if entry.origin != "torchvision":
        return f"**Said by:** {escape(entry.recipe)}."
    _, name, weights = entry.key.split("/")
    words = " ".join(torchvision.models.get_model_weights(name)[weights].meta["_docs"].split())
    words = LINK.sub(r"\1", words).replace("``", "")
    return f"**Trained:** {escape(words)} [The recipe]({entry.recipe})"


def lesson_entries() -> tuple[Entry, ...]:
    rows = groupby(numbers_shown("lesson"), lambda number: (number.title, number.family, number.preset))
    return tuple(lesson_entry(*row, tuple(number.figure for number in numbers)) for row, numbers in rows)


def lesson_entry(title: str, family: str, preset: str, facts: tuple[Fact, ...]) -> Entry:
    found = next(each for each in CATALOG[family].presets if each.name == preset)
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
    return replace(found, source=found.source + EVIDENCE[number.evidence])
