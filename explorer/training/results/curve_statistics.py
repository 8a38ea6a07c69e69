"""What several seeds of one network have in common: one mean curve and the band they span."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explorer.training.runs.curves import Array, Curve, binned, last_of

MEMORY = 20  # steps over which a curve is smoothed, and over which its last value is taken


@dataclass(frozen=True, eq=False)
class SeedBand:
    """Points of a chart; `low` and `high` are equal to `y` where one seed ran."""

    x: Array
    y: Array
    low: Array
    high: Array

    @property
    def last(self) -> float:
        return float(self.y[-1]) if len(self.y) else float("nan")


def smoothed(values: Array, width: int) -> Array:
    """The mean over the last `MEMORY` steps, where each value already stands for `width` of them."""
    window = max(1, round(MEMORY / width))
    sums = np.cumsum(np.concatenate(([0.0], values)))
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(0, ends - window)
    return (sums[ends] - sums[starts]) / (ends - starts)


def measured(curves: Sequence[Curve], quantity: str, smooth: bool) -> SeedBand:
    """`loss` or `error` of the training batches, over the steps that all of the seeds have reached."""
    if not curves:
        return join_series([])
    width = max(curve.width for curve in curves)
    series = []
    for curve in curves:
        values = getattr(curve, quantity)
        values = smoothed(values, curve.width) if smooth else values
        series.append(thinned(curve.step, values, width // curve.width))
    return join_series(series)


def thinned(steps: Array, values: Array, every: int) -> tuple[Array, Array]:
    """Means over so many points each, at the last step of each."""
    if every <= 1 or not len(values):
        return steps, values
    return steps[last_of(len(values), every)], binned(values, every)


def evaluated(curves: Sequence[Curve]) -> SeedBand:
    """The test error, at the steps where all of the seeds were tested."""
    return join_series([(curve.test_step, curve.test_error) for curve in curves])


def join_series(series: Sequence[tuple[Array, Array]]) -> SeedBand:
    length = min((len(steps) for steps, _ in series), default=0)
    if not length:
        empty = np.empty(0)
        return SeedBand(empty, empty, empty, empty)
    table = np.stack([values[:length] for _, values in series])
    return SeedBand(series[0][0][:length], table.mean(0), table.min(0), table.max(0))
