"""Sends every run to the workers slice by slice, and what comes back to the store, in a thread of its own."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from explorer.training.cluster import Cluster
from explorer.training.job import Job
from explorer.training.slices import Slice
from explorer.training.store import CAN_GO_ON, Run, Store, StoreTrouble
from explorer.training.turns import Turn, choose, order, seconds_left
from explorer.training.workshop import ShortTask, WorkerPool

PATIENCE = 1.2  # seconds in which a run comes to rest; then its last checkpoint serves
TICK, NAP = 0.25, 2.0  # seconds between looks at the workers, with and without work
ROOM = 200_000  # steps that wait for the disk in memory; then training waits too

Task = Callable[[], None]


@dataclass(frozen=True)
class Outlook:
    """What the store does not know."""

    queue: tuple[str, ...] = ()  # experiments under way, the one whose turn it is first
    seconds_left: tuple[tuple[str, float | None], ...] = ()  # by run; None: not yet known
    ending: tuple[str, ...] = ()  # runs that are about to pause or stop
    trouble: str = ""  # a sentence, while something is in the way
    workers: int = 0


class Conductor:
    """All but `put`, `close` and reading `outlook` is for its own thread."""

    def __init__(self, store: Store, make_cluster: Callable[[], Cluster]) -> None:
        self.store = store
        self.pool = WorkerPool(make_cluster, lambda: self.put(None))
        self.jobs: dict[str, Job] = {}
        self.short_tasks: list[ShortTask] = []  # not yet answered
        self.served: dict[str, float] = {}  # seconds, by experiment
        self.last: dict[str, float] = {}  # when an experiment had its last slice
        self.inbox: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self.outlook = Outlook()
        self.trouble = ""
        self.failing = 0.0  # since when the store takes nothing
        self.closed = False
        self.thread = threading.Thread(target=self.work, name="conductor", daemon=True)
        self.thread.start()

    def put(self, task: Task | None) -> None:
        """The thread does it soon; None only wakes it."""
        self.inbox.put(task)

    def close(self) -> None:
        self.closed = True
        self.put(None)
        self.thread.join()
        self.pool.close()

    # What it is told.

    def enter(self, runs: Sequence[Run]) -> None:
        self.store.add(runs)
        self.jobs |= {run.id: Job(run) for run in runs}

    def end(self, runs: Iterable[str], state: str) -> None:
        """Paused or stopped, as soon as its state is here."""
        for run in runs:
            job = self.jobs.get(run)
            if job and not job.over:
                job.wish, job.wished = state, time.monotonic()
            elif not job and state == "stopped" and self.store.run(run).state == "paused":
                self.store.write(replace(self.store.run(run), state="stopped"))

    def take_up(self, runs: Iterable[str]) -> None:
        every = self.store.runs()
        for run in map(self.store.run, runs):
            if run.id in self.jobs:
                self.jobs[run.id].wish = ""
            elif run.state in CAN_GO_ON and not run.recorded:
                self.served[run.experiment] = sum(each.seconds for each in every if each.experiment == run.experiment)
                job = Job(run, checkpoint=self.store.checkpoint(run.id))
                job.rewind()
                job.show("queued")
                job.write(self.store)  # now: a page that sees nothing under way does not look again
                self.jobs[run.id] = job

    def drop(self, runs: Sequence[str]) -> None:
        self.store.delete(runs)
        for run in runs:
            if job := self.jobs.pop(run, None):
                self.pool.abandon(job.worker, job.pending)

    def ready(self) -> None:
        """Work is likely to come soon."""
        self.pool.want(len(self.jobs))

    # What it does.

    def work(self) -> None:
        while not self.closed:
            try:
                self.listen()
                self.round()
            except Exception as error:  # the thread must live, and nobody else would hear of it
                logging.getLogger(__name__).exception("The conductor stumbled.")
                said = f"Training is held up, and tries again: {type(error).__name__}: {error}"
                self.outlook = replace(self.outlook, trouble=said)
                time.sleep(1)

    def listen(self) -> None:
        """Waits for the first that knocks, and lets all in."""
        try:
            task = self.inbox.get(timeout=TICK if self.jobs or self.short_tasks else NAP)
            while True:
                if task:
                    task()
                task = self.inbox.get_nowait()
        except queue.Empty:
            pass

    def round(self) -> None:
        self.pool.look()
        for job in self.jobs.values():
            if job.pending:
                self.collect(job)
            elif job.worker not in self.pool.workers:
                job.rewind()
        for job in self.jobs.values():
            if job.wish and not job.over:
                self.bring_to_rest(job)
        self.dispatch()
        self.send_out()
        self.save()
        self.look_ahead()

    def collect(self, job: Job) -> None:
        if not job.pending or not self.pool.is_back(job.worker, job.pending):
            return
        result: Slice | None = job.pending.take()
        job.pending = None
        if result is None:
            job.bereaved()
        elif result.missing:
            job.rewind()
        else:
            self.served[job.run.experiment] = self.served.get(job.run.experiment, 0.0) + result.seconds
            job.take_in(result)

    def bring_to_rest(self, job: Job) -> None:
        late = time.monotonic() - job.wished > PATIENCE
        if late:
            self.pool.abandon(job.worker, job.pending)
            job.pending = None
        if job.pending:
            return
        if job.worker and not job.at_hand() and not late:
            self.send(job, job.worker, 0.0)
            return
        self.pool.forget(job.worker, job.run.id)
        job.finish(job.wish)

    def send(self, job: Job, worker: str, seconds: float) -> None:
        if job.worker not in (None, worker):
            self.pool.forget(job.worker, job.run.id)
        order = job.order(worker, seconds)
        job.worker, job.sent = worker, time.monotonic()
        job.pending = self.pool.send(worker, order)

    def send_out(self) -> None:
        self.short_tasks = [task for task in self.short_tasks if not task.answer.done()]
        if self.short_tasks:
            self.ready()
        for task in self.short_tasks:
            self.pool.run(task)

    def dispatch(self) -> None:
        if all(job.over for job in self.jobs.values()):
            self.pool.release_idle()
            return
        self.ready()
        if sum(len(job.rows) for job in self.jobs.values()) > ROOM:
            return
        for worker in self.pool.free(job.worker for job in self.jobs.values() if job.pending):
            if chosen := choose(self.turns(), worker):
                self.set_to_work(self.jobs[chosen], worker)

    def set_to_work(self, job: Job, worker: str) -> None:
        """Where it is alive elsewhere, and its state not here, that is sent for first."""
        if job.worker in (None, worker) or job.at_hand():
            self.send(job, worker, job.seconds())
            job.show("running")
        else:
            self.send(job, job.worker, 0.0)
        self.last[job.run.experiment] = job.sent

    def save(self) -> None:
        """What cannot be written now is kept, and tried again in the next round."""
        clock = time.monotonic()
        try:
            for job in list(self.jobs.values()):
                job.write(self.store)
                if job.over:
                    del self.jobs[job.run.id]
            self.failing, self.trouble = 0.0, ""
        except StoreTrouble as error:
            self.failing = self.failing or clock
            self.trouble = str(error) if clock - self.failing > 1 else self.trouble

    def look_ahead(self) -> None:
        turns, slots = self.turns(), self.pool.slots
        lefts = tuple(seconds_left(turns, slots).items())
        ending = tuple(job.run.id for job in self.jobs.values() if job.wish and not job.over)
        trouble = self.trouble or (self.pool.trouble if self.jobs else "")
        self.outlook = Outlook(tuple(order(turns)), lefts, ending, trouble, slots)

    def turns(self) -> list[Turn]:
        jobs = [job for job in self.jobs.values() if not job.over]
        served, last = self.served, self.last
        return [job.turn(served.get(job.run.experiment, 0), last.get(job.run.experiment, 0)) for job in jobs]
