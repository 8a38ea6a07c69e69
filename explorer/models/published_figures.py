"""Published figures of a network, each with its source."""

from functools import lru_cache
from math import isnan
from typing import Any

from explorer.models.facts import Fact
from explorer.models.published_numbers import preset_figures
from explorer.models.selection import preset_of
from explorer.models.sources import crop_of, torchvision_size
from explorer.models.torchvision_tasks import task_figures


@lru_cache(maxsize=512)
def published_figures(source: str, name: str, preset: str) -> tuple[Fact, ...]:
    """What papers and torchvision print of this network, as it stands before any knob is turned."""
    if source == "torchvision":
        return torchvision_figures(name)
    if source == "tasks":
        return task_figures(name)
    found = preset_of(source, name, preset)
    if found is None:
        return ()
    printed = preset_figures(name, preset)
    theirs = torchvision_figures(found.torchvision) if found.torchvision else ()
    return (*printed, *(figure for figure in theirs if not any(same_figure(figure, old) for old in printed)))


def same_figure(one: Fact, other: Fact) -> bool:
    return one.quantity == other.quantity and abs(one.value - other.value) < 0.01


@lru_cache(maxsize=128)
def torchvision_figures(name: str) -> tuple[Fact, ...]:
    """From the metadata of its ImageNet weights, which ships with torchvision."""
    import torchvision.models  # a second and a half, and the first picture of all needs none of it

    figures: dict[tuple[str, float], Fact] = {}
    for weights in torchvision.models.get_model_weights(name):
        source, side = f"torchvision, {weights.name}", crop_of(weights)
        note = "" if side == torchvision_size(name) else f"on images of {side} pixels"
        for quantity, value in weights_values(weights).items():
            if not isnan(value):  # weights that were never a classifier's have no accuracy
                figures.setdefault((quantity, value), Fact(quantity, value, "published", source, note))
    return tuple(figures.values())


def weights_values(weights: Any) -> dict[str, float]:
    """By quantity; the accuracies of weights that were never a classifier's are not a number."""
    meta, accuracy = weights.meta, weights.meta["_metrics"]["ImageNet-1K"]
    costs = {"parameters": meta["num_params"], "MACs": round(meta["_ops"] * 1e9)}
    return costs | {"top-1": accuracy["acc@1"], "top-5": accuracy["acc@5"]}
