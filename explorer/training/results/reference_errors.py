"""Published CIFAR-10 errors of the very networks that were trained, and what was otherwise in their training."""

from collections.abc import Hashable, Iterator, Mapping
from functools import cache

from explorer.datasets.dataset import base_name
from explorer.models.facts import Fact
from explorer.models.published_numbers import preset_figures
from explorer.models.spec import Spec, spec_settings
from explorer.training.experiments.experiment import begun
from explorer.training.plan import Plan
from explorer.training.recipe import PRESETS, Recipe
from model_defs import CATALOG

QUANTITY = "CIFAR-10 error"
THEIRS = PRESETS["he"]
PICTURES, TESTS, SIDE = 50_000, 10_000, 32  # of CIFAR-10
FITTED = {"in_channels", "image_size", "num_classes"}  # what a network is told of its pictures
RATE = {"constant": "never falls", "steps": "falls elsewhere", "cosine": "falls along a cosine", "onecycle": "cycles"}
AUGMENT = {"none": "no augmentation", "flip": "flipped, not cropped", "crop+flip": "cropped and flipped"}


def reference_figures(plan: Plan, pictures: str) -> tuple[Fact, ...]:
    """Errors of exactly this network on pictures of this size; none of one that was changed."""
    whole = base_name(pictures) == "CIFAR-10" and plan.recipe.size in (None, SIDE)
    return errors().get(identity(plan.spec), ()) if whole else ()


def otherwise(plan: Plan, pictures: str) -> str:
    """Why a network of He et al.'s has no published error beside it; empty for networks that are not theirs."""
    spec = plan.spec
    full = Spec(spec.source, spec.name, tuple(pair for pair in spec.options if pair[0] not in ("width", "last_gamma")))
    if identity(full) not in errors() or reference_figures(plan, pictures):
        return ""
    pixels = f" at {plan.recipe.size} pixels" if plan.recipe.size else ""
    return f"of width {spec_settings(spec)['width']}, on {pictures}{pixels}"


@cache
def errors() -> Mapping[Hashable, tuple[Fact, ...]]:
    found: dict[Hashable, tuple[Fact, ...]] = {}
    for family, architecture in CATALOG.items():
        for preset in architecture.presets:
            printed = preset_figures(family, preset.name)
            figures = tuple(figure for figure in printed if figure.quantity == QUANTITY)
            if figures:
                found[identity(Spec("model_defs", family, preset.options))] = figures
    return found


def identity(spec: Spec) -> Hashable:
    """None for networks that are not ours."""
    if spec.source != "model_defs" or spec.name not in CATALOG:
        return None
    return spec.name, frozenset((name, value) for name, value in spec_settings(spec).items() if name not in FITTED)


def recipe_differences(plan: Plan, pictures: str, steps: int) -> tuple[str, ...]:
    """From He et al.'s recipe, in a few words each, the length first; `steps` are those that were taken so far."""
    ours, theirs = plan.recipe, begun(plan.spec, THEIRS)
    told = (*length_difference(steps, theirs.steps or 0), *of_rate(ours, theirs), *of_update(ours, theirs))
    return (*told, *of_data(ours, theirs, pictures), *(("begun with other weights",) if plan.start else ()))


def length_difference(ours: int, theirs: int) -> Iterator[str]:
    if ours < theirs:
        yield f"{ours:,} of {theirs:,} steps"
    elif ours > theirs:
        yield f"{ours:,} steps, not {theirs:,}"


def of_rate(ours: Recipe, theirs: Recipe) -> Iterator[str]:
    if ours.rate != theirs.rate:
        yield f"rate {ours.rate:g}, not {theirs.rate:g}"
    if (ours.schedule, falls(ours)) != (theirs.schedule, falls(theirs)):
        steady = ours.schedule == "steps" and not ours.milestones
        yield f"the rate {RATE['constant' if steady else ours.schedule]}"
    if ours.ramp:
        yield f"the rate rises for {ours.ramp:,} steps"
    if ours.warm_up != theirs.warm_up:
        yield "a warm-up" if ours.warm_up else "no warm-up"


def falls(recipe: Recipe) -> tuple[float, ...]:
    """After which parts of the run the rate falls: a shortened recipe moves them along."""
    whole = recipe.steps or recipe.epochs or 1
    return tuple(round(milestone / whole, 2) for milestone in recipe.milestones)


def of_update(ours: Recipe, theirs: Recipe) -> Iterator[str]:
    if ours.optimiser != theirs.optimiser:
        yield "Adam, not SGD"
    elif ours.momentum != theirs.momentum:
        yield f"momentum {ours.momentum:g}, not {theirs.momentum:g}"
    if ours.weight_decay != theirs.weight_decay:
        yield f"weight decay {ours.weight_decay:g}, not {theirs.weight_decay:g}"
    if ours.batch != theirs.batch:
        yield f"batch {ours.batch:,}, not {theirs.batch:,}"
    if ours.precision != theirs.precision:
        yield ours.precision


def of_data(ours: Recipe, theirs: Recipe, pictures: str) -> Iterator[str]:
    if ours.augment != theirs.augment:
        yield AUGMENT[ours.augment]
    if ours.subset and ours.subset < PICTURES:
        yield f"{ours.subset:,} of {PICTURES:,} pictures"
    if ours.test_subset and ours.test_subset < TESTS:
        yield f"tested on {ours.test_subset:,} of {TESTS:,}"
    if pictures != "CIFAR-10":
        yield f"on {pictures}"
