"""What networks are called and how families are drawn: titles that tell them apart, lists to choose from."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from explorer.colors import BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION
from explorer.models.selection import ModelSelection, as_preset
from explorer.models.sources import CLASSIFIERS, SOURCES
from explorer.models.spec import Spec
from model_defs import CATALOG

STYLES: dict[str, tuple[str, str]] = {
    "AlexNet": (GREY, "circle"),
    "VGG": (GREY, "square"),
    "GoogLeNet": (SKY, "circle"),
    "Inception v3": (SKY, "square"),
    "DenseNet": (SKY, "diamond"),
    "ResNet": (BLUE, "circle"),
    "Pre-activation ResNet": (BLUE, "triangle-up"),
    "Wide ResNet": (BLUE, "square"),
    "ResNeXt": (BLUE, "diamond"),
    "SE-ResNet": (BLUE, "cross"),
    "SqueezeNet": (GREEN, "triangle-down"),
    "MobileNetV1": (GREEN, "triangle-up"),
    "MobileNetV2": (GREEN, "circle"),
    "MobileNetV3": (GREEN, "square"),
    "MnasNet": (GREEN, "diamond"),
    "ShuffleNetV2": (GREEN, "cross"),
    "EfficientNet": (VERMILLION, "circle"),
    "EfficientNetV2": (VERMILLION, "square"),
    "RegNet": (ORANGE, "circle"),
    "ConvNeXt": (ORANGE, "square"),
    "ViT": (PURPLE, "circle"),
    "Swin": (PURPLE, "square"),
    "MaxViT": (PURPLE, "diamond"),
}
OTHER = (GREY, "hexagon")  # whatever a visitor brings

SET = (
    *("resnet18", "resnet50", "resnext50_32x4d", "vgg16", "mobilenet_v2", "mobilenet_v3_large"),
    *("mobilenet_v3_small", "shufflenet_v2_x1_0", "efficientnet_b0", "convnext_tiny"),
)  # of torchvision: what is measured unless one chooses; the lesson's choices for fast answers are among them


def family_style(family: str) -> tuple[str, str]:
    """Colour and symbol, as plotly calls it."""
    return STYLES.get(family, OTHER)


def ordered_families(families: set[str]) -> tuple[str, ...]:
    """By line of descent, so that neighbours in a legend share a colour."""
    known = tuple(family for family in STYLES if family in families)
    return (*known, *sorted(families - set(known)))


def offered_networks(mine: Iterable[ModelSelection] = ()) -> dict[str, ModelSelection]:
    """By what the list says of each; the visitor's own stand first."""
    yours = {place.spec: place for place in mine}
    words = {
        spec: f"{selection_name(place)} · yours" if place.changes else label(place) for spec, place in yours.items()
    }
    found = {word: yours[spec] for spec, word in told_apart(words).items()}
    own = {label(place): place for place in of_source("own")}
    return found | own | {name: place for name, place in everybodys().items() if place not in found.values()}


@lru_cache(maxsize=1)
def everybodys() -> dict[str, ModelSelection]:
    return {label(place): place for source in CLASSIFIERS for place in of_source(source)}


def of_source(source: str) -> tuple[ModelSelection, ...]:
    """Of ours every preset, of the libraries every builder, of the visitor's own every module."""
    if source == "model_defs":
        return tuple(
            ModelSelection(source, name, preset.name) for name, each in CATALOG.items() for preset in each.presets
        )
    return tuple(ModelSelection(source, name, "") for name in SOURCES[source].names())


def standard() -> tuple[ModelSelection, ...]:
    return tuple(ModelSelection("torchvision", name, "") for name in SET)


def label(place: ModelSelection) -> str:
    return f"{selection_name(place)} · {SOURCES[place.source].title.lower()}"


def network_title(place: ModelSelection) -> str:
    """What a network is called: a preset with knobs turned is that preset no longer, but may be another one of its
    family; a ResNet without shortcuts is plain."""
    place = as_preset(place)
    if place.changes == (("shortcut", "none"),) and place.title.startswith("ResNet-"):
        return place.title.replace("ResNet-", "plain-")
    return f"{place.title}, changed" if place.changes else place.title


def selection_name(place: ModelSelection) -> str:
    """With the knobs that were turned, so that two of one preset can be told apart."""
    knobs = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in place.changes[:2])
    more = f" and {len(place.changes) - 2} more" if len(place.changes) > 2 else ""
    return f"{place.title}, {knobs}{more}" if knobs else place.title


def told_apart(titles: Mapping[Spec, str]) -> dict[Spec, str]:
    """As they are; where several share one, each says what is other about it: "resnet50 (timm)"."""
    sharing: dict[str, list[Spec]] = {}
    for spec, title in titles.items():
        sharing.setdefault(title, []).append(spec)
    return {
        spec: f"{title} ({distinguishing_traits(spec, sharing[title])})" if len(sharing[title]) > 1 else title
        for spec, title in titles.items()
    }


def distinguishing_traits(spec: Spec, all_of_them: list[Spec]) -> str:
    """The traits in which not all of them are alike, as this one has them."""
    own, every = traits(spec), [traits(each) for each in all_of_them]
    names = dict.fromkeys(name for each in every for name in each)
    differing = [name for name in names if any(each.get(name) != own.get(name) for each in every)]
    return ", ".join(trait_words(name, own) for name in differing)


def traits(spec: Spec) -> dict[str, Any]:
    source = SOURCES[spec.source].title.lower() if spec.source in SOURCES else spec.source
    return {"source": source, "name": spec.name} | dict(spec.options)


def trait_words(name: str, own: Mapping[str, Any]) -> str:
    if name in ("source", "name"):
        return str(own[name])
    return f"{name.replace('_', ' ')} {own.get(name, 'as usual')}"
