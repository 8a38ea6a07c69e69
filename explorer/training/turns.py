"""Whose turn it is: which run a free worker trains next, and how long that leaves the others waiting."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SHORT = 240.0  # seconds of training in which an experiment is served in the order of arrival; then it gives way
MOVE = 1.5  # seconds that a move to another worker must save


@dataclass(frozen=True)
class Turn:
    """A run under way, as far as its place in the queue goes."""

    run: str
    experiment: str
    made: str
    served: float  # seconds its experiment has been trained
    last: float  # when its experiment last had a turn
    done: float  # 0 … 1
    left: float | None  # seconds of training; None: not yet known
    worker: str | None  # where it is alive
    busy: bool


def order(turns: Iterable[Turn]) -> list[str]:
    """Experiments, the one whose turn it is first.

    First come, first served; one that has had `SHORT` seconds lets the shorter ones pass and takes turns with its like.
    """
    keys: dict[str, tuple[bool, float, str]] = {}
    for turn in turns:
        long = turn.served >= SHORT
        key = (long, turn.last if long else 0.0, turn.made)
        keys[turn.experiment] = min(key, keys.get(turn.experiment, key))
    return sorted(keys, key=lambda experiment: keys[experiment])


def choose(turns: Sequence[Turn], worker: str) -> str | None:
    """The run that this worker trains next.

    The runs of an experiment grow together: the one that is least far comes next. Each stays with its worker until
    the others have clearly more to do.
    """
    for experiment in order(turns):
        mine = [turn for turn in turns if turn.experiment == experiment]
        free = [turn for turn in mine if not turn.busy]
        fresh = [turn for turn in free if turn.worker is None]
        moved = None if fresh else worth_moving(mine, worker)
        here = [turn for turn in free if turn.worker == worker]
        found = fresh[:1] or ([moved] if moved else here)
        if found:
            return min(found, key=lambda turn: turn.done).run
    return None


def worth_moving(mine: Sequence[Turn], worker: str) -> Turn | None:
    """The run elsewhere with which this worker evens out best what is left to do."""
    if any(turn.left is None for turn in mine):
        return None
    load: dict[str | None, float] = {worker: 0.0}
    for turn in mine:
        load[turn.worker] = load.get(turn.worker, 0.0) + (turn.left or 0.0)
    best, saved = None, MOVE
    for turn in mine:
        left = turn.left or 0.0
        gain = load[turn.worker] - max(load[turn.worker] - left, load[worker] + left)
        if not turn.busy and turn.worker != worker and gain > saved:
            best, saved = turn, gain
    return best


def seconds_left(turns: Sequence[Turn], slots: int) -> dict[str, float | None]:
    """By run, until it is done: those before it are trained first, those of its own experiment side by side."""
    found: dict[str, float | None] = {}
    before: float | None = 0.0
    for experiment in order(turns):
        mine = [turn for turn in turns if turn.experiment == experiment]
        lefts = [turn.left for turn in mine if turn.left is not None]
        before = None if before is None or len(lefts) < len(mine) else before + sum(lefts) / max(1, slots)
        longest = max(lefts, default=0.0)
        found |= {turn.run: None if before is None else max(before, longest) for turn in mine}
    return found
