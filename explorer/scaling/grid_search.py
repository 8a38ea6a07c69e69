"""A small grid over the surface α·β²·γ² = 2: laws that promise to double the MACs, and what their networks cost."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from explorer.analysis.model_summary import GraphCounts
from explorer.models.spec import Spec
from explorer.scaling.base_models import BASES
from explorer.scaling.compound_law import Law, gamma_on

ALPHAS = (1.0, 1.2, 1.4, 1.6, 1.8, 2.0)
BETAS = (1.0, 1.05, 1.1, 1.15, 1.2, 1.25, 1.3, 1.35, 1.4)


class GridPoint(NamedTuple):
    law: Law
    spec: Spec  # the base after φ = 1


@lru_cache(maxsize=8)
def grid(base: str) -> tuple[GridPoint, ...]:
    """Every law of the grid that leaves a γ of 1 or more, the cheapest in depth first."""
    laws = (Law(alpha, beta, gamma) for alpha in ALPHAS for beta in BETAS if (gamma := gamma_on(alpha, beta)))
    rounded = (Law(law.alpha, law.beta, round(law.gamma, 2)) for law in laws)
    return tuple(GridPoint(law, BASES[base].at(law, 1.0).spec) for law in rounded)


def grid_marks(points: tuple[GridPoint, ...], found: Mapping[Spec, GraphCounts], macs: int) -> list[dict[str, float]]:
    """Of those that are counted: where they stand, and how many times the base's MACs they take."""
    return [
        {"alpha": point.law.alpha, "beta": point.law.beta, "times": found[point.spec].macs / macs}
        for point in points
        if point.spec in found
    ]
