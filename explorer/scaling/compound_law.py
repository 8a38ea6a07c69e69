"""The law of compound scaling: depth grows by α, width by β, resolution by γ, each to the power of φ."""

from dataclasses import dataclass, replace
from math import exp, log, sqrt

BUDGET = 2.0  # what α·β²·γ² should come to, so that MACs double with each step of φ
MOST_FACTOR = 2.0  # of α, β and γ
MOST_PHI = 7.0
PHI_STEP = 0.05
DIMENSIONS = ("alpha", "beta", "gamma")
SIGNS = {"alpha": "α", "beta": "β", "gamma": "γ", "phi": "φ"}
POWERS = {"alpha": 1, "beta": 2, "gamma": 2}  # MACs grow with the depth, and with the square of the other two


@dataclass(frozen=True)
class Law:
    alpha: float
    beta: float
    gamma: float

    @property
    def product(self) -> float:
        """α·β²·γ²: how many times the MACs grow when φ grows by one, but for rounding."""
        return self.alpha * self.beta**2 * self.gamma**2

    def factors(self, phi: float) -> tuple[float, float, float]:
        """How many times as deep, as wide and as large in resolution."""
        return self.alpha**phi, self.beta**phi, self.gamma**phi


PAPER = Law(1.2, 1.1, 1.15)  # Tan & Le 2019, Sec. 3.3: found by a small grid search at φ = 1


def most(name: str) -> float:
    """The largest value that leaves the other two at 1 or more, on the surface α·β²·γ² = 2."""
    return BUDGET ** (1 / POWERS[name])


def follow_law(law: Law, name: str, value: float) -> Law:
    """As `drag`, for a value that was typed or came by a link.

    Raises `ValueError` with the nearest value that works where the other two would have to be below 1.
    """
    if not 1 <= value <= most(name) + 1e-9:
        highest = nearest_below(most(name))
        others = " and ".join(SIGNS[each] for each in DIMENSIONS if each != name)
        raise ValueError(
            f"{SIGNS[name]} = {value:g} cannot be met: α·β²·γ² = 2 with {others} at 1 or more needs {SIGNS[name]} "
            f"between 1 and {highest:g}. Taken: {min(max(value, 1.0), highest):g}."
        )
    return drag(law, name, value)


def drag(law: Law, name: str, value: float) -> Law:
    """`name` set to `value`, and the other two moved along with it so that α·β²·γ² = 2; they keep their proportion.

    Beyond what leaves the other two at 1 or more it stops there. The browser does the same while a slider is dragged.
    """
    value = min(max(value, 1.0), most(name))
    first, second = (each for each in DIMENSIONS if each != name)
    left = log(BUDGET) - POWERS[name] * log(value)  # what the other two may add up to
    parts = [POWERS[each] * log(getattr(law, each)) for each in (first, second)]
    share = parts[0] / sum(parts) if sum(parts) > 1e-9 else 0.5
    moved = {
        first: exp(max(0, left * share) / POWERS[first]),
        second: exp(max(0, left - left * share) / POWERS[second]),
    }
    return replace(law, **{name: value}, **moved)


def on_surface(law: Law) -> Law:
    """The point of the surface in the same direction: all three exponents grown or shrunk alike."""
    logs = {name: log(getattr(law, name)) for name in DIMENSIONS}
    whole = sum(POWERS[name] * each for name, each in logs.items())
    if whole < 1e-9:
        return follow_law(law, "alpha", law.alpha)
    return Law(*(exp(logs[name] * log(BUDGET) / whole) for name in DIMENSIONS))


def round_law(law: Law) -> Law:
    """In hundredths, as a link and a knob have it."""
    return Law(*(round(getattr(law, name), 2) for name in DIMENSIONS))


def gamma_on(alpha: float, beta: float) -> float | None:
    """The γ that brings α·β²·γ² to 2; None where it would be below 1 and the image would shrink."""
    square = BUDGET / (alpha * beta**2)
    return sqrt(square) if square >= 1 - 1e-9 else None


def nearest_below(value: float) -> float:
    return int(value * 100 + 1e-6) / 100


def implied(factor: float, base: float) -> float:
    """The φ whose power of `base` a factor is."""
    return log(factor) / log(base)
