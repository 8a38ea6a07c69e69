"""The learning rate of every step, in closed form, so that a run can go on at any step."""

from math import cos, pi

from explorer.training.recipe import Recipe

RISE = 0.3  # of a one-cycle run, Smith & Topin 2017 as PyTorch has it: from 1/25 of the rate up to it,
FIRST, LAST = 1 / 25, 1 / 25 / 1e4  # and down to next to nothing


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
