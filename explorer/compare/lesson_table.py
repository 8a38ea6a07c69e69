"""The table of the lesson's section 5: five networks, as it prints them."""

from explorer.compare.entries import Entry
from explorer.compare.facts import Fact
from explorer.places import ModelSelection
from model_defs import CATALOG

SOURCE = "the lesson, section 5"
ROWS = (  # title as printed, family and preset that Explore opens, parameters, top-1
    ("VGG16", "VGG", "VGG-16", 138e6, 71.5),
    ("ResNet-50", "ResNet", "ResNet-50", 26e6, 76.0),
    ("ResNet-152", "ResNet", "ResNet-152", 60e6, 78.3),
    ("EfficientNet-B0", "EfficientNet", "EfficientNet-B0", 5.3e6, 77.1),
    ("EfficientNet-B7", "EfficientNet", "EfficientNet-B7", 66e6, 84.3),
)


def lesson_entries() -> tuple[Entry, ...]:
    return tuple(entry(*row) for row in ROWS)


def entry(title: str, family: str, preset: str, params: float, top1: float) -> Entry:
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
        facts=(
            Fact("parameters", params, "published", SOURCE),
            Fact("top-1", top1, "published", SOURCE),
        ),
        place=ModelSelection("model_defs", family, preset),
    )
