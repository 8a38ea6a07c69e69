"""The networks that are timed: as ours, and as torchvision builds the same."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
import torchvision
from torch import nn

from explorer.graph.graph import Graph, Shape
from explorer.models.spec import Spec, build
from explorer.tracing.tracer import trace
from model_defs import CATALOG

BUILDERS = {"resnet50": 224, "resnet152": 224, "efficientnet_b7": 600, "vit_b_16": 224}  # and pixels a side


@dataclass(frozen=True)
class Network:
    name: str
    spec: Spec
    constructor: Callable[[], nn.Module]  # what our `build` calls in the end, called plainly
    input_shape: Shape

    def read(self) -> Graph:
        """What the explorer does with it: build it without numbers, and write down what it does."""
        return trace(build(self.spec, "meta"), self.input_shape)

    def blank(self) -> nn.Module:
        with torch.device("meta"):
            return self.constructor().eval()

    def bare(self) -> None:
        """The least that PyTorch can do to run it on shapes alone."""
        with torch.no_grad():
            self.blank()(torch.empty(1, *self.input_shape, device="meta"))


def ours(builder: str) -> Network:
    """The preset that says it is the same network as this builder of torchvision's."""
    family, preset = next(
        (family, preset) for family in CATALOG.values() for preset in family.presets if preset.torchvision == builder
    )
    size = BUILDERS[builder]
    options = dict(preset.options) | {"image_size": size}
    spec = Spec("model_defs", family.name, tuple(options.items()))
    return Network(preset.name, spec, partial(family.build, **options), (3, size, size))


def torchvisions(builder: str) -> Network:
    size = BUILDERS[builder]
    constructor = partial(torchvision.models.get_model, builder, weights=None)
    return Network(builder, Spec("torchvision", builder), constructor, (3, size, size))
