"""What a visitor does to one's own law, as the browser tells it, and the stand that comes of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from explorer.scaling.law import DIMENSIONS, MOST_FACTOR, MOST_PHI, PAPER, Law, on_surface, rounded
from explorer.scaling.stands import ScalePageState, locked, turned


def words(stand: ScalePageState) -> dict[str, float]:
    return {"alpha": stand.law.alpha, "beta": stand.law.beta, "gamma": stand.law.gamma, "phi": stand.steps}


def moved_to(told: Mapping[str, Any]) -> tuple[float, ...] | None:
    """Where the sliders stood, if nothing else was done than to move them."""
    if told.keys() & {"lock", "paper", "typed"}:
        return None
    return tuple(round(float(told[name]), 2) for name in (*DIMENSIONS, "phi"))


def asked(stand: ScalePageState, told: Mapping[str, Any]) -> tuple[ScalePageState, str]:
    if "lock" in told:
        return locked(stand, bool(told["lock"])), ""
    if told.get("paper"):
        return replace(stand, law=PAPER, lock=False), ""
    if "typed" in told:
        return typed(stand, str(told["typed"]), str(told.get("value")))
    law = Law(*(bounded(told[name], 1.0, MOST_FACTOR) for name in DIMENSIONS))
    far = stand.lock and abs(law.product - 2) > 0.06  # hundredths alone make 0.05
    steps = bounded(told["phi"], 0.0, MOST_PHI)
    return replace(stand, law=rounded(on_surface(law) if far else law), steps=steps), ""


def typed(stand: ScalePageState, name: str, text: str) -> tuple[ScalePageState, str]:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if value != value:
        return stand, f"“{text[:20]}” is no number: type one such as 1.2."
    if name == "phi":
        taken = bounded(value, 0.0, MOST_PHI)
        return replace(stand, steps=taken), "" if taken == value else f"φ goes from 0 to 7. Taken: {taken:g}."
    return turned(stand, name, value) if name in DIMENSIONS else (stand, "")


def bounded(value: Any, low: float, high: float) -> float:
    return min(max(float(value), low), high)
