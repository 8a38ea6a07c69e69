"""A run under way: how far it is, where it lives, what the store has yet to get; and whose turn it is."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from explorer.training.runs.store import Checkpoint, Row, Run, Store
from explorer.training.scheduler.worker_task import SliceOrder, SliceResult

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


if TYPE_CHECKING:
    from explorer.training.scheduler.worker_pool import PendingResult

FIRST_SLICE, SLICE = 0.15, 1.0  # of training in a slice
SAVE_EVERY = 10.0  # seconds between checkpoints in the store
STATE_COST_RATIO = 25  # times as long as it took to get a state, none is asked for again,
STATE_INTERVAL = 30.0  # or seconds, if these are fewer
ATTEMPTS = 3  # workers that may end over the same step
RECENT = 5.0  # seconds: a run that had a slice since then is running, not waiting


@dataclass(eq=False)
class RunJob:
    run: Run  # what the store shall say
    at: int = 0  # the step that has been reached; less than `run.step` after a worker ended
    checkpoint: Checkpoint | None = None  # the newest state of all
    worker: str | None = None  # where it is alive
    pending: PendingResult | None = None  # the slice under way
    sent_at: float = 0.0
    stated_at: float = 0.0  # when the newest state came,
    state_cost: float = 0.0  # and the seconds that this took
    saved_at: float = 0.0  # when the store last got one
    save: bool = False  # the newest one shall go there now
    rows: list[Row] = field(default_factory=list)  # not yet in the store
    pace: float | None = None  # seconds a step
    slices: int = 0
    workers_lost: int = 0  # workers, over the same step
    end_state: str = ""  # the state in which it shall come to rest: paused or stopped
    end_asked: float = 0.0
    over: bool = False
    changed: bool = False  # since the store last heard

    def start_from(self, state: bytes) -> None:
        """From this, which goes to the store at once: nobody can tell later where it was."""
        self.checkpoint, self.save, self.changed = Checkpoint(0, state), True, True

    def queued_run(self, served: float, last: float) -> QueuedRun:
        left = None if self.pace is None or self.slices < 2 else self.pace * (self.run.steps - self.at)
        done = self.at / self.run.steps if self.run.steps else 0.0
        busy = self.pending is not None or bool(self.end_state)
        return QueuedRun(self.run.id, self.run.experiment, self.run.made, served, last, done, left, self.worker, busy)

    def has_newest_state(self) -> bool:
        """Whether the newest state is that of the step that has been reached."""
        return self.at == (self.checkpoint.step if self.checkpoint else 0)

    def has_quick_steps(self) -> bool:
        """Whether a slice is over about when it was to be."""
        return self.pace is not None and self.pace < SLICE / 2

    def state_due(self) -> bool:
        interval = min(STATE_COST_RATIO * self.state_cost, STATE_INTERVAL)
        return bool(self.end_state) or time.monotonic() - self.stated_at >= interval

    def order(self, worker: str, seconds: float) -> SliceOrder:
        """A slice of that length, for that worker; 0: only its state comes back."""
        state = self.checkpoint.state if self.checkpoint and self.worker != worker else None
        want, last = not seconds or self.state_due(), not seconds and bool(self.end_state)
        return SliceOrder(self.run.id, self.run.plan, self.at, state, seconds, want, last)

    def rewind(self) -> None:
        """To the newest state; what is in the store stays, and is written over by the same."""
        self.at, self.worker = self.checkpoint.step if self.checkpoint else 0, None

    def set_state(self, state: str, message: str = "") -> None:
        if (state, message) != (self.run.state, self.run.message):
            self.run, self.changed = replace(self.run, state=state, message=message), True

    def finish(self, state: str, message: str = "") -> None:
        self.set_state(state, message)
        self.over = self.save = self.changed = True

    def add_result(self, result: SliceResult) -> None:
        clock = time.monotonic()
        if result.state:
            self.checkpoint = Checkpoint(result.at, result.state)
            self.stated_at = clock
            if result.rows:
                self.state_cost = max(0.0, clock - self.sent_at - result.seconds - result.opening)
            self.save = self.save or clock - self.saved_at >= SAVE_EVERY
        if result.rows:
            pace = result.seconds / len(result.rows)
            self.pace = pace if self.pace is None or self.slices < 2 else (self.pace + pace) / 2
            self.workers_lost = 0 if result.rows[-1][0] > self.run.step else self.workers_lost
            self.slices += 1
        self.rows.extend(result.rows)
        self.at, self.changed = result.at, True
        self.run = replace(self.run, step=max(self.run.step, result.at), seconds=self.run.seconds + result.seconds)
        if result.steps:
            self.run = replace(self.run, steps=result.steps, layers=result.layers, about=result.about)
        if result.failure:
            self.finish("failed", result.failure)
        elif result.steps and result.at >= result.steps:
            self.finish("done")

    def worker_lost(self) -> None:
        """Its worker ended."""
        self.rewind()
        self.workers_lost += 1
        if self.workers_lost >= ATTEMPTS:
            said = f"{ATTEMPTS} workers ended over it at step {self.run.step}: take a smaller batch or network."
            self.finish("failed", said)

    def write(self, store: Store) -> None:
        """What the store has not got yet. Raises `StoreTrouble`, and keeps it."""
        if not self.pending and self.run.state == "running" and time.monotonic() - self.sent_at > RECENT:
            self.set_state("queued")
        if not self.changed:
            return
        store.write(self.run, self.rows, self.checkpoint if self.save else None)
        self.saved_at = time.monotonic() if self.save else self.saved_at
        self.rows, self.changed, self.save = [], False, False
