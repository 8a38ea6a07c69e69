"""A run under way: how far it is, where it lives, and what of it the store has yet to get."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from explorer.training.slices import Order, Slice
from explorer.training.store import Checkpoint, Row, Run, Store
from explorer.training.turns import Turn

if TYPE_CHECKING:
    from explorer.training.cluster import PendingResult

FIRST, SECONDS = 0.15, 1.0  # of training in a slice
SAVE = 10.0  # seconds between checkpoints in the store
THRIFT, LONGEST = 25, 30.0  # so many times as long as it takes to get a state, it is not asked for again; at most
ATTEMPTS = 3  # workers that may end over the same step
RECENT = 5.0  # seconds: a run that had a slice since then is running, not waiting


@dataclass(eq=False)
class Job:
    run: Run  # what the store shall say
    at: int = 0  # the step that has been reached; less than `run.step` after a worker ended
    checkpoint: Checkpoint | None = None  # the newest state of all
    worker: str | None = None  # where it is alive
    pending: PendingResult | None = None  # the slice under way
    sent: float = 0.0
    stated: float = 0.0  # when the newest state came,
    cost: float = 0.0  # and the seconds that this took
    saved: float = 0.0  # when the store last got one
    save: bool = False  # the newest one shall go there now
    rows: list[Row] = field(default_factory=list)  # not yet in the store
    pace: float | None = None  # seconds a step
    slices: int = 0
    ended: int = 0  # workers, over the same step
    wish: str = ""  # the state in which it shall come to rest: paused or stopped
    wished: float = 0.0
    over: bool = False
    changed: bool = False  # since the store last heard

    def begin(self, state: bytes) -> None:
        """From this, which goes to the store at once: nobody can tell later where it was."""
        self.checkpoint, self.save, self.changed = Checkpoint(0, state), True, True

    def turn(self, served: float, last: float) -> Turn:
        left = None if self.pace is None or self.slices < 2 else self.pace * (self.run.steps - self.at)
        done = self.at / self.run.steps if self.run.steps else 0.0
        busy = self.pending is not None or bool(self.wish)
        return Turn(self.run.id, self.run.experiment, self.run.made, served, last, done, left, self.worker, busy)

    def seconds(self) -> float:
        return SECONDS if self.slices else FIRST

    def at_hand(self) -> bool:
        """Whether the newest state is that of the step that has been reached."""
        return self.at == (self.checkpoint.step if self.checkpoint else 0)

    def wants_state(self) -> bool:
        return bool(self.wish) or time.monotonic() - self.stated >= min(THRIFT * self.cost, LONGEST)

    def order(self, worker: str, seconds: float) -> Order:
        """A slice of that length, for that worker; 0: only its state comes back."""
        state = self.checkpoint.state if self.checkpoint and self.worker != worker else None
        want, last = not seconds or self.wants_state(), not seconds and bool(self.wish)
        return Order(self.run.id, self.run.plan, self.at, state, seconds, want, last)

    def rewind(self) -> None:
        """To the newest state; what is in the store stays, and is written over by the same."""
        self.at, self.worker = self.checkpoint.step if self.checkpoint else 0, None

    def show(self, state: str, message: str = "") -> None:
        if (state, message) != (self.run.state, self.run.message):
            self.run, self.changed = replace(self.run, state=state, message=message), True

    def finish(self, state: str, message: str = "") -> None:
        self.show(state, message)
        self.over = self.save = self.changed = True

    def take_in(self, result: Slice) -> None:
        clock = time.monotonic()
        if result.state:
            self.checkpoint = Checkpoint(result.at, result.state)
            self.stated = clock
            if result.rows:
                self.cost = max(0.0, clock - self.sent - result.seconds - result.opening)
            self.save = self.save or clock - self.saved >= SAVE
        if result.rows:
            pace = result.seconds / len(result.rows)
            self.pace = pace if self.pace is None or self.slices < 2 else (self.pace + pace) / 2
            self.ended = 0 if result.rows[-1][0] > self.run.step else self.ended
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

    def bereaved(self) -> None:
        """Its worker ended."""
        self.rewind()
        self.ended += 1
        if self.ended >= ATTEMPTS:
            said = f"{ATTEMPTS} workers ended over it at step {self.run.step}: take a smaller batch or network."
            self.finish("failed", said)

    def write(self, store: Store) -> None:
        """What the store has not got yet. Raises `StoreTrouble`, and keeps it."""
        if not self.pending and self.run.state == "running" and time.monotonic() - self.sent > RECENT:
            self.show("queued")
        if not self.changed:
            return
        store.write(self.run, self.rows, self.checkpoint if self.save else None)
        self.saved = time.monotonic() if self.save else self.saved
        self.rows, self.changed, self.save = [], False, False
