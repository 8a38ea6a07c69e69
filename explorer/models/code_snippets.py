"""The lines that load a network with its weights, freeze it, and give it a new head: as one would paste them."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torchvision.models
from torch import nn

from explorer.models.selection import ModelSelection, preset_of
from explorer.models.spec import Spec, build

MARK = 997  # a number of classes that is no layer's width by chance
CLASSES = 10
# torchvision leaves its two auxiliary heads out when it loads the weights, since they were never trained.
WITHOUT_AUXILIARY = ("googlenet",)


@dataclass(frozen=True)
class Head:
    """A layer whose outputs are the classes."""

    path: str  # "classifier.6"
    written: str  # "classifier[6]", as one reaches it in Python
    layer: str  # "nn.Linear(4096, 10)", the layer to put in its place


@lru_cache(maxsize=256)
def heads(spec: Spec) -> tuple[Head, ...]:
    """Every layer that is as wide as there are classes, the one that answers last: found by asking for an odd number.

    Raises `ValueError` where the network cannot be built.
    """
    asked = dict(spec.options) | {"num_classes": MARK}
    model = build(Spec(spec.source, spec.name, tuple(sorted(asked.items()))), "meta")
    found = [(path, layer) for path, module in model.named_modules() if (layer := replacement(module))]
    return tuple(Head(path, written(path), layer) for path, layer in found)


def replacement(module: nn.Module) -> str:
    """The same layer for ten classes, as code; empty for every layer that is no head."""
    bias = "" if getattr(module, "bias", None) is not None else ", bias=False"
    if isinstance(module, nn.Linear) and module.out_features == MARK:
        return f"nn.Linear({module.in_features}, {CLASSES}{bias})"
    if isinstance(module, nn.Conv2d) and module.out_channels == MARK:
        return f"nn.Conv2d({module.in_channels}, {CLASSES}, kernel_size={module.kernel_size[0]}{bias})"
    return ""


def written(path: str) -> str:
    """Numbers stand in brackets: classifier.6 is no Python."""
    steps = path.split(".")
    return steps[0] + "".join(f"[{step}]" if step.isdigit() else f".{step}" for step in steps[1:])


@lru_cache(maxsize=256)
def torchvision_lines(builder: str, weights_name: str) -> str:
    """Raises `ValueError` where the network cannot be built."""
    weights = torchvision.models.get_model_weights(builder)[weights_name]
    new = heads(Spec("torchvision", builder))
    new = new[-1:] if builder in WITHOUT_AUXILIARY else new
    return "\n".join(
        (
            "from torch import nn",
            "from torchvision import models",
            "",
            f"weights = models.{type(weights).__name__}.{weights_name}",
            f"model = models.{builder}(weights=weights).eval()",
            "",
            "# freeze what it has learnt",
            "for parameter in model.parameters():",
            "    parameter.requires_grad = False",
            "",
            f"# a new head for {CLASSES} classes: only this learns",
            *(f"model.{head.written} = {head.layer}" for head in new),
            "",
            f"# {preprocessing_words(weights)}",
            "preprocess = weights.transforms()",
        )
    )


def preprocessing_words(weights: Any) -> str:
    """What its images were made into."""
    sizes: dict[str, Any] = weights.transforms.keywords
    resize = sizes.get("resize_size", 256)
    return f"images: resize to {resize}, crop to {sizes['crop_size']}, normalise"


@lru_cache(maxsize=256)
def lesson_lines(place: ModelSelection) -> str:
    """For a network of the lesson's own code, which nobody has trained for it. Raises `ValueError`."""
    found = preset_of(place.source, place.name, place.preset)
    if found is not None and found.torchvision:
        names = [each.name for each in torchvision.models.get_model_weights(found.torchvision)]
        return torchvision_lines(found.torchvision, names[0])
    options = dict(place.spec.options) | {"num_classes": CLASSES}
    settings = ", ".join(f"{name}={quoted(value)}" for name, value in sorted(options.items()))
    return "\n".join(
        (
            "from model_defs import CATALOG",
            "",
            "# torchvision has no weights for it:",
            "# it starts at random, and all of it learns",
            f"model = CATALOG[{quoted(place.name)}].build({settings})",
        )
    )


def quoted(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)
