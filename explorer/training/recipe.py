"""How a network is trained, as one frozen value that is right or cannot be made."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args, get_type_hints

from explorer.training.ranges import RANGES, Range

Plain = dict[str, Any]


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
            check(name, getattr(self, name), get_args(hint))
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


def read(plain: Any) -> Recipe:
    """The recipe that `plain` wrote. Raises `ValueError` with a sentence that names what is wrong."""
    if not isinstance(plain, dict):
        raise ValueError(f"A recipe is a set of named values, not “{spell(plain)}”.")
    names = [field.name for field in fields(Recipe)]
    strangers = [name for name in plain if name not in names]
    if strangers:
        raise ValueError(f"A recipe has no “{spell(strangers[0])}”: it has {', '.join(names)}.")
    given: Plain = {name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()}
    return Recipe(**given)


def check(name: str, value: Any, allowed: tuple[Any, ...]) -> None:
    """A choice must be one of those its type names, a number must lie in its range."""
    offer = RANGES.get(name)
    if isinstance(offer, Range):
        if not (value is None and type(None) in allowed) and not offer.holds(value):
            raise ValueError(f"“{name}” cannot be “{spell(value)}”: it is {offer}.")
    elif name != "milestones" and not (isinstance(value, str) and value in allowed):
        raise ValueError(f"“{name}” cannot be “{spell(value)}”: it is one of {', '.join(allowed)}.")


def check_milestones(milestones: Any, length: int) -> None:
    whole = isinstance(milestones, tuple) and all(type(each) is int for each in milestones)
    if not whole or list(milestones) != sorted(set(milestones)) or not all(0 < each < length for each in milestones):
        said = f"“milestones” cannot be “{spell(milestones)}”"
        raise ValueError(f"{said}: they are whole numbers that rise, between 0 and the run's length, {length}.")


def spell(value: Any) -> str:
    return str(value)[:40]
