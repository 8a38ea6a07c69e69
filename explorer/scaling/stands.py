"""Where a visitor stands on the Scale page, and how that is spelled in a link."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from explorer.links import Reader, yes
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

MODES = ("exact", "shipped")
VIEWS = ("law", "ways", "ladder", "rounding", "table")
BUDGETS = (2.0, 4.0, 4.67, 8.0)  # times the base's MACs; 4.67 is Table 7's 1.8 G
BASE_NAMES = ("EfficientNet-B0", "ResNet-50", "MobileNetV2")


@dataclass(frozen=True)
class ScalePageState:
    phi: float = 0.0  # of the stage; k of Bk where `mode` is "shipped"
    mode: str = "exact"
    view: str = "law"
    base: str = "EfficientNet-B0"
    law: Law = PAPER
    steps: float = 1.0  # φ of one's own law
    lock: bool = False  # whether one's own law stays on the surface
    budget: float = 4.67


USUAL = ScalePageState()


def spell(stand: ScalePageState) -> dict[str, str]:
    """As a query, with what is usual left out."""
    return {name: word for name, word in words(stand).items() if word != words(USUAL)[name]}


def words(stand: ScalePageState) -> dict[str, str]:
    law, lock = stand.law, yes(stand.lock)
    numbers = {"phi": stand.phi, "alpha": law.alpha, "beta": law.beta, "gamma": law.gamma, "own": stand.steps}
    spelled = {name: f"{value:g}" for name, value in numbers.items()}
    return spelled | {
        "show": stand.mode, "view": stand.view, "base": stand.base, "lock": lock, "budget": f"{stand.budget:g}",
    }  # fmt: skip


def read(query: Mapping[str, str]) -> tuple[ScalePageState, tuple[str, ...]]:
    """The stand that `spell` wrote, and a sentence for everything that was wrong, with what was taken instead."""
    reader = Reader(query)

    def number(name: str, high: float, usual: float, low: float = 0.0) -> float:
        sign = SIGNS.get(name, "φ of your own law")
        value, problem = sane(sign, query.get(name), (low, high), usual)
        reader.problems.extend([problem] if problem else [])
        return value

    law = Law(*(number(name, MOST_FACTOR, getattr(PAPER, name), 1.0) for name in DIMENSIONS))
    budgets = tuple(f"{budget:g}" for budget in BUDGETS)
    stand = ScalePageState(
        *(number("phi", MOST_PHI, USUAL.phi), reader.one("show", MODES, USUAL.mode)),
        *(reader.one("view", VIEWS, USUAL.view), reader.one("base", BASE_NAMES, USUAL.base)),
        *(law, number("own", MOST_PHI, USUAL.steps), reader.yes("lock", USUAL.lock)),
        float(reader.one("budget", budgets, f"{USUAL.budget:g}")),
    )
    reader.name_strangers(words(USUAL), "there is no such thing on this page")
    return settled(stand), tuple(reader.problems)


def settled(stand: ScalePageState) -> ScalePageState:
    """On the values that have a network: quarters of φ on the stage, whole k, twentieths in one's own law."""
    whole = 1.0 if stand.mode == "shipped" else 0.25
    phi, steps = round(stand.phi / whole) * whole, round(round(stand.steps / PHI_STEP) * PHI_STEP, 2)
    return replace(stand, phi=phi, steps=steps, law=rounded(stand.law))


def sane(sign: str, word: str | None, span: tuple[float, float], usual: float) -> tuple[float, str]:
    """The number, or the nearest that works and a sentence that says so."""
    if word is None:
        return usual, ""
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
