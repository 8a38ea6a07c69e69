"""Whose turn it is: which run a free worker trains next, and how long that leaves the others waiting."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SHORT = 240.0  # seconds of training in which an experiment is served in the order of arrival; then it gives way
MOVE = 1.5  # seconds that a move to another worker must save


@dataclass(frozen=True)
class QueuedRun:
    """A run under way, as far as its place in the queue goes."""

    id: str
    experiment: str
    made: str
    served: float  # seconds its experiment has been trained
    last: float  # when its experiment last had a turn
    done: float  # 0 … 1
    left: float | None  # seconds of training; None: not yet known
    worker: str | None  # where it is alive
    busy: bool


def order_experiments(queue: Iterable[QueuedRun]) -> list[str]:
    """Experiments, the one whose turn it is first.

    First come, first served; one that has had `SHORT` seconds lets the shorter ones pass and takes turns with its like.
    """
    keys: dict[str, tuple[bool, float, str]] = {}
    for run in queue:
        long = run.served >= SHORT
        key = (long, run.last if long else 0.0, run.made)
        keys[run.experiment] = min(key, keys.get(run.experiment, key))
    return sorted(keys, key=lambda experiment: keys[experiment])


def choose_run(queue: Sequence[QueuedRun], worker: str) -> str | None:
    """The run that this worker trains next.

    The runs of an experiment grow together: the one that is least far comes next. Each stays with its worker until
    the others have clearly more to do.
    """
    for experiment in order_experiments(queue):
        mine = [run for run in queue if run.experiment == experiment]
        free = [run for run in mine if not run.busy]
        fresh = [run for run in free if run.worker is None]
        moved = None if fresh else find_run_to_move(mine, worker)
        here = [run for run in free if run.worker == worker]
        found = fresh[:1] or ([moved] if moved else here)
        if found:
            return min(found, key=lambda run: run.done).id
    return None


def find_run_to_move(mine: Sequence[QueuedRun], worker: str) -> QueuedRun | None:
    """The run elsewhere with which this worker evens out best what is left to do."""
    if any(run.left is None for run in mine):
        return None
    load: dict[str | None, float] = {worker: 0.0}
    for run in mine:
        load[run.worker] = load.get(run.worker, 0.0) + (run.left or 0.0)
    best, saved = None, MOVE
    for run in mine:
        left = run.left or 0.0
        gain = load[run.worker] - max(load[run.worker] - left, load[worker] + left)
        if not run.busy and run.worker != worker and gain > saved:
            best, saved = run, gain
    return best


def estimate_seconds_left(queue: Sequence[QueuedRun], slots: int) -> dict[str, float | None]:
    """By run, until it is done: those before it are trained first, those of its own experiment side by side."""
    found: dict[str, float | None] = {}
    before: float | None = 0.0
    for experiment in order_experiments(queue):
        mine = [run for run in queue if run.experiment == experiment]
        lefts = [run.left for run in mine if run.left is not None]
        before = None if before is None or len(lefts) < len(mine) else before + sum(lefts) / max(1, slots)
        longest = max(lefts, default=0.0)
        found |= {run.id: None if before is None else max(before, longest) for run in mine}
    return found
