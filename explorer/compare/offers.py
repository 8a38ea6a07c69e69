"""The networks one can pick from a list: the visitor's, the lesson's, torchvision's, timm's."""

from collections.abc import Iterable
from functools import lru_cache

from explorer.compare.titles import told_apart
from explorer.places import ModelSelection
from explorer.sources import SOURCES
from model_defs import CATALOG

SET = (
    *("resnet18", "resnet50", "resnext50_32x4d", "vgg16", "mobilenet_v2", "mobilenet_v3_large"),
    *("shufflenet_v2_x1_0", "efficientnet_b0", "efficientnet_b3", "convnext_tiny"),
)  # of torchvision: what is measured unless one chooses


def offers(mine: Iterable[ModelSelection] = ()) -> dict[str, ModelSelection]:
    """By what the list says of each; the visitor's own stand first."""
    yours = {place.spec: place for place in mine}
    words = {spec: f"{name_of(place)} · yours" if place.changes else label(place) for spec, place in yours.items()}
    found = {word: yours[spec] for spec, word in told_apart(words).items()}
    own = {label(place): place for place in of_source("own")}
    return found | own | {name: place for name, place in everybodys().items() if place not in found.values()}


@lru_cache(maxsize=1)
def everybodys() -> dict[str, ModelSelection]:
    return {label(place): place for source in ("model_defs", "torchvision", "timm") for place in of_source(source)}


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
    return f"{name_of(place)} · {SOURCES[place.source].title.lower()}"


def name_of(place: ModelSelection) -> str:
    """With the knobs that were turned, so that two of one preset can be told apart."""
    knobs = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in place.changes[:2])
    more = f" and {len(place.changes) - 2} more" if len(place.changes) > 2 else ""
    return f"{place.title}, {knobs}{more}" if knobs else place.title
