"""PyTorch's own optimisers, told what a recipe says."""

from typing import Any

import torch
from torch import Tensor, nn

from explorer.training.recipe import Recipe


def optimiser(model: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """Fused: one call for all parameters, where a network of many small ones would spend milliseconds."""
    if recipe.optimiser == "adam":
        return torch.optim.Adam(model.parameters(), recipe.rate, weight_decay=recipe.weight_decay, fused=True)
    return torch.optim.SGD(
        model.parameters(), recipe.rate, recipe.momentum, weight_decay=recipe.weight_decay, fused=True
    )


def resume(optimiser: torch.optim.Optimizer, state: dict[str, Any]) -> None:
    """Takes over copies of a saved state, laid out in memory as the parameters are: fused code relies on that."""
    optimiser.load_state_dict(state)
    for parameter, notes in optimiser.state.items():
        for name, value in notes.items():
            if isinstance(value, Tensor):
                alike = torch.empty_like(parameter) if value.shape == parameter.shape else torch.empty_like(value)
                notes[name] = alike.copy_(value)


def copied(thing: Any) -> Any:
    """A state dictionary with tensors of its own, in main memory."""
    if isinstance(thing, Tensor):
        return thing.detach().to("cpu", copy=True)
    if isinstance(thing, dict):
        return {key: copied(value) for key, value in thing.items()}
    return [copied(each) for each in thing] if isinstance(thing, list) else thing
