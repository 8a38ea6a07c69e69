"""The workers with what is under way on them: where a slice can go, and what became of it."""

from __future__ import annotations

import concurrent.futures
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from explorer.training.cluster import Cluster
from explorer.training.job import Job
from explorer.training.slices import Order, Slice, forget, train_slice

if TYPE_CHECKING:
    from distributed import Future

IDLE = 900.0  # seconds after which workers without work are let go
LEAST = 2  # workers that start with the first run: more are likely to follow


class Parcel:
    """What a worker will send back. It is waited for in a thread of its own: a network may take its time."""

    def __init__(self, future: Future, arrived: Callable[[], None]) -> None:
        self.future, self.arrived = future, arrived
        self.here: Slice | None = None
        self.done = False  # it came, or never will
        threading.Thread(target=self.wait, name="parcel", daemon=True).start()

    def wait(self) -> None:
        with suppress(Exception):  # the worker ended, or the connection to it
            self.here = self.future.result()
        self.done = True
        self.arrived()

    def refuse(self) -> None:
        with suppress(Exception):  # where there is no connection there is nothing to cancel
            self.future.cancel()


@dataclass(frozen=True, eq=False)
class Errand:
    """A short task for a worker that has nothing to do with training."""

    function: Callable[..., Any]  # found by its name in the worker
    arguments: tuple[Any, ...]
    answer: concurrent.futures.Future[Any]
    patience: float  # seconds that it gives way to runs
    since: float = field(default_factory=time.monotonic)

    def wait(self, future: Future) -> None:
        try:
            self.answer.set_result(future.result())
        except ValueError as error:
            self.answer.set_exception(error)
        except Exception as error:  # the worker ended, or the function stumbled: there is a page that waits
            self.answer.set_exception(ValueError(f"A worker could not do this ({type(error).__name__}): try again."))


class Lost(Exception):
    """The worker ended, or the connection to it; what it had done since the last state is gone."""


class Workshop:
    """`arrived` is called, from any thread, when a slice has come back."""

    def __init__(self, make_cluster: Callable[[], Cluster], arrived: Callable[[], None]) -> None:
        self.make_cluster, self.arrived = make_cluster, arrived
        self.cluster: Cluster | None = None
        self.workers: dict[str, int] = {}  # with their threads, as of the last look
        self.strays: list[tuple[str, Parcel]] = []  # slices that nobody takes in, and the worker they keep busy
        self.errands: list[Future] = []  # what is let go of is not done
        self.used = time.monotonic()

    @property
    def slots(self) -> int:
        return sum(self.workers.values())

    @property
    def trouble(self) -> str:
        return self.cluster.trouble if self.cluster else ""

    def look(self) -> None:
        self.workers = self.cluster.workers() if self.cluster else {}
        self.strays = [stray for stray in self.strays if stray[0] in self.workers and not stray[1].done]
        self.errands = [errand for errand in self.errands[-100:] if not errand.done()]

    def ready(self, count: int) -> None:
        """Workers for so many runs."""
        self.used = time.monotonic()
        self.cluster = self.cluster or self.make_cluster()
        self.cluster.want(max(LEAST, count))

    def unused(self) -> None:
        if self.cluster and time.monotonic() - self.used > IDLE:
            self.cluster.want(0)

    def free(self, jobs: Iterable[Job]) -> list[str]:
        """A worker for every thread that has nothing to do."""
        busy = Counter([job.worker for job in jobs if job.parcel] + [worker for worker, _ in self.strays])
        return [worker for worker, threads in self.workers.items() for _ in range(threads - busy[worker])]

    def send(self, job: Job, worker: str, seconds: float) -> None:
        """A slice of that length; 0: only its state comes back."""
        assert self.cluster
        if job.worker not in (None, worker):
            self.forget(job)
        state = job.checkpoint.state if job.checkpoint and job.worker != worker else None
        want, last = not seconds or job.wants_state(), not seconds and bool(job.wish)
        what = Order(job.run.id, job.run.plan, job.at, state, seconds, want, last)
        job.worker, job.sent = worker, time.monotonic()
        job.parcel = Parcel(self.cluster.submit(worker, train_slice, what), self.arrived)

    def back(self, job: Job) -> Slice | None:
        """What came of its slice; None while that is under way. Raises `Lost`."""
        assert job.parcel
        if not job.parcel.done and job.worker in self.workers:
            return None
        parcel, job.parcel = job.parcel, None
        if parcel.here:
            return parcel.here
        parcel.refuse()
        raise Lost

    def run(self, errand: Errand, worker: str) -> None:
        assert self.cluster
        future = self.cluster.submit(worker, errand.function, *errand.arguments)
        threading.Thread(target=errand.wait, args=(future,), name="errand", daemon=True).start()

    def leave(self, job: Job) -> None:
        """Its slice ends by itself, and nobody takes it in."""
        if job.parcel:
            self.strays.append((job.worker or "", job.parcel))
            job.parcel = None

    def forget(self, job: Job) -> None:
        """Where it was alive it need not be any more."""
        if self.cluster and job.worker in self.workers:
            self.errands.append(self.cluster.submit(str(job.worker), forget, job.run.id))

    def close(self) -> None:
        if self.cluster:
            self.cluster.close()
