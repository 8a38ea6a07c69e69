"""The networks of `model_defs` as the tests need them: by name, as torchvision builds them, filled with numbers."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry
from torchvision import models

from explorer.models.constructor_options import options_of
from model_defs import CATALOG
from model_defs.architecture import Architecture, Preset

PRESETS = [(architecture, preset) for architecture in CATALOG.values() for preset in architecture.presets]
TWINS = {preset.torchvision: (architecture, preset) for architecture, preset in PRESETS if preset.torchvision}
aten = torch.ops.aten
NORMS = {aten.native_batch_norm.default, aten.native_layer_norm.default, aten.native_group_norm.default}
POINTWISE = {aten.gelu.default, aten.clamp.default, aten.clamp_min.default, aten._safe_softmax.default}
LENGTHS = ("blocks", "units", "convs", "depth")  # knobs that say how many blocks, not of what kind

every_family = pytest.mark.parametrize("name", CATALOG)


def each(presets: list[tuple[Architecture, Preset]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("architecture", "preset"), presets, ids=[preset.name for _, preset in presets])


def build(architecture: Architecture, preset: Preset | None = None, device: str = "meta", **knobs: Any) -> Any:
    with torch.device(device):
        return architecture.build(**(dict(preset.options) if preset else {}) | knobs)


def shallow(family: str) -> dict[str, Any]:
    """Settings for the fewest blocks that still make every stage: the same code, soon run."""
    options = [option for option in options_of(CATALOG[family].build) if option.name in LENGTHS]
    least = [option.span.low or 1 if option.span else min(option.choices) for option in options]
    return {o.name: (value,) * o.length if o.length else value for o, value in zip(options, least, strict=True)}


def network(family: str, preset: str, **knobs: Any) -> Any:
    """A preset by name, on `meta` and in eval mode."""
    (found,) = (each for each in CATALOG[family].presets if each.name == preset)
    return build(CATALOG[family], found, **knobs).eval()


def torchvision_twin(builder: str, **options: Any) -> nn.Module:
    """torchvision's network on `meta`; GoogLeNet without the heads that only training uses."""
    if builder == "googlenet":
        options |= {"aux_logits": False, "init_weights": False}
    with torch.device("meta"):
        return models.get_model(builder, weights=None, **options).eval()


class ShapeRun(TorchDispatchMode):
    """A run on `meta`, with the FLOPs that torch's own formulas give its products and convolutions.

    `FlopCounterMode` gives the same sum but takes every norm and activation apart in Python first, to find no FLOPs in
    it. Here they are answered at once: what they put out has the shape of what they are given.
    """

    def __init__(self) -> None:
        super().__init__()
        self.flops = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in NORMS and args[0].is_meta:
            return torch.empty_like(args[0]), args[0].new_empty(0), args[0].new_empty(0)
        if func in POINTWISE and args[0].is_meta and args[0].is_floating_point():
            return torch.empty_like(args[0])
        out = func(*args, **kwargs)
        if formula := flop_registry.get(func._overloadpacket):
            self.flops += formula(*args, **kwargs, out_val=out)
        return out


def torch_macs(model: nn.Module, shape: tuple[int, ...]) -> int:
    """Multiply-adds of one image of `shape` (C, H, W), by the formulas of torch's counter."""
    model.eval().requires_grad_(False)
    with ShapeRun() as run:
        model(torch.empty(1, *shape, device="meta"))
    return run.flops // 2


def count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def randomise(network: nn.Module) -> nn.Module:
    """The network off `meta`, with weights and norm statistics of which each one matters to the output."""
    network.to_empty(device="cpu")
    generator = torch.Generator().manual_seed(0)
    for name, value in network.state_dict().items():
        if not value.is_floating_point():
            value.zero_()
        elif name.endswith("running_var") or (value.dim() == 1 and name.endswith("weight")):
            value.uniform_(0.5, 1.5, generator=generator)
        elif value.dim() < 2:
            value.uniform_(-0.2, 0.2, generator=generator)
        else:
            reach = math.sqrt(3 / value[0].numel())
            value.uniform_(-reach, reach, generator=generator)
    return network


def image(network: Any, batch: int = 1) -> Tensor:
    return torch.randn(batch, *network.input_shape, generator=torch.Generator().manual_seed(1))


def shapes(network: Any, *paths: str) -> list[tuple[int, ...]]:
    """What the named modules put out for one image, without the batch."""
    seen: dict[str, tuple[int, ...]] = {}
    for path in paths:
        network.get_submodule(path).register_forward_hook(
            lambda _, __, output, path=path: seen.update({path: tuple(output.shape[1:])})
        )
    with ShapeRun(), torch.no_grad():
        network(torch.empty(1, *network.input_shape, device="meta"))
    return [seen[path] for path in paths]
