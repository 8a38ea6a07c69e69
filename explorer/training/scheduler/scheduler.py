"""Sends every run to the workers slice by slice, and what comes back to the store, in a thread of its own."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any

from explorer.training.runs.store import CAN_GO_ON, Run, Store, StoreTrouble
from explorer.training.scheduler.run_job import (
    FIRST_SLICE,
    SLICE,
    QueuedRun,
    RunJob,
    choose_run,
    estimate_seconds_left,
    order_experiments,
)
from explorer.training.scheduler.worker_pool import Cluster
from explorer.training.scheduler.worker_task import SliceResult, train_slice

LONGEST_END = 1.2  # seconds in which a run comes to rest; then its last checkpoint serves
BUSY_END = 10.0  # the same, where its steps are quick: then the machine is busy, and nothing need be lost
BUSY_INTERVAL, IDLE_INTERVAL = 0.25, 2.0  # seconds between looks at the workers, with and without work
MOST_UNSAVED = 200_000  # steps that wait for the disk in memory; then training waits too

Request = Callable[[], None]


@dataclass(frozen=True)
class QueueStatus:
    """What the store does not know."""

    queue: tuple[str, ...] = ()  # experiments under way, the one whose turn it is first
    seconds_left: tuple[tuple[str, float | None], ...] = ()  # by run; None: not yet known
    trouble: str = ""  # a sentence, while something is in the way
    workers: int = 0


@dataclass(eq=False)
class ShortTask:
    """Something for any worker that has nothing to do with training; it is done between two slices."""

    function: Callable[..., Any]  # found by its name in the worker
    arguments: tuple[Any, ...]
    answer: Future[Any]
    sent: bool = False

    def take_in(self, found: Future[Any]) -> None:
        error = found.exception()
        if error is None:
            self.answer.set_result(found.result())
            return
        if not isinstance(error, ValueError):  # the function stumbled, or the connection: there is a page that waits
            error = ValueError(f"A worker could not do this ({type(error).__name__}): try again.")
        self.answer.set_exception(error)


class Scheduler:
    """All but `put`, `close` and reading `status` is for its own thread."""

    def __init__(self, store: Store, cluster: Cluster) -> None:
        self.store = store
        self.cluster = cluster
        self.jobs: dict[str, RunJob] = {}
        self.short_tasks: list[ShortTask] = []  # not yet answered
        self.served: dict[str, float] = {}  # seconds, by experiment
        self.last: dict[str, float] = {}  # when an experiment had its last slice
        self.requests: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self.status = QueueStatus()
        self.trouble = ""
        self.failing_since = 0.0  # since when the store takes nothing
        self.closed = False
        self.thread = threading.Thread(target=self.run_until_closed, name="scheduler", daemon=True)
        self.thread.start()

    def put(self, request: Request | None) -> None:
        """The thread does it soon; None only wakes it."""
        self.requests.put(request)

    def close(self) -> None:
        self.closed = True
        self.put(None)
        self.thread.join()
        self.cluster.close()

    # What it is told.

    def add_runs(self, runs: Sequence[Run]) -> None:
        self.store.add(runs)
        self.jobs |= {run.id: RunJob(run) for run in runs}

    def end_runs(self, runs: Iterable[str], state: str) -> None:
        """Paused or stopped, as soon as its state is here."""
        for run in runs:
            job = self.jobs.get(run)
            if job and not job.over:
                job.end_state, job.end_asked = state, time.monotonic()
            elif not job and state == "stopped" and self.store.run(run).state == "paused":
                self.store.write(replace(self.store.run(run), state="stopped"))

    def resume_runs(self, runs: Iterable[str]) -> None:
        every = self.store.runs()
        for run in map(self.store.run, runs):
            if run.id in self.jobs:
                self.jobs[run.id].end_state = ""
            elif run.state in CAN_GO_ON and not run.recorded:
                self.served[run.experiment] = sum(each.seconds for each in every if each.experiment == run.experiment)
                job = RunJob(run, checkpoint=self.store.checkpoint(run.id))
                job.rewind()
                job.set_state("queued")
                job.write(self.store)  # now: a page that sees nothing under way does not look again
                self.jobs[run.id] = job

    def delete_runs(self, runs: Sequence[str]) -> None:
        self.store.delete(runs)
        for run in runs:
            if job := self.jobs.pop(run, None):
                self.cluster.abandon(job.worker, job.pending)

    def want_workers(self) -> None:
        """Work is likely to come soon."""
        self.cluster.want(len(self.jobs))

    # What it does.

    def run_until_closed(self) -> None:
        while not self.closed:
            try:
                self.receive_requests()
                self.run_round()
            except Exception as error:  # the thread must live, and nobody else would hear of it
                logging.getLogger(__name__).exception("The scheduler stumbled.")
                said = f"Training is held up, and tries again: {type(error).__name__}: {error}"
                self.status = replace(self.status, trouble=said)
                time.sleep(1)

    def receive_requests(self) -> None:
        """Waits for the first, and does all that came."""
        try:
            request = self.requests.get(timeout=BUSY_INTERVAL if self.jobs or self.short_tasks else IDLE_INTERVAL)
            while True:
                if request:
                    request()
                request = self.requests.get_nowait()
        except queue.Empty:
            pass

    def run_round(self) -> None:
        self.cluster.refresh()
        for job in self.jobs.values():
            if job.pending:
                self.collect_slice(job)
            elif job.worker not in self.cluster.workers:
                job.rewind()
        for job in self.jobs.values():
            if job.end_state and not job.over:
                self.end_run(job)
        self.dispatch_slices()
        self.send_short_tasks()
        self.save_runs()
        self.update_status()

    def collect_slice(self, job: RunJob) -> None:
        if not job.pending or not self.cluster.is_back(job.worker, job.pending):
            return
        result: SliceResult | None = job.pending.take()
        job.pending = None
        if result is None:
            job.worker_lost()
        elif result.missing:
            job.rewind()
        else:
            self.served[job.run.experiment] = self.served.get(job.run.experiment, 0.0) + result.seconds
            job.add_result(result)

    def end_run(self, job: RunJob) -> None:
        late = time.monotonic() - job.end_asked > (BUSY_END if job.has_quick_steps() else LONGEST_END)
        if late:
            self.cluster.abandon(job.worker, job.pending)
            job.pending = None
        if job.pending:
            return
        if job.worker and not job.has_newest_state() and not late:
            self.send_slice(job, job.worker, 0.0)
            return
        self.cluster.forget(job.worker, job.run.id)
        job.finish(job.end_state)

    def send_slice(self, job: RunJob, worker: str, seconds: float) -> None:
        if job.worker not in (None, worker):
            self.cluster.forget(job.worker, job.run.id)
        order = job.order(worker, seconds)
        job.worker, job.sent_at = worker, time.monotonic()
        job.pending = self.cluster.submit(worker, train_slice, order)
        job.pending.add_done_callback(lambda _: self.put(None))

    def send_short_tasks(self) -> None:
        self.short_tasks = [task for task in self.short_tasks if not task.answer.done()]
        if self.short_tasks:
            self.want_workers()
        for task in self.short_tasks:
            if self.cluster.client and not task.sent:  # there is somebody to ask
                task.sent = True
                self.cluster.submit(None, task.function, *task.arguments).add_done_callback(task.take_in)

    def dispatch_slices(self) -> None:
        if all(job.over for job in self.jobs.values()):
            self.cluster.release_idle()
            return
        self.want_workers()
        if sum(len(job.rows) for job in self.jobs.values()) > MOST_UNSAVED:
            return
        for worker in self.cluster.free(job.worker for job in self.jobs.values() if job.pending):
            if chosen := choose_run(self.queued_runs(), worker):
                self.start_slice(self.jobs[chosen], worker)

    def start_slice(self, job: RunJob, worker: str) -> None:
        """Where it is alive elsewhere, and its state not here, that is sent for first."""
        if job.worker in (None, worker) or job.has_newest_state():
            self.send_slice(job, worker, SLICE if job.slices else FIRST_SLICE)
            job.set_state("running")
        else:
            self.send_slice(job, job.worker, 0.0)
        self.last[job.run.experiment] = job.sent_at

    def save_runs(self) -> None:
        """What cannot be written now is kept, and tried again in the next round."""
        clock = time.monotonic()
        try:
            for job in list(self.jobs.values()):
                job.write(self.store)
                if job.over:
                    del self.jobs[job.run.id]
            self.failing_since, self.trouble = 0.0, ""
        except StoreTrouble as error:
            self.failing_since = self.failing_since or clock
            self.trouble = str(error) if clock - self.failing_since > 1 else self.trouble

    def update_status(self) -> None:
        queued, slots = self.queued_runs(), sum(self.cluster.workers.values())
        lefts = tuple(estimate_seconds_left(queued, slots).items())
        trouble = self.trouble or (self.cluster.trouble if self.jobs else "")
        self.status = QueueStatus(tuple(order_experiments(queued)), lefts, trouble, slots)

    def queued_runs(self) -> list[QueuedRun]:
        jobs = [job for job in self.jobs.values() if not job.over]
        served, last = self.served, self.last
        return [job.queued_run(served.get(job.run.experiment, 0), last.get(job.run.experiment, 0)) for job in jobs]
