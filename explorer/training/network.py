"""The network of a plan, made for its pictures, with the weights that its seed gives it."""

import torch
from torch import nn

from explorer.specs import build
from explorer.training.chance import chance
from explorer.training.plan import Plan, fitted


def network(plan: Plan, shape: tuple[int, int, int], classes: int, device: torch.device) -> nn.Module:
    """Made on the CPU, so that a seed starts alike on every device; channels last, which convolutions like best.

    Raises `ValueError` with a sentence if it cannot class pictures of `shape` (C, H, W).
    """
    with chance(plan.recipe.seed, "weights", 0, torch.device("cpu")):
        model = build(fitted(plan.spec, shape[0], shape[1], classes))
    model = model.to(device).to(memory_format=torch.channels_last)
    check_fit(plan.spec.name, model, shape, classes, device)
    return model.train()


def check_fit(name: str, model: nn.Module, shape: tuple[int, int, int], classes: int, device: torch.device) -> None:
    wanted = "×".join(map(str, shape))
    try:
        with torch.no_grad():
            logits = model.eval()(torch.zeros(2, *shape, device=device))
    except Exception as error:
        reason = str(error).split("\n")[0][:160]
        raise ValueError(f"{name} cannot take pictures of {wanted}: {reason}") from error
    found = tuple(logits.shape) if isinstance(logits, torch.Tensor) else ()
    if found != (2, classes):
        raise ValueError(f"{name} does not answer with {classes} numbers a picture, one for each class.")


def weighted_layers(model: nn.Module) -> dict[str, nn.Parameter]:
    """Name and weight of every layer that multiplies by a matrix or a kernel, first first; norms do not count."""
    return {
        name.removesuffix("weight").rstrip("._") or "weight": parameter
        for name, parameter in model.named_parameters()
        if name.endswith("weight") and parameter.ndim >= 2
    }
