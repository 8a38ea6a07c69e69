"""What a chart asks of a run: as many points as it can show, thinned where they are stored."""

from dataclasses import dataclass

import numpy as np

from explorer.training.runs.store import Row, Store

Array = np.ndarray
STEP_COLUMNS = "steps.step, loss, error, rate, speed, test_loss, test_error, norms"


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
