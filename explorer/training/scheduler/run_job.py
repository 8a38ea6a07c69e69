"""A run under way: how far it is, where it lives, and what of it the store has yet to get."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from explorer.training.runs.store import Checkpoint, Row, Run, Store
from explorer.training.scheduler.fair_share import QueuedRun
from explorer.training.scheduler.worker_task import SliceOrder, SliceResult

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
