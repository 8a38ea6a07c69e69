"""Where a visitor stands on the Scale page, and how that is spelled in a link."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated

from explorer.scaling.law import (
    DIMENSIONS,
    MOST_FACTOR,
    MOST_PHI,
    PAPER,
    PHI_STEP,
    SIGNS,
    Law,
    follow,
    most,
    nearest_below,
    on_surface,
    rounded,
)
from explorer.url_params import Known, Param, Params, WrongWord, choice_param, decode_query

MODES = ("exact", "shipped")
VIEWS = ("law", "ways", "ladder", "rounding", "table")
BUDGETS = (2.0, 4.0, 4.67, 8.0)  # times the base's MACs; 4.67 is Table 7's 1.8 G
BASE_NAMES = ("EfficientNet-B0", "ResNet-50", "MobileNetV2")


def sane(sign: str, word: str, span: tuple[float, float], usual: float) -> tuple[float, str]:
    """The number, or the nearest that works and a sentence that says so."""
    try:
        value = float(word)
    except ValueError:
        value = float("nan")
    low, high = span
    if value != value:
        return usual, f"{sign} cannot be “{word[:40]}”: it is a number from {low:g} to {high:g}. Taken: {usual:g}."
    if low <= value <= high:
        return value, ""
    taken = min(max(value, low), high)
    why = ": below 1 the network would shrink as φ grows" if value < low == 1 else ""
    return taken, f"{sign} = {value:g} does not work{why}; it goes from {low:g} to {high:g}. Taken: {taken:g}."


def number_param(name: str, sign: str, low: float = 0.0, high: float = MOST_PHI) -> Param:
    def decode(word: str, usual: float | None, known: Known) -> float:
        value, problem = sane(sign, word, (low, high), getattr(PAPER, name) if usual is None else usual)
        if problem:
            raise WrongWord(value, problem)
        return value

    return Param(name, decode)


LAW = Params(
    lambda known: [number_param(name, SIGNS[name], 1.0, MOST_FACTOR) for name in DIMENSIONS],
    lambda numbers, known: replace(PAPER, **numbers),
    lambda law: {name: value for name, value in vars(law).items() if value != getattr(PAPER, name)},
)


@dataclass(frozen=True)
class ScalePageState:
    phi: Annotated[float, number_param("phi", "φ")] = 0.0  # of the stage; k of Bk where `mode` is "shipped"
    mode: Annotated[str, choice_param("show", MODES)] = "exact"
    view: Annotated[str, choice_param("view", VIEWS)] = "law"
    base: Annotated[str, choice_param("base", BASE_NAMES)] = "EfficientNet-B0"
    law: Annotated[Law, LAW] = PAPER
    steps: Annotated[float, number_param("own", "φ of your own law")] = 1.0  # φ of one's own law
    lock: bool = False  # whether one's own law stays on the surface
    budget: Annotated[float, choice_param("budget", BUDGETS)] = 4.67


def decode_scale_page(query: Mapping[str, str]) -> tuple[ScalePageState, tuple[str, ...]]:
    """What the link spells, and a sentence for everything that was wrong, with what was taken instead."""
    state, problems = decode_query(ScalePageState, query, strangers="there is no such thing on this page")
    return settled(state), problems


def settled(stand: ScalePageState) -> ScalePageState:
    """On the values that have a network: quarters of φ on the stage, whole k, twentieths in one's own law."""
    whole = 1.0 if stand.mode == "shipped" else 0.25
    phi, steps = round(stand.phi / whole) * whole, round(round(stand.steps / PHI_STEP) * PHI_STEP, 2)
    return replace(stand, phi=phi, steps=steps, law=rounded(stand.law))


def turned(stand: ScalePageState, name: str, value: float) -> tuple[ScalePageState, str]:
    """One's own law after α, β or γ was set; with the lock the other two follow. And what was wrong with it."""
    value, problem = sane(SIGNS[name], f"{value:g}", (1.0, MOST_FACTOR), getattr(stand.law, name))
    if not stand.lock:
        return replace(stand, law=rounded(replace(stand.law, **{name: value}))), problem
    try:
        law = follow(stand.law, name, value)
    except ValueError as error:
        law, problem = follow(stand.law, name, nearest_below(most(name))), str(error)
    return replace(stand, law=rounded(law)), problem


def locked(stand: ScalePageState, lock: bool) -> ScalePageState:
    """Switching the lock on moves the law onto the surface, in its own direction."""
    return replace(stand, lock=lock, law=rounded(on_surface(stand.law)) if lock else stand.law)
