"""How right a network is, as the visitor has chosen to read it: by its errors, or by its accuracy."""

from dataclasses import dataclass
from math import isfinite
from typing import Literal, TypeVar

import numpy as np

Shares = TypeVar("Shares", float, np.ndarray)


@dataclass(frozen=True)
class ScoreKind:
    name: Literal["error", "accuracy"] = "error"

    @property
    def best(self) -> str:
        return "lowest" if self.name == "error" else "highest"

    def share(self, error: Shares) -> Shares:
        """Of an error, 0 … 1."""
        return error if self.name == "error" else 1 - error

    def percent(self, error: float | None) -> str:
        return "–" if error is None or not isfinite(error) else f"{self.share(error):.1%}"

    def change(self, points: float) -> str:
        """What a fall of the error by so many points is called."""
        lower = (points > 0) == (self.name == "error")
        return f"{abs(points):.1f} points {'lower' if lower else 'higher'}" if points else "no difference"


ERROR = ScoreKind()
