"""The figures of the milestones as bars on one scale each, and what changed from one to the next, in words."""

from collections.abc import Mapping, Sequence
from math import log10
from typing import NamedTuple

from explorer.compare.facts import QUANTITIES, Fact


class Scale(NamedTuple):
    """From one end of the bars to the other."""

    low: float
    high: float
    log: bool
    words: str

    def share(self, value: float) -> float:
        if self.log:
            value, low, high = log10(max(value, self.low)), log10(self.low), log10(self.high)
            return round((value - low) / (high - low), 4)
        return round((value - self.low) / (self.high - self.low), 4)

    @property
    def rules(self) -> tuple[float, ...]:
        """Where a line is drawn: at every power of ten, or at every quarter."""
        if self.log:
            decades = round(log10(self.high / self.low))
            return tuple(round(step / decades, 4) for step in range(1, decades))
        return 0.25, 0.5, 0.75


SCALES = {
    "parameters": Scale(1e4, 1e9, True, "a line is ten times more"),
    "MACs": Scale(1e5, 1e11, True, "a line is ten times more"),
    "top-1": Scale(0, 100, False, "0 to 100 %"),
}


def bar(facts: Sequence[Fact]) -> dict[str, object] | None:
    """The first fact as a bar, a second one as how far it went since; None where there is no figure."""
    if not facts:
        return None
    fact, scale = facts[0], SCALES.get(facts[0].quantity)
    said: dict[str, object] = {
        "value": QUANTITIES[fact.quantity].spell(fact.value),
        "kind": fact.kind,
        "source": fact.source,
        "note": fact.note,
        "share": scale.share(fact.value) if scale else 0,
    }
    if len(facts) > 1 and scale:
        later = facts[1]
        said |= {"later": scale.share(later.value), "since": f"{QUANTITIES[later.quantity].spell(later.value)}"}
        said |= {"sinceSource": later.source}
    return said


def change(before: str, old: Mapping[str, Fact], new: Mapping[str, Fact]) -> str:
    """Against GoogLeNet: 3.7 times as many parameters, 2.6 times as many MACs, 6.4 points more top-1."""
    told = [
        compared(new[quantity].value / old[quantity].value, quantity)
        for quantity in ("parameters", "MACs")
        if quantity in old and quantity in new
    ]
    if "top-1" in old and "top-1" in new:
        gain = new["top-1"].value - old["top-1"].value
        told.append(f"{abs(gain):.1f} points {'more' if gain >= 0 else 'less'} top-1")
    return f"Against {before}: {', '.join(told)}." if told else ""


def compared(times: float, quantity: str) -> str:
    if 0.95 < times < 1.05:
        return f"about as many {quantity}"
    if times < 1:
        return f"{1 / times:.2g} times fewer {quantity}"
    return f"{times:,.0f} times as many {quantity}" if times >= 9.5 else f"{times:.2g} times as many {quantity}"
