"""What can be scaled: networks with knobs for depth, width and resolution, a grid of laws for each, φ in its steps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil
from typing import Any, NamedTuple

from explorer.analysis.model_summary import GraphCounts
from explorer.models.constructor_options import Option
from explorer.models.selection import ModelSelection
from explorer.models.spec import Spec, options
from explorer.scaling.compound_law import PAPER, PHI_STEP, SIGNS, Law, gamma_on, implied
from model_defs.efficientnet import DEEPEST
from model_defs.mobilenet_v2 import round_channels

Factors = tuple[float, float, float]  # depth, width, resolution
Knobs = dict[str, Any]
ALPHAS = (1.0, 1.2, 1.4, 1.6, 1.8, 2.0)
BETAS = (1.0, 1.05, 1.1, 1.15, 1.2, 1.25, 1.3, 1.35, 1.4)  # of the grid of laws
SIDE = 224  # pixels a side of the images that all three bases are made for


@dataclass(frozen=True)
class Base:
    """`knobs` are the settings for three factors, rounded as far as the network's own knobs are."""

    title: str  # as the paper's tables have it, and the preset's name
    family: str
    knobs: Callable[[Factors], Knobs]
    sizes: tuple[int, ...]  # channels of its stages as `model_defs` writes them, before any factor

    def place(self, factors: Factors) -> ModelSelection:
        """Where it stands on the Explore page. Raises `ValueError` with a sentence for what a knob cannot do."""
        place = ModelSelection("model_defs", self.family, self.title)
        offered = {option.name: option for option in options(place.origin)}
        for name, value in self.knobs(factors).items():
            place = set_knob(place, offered[name], value)
        return place

    def spec(self, factors: Factors) -> Spec:
        return self.place(factors).spec

    def at(self, law: Law, phi: float) -> ModelSelection:
        """The base after φ steps of a law. EfficientNet has the law among its knobs, so nothing is rounded twice."""
        if self.family != "EfficientNet":
            return self.place(law.factors(phi))
        place = ModelSelection("model_defs", self.family, self.title)
        wanted = {"phi": phi, "alpha": law.alpha, "beta": law.beta, "gamma": law.gamma}
        for option in options(place.origin):
            if option.name in wanted:
                place = set_knob(place, option, wanted[option.name])
        if law.alpha**phi > DEEPEST + 1e-9:
            raise ValueError(
                f"{law.alpha**phi:.0f} times the depth is too deep for a page: {DEEPEST} times is the most."
            )
        if (asked := SIDE * law.gamma**phi) > MOST_SIDE:
            raise ValueError(f"γ^φ asks for images of {asked:.0f} pixels, and {MOST_SIDE} is the most this page takes.")
        return place


MOST_SIDE = 1024


def set_knob(place: ModelSelection, option: Option, value: Any) -> ModelSelection:
    """Raises `ValueError` where a number lies outside of what the knob offers."""
    numbers = value if isinstance(value, tuple) else (value,)
    if option.span and not all(option.span.low <= number <= option.span.high for number in numbers):
        spelled = " – ".join(option.spell_one(number) for number in option.span[:2])
        raise ValueError(f"“{option.label}” would be {option.spell(value)}, and {place.name} takes {spelled}.")
    return place.turn(option, value)


def stepped(value: float, step: float) -> float:
    return round(round(value / step) * step, 6)


def multipliers(factors: Factors) -> Knobs:
    depth, width, resolution = factors
    side = int(stepped(SIDE * resolution, 4))
    return {"depth": stepped(depth, 0.05), "width": stepped(width, 0.05), "image_size": side}


def resnet50(factors: Factors) -> Knobs:
    depth, width, resolution = factors
    blocks = tuple(ceil(round(count * depth, 6)) for count in (3, 4, 6, 3))
    return {"blocks": blocks, "width": round_channels(64 * width), "image_size": int(stepped(SIDE * resolution, 4))}


