"""How long a run will take on this computer; a few of its steps are measured, in a worker."""

from collections.abc import Sequence

from explorer.datasets.shelf import load
from explorer.training.estimate import estimate
from explorer.training.plan import parse


def forecast(plan: str) -> float:
    """Seconds of one core for the plan (JSON). Raises `ValueError` with a sentence."""
    known = parse(plan)
    return estimate(known, load(known.dataset)).seconds


def together(seconds: Sequence[float], workers: int) -> float:
    """Seconds until the last is done, where so many are trained side by side."""
    return max(max(seconds, default=0.0), sum(seconds) / max(1, workers))
