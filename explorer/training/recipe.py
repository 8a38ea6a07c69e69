"""How a network is trained, as one frozen value that is right or cannot be made; and recipes to start from."""

from dataclasses import asdict, dataclass, fields, replace
from math import isfinite
from typing import Any, Literal, get_args, get_type_hints

Plain = dict[str, Any]


@dataclass(frozen=True)
class Range:
    low: float
    high: float
    whole: bool = True

    def holds(self, value: Any) -> bool:
        right = type(value) is int if self.whole else type(value) in (int, float) and isfinite(value)
        return right and self.low <= value <= self.high

    def __str__(self) -> str:
        return f"a {'whole ' if self.whole else ''}number from {self.low:,} to {self.high:,}"


RANGES = {
    "rate": Range(1e-8, 100, whole=False),
    "momentum": Range(0, 0.9999, whole=False),
    "weight_decay": Range(0, 1, whole=False),
    "ramp": Range(0, 1_000_000),
    "warm_up": Range(1e-8, 100, whole=False),
    "batch": Range(2, 65_536),  # batch norm cannot do with one picture
    "steps": Range(1, 10_000_000),
    "epochs": Range(1, 100_000),
    "subset": Range(2, 100_000_000),
    "test_subset": Range(1, 100_000_000),
    "size": Range(4, 1024),
    "seed": Range(0, 2**31 - 1),
    "evaluate_every": Range(1, 10_000_000),
}


@dataclass(frozen=True)
class Recipe:
    """Its length is `steps` or `epochs`, never both; `milestones` count in the same unit."""

    optimiser: Literal["sgd", "adam"] = "sgd"
    rate: float = 0.1
    momentum: float = 0.9  # of SGD alone
    weight_decay: float = 1e-4  # on every parameter, as in the papers; with Adam too it is added to the gradient
    schedule: Literal["constant", "steps", "cosine", "onecycle"] = "constant"
    milestones: tuple[int, ...] = ()  # of the schedule "steps": where the rate falls to a tenth
    ramp: int = 0  # steps in which the rate rises to what the schedule says, in a straight line
    warm_up: float | None = None  # this rate first, until the training error is below 80 %
    batch: int = 128
    steps: int | None = None
    epochs: int | None = None
    subset: int | None = None  # so many training pictures; None: all of them
    test_subset: int | None = None  # so many test pictures; None: all of them
    size: int | None = None  # pixels a side of what the network sees; None: as the pictures are
    augment: Literal["none", "flip", "crop+flip"] = "none"
    seed: int = 0
    precision: Literal["fp32", "bf16"] = "fp32"
    evaluate_every: int | None = None  # steps; None: only after the last one

    def __post_init__(self) -> None:
        for name, hint in get_type_hints(Recipe).items():
            check_value(name, getattr(self, name), get_args(hint))
        if (self.steps is None) == (self.epochs is None):
            raise ValueError("A recipe says how long it lasts either in steps or in epochs: give one of the two.")
        check_milestones(self.milestones, self.steps or self.epochs or 0)

    def length(self, pictures: int) -> int:
        """How many updates it takes on so many training pictures."""
        return self.steps or max(1, round((self.epochs or 1) * pictures / min(self.batch, pictures)))

    def unit(self, pictures: int) -> float:
        """How many updates one of what `milestones` count is."""
        return 1 if self.steps else pictures / min(self.batch, pictures)

    def plain(self) -> Plain:
        """As JSON has it."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


def choices(name: str) -> tuple[str, ...]:
    """What a named value may be that is one of a few."""
    return get_args(get_type_hints(Recipe)[name])


def read_recipe(plain: Any) -> Recipe:
    """The recipe that `plain` wrote. Raises `ValueError` with a sentence that names what is wrong."""
    if not isinstance(plain, dict):
        raise ValueError(f"A recipe is a set of named values, not “{shorten_value(plain)}”.")
    names = [field.name for field in fields(Recipe)]
    strangers = [name for name in plain if name not in names]
    if strangers:
        raise ValueError(f"A recipe has no “{shorten_value(strangers[0])}”: it has {', '.join(names)}.")
    given: Plain = {name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()}
    return Recipe(**given)


def check_value(name: str, value: Any, allowed: tuple[Any, ...]) -> None:
    """A choice must be one of those its type names, a number must lie in its range."""
    offer = RANGES.get(name)
    if isinstance(offer, Range):
        if not (value is None and type(None) in allowed) and not offer.holds(value):
            raise ValueError(f"“{name}” cannot be “{shorten_value(value)}”: it is {offer}.")
    elif name != "milestones" and not (isinstance(value, str) and value in allowed):
        raise ValueError(f"“{name}” cannot be “{shorten_value(value)}”: it is one of {', '.join(allowed)}.")


def check_milestones(milestones: Any, length: int) -> None:
    whole = isinstance(milestones, tuple) and all(type(each) is int for each in milestones)
    if not whole or list(milestones) != sorted(set(milestones)) or not all(0 < each < length for each in milestones):
        said = f"“milestones” cannot be “{shorten_value(milestones)}”"
        raise ValueError(f"{said}: they are whole numbers that rise, between 0 and the run's length, {length}.")


def shorten_value(value: Any) -> str:
    return str(value)[:40]


# He et al. 2015, Sec. 4.2: about 164 epochs of CIFAR-10.
HE = Recipe(
    rate=0.1,
    momentum=0.9,
    weight_decay=1e-4,
    schedule="steps",
    milestones=(32_000, 48_000),
    batch=128,
    steps=64_000,
    augment="crop+flip",
    evaluate_every=400,
)
# That cut down to a minute: their optimiser at networks of half the width, pictures of 16 pixels, 150 steps and no
# augmentation, which is enough to tell the training losses apart. The rate rises over the first 40 steps: without that
# ResNet-56 was no better than plain-56 in one seed of three.
QUICK = Recipe(rate=0.1, ramp=40, weight_decay=1e-4, batch=128, steps=150, size=16, test_subset=1000, evaluate_every=50)
# Of depth itself: one cycle ends at a rate of nothing, so what is left of the loss is the network's.
CYCLE = replace(QUICK, schedule="onecycle", ramp=0)
# The lesson's exercises 1 and 3: 20 epochs, alike for all networks; 2 is on MNIST, and it does not say how to train
# there. It leaves optimiser, rate and batch open: these are He et al.'s, falling along a cosine.
TWENTY = Recipe(rate=0.1, schedule="cosine", epochs=20, batch=128, augment="crop+flip", evaluate_every=400)
MNIST = Recipe(rate=0.05, schedule="cosine", epochs=3, batch=128, evaluate_every=200)
# Exercise 5: 25 epochs, Adam at 0.001.
ADAM = Recipe(optimiser="adam", rate=0.001, weight_decay=0.0, epochs=25, batch=128, augment="flip", evaluate_every=400)

PRESETS: dict[str, Recipe] = {
    "quick": QUICK,
    "quick depth": CYCLE,
    "he": HE,
    "he110": replace(HE, warm_up=0.01),  # of 110 layers: until the training error is below 80 %, then as the others
    "exercise1": TWENTY,
    "exercise2": MNIST,
    "exercise3": TWENTY,
    "exercise5": ADAM,
}
