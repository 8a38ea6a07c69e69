"""How long each layer of a network takes, on the CPU."""

import time
from collections import defaultdict
from typing import Any

from torch import Tensor, nn

PASSES = 3


def layer_seconds(model: nn.Module, images: Tensor) -> dict[str, float]:
    """Seconds a pass in each layer, by its path; "" is the whole pass, with all that runs between the layers."""
    found: dict[str, float] = defaultdict(float)
    hooks = [hook for path, layer in layers(model) for hook in watch(layer, path, found)]
    begin = time.perf_counter()
    for _ in range(PASSES):
        model(images)
    found[""] = time.perf_counter() - begin
    for hook in hooks:
        hook.remove()
    return {path: seconds / PASSES for path, seconds in found.items()}


def layers(model: nn.Module) -> list[tuple[str, nn.Module]]:
    """Modules without modules inside, and PyTorch's attention, which calls none of those it holds."""
    whole = [path for path, module in model.named_modules() if isinstance(module, nn.MultiheadAttention)]
    return [
        (path, module)
        for path, module in model.named_modules()
        if path in whole or (path and not module._modules and not path.startswith(tuple(f"{each}." for each in whole)))
    ]


def watch(layer: nn.Module, path: str, found: dict[str, float]) -> tuple[Any, Any]:
    """The hooks, on this very layer, to be removed afterwards."""
    begun: list[float] = []

    def begin(*_: Any) -> None:
        begun.append(time.perf_counter())

    def end(*_: Any) -> None:
        found[path] += time.perf_counter() - begun.pop()

    return layer.register_forward_pre_hook(begin), layer.register_forward_hook(end)
