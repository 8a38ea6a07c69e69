"""Curves of runs: as many points as a chart can show, thinned where they are stored, and the band of several seeds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explorer.training.runs.store import Row, Store

Array = np.ndarray
STEP_COLUMNS = "steps.step, loss, error, rate, speed, test_loss, test_error, norms"

MEMORY = 20  # steps over which a curve is smoothed, and over which its last value is taken


@dataclass(frozen=True, eq=False)
class Curve:
    """A run's measurements, averaged over `width` steps each; the last point may hold fewer."""

    width: int
    step: Array  # the last one of each point
    loss: Array
    error: Array
    test_step: Array
    test_error: Array


@dataclass(frozen=True, eq=False)
class Norms:
    """The gradient norms of every weighted layer, at every `width`-th step."""

    width: int
    step: Array
    norms: Array  # (steps, layers), float32


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


def width_of(step: int, points: int) -> int:
    """A power of two, so that points stay where they are until there are twice as many."""
    return 1 << max(0, (-(-step // points) - 1)).bit_length()


def binned(values: Array, every: int) -> Array:
    """The mean of so many at a time; the last may be of fewer."""
    starts = np.arange(0, len(values), every)
    return np.add.reduceat(values, starts) / (last_of(len(values), every) - starts + 1)


def last_of(count: int, every: int) -> Array:
    """The place of the last of so many at a time."""
    return np.minimum(np.arange(0, count, every) + every, count) - 1


def curve(store: Store, run: str, points: int = 500) -> Curve:
    """At most so many points."""
    with store.connection() as connection:
        last = connection.execute("SELECT max(step) FROM steps WHERE run = ?", (run,)).fetchone()[0] or 0
        width = width_of(last, points)
        query = "SELECT max(step), avg(loss), avg(error) FROM steps WHERE run = ? GROUP BY (step - 1) / ? ORDER BY 1"
        measured = connection.execute(query, (run, width)).fetchall()
        query = "SELECT step, test_error FROM steps WHERE run = ? AND test_error IS NOT NULL ORDER BY step"
        tested = connection.execute(query, (run,)).fetchall()
    return Curve(width, *columns(measured, 3), *columns(tested, 2))


def norms(store: Store, run: str, points: int = 300) -> Norms:
    """At most so many steps, each looked up by itself: the others are not read."""
    with store.connection() as connection:
        last = connection.execute("SELECT max(step) FROM norms WHERE run = ?", (run,)).fetchone()[0] or 0
        width = width_of(last, points)
        query = """
        WITH RECURSIVE chosen(step) AS (SELECT :width UNION ALL SELECT step + :width FROM chosen WHERE step < :last)
        SELECT norms.step, norms FROM chosen JOIN norms ON run = :run AND norms.step = chosen.step
        """
        found = connection.execute(query, {"width": width, "last": last, "run": run}).fetchall()
    steps = np.array([step for step, _ in found], dtype=np.int64)
    return Norms(width, steps, norms_matrix([row for _, row in found]))


def norms_matrix(rows: list[bytes]) -> Array:
    """(steps, layers), as they are stored."""
    return np.frombuffer(b"".join(rows), dtype="<f4").reshape(len(rows), -1 if rows else 0)


def steps_after(store: Store, run: str, step: int = 0) -> list[Row]:
    """Every measured step behind that one, in order."""
    query = f"SELECT {STEP_COLUMNS} FROM steps JOIN norms USING (run, step) WHERE run = ? AND step > ? ORDER BY step"
    with store.connection() as connection:
        return connection.execute(query, (run, step)).fetchall()


def columns(rows: list[tuple[float, ...]], count: int) -> tuple[Array, ...]:
    table = np.array(rows, dtype=np.float64).reshape(len(rows), count)
    return (table[:, 0].astype(np.int64), *table.T[1:])


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
