"""How long a run, and an experiment, will take here, from a few steps that are measured and thrown away."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from explorer.datasets.dataset import Dataset
from explorer.datasets.registry import load_dataset
from explorer.training.engine import Session
from explorer.training.evaluation import AT_ONCE, logits_of
from explorer.training.plan import Plan, parse_plan

MEASURED_STEPS = 3


@dataclass(frozen=True)
class Estimate:
    seconds_per_step: float
    seconds_per_test: float
    steps: int
    tests: int

    @property
    def seconds(self) -> float:
        """Of the whole run."""
        return self.steps * self.seconds_per_step + self.tests * self.seconds_per_test


def estimate(plan: Plan, dataset: Dataset) -> Estimate:
    """The first step is not counted: it also finds memory and chooses kernels."""
    session = Session(plan, dataset)
    session.gradients(*session.next_batch())
    each = [seconds_per_step(session) for _ in range(MEASURED_STEPS)]
    every = plan.recipe.evaluate_every
    tests = 1 if every is None else -(-session.length // every)
    return Estimate(median(each), seconds_per_test(session), session.length, tests)


def seconds_per_step(session: Session) -> float:
    """Of one update, without a test."""
    start = time.perf_counter()
    session.gradients(*session.next_batch())
    session.optimiser.step(session.rate())
    return time.perf_counter() - start


def seconds_per_test(session: Session) -> float:
    """Of all test pictures, from one part of them."""
    images = session.pictures.test.images
    part = images[:AT_ONCE]
    start = time.perf_counter()
    logits_of(session.model, session.pictures, part, session.recipe.precision).sum().item()
    return (time.perf_counter() - start) * len(images) / len(part)


def forecast(plan: str) -> float:
    """Seconds of one core for the plan (JSON). Raises `ValueError` with a sentence."""
    known = parse_plan(plan)
    return estimate(known, load_dataset(known.dataset)).seconds


def time_side_by_side(seconds: Sequence[float], workers: int) -> float:
    """Seconds until the last is done, where so many are trained side by side."""
    return max(max(seconds, default=0.0), sum(seconds) / max(1, workers))