BASES: dict[str, Base] = {
    base.title: base
    for base in (
        Base("EfficientNet-B0", "EfficientNet", multipliers, (16, 24, 40, 80, 112, 192, 320)),
        Base("ResNet-50", "ResNet", resnet50, (256, 512, 1024, 2048)),
        Base("MobileNetV2", "MobileNetV2", multipliers, (16, 24, 32, 64, 96, 160, 320)),
    )
}


def fit(base: Base, law: Law, phi: float) -> tuple[ModelSelection, float, str]:
    """The place after φ steps, the φ that was taken, and a sentence where it had to be a smaller one."""
    try:
        return base.at(law, phi), phi, ""
    except ValueError as error:
        reason = str(error)
    steps = round(phi / PHI_STEP)
    for less in range(steps - 1, -1, -1):
        try:
            taken = round(less * PHI_STEP, 2)
            return base.at(law, taken), taken, f"{reason} The nearest that works is {SIGNS['phi']} = {taken:g}."
        except ValueError:
            continue
    return base.at(replace(law, alpha=1.0, beta=1.0, gamma=1.0), 0.0), 0.0, reason


def preset_spec(index: int) -> Spec:
    """EfficientNet-B0 to B7 as they were shipped."""
    return ModelSelection("model_defs", "EfficientNet", f"EfficientNet-B{index}").spec


class GridPoint(NamedTuple):
    law: Law
    spec: Spec  # the base after φ = 1


@lru_cache(maxsize=8)
def grid(base: str) -> tuple[GridPoint, ...]:
    """Every law of the grid that leaves a γ of 1 or more, the cheapest in depth first."""
    laws = (Law(alpha, beta, gamma) for alpha in ALPHAS for beta in BETAS if (gamma := gamma_on(alpha, beta)))
    rounded = (Law(law.alpha, law.beta, round(law.gamma, 2)) for law in laws)
    return tuple(GridPoint(law, BASES[base].at(law, 1.0).spec) for law in rounded)


def grid_marks(points: tuple[GridPoint, ...], found: Mapping[Spec, GraphCounts], macs: int) -> list[dict[str, float]]:
    """Of those that are counted: where they stand, and how many times the base's MACs they take."""
    return [
        {"alpha": point.law.alpha, "beta": point.law.beta, "times": found[point.spec].macs / macs}
        for point in points
        if point.spec in found
    ]


QUARTERS = tuple(step / 4 for step in range(29))
SHIPPED = range(8)


@lru_cache(maxsize=1)
def exact_specs() -> Mapping[float, Spec]:
    """By φ."""
    return {phi: BASES["EfficientNet-B0"].at(PAPER, phi).spec for phi in QUARTERS}


@lru_cache(maxsize=1)
def shipped_specs() -> Mapping[int, Spec]:
    """By k of Bk."""
    return {index: preset_spec(index) for index in SHIPPED}


@lru_cache(maxsize=1)
def ordered_specs() -> tuple[Spec, ...]:
    """Both ends first, then the whole numbers, then what was shipped, then what lies between."""
    exact = exact_specs()
    ends, whole = (0.0, 7.0), tuple(float(step) for step in range(1, 7))
    halves = tuple(phi for phi in QUARTERS if phi % 1 == 0.5)
    rest = tuple(phi for phi in QUARTERS if phi % 0.5)
    order = [exact[phi] for phi in (*ends, *whole)] + list(shipped_specs().values())
    return tuple(dict.fromkeys((*order, *(exact[phi] for phi in (*halves, *rest)))))  # B0 is φ = 0


def factors_of(spec: Spec) -> tuple[float, float, float]:
    """Depth, width and resolution of a shipped network beside B0's."""
    options = dict(spec.options)
    return options["depth"], options["width"], options["image_size"] / SIDE


def implied_phis(spec: Spec) -> tuple[float, float, float]:
    """Which φ its depth, its width and its resolution stand for."""
    depth, width, resolution = factors_of(spec)
    return implied(depth, PAPER.alpha), implied(width, PAPER.beta), implied(resolution, PAPER.gamma)
