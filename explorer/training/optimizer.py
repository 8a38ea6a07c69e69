"""SGD with momentum and Adam, in PyTorch's fused code: one call for all parameters, as a recipe says."""

from math import cos, pi
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.adam import adam
from torch.optim.sgd import sgd

from explorer.training.recipe import Recipe

RISE = 0.3  # of a one-cycle run, Smith & Topin 2017 as PyTorch has it: from 1/25 of the rate up to it,
FIRST, LAST = 1 / 25, 1 / 25 / 1e4  # and down to next to nothing

ENOUGH = 0.8
MEMORY = 0.95  # of the running mean of the batches' errors, one batch being too few to judge by


class Optimiser:
    """PyTorch's functions under a state of our own, which is spelled as that of PyTorch's optimisers is.

    Those would load PyTorch's compiler before their first step, measured with torch 2.15: 1.8 s of a core at a
    worker's start. A step takes them as long, within 2 % of a whole one, for plain-56 and ResNet-20, SGD and Adam.
    """

    def __init__(self, model: nn.Module, recipe: Recipe) -> None:
        self.recipe = recipe
        self.parameters = list(model.parameters())
        self.notes: dict[int, dict[str, Tensor]] = {}  # by the number of the parameter, of those that have a gradient

    def zero_grad(self) -> None:
        for parameter in self.parameters:
            parameter.grad = None

    def step(self, rate: float) -> None:
        """One update of every parameter that has a gradient."""
        held = {number: each for number, each in enumerate(self.parameters) if each.grad is not None}
        tensors: list[Tensor] = list(held.values())
        gradients = [each.grad for each in tensors if each.grad is not None]
        with torch.no_grad():
            if self.recipe.optimiser == "adam":
                self.adam(list(held), tensors, gradients, rate)
            else:
                self.sgd(list(held), tensors, gradients, rate)

    def sgd(self, numbers: list[int], tensors: list[Tensor], gradients: list[Tensor], rate: float) -> None:
        recipe = self.recipe
        speeds = [self.notes.get(number, {}).get("momentum_buffer") for number in numbers]
        usual: dict[str, Any] = {"dampening": 0, "nesterov": False, "maximize": False, "fused": True}
        momentum, decay = recipe.momentum, recipe.weight_decay
        sgd(tensors, gradients, speeds, lr=rate, momentum=momentum, weight_decay=decay, **usual)
        self.notes = {
            number: {"momentum_buffer": speed}
            for number, speed in zip(numbers, speeds, strict=True)
            if speed is not None
        }

    def adam(self, numbers: list[int], tensors: list[Tensor], gradients: list[Tensor], rate: float) -> None:
        for number, tensor in zip(numbers, tensors, strict=True):
            self.notes.setdefault(number, fresh_state(tensor))
        notes = [self.notes[number] for number in numbers]
        means, squares, steps = ([each[name] for each in notes] for name in ("exp_avg", "exp_avg_sq", "step"))
        usual: dict[str, Any] = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "amsgrad": False, "maximize": False}
        decay = self.recipe.weight_decay
        adam(tensors, gradients, means, squares, [], steps, fused=True, lr=rate, weight_decay=decay, **usual)

    def state_dict(self) -> dict[str, Any]:
        return {"state": self.notes}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Takes over copies, laid out in memory as the parameters are: fused code relies on that."""
        self.notes = {
            number: {
                name: state_like(value, self.parameters[number]) for name, value in notes.items() if value is not None
            }
            for number, notes in state["state"].items()
        }


def fresh_state(tensor: Tensor) -> dict[str, Tensor]:
    """What Adam knows of a parameter before its first step."""
    count = torch.zeros((), dtype=torch.float32, device=tensor.device)
    return {"step": count, "exp_avg": torch.zeros_like(tensor), "exp_avg_sq": torch.zeros_like(tensor)}


def state_like(value: Tensor, parameter: Tensor) -> Tensor:
    if value.shape != parameter.shape:
        return value.to(parameter.device, copy=True)
    return torch.empty_like(parameter, dtype=value.dtype).copy_(value)


def copied(thing: Any) -> Any:
    """A state dictionary with tensors of its own, in main memory."""
    if isinstance(thing, Tensor):
        return thing.detach().to("cpu", copy=True)
    if isinstance(thing, dict):
        return {key: copied(value) for key, value in thing.items()}
    return [copied(each) for each in thing] if isinstance(thing, list) else thing


def rate_at(recipe: Recipe, step: int, pictures: int) -> float:
    """Of update `step`, the first being 0, in a run on so many training pictures."""
    return scheduled(recipe, step, pictures) * min(1.0, (step + 1) / (recipe.ramp + 1))


def scheduled(recipe: Recipe, step: int, pictures: int) -> float:
    total = recipe.length(pictures)
    if recipe.schedule == "steps":
        unit = recipe.unit(pictures)
        return recipe.rate * 0.1 ** sum(step >= round(milestone * unit) for milestone in recipe.milestones)
    if recipe.schedule == "cosine":
        return recipe.rate * wave(step / total)
    if recipe.schedule == "onecycle":
        return recipe.rate * cycle(step, total)
    return recipe.rate


def wave(part: float) -> float:
    """Half a cosine: 1 at 0, 0 at 1."""
    return (1 + cos(pi * part)) / 2


def cycle(step: int, total: int) -> float:
    peak = RISE * total - 1
    if step < peak:
        return 1 - (1 - FIRST) * wave(step / peak)
    return LAST + (1 - LAST) * wave((step - peak) / max(total - 1 - peak, 1))


class WarmUp:
    def __init__(self, rate: float | None) -> None:
        self.rate = rate
        self.running_error = 1.0
        self.over = rate is None

    def note(self, error: float) -> None:
        self.running_error = MEMORY * self.running_error + (1 - MEMORY) * error
        self.over = self.over or self.running_error < ENOUGH

    def state(self) -> dict[str, float | bool]:
        return {"running_error": self.running_error, "over": self.over}

    def restore(self, state: dict[str, float | bool]) -> None:
        self.running_error, self.over = float(state["running_error"]), bool(state["over"])
