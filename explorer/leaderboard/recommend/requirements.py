"""What somebody asks of a network: the limits it must keep, and what comes first among those that keep them."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor, inf, isfinite, log10
from typing import Annotated

from explorer.formatting import MIB
from explorer.models.facts import QUANTITIES, Quantity
from explorer.url_params import Known, Param, Params, choice_param, decode_query

SIMPLICITY, LAYERS, BALANCE = "things to understand", "layers with weights", "balance"
MEASURES = QUANTITIES | {
    SIMPLICITY: Quantity("Things to understand", "low", lambda value: f"{value:.0f} things", log=False),
    LAYERS: Quantity("Layers with weights", "low", lambda value: f"{value:.0f} layers"),
}


@dataclass(frozen=True)
class Wording:
    """How a limit stands in the sentence and in the link."""

    word: str  # in the link
    name: str  # after the number and its unit
    unit: str
    size: float  # of the unit
    most: float = inf  # in that unit


WORDINGS: dict[str, Wording] = {
    "top-1": Wording("accuracy", "top-1 accuracy", "%", 1, 100),
    "parameters": Wording("params", "parameters", "M", 1e6),
    "MACs": Wording("macs", "MACs", "G", 1e9),
    "latency": Wording("latency", "latency on this machine", "ms", 1e-3),
    "memory": Wording("memory", "memory while running", "MiB", MIB),
    "file size": Wording("file", "file of weights", "MiB", MIB),
}
ORDERS: dict[str, tuple[str, str]] = {  # its word in the link, and how it ends "Show … first"
    "top-1": ("accuracy", "the most accurate"),
    "parameters": ("params", "the fewest parameters"),
    "MACs": ("macs", "the fewest MACs"),
    "latency": ("latency", "the fastest on this machine"),
    "file size": ("file", "the smallest file"),
    BALANCE: ("balance", "the best balance"),
    SIMPLICITY: ("simplicity", "the easiest to understand"),
}
ORDERED = "The link orders by “{word:.40}”: there are {all}."


@dataclass(frozen=True)
class Limit:
    """At least `bound` of what should be high, at most `bound` of what should be low."""

    quantity: str  # a key of `WORDINGS`
    bound: float

    @property
    def least(self) -> bool:
        return MEASURES[self.quantity].better == "high"

    def kept(self, value: float) -> bool:
        return value >= self.bound if self.least else value <= self.bound

    @property
    def words(self) -> str:
        """at most 10 M parameters"""
        wording = WORDINGS[self.quantity]
        return f"{'at least' if self.least else 'at most'} {number(self)} {wording.unit} {wording.name}"


def number(limit: Limit) -> str:
    """The bound in the unit of its sentence: 10."""
    return f"{limit.bound / WORDINGS[limit.quantity].size:.6g}"


def parse_bound(quantity: str, text: str) -> float:
    """The bound that a number in the sentence's unit stands for. Raises `ValueError` with a sentence."""
    wording = WORDINGS[quantity]
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        value = inf
    if not isfinite(value) or not 0 < value <= wording.most:
        most = f" and at most {wording.most:g}" if isfinite(wording.most) else ""
        say = "the accuracy" if quantity == "top-1" else wording.name
        raise ValueError(f"“{text[:20]}” is no limit for {say}: give a number in {wording.unit}, above 0{most}.")
    return value * wording.size


def limit_param(quantity: str) -> Param:
    def decode(word: str, usual: None, known: Known) -> Limit:
        return Limit(quantity, parse_bound(quantity, word))

    return Param(WORDINGS[quantity].word, decode, number, sentence="In the link: {0}")


LIMITS = Params(
    lambda known: map(limit_param, WORDINGS),
    lambda limits, known: tuple(limits.values()),
    lambda limits: {WORDINGS[limit.quantity].word: limit for limit in limits},
)
ORDER = choice_param("by", ORDERS, ORDERED, lambda order: ORDERS[order][0], always=True)


@dataclass(frozen=True)
class Requirements:
    limits: Annotated[tuple[Limit, ...], LIMITS] = ()  # one for each quantity at most
    order: Annotated[str, ORDER] = BALANCE  # a key of `ORDERS`

    def limit(self, quantity: str) -> Limit | None:
        return next((limit for limit in self.limits if limit.quantity == quantity), None)

    def limited(self, quantity: str, bound: float | None) -> "Requirements":
        """With this limit in the place of the old one, or without one."""
        bounds = {limit.quantity: limit.bound for limit in self.limits} | {quantity: bound}
        limits = (Limit(name, value) for name in WORDINGS if (value := bounds.get(name)) is not None)
        return Requirements(tuple(limits), self.order)


def handy(quantity: str, value: float) -> float:
    """The nearest bound of three figures that still lets `value` pass."""
    size = WORDINGS[quantity].size
    step = 10.0 ** (floor(log10(value / size)) - 2)
    whole = value / size / step
    rounded = floor(whole + 1e-9) if MEASURES[quantity].better == "high" else ceil(whole - 1e-9)
    return float(f"{rounded * step:.3g}") * size


def decode_requirements(words: Mapping[str, str]) -> tuple[Requirements | None, tuple[str, ...]]:
    """What a link asks for, None where it asks for nothing, and a sentence for each word that is wrong."""
    found, problems = decode_query(Requirements, words)
    return found if found.limits or words.get("by") in dict(ORDERS.values()) else None, problems
