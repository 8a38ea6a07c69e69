"""What is written on the chart of the field, the most important first."""

from collections import Counter

from explorer.compare.entries import Entry
from explorer.compare.pareto import Point

# Networks everybody knows by name: where one's eyes start.
LANDMARKS = (
    *("resnet50/IMAGENET1K_V1", "vgg16/IMAGENET1K_V1", "efficientnet_b0/IMAGENET1K_V1", "alexnet/IMAGENET1K_V1"),
    *("resnet50/IMAGENET1K_V2", "mobilenet_v2/IMAGENET1K_V1", "efficientnet_b7/IMAGENET1K_V1"),
    *("vit_b_16/IMAGENET1K_V1", "resnet152/IMAGENET1K_V1", "googlenet/IMAGENET1K_V1", "resnet18/IMAGENET1K_V1"),
    *("densenet121/IMAGENET1K_V1", "convnext_tiny/IMAGENET1K_V1", "swin_t/IMAGENET1K_V1"),
    *("squeezenet1_1/IMAGENET1K_V1", "shufflenet_v2_x1_0/IMAGENET1K_V1", "mobilenet_v3_large/IMAGENET1K_V2"),
)
RANK = {f"torchvision/{key}": number for number, key in enumerate(LANDMARKS)}


def is_landmark(entry: Entry) -> bool:
    return entry.key in RANK or entry.origin in ("lesson", "yours")


def labels(found: tuple[Point, ...], front: tuple[Point, ...], chosen: str) -> list[tuple[str, float, float, int]]:
    """Name, place and rank of each point: 0 the chosen one, 1 the ends of the front and the visitor's own, 2 landmarks,
    3 the rest of the front, 4 the rest."""
    called = names(tuple(point.entry for point in found))
    ends = {front[0].entry.key, front[-1].entry.key} if front else set()
    members = {point.entry.key for point in front}

    def rank(entry: Entry) -> int:
        first = (entry.key == chosen, entry.key in ends or entry.origin == "yours", is_landmark(entry))
        return next((number for number, holds in enumerate((*first, entry.key in members)) if holds), 4)

    ranked = sorted(
        (rank(point.entry), RANK.get(point.entry.key, len(RANK)), index) for index, point in enumerate(found)
    )
    return [(called[found[index].entry.key], found[index].x, found[index].y, number) for number, _, index in ranked]


def names(entries: tuple[Entry, ...]) -> dict[str, str]:
    """A short name for each: which weights is said only where the architecture alone would not tell."""
    short = {each.key: each.architecture if each.origin == "torchvision" else each.title for each in entries}
    counts = Counter(short.values())
    return {each.key: each.title if counts[short[each.key]] > 1 else short[each.key] for each in entries}
