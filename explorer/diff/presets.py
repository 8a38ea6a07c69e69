"""Comparisons that are worth a look, and what papers print of both networks of a pair in one table."""

from dataclasses import dataclass
from functools import lru_cache

from explorer.models.published_numbers import published_numbers
from explorer.models.selection import ModelSelection
from explorer.models.spec import Spec


@dataclass(frozen=True)
class ReadyMade:
    title: str
    bench: tuple[ModelSelection, ...]


@dataclass(frozen=True)
class Table:
    """Top-1 accuracies, in percent, of networks that were trained alike."""

    source: str
    note: str
    values: tuple[tuple[Spec, float], ...]


def lesson(name: str, preset: str, shortcut: str = "") -> ModelSelection:
    return ModelSelection("model_defs", name, preset, (("shortcut", shortcut),) if shortcut else ())


PLAIN_34 = lesson("ResNet", "ResNet-34", "none")
PADDED_34 = lesson("ResNet", "ResNet-34", "padding")
PLAIN_18 = lesson("ResNet", "ResNet-18", "none")
PADDED_18 = lesson("ResNet", "ResNet-18", "padding")
RESNET_34, RESNET_50 = (lesson("ResNet", f"ResNet-{depth}") for depth in (34, 50))
PREACT_34 = lesson("Pre-activation ResNet", "Pre-act ResNet-34")
PREACT_50 = lesson("Pre-activation ResNet", "Pre-act ResNet-50")
RESNEXT_50 = lesson("ResNeXt", "ResNeXt-50 32×4d")
SE_50 = lesson("SE-ResNet", "SE-ResNet-50")
SE_RESNEXT_50 = lesson("SE-ResNet", "SE-ResNeXt-50 32×4d")
VGG_16 = lesson("VGG", "VGG-16")
MOBILENET_V2 = lesson("MobileNetV2", "MobileNetV2")
EFFICIENTNET_B0 = lesson("EfficientNet", "EfficientNet-B0")

# The first is what one sees on an empty bench. Each is the least edit of the one before it.
READY_MADE = (
    ReadyMade("plain-34 → ResNet-34", (PLAIN_34, RESNET_34)),
    ReadyMade("ResNet-34 → pre-act", (RESNET_34, PREACT_34)),
    ReadyMade("ResNet-50 → ResNeXt-50", (RESNET_50, RESNEXT_50)),
    ReadyMade("ResNeXt-50 → SE", (RESNEXT_50, SE_RESNEXT_50)),
    ReadyMade("VGG-16 → ResNet-50", (VGG_16, RESNET_50)),
    ReadyMade("MobileNetV2 → EfficientNet-B0", (MOBILENET_V2, EFFICIENTNET_B0)),
    ReadyMade("Four relatives", (RESNET_50, PREACT_50, RESNEXT_50, SE_50)),
)

TEN_CROPS, ONE_CROP = "ten crops; printed as errors", "one crop; printed as errors"
WITHOUT = (("shortcut", "none"),)


def network_title(place: ModelSelection) -> str:
    """What a network is called: a preset with knobs turned is not the preset, a ResNet without shortcuts is plain."""
    if place.changes == WITHOUT and place.title.startswith("ResNet-"):
        return place.title.replace("ResNet-", "plain-")
    return f"{place.title}, changed" if place.changes else place.title


@lru_cache(maxsize=1)
def pair_tables() -> tuple[Table, ...]:
    """Each network with the name that its paper has for it."""
    padded_34 = (PADDED_34, "ResNet-34, option A")
    eighteen = ((PLAIN_18, "plain-18"), (PADDED_18, "ResNet-18, option A"))
    next_50 = (RESNEXT_50, "ResNeXt-50 32×4d")
    return (
        pair_table("He et al. 2015", "Table 3", TEN_CROPS, (PLAIN_34, "plain-34"), padded_34, (RESNET_34, "ResNet-34")),
        pair_table("He et al. 2015", "Table 2", TEN_CROPS, *eighteen, (PLAIN_34, "plain-34"), padded_34),
        pair_table("Xie et al. 2016", "Table 3", ONE_CROP, (RESNET_50, "ResNet-50"), next_50),
        pair_table("Hu et al. 2017", "Table 2", ONE_CROP, (RESNET_50, "ResNet-50"), (SE_50, "SE-ResNet-50")),
    )


def pair_table(paper: str, where: str, note: str, *networks: tuple[ModelSelection, str]) -> Table:
    printed = {
        number.name: number.figure.value
        for number in reversed(published_numbers())  # the first of a name stands
        if number.paper == paper and number.figure.quantity == "top-1"
    }
    return Table(f"{paper}, {where}", note, tuple((place.spec, printed[name]) for place, name in networks))
