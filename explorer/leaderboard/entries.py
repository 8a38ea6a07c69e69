"""The networks on the chart: every set of ImageNet weights of torchvision, and what papers and the lesson print."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from math import isnan
from typing import Any, Literal

import torchvision.models

from explorer.formatting import MIB
from explorer.models.facts import Fact
from explorer.models.selection import ModelSelection
from explorer.models.sources import crop_of, torchvision_names, torchvision_size

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

LINK = re.compile(r"`([^`<]+?)\s*<([^>]+)>`_")  # as reStructuredText writes one


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
    accuracy = meta["_metrics"]["ImageNet-1K"]
    values = {
        "top-1": accuracy["acc@1"],
        "top-5": accuracy["acc@5"],
        "parameters": meta["num_params"],
        "MACs": round(meta["_ops"] * 1e9),
        "file size": round(meta["_file_size"] * MIB),  # torchvision calls it MB
    }
    family, year = builder_family(name)
    usual = torchvision_size(name)
    return Entry(
        key=f"torchvision/{name}/{weights.name}",
        title=f"{name} {weights.name.removeprefix('IMAGENET1K_').replace('_', ' ')}",
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
