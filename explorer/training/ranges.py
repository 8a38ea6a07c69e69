"""What the numbers of a recipe may be."""

from dataclasses import dataclass
from math import isfinite
from typing import Any


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
